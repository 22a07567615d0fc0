#include "core/node/oa_ingest.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/base/try.hpp"
#include "core/codec/record_codec.hpp"
#include "core/record/seal.hpp"

namespace tally::node {
namespace {

/// Contents kept under one id; more of them prove nothing new.
constexpr std::uint32_t kCopiesMax = 8;

IngestVerdict refused(link::RefusalReason reason) {
  IngestVerdict verdict;
  verdict.kind = IngestVerdict::Kind::kRefused;
  verdict.reason = reason;
  return verdict;
}

IngestVerdict of_kind(IngestVerdict::Kind kind) {
  IngestVerdict verdict;
  verdict.kind = kind;
  return verdict;
}

/// Where the chain says this record's predecessor stands: one before it, or before all that a GAP
/// record stands for.
Seq place_before(const record::Header& header, ByteView sealed) {
  const Seq one_before{header.id.seq.value - 1};
  if (header.kind != record::RecordKind::kGap) {
    return one_before;
  }
  const Result<record::Record> record = codec::decode_record(sealed);
  const auto* gap = record ? std::get_if<record::Gap>(&record->business) : nullptr;
  return gap != nullptr && record::stands_for(*gap, header.id.seq) ? Seq{gap->first.value - 1}
                                                                   : one_before;
}

}  // namespace

Result<StreamPosition> OaIngest::head(StreamId stream) {
  const auto known = heads_.find(stream);
  if (known != heads_.end()) {
    return known->second;
  }
  TALLY_TRY_ASSIGN(const StreamPosition stored, store_.cursor(stream));
  heads_.emplace(stream, stored);
  return stored;
}

std::vector<StreamMark> OaIngest::moved_heads() const {
  std::vector<StreamMark> marks;
  for (const StreamId stream : moved_) {
    marks.push_back({stream, heads_.at(stream)});
  }
  return marks;
}

Result<std::vector<ledger::RawHead>> OaIngest::at(StreamId stream, Seq seq) {
  TALLY_TRY_ASSIGN(std::vector<ledger::RawHead> heads, store_.raw_at(stream, seq));
  const auto added = added_.find({stream, seq});
  if (added != added_.end() && !TALLY_MUTANT("ingest/batch-mates-unseen")) {
    heads.insert(heads.end(), added->second.begin(), added->second.end());
  }
  return heads;
}

Result<bool> OaIngest::has_predecessor(const record::Header& header, Seq before) {
  if (!before) {
    return header.prev_mac == Mac{};
  }
  TALLY_TRY_ASSIGN(const auto candidates, at(header.stream(), before));
  // What follows a gap names the MAC of a record that nobody can read any more.
  const bool may_follow_gap = header.kind != record::RecordKind::kGap;
  return std::any_of(candidates.begin(), candidates.end(), [&](const ledger::RawHead& candidate) {
    return candidate.mac == header.prev_mac ||
           (may_follow_gap && candidate.kind == record::RecordKind::kGap) ||
           TALLY_MUTANT("chain/predecessor-of-any-content");
  });
}

IngestVerdict OaIngest::stop(StreamId stream, IngestVerdict verdict) {
  stopped_.insert(stream);
  return verdict;
}

Result<IngestVerdict> OaIngest::judge(const record::Header& header, ByteView sealed) {
  const StreamId stream = header.stream();
  const Mac mac = record::peek_mac(sealed);
  if (stopped_.contains(stream)) {
    return of_kind(IngestVerdict::Kind::kSkipped);
  }
  TALLY_TRY_ASSIGN(const StreamPosition before, head(stream));

  std::vector<ledger::RawHead> siblings;
  if (header.id.seq <= before.seq) {
    TALLY_TRY_ASSIGN(siblings, at(stream, header.id.seq));
    const bool repeat =
        std::any_of(siblings.begin(), siblings.end(), [&](const ledger::RawHead& sibling) {
          return sibling.boot == header.id.boot && sibling.mac == mac;
        });
    if (repeat && !TALLY_MUTANT("ingest/repeat-not-recognised")) {
      return of_kind(IngestVerdict::Kind::kRepeat);
    }
  }

  const auto key = registry_.record_key(stream, header.key_version);
  if (!key) {
    return stop(stream, refused(link::RefusalReason::kUnknownKey));
  }
  if (!TALLY_MUTANT("chain/mac-unchecked") && !record::verify_mac(sealed, *key)) {
    return stop(stream, refused(link::RefusalReason::kBadMac));
  }

  IngestVerdict verdict;
  const auto same_id =
      std::count_if(siblings.begin(), siblings.end(), [&](const ledger::RawHead& sibling) {
        return sibling.boot == header.id.boot;
      });
  if (same_id > 0) {
    if (same_id >= kCopiesMax) {
      return stop(stream, refused(link::RefusalReason::kFork));
    }
    verdict.kind = IngestVerdict::Kind::kForked;
    verdict.copy = static_cast<std::uint32_t>(same_id);
    added_[{stream, header.id.seq}].push_back(
        {header.id.boot, verdict.copy, mac, header.prev_mac, header.kind});
    return verdict;
  }

  const bool next_of_head =
      header.id.seq.value == before.seq.value + 1 && header.prev_mac == before.mac;
  if (!next_of_head) {
    const Seq place = place_before(header, sealed);
    TALLY_TRY_ASSIGN(bool continues, has_predecessor(header, place));
    continues =
        continues ? !TALLY_MUTANT("chain/branch-refused") : TALLY_MUTANT("chain/gap-accepted");
    if (!continues && place > before.seq) {
      return stop(stream, of_kind(IngestVerdict::Kind::kGap));
    }
    // A gap may hang on a branch that died with its disk before anybody had it; it says that
    // something is missing, and what comes behind it must not wait for that for ever.
    if (!continues && header.kind != record::RecordKind::kGap) {
      return stop(stream, refused(link::RefusalReason::kBadChain));
    }
    verdict.branch =
        std::any_of(siblings.begin(), siblings.end(), [&](const ledger::RawHead& sibling) {
          return sibling.prev_mac == header.prev_mac;
        });
  }
  added_[{stream, header.id.seq}].push_back({header.id.boot, 0, mac, header.prev_mac, header.kind});
  if (header.id.seq > before.seq) {
    heads_[stream] = {header.id.seq, mac};
    moved_.insert(stream);
  }
  return verdict;
}

}  // namespace tally::node
