// Records and asks of one transaction: ingest, read, decide, write, commit, answer.
#include "core/node/oa_batch.hpp"

#include <algorithm>
#include <utility>

#include "core/base/mutant.hpp"
#include "core/base/try.hpp"
#include "core/codec/record_codec.hpp"
#include "core/crypto/record_key.hpp"
#include "core/node/oa_claim.hpp"
#include "core/node/oa_node.hpp"
#include "core/record/packed.hpp"

namespace tally::node {
namespace {

using ledger::Disposition;
using ledger::QuarantineReason;

Points points_of(const record::Record& record) {
  if (const auto* accrual = std::get_if<record::Accrual>(&record.business)) {
    return accrual->points;
  }
  if (const auto* redemption = std::get_if<record::Redemption>(&record.business)) {
    return redemption->points;
  }
  return Points{0};
}

QuarantineReason reason_of(const Error& error) {
  return error.code == Errc::kUnsupported ? QuarantineReason::kUnknownKind
                                          : QuarantineReason::kUndecodable;
}

/// Splits marks into messages of the size the link allows.
void send_positions(OaActions& out,
                    ConnectionId connection,
                    const std::vector<StreamMark>& marks,
                    bool rewind) {
  for (std::size_t i = 0; i < marks.size(); i += link::kPositionsMax) {
    const std::size_t end = std::min(i + link::kPositionsMax, marks.size());
    link::Received received;
    received.rewind = rewind;
    received.positions.assign(marks.begin() + static_cast<std::ptrdiff_t>(i),
                              marks.begin() + static_cast<std::ptrdiff_t>(end));
    out.push_back(SendToGateway{connection, std::move(received)});
  }
}

void send_statements(OaActions& out,
                     ConnectionId connection,
                     const std::vector<link::AppliedStatement>& statements) {
  for (std::size_t i = 0; i < statements.size(); i += link::kPositionsMax) {
    const std::size_t end = std::min(i + link::kPositionsMax, statements.size());
    link::Applied applied;
    applied.statements.assign(statements.begin() + static_cast<std::ptrdiff_t>(i),
                              statements.begin() + static_cast<std::ptrdiff_t>(end));
    out.push_back(SendToGateway{connection, std::move(applied)});
  }
}

ledger::Asker asker_of(const link::Ask& ask, StoreId store) {
  return {ask.terminal, ask.incarnation, store, ask.sale};
}

ledger::AuthoriseRequest request_of(const link::Authorise& authorise) {
  return {authorise.card_token, authorise.points, authorise.bill, authorise.program};
}

void plan_ask(ledger::ReadPlan& plan, const link::Ask& ask, StoreId store) {
  if (const auto* inquire = std::get_if<link::Inquire>(&ask.question)) {
    ledger::plan_inquire(plan, inquire->card_token);
  } else if (const auto* authorise = std::get_if<link::Authorise>(&ask.question)) {
    ledger::plan_authorise(plan, asker_of(ask, store), request_of(*authorise));
  } else {
    ledger::plan_release(plan, asker_of(ask, store));
  }
}

}  // namespace

void send_archived(OaActions& out,
                   ConnectionId connection,
                   const std::vector<StreamMark>& positions) {
  for (std::size_t i = 0; i < positions.size(); i += link::kPositionsMax) {
    const std::size_t end = std::min(i + link::kPositionsMax, positions.size());
    link::Archived archived;
    archived.positions.assign(positions.begin() + static_cast<std::ptrdiff_t>(i),
                              positions.begin() + static_cast<std::ptrdiff_t>(end));
    out.push_back(SendToGateway{connection, std::move(archived)});
  }
}

Status OaBatch::run(Instant now) {
  now_ = now.wall;
  time_ = {now.wall, business_day_of(now.wall, config_.utc_offset_s)};
  TALLY_TRY(store_.begin());
  TALLY_TRY(ingest());
  TALLY_TRY(decide());
  TALLY_TRY(acknowledge());
  return store_.commit();
}

Status OaBatch::ingest() {
  for (Work& work : work_) {
    if (auto* ask = std::get_if<AskItem>(&work)) {
      TALLY_TRY(ingest_ask(std::move(*ask)));
    } else if (const auto* arrival = std::get_if<Arrival>(&work)) {
      TALLY_TRY(ingest_arrival(*arrival));
    } else {
      TALLY_TRY(ingest_records(std::get<Records>(work)));
    }
  }
  return {};
}

Result<bool> OaBatch::is_forked(StreamId stream) {
  const auto known = forked_.find(stream);
  if (known != forked_.end()) {
    return known->second;
  }
  TALLY_TRY_ASSIGN(const bool forked, store_.is_forked(stream));
  forked_.emplace(stream, forked);
  return forked;
}

Status OaBatch::ingest_ask(AskItem&& item) {
  const StreamId stream{item.ask.terminal, item.ask.incarnation};
  TALLY_TRY_ASSIGN(const bool forked, is_forked(stream));
  const auto store = registry_.store_of(Role::kTerminal, stream.terminal.value, stream.incarnation);
  const bool is_inquiry = std::holds_alternative<link::Inquire>(item.ask.question);
  item.allowed = item.allowed && store == item.store && (is_inquiry || !forked);
  items_.emplace_back(std::move(item));
  return {};
}

Status OaBatch::ingest_arrival(const Arrival& arrival) {
  for (const StreamId stream : registry_.terminals_of(arrival.store)) {
    // Also when nothing is here: a gateway that believes otherwise has to send again.
    arrived_[arrival.connection].insert(stream);
  }
  return {};
}

Status OaBatch::ingest_records(const Records& records) {
  const ConnectionId connection = records.connection;
  record::PackedReader reader(records.batch.packed);
  while (const auto sealed = reader.next()) {
    const Result<record::Header> header = record::peek_header(*sealed);
    if (!header) {
      ++counters_.records_refused;
      replies_.push_back(CloseGateway{
          connection, link::CloseReason::kRecordRefused, header.error().what, Duration{30'000}});
      return {};
    }
    const StreamId stream = header->stream();
    TALLY_TRY_ASSIGN(const IngestVerdict verdict, ingest_.judge(*header, *sealed));
    switch (verdict.kind) {
      case IngestVerdict::Kind::kSkipped:
        break;
      case IngestVerdict::Kind::kGap:
        ++counters_.rewinds;
        rewinds_[connection].insert(stream);
        break;
      case IngestVerdict::Kind::kRefused: {
        ++counters_.records_refused;
        TALLY_TRY_ASSIGN(const StreamPosition head, ingest_.head(stream));
        replies_.push_back(SendToGateway{
            connection, link::RecordRefusal{stream, header->id.seq, verdict.reason, head}});
        break;
      }
      case IngestVerdict::Kind::kRepeat:
        ++counters_.records_repeated;
        touched_[connection][stream] = {header->id.seq, record::peek_mac(*sealed)};
        key_versions_[stream] = header->key_version;
        note_beside(records, *header, *sealed);
        break;
      case IngestVerdict::Kind::kTaken:
      case IngestVerdict::Kind::kForked:
        touched_[connection][stream] = {header->id.seq, record::peek_mac(*sealed)};
        key_versions_[stream] = header->key_version;
        note_beside(records, *header, *sealed);
        TALLY_TRY(take_record(records, *header, verdict, *sealed));
        break;
    }
  }
  return {};
}

void OaBatch::note_beside(const Records& from, const record::Header& header, ByteView sealed) {
  if (from.batch.beside) {
    besides_[from.connection].push_back(
        {header.stream(), {header.id.seq, record::peek_mac(sealed)}});
  }
}

Status OaBatch::take_record(const Records& from,
                            const record::Header& header,
                            const IngestVerdict& verdict,
                            ByteView sealed) {
  const StreamId stream = header.stream();
  TALLY_TRY(is_forked(stream));
  Taken taken;
  taken.connection = from.connection;
  taken.header = header;
  taken.verdict = verdict;
  taken.raw.header = header;
  taken.raw.copy = verdict.copy;
  taken.raw.mac = record::peek_mac(sealed);
  taken.raw.sealed.assign(sealed.begin(), sealed.end());
  taken.raw.via = from.via;
  taken.raw.store = registry_.store_of(Role::kTerminal, stream.terminal.value, stream.incarnation)
                        .value_or(StoreId{});
  Result<record::Record> record = codec::decode_record(sealed);
  if (record) {
    taken.raw.card_token = record->card_token;
    taken.raw.points = points_of(*record);
    taken.record = std::move(*record);
  } else {
    taken.raw.quarantine = reason_of(record.error());
  }
  if (verdict.kind == IngestVerdict::Kind::kForked) {
    taken.raw.quarantine = QuarantineReason::kFork;
  }
  items_.emplace_back(std::move(taken));
  return {};
}

Status OaBatch::decide() {
  if (items_.empty()) {
    return {};
  }
  ledger::ReadPlan plan;
  for (const Item& item : items_) {
    if (const auto* ask = std::get_if<AskItem>(&item)) {
      plan_ask(plan, ask->ask, ask->store);
    } else if (const auto& taken = std::get<Taken>(item); taken.record) {
      ledger::plan_record(plan, *taken.record, taken.raw.store);
    }
  }
  TALLY_TRY_ASSIGN(ledger::WorkingSet set, store_.read(std::move(plan)));
  ledger::IngestChanges changes;
  for (Item& item : items_) {
    if (const auto* ask = std::get_if<AskItem>(&item)) {
      answer(set, *ask);
    } else {
      TALLY_TRY(apply(set, changes, std::get<Taken>(item)));
    }
  }
  if (!TALLY_MUTANT("ingest/head-not-stored")) {
    changes.cursors = ingest_.moved_heads();
  }
  TALLY_TRY(store_.write(set, changes));
  TALLY_TRY(keep_people(set));
  for (const StreamMark& mark : changes.cursors) {
    TALLY_TRY_ASSIGN(const std::size_t freed,
                     free_claims(store_, mark.stream, mark.position.seq, config_.policy, time_));
    counters_.claims_freed += freed;
  }
  for (const auto& [token, member] : set.new_cards()) {
    TALLY_TRY_ASSIGN(const std::size_t repaired,
                     post_waiting(store_, token, config_.policy, time_));
    counters_.records_repaired += repaired;
  }
  return {};
}

Status OaBatch::keep_people(const ledger::WorkingSet& set) {
  if (people_ == nullptr) {
    return {};
  }
  for (const record::Record& record : enrolments_) {
    TALLY_TRY(
        people_->enrolled(set.member_of_card(ledger::card_of_enrolment(record)), record, now_));
  }
  return {};
}

Status OaBatch::alarm(ledger::IngestChanges& changes, const Taken& taken) {
  const bool is_fork = taken.verdict.kind == IngestVerdict::Kind::kForked;
  if (!is_fork && !taken.verdict.branch) {
    return {};
  }
  const StreamId stream = taken.header.stream();
  ++(is_fork ? counters_.forks : counters_.branches);
  changes.alarms.push_back(
      {is_fork ? ledger::AlarmKind::kFork : ledger::AlarmKind::kBranch, taken.header.id, now_});
  if (is_fork) {
    changes.forked.push_back(stream);
    forked_[stream] = true;
  }
  TALLY_TRY_ASSIGN(const StreamPosition head, ingest_.head(stream));
  replies_.push_back(SendToGateway{
      taken.connection,
      link::RecordRefusal{stream,
                          taken.header.id.seq,
                          is_fork ? link::RefusalReason::kFork : link::RefusalReason::kBranch,
                          head}});
  return {};
}

Status OaBatch::apply(ledger::WorkingSet& set, ledger::IngestChanges& changes, Taken& taken) {
  taken.raw.received_at = now_;
  TALLY_TRY(alarm(changes, taken));
  if (!taken.raw.quarantine) {
    ledger::RecordContext context;
    context.mac = taken.raw.mac;
    context.store = taken.raw.store;
    context.terminal_quarantined = forked_[taken.header.stream()];
    context.time = time_;
    const Disposition disposition = ledger::apply(set, *taken.record, context, config_.policy);
    if (disposition.kind == Disposition::Kind::kQuarantined) {
      taken.raw.quarantine = disposition.reason;
      if (disposition.reason == QuarantineReason::kFork) {
        taken.verdict.kind = IngestVerdict::Kind::kForked;
        TALLY_TRY(alarm(changes, taken));
      }
    } else if (taken.header.kind == record::RecordKind::kEnrolment) {
      if (disposition.kind == Disposition::Kind::kPosted) {
        enrolments_.push_back(*taken.record);
      }
    } else if (taken.header.kind == record::RecordKind::kGap) {
      changes.alarms.push_back({ledger::AlarmKind::kGap, taken.header.id, now_});
    }
  }
  ++(taken.raw.quarantine ? counters_.records_quarantined : counters_.records_posted);
  if (TALLY_MUTANT("ingest/quarantined-dropped") && taken.raw.quarantine) {
    return {};
  }
  changes.raws.push_back(std::move(taken.raw));
  return {};
}

void OaBatch::answer(ledger::WorkingSet& set, const AskItem& item) {
  ++counters_.asks;
  const link::Ask& ask = item.ask;
  link::Answer answer;
  answer.ask_id = ask.ask_id;
  answer.sale = ask.sale;
  if (item.allowed) {
    const ledger::Asker asker = asker_of(ask, item.store);
    ledger::AskResult result;
    if (const auto* inquire = std::get_if<link::Inquire>(&ask.question)) {
      result = ledger::inquire(set, inquire->card_token);
    } else if (const auto* authorise = std::get_if<link::Authorise>(&ask.question)) {
      result = ledger::authorise(set, asker, request_of(*authorise), config_.policy, time_);
    } else if (std::holds_alternative<link::Release>(ask.question)) {
      result = ledger::release(set, asker, config_.policy, time_);
    } else {
      result = ledger::sale_status(set, asker);
    }
    answer.outcome = static_cast<link::AskOutcome>(result.outcome);
    if (result.member) {
      if (const ledger::MemberEntry* member = set.member(result.member)) {
        answer.member = view_of(*member, now_);
      }
    }
    if (result.right) {
      const ledger::Right& right = *set.right(result.right);
      answer.right =
          link::GrantedRight{right.kind, right.id, right.epoch, right.granted, right.member};
      ++counters_.holds_granted;
    }
  }
  replies_.push_back(SendToGateway{item.connection, std::move(answer)});
}

Result<std::vector<StreamMark>> OaBatch::heads_of(const std::set<StreamId>& streams) {
  std::vector<StreamMark> marks;
  for (const StreamId stream : streams) {
    TALLY_TRY_ASSIGN(const StreamPosition head, ingest_.head(stream));
    marks.push_back({stream, head});
  }
  return marks;
}

std::vector<link::AppliedStatement> OaBatch::statements_about(
    const std::vector<StreamMark>& marks) const {
  std::vector<link::AppliedStatement> statements;
  for (const auto& [stream, position] : marks) {
    const auto version = key_versions_.find(stream);
    const auto key = registry_.record_key(
        stream, version == key_versions_.end() ? std::uint16_t{1} : version->second);
    if (key && position.seq) {
      statements.push_back(
          {stream,
           position,
           crypto::make_applied_statement_mac(*key, stream, position.seq, position.mac)});
    }
  }
  return statements;
}

Status OaBatch::acknowledge() {
  for (const auto& [connection, streams] : arrived_) {
    TALLY_TRY_ASSIGN(const std::vector<StreamMark> marks, heads_of(streams));
    send_positions(replies_, connection, marks, true);
    send_statements(replies_, connection, statements_about(marks));
    std::vector<StreamMark> archived;
    for (const StreamId stream : streams) {
      TALLY_TRY_ASSIGN(const StreamPosition position, store_.archived(stream));
      archived.push_back({stream, position});
    }
    send_archived(replies_, connection, archived);
  }
  for (const auto& [connection, positions] : touched_) {
    // Of a branch the head is another one's: RECEIVED names what came, APPLIED the head.
    std::vector<StreamMark> came;
    std::set<StreamId> streams;
    for (const auto& [stream, position] : positions) {
      came.push_back({stream, position});
      streams.insert(stream);
    }
    send_positions(replies_, connection, came, false);
    TALLY_TRY_ASSIGN(const std::vector<StreamMark> heads, heads_of(streams));
    send_statements(replies_, connection, statements_about(heads));
  }
  for (auto& [connection, marks] : besides_) {
    for (std::size_t i = 0; i < marks.size(); i += link::kPositionsMax) {
      const std::size_t end = std::min(i + link::kPositionsMax, marks.size());
      link::Received received;
      received.beside = true;
      received.positions.assign(marks.begin() + static_cast<std::ptrdiff_t>(i),
                                marks.begin() + static_cast<std::ptrdiff_t>(end));
      replies_.push_back(SendToGateway{connection, std::move(received)});
    }
  }
  for (const auto& [connection, streams] : rewinds_) {
    TALLY_TRY_ASSIGN(const std::vector<StreamMark> marks, heads_of(streams));
    send_positions(replies_, connection, marks, true);
  }
  return {};
}

}  // namespace tally::node
