#include "tests/sim/truth.hpp"

#include <algorithm>
#include <utility>

#include "core/codec/record_codec.hpp"

namespace tally::sim {
namespace {

Fact fact_of(const record::Record& record, const Mac& mac) {
  Fact fact;
  fact.id = record.header.id;
  fact.mac = mac;
  fact.prev_mac = record.header.prev_mac;
  fact.kind = record.header.kind;
  fact.sale = record.sale;
  fact.card_token = record.card_token;
  fact.funding = record.funding;
  fact.business_day = record.business_day;
  fact.wall = record.wall;
  fact.boot_time = record.boot_time;
  fact.clock_quality = record.clock_quality;
  if (const auto* accrual = std::get_if<record::Accrual>(&record.business)) {
    fact.points = accrual->points;
    fact.bill = accrual->bill;
  } else if (const auto* redemption = std::get_if<record::Redemption>(&record.business)) {
    fact.points = redemption->points;
    fact.bill = redemption->bill;
  } else if (const auto* cancel = std::get_if<record::Void>(&record.business)) {
    fact.original = cancel->original;
  } else if (const auto* refund = std::get_if<record::Refund>(&record.business)) {
    fact.original = refund->original;
    fact.returned = refund->returned;
  } else if (const auto* reversal = std::get_if<record::Reversal>(&record.business)) {
    fact.original = reversal->original;
    fact.reversal = reversal->reason;
  }
  return fact;
}

}  // namespace

std::string name_of(const RecordId& id) {
  return std::to_string(id.terminal.value) + "-" + std::to_string(id.incarnation.value) + "-" +
         std::to_string(id.seq.value) + " of boot " + std::to_string(id.boot.value % 100'000);
}

StreamPosition Truth::head(StreamId stream) const {
  const auto at = streams_.find(stream);
  return at == streams_.end() ? StreamPosition{} : at->second.head;
}

Seq Truth::oldest(StreamId stream) const {
  const auto at = streams_.find(stream);
  return at == streams_.end() ? Seq{1} : at->second.oldest;
}

Fact* Truth::find(const RecordId& id) {
  const auto at = facts_.find(id);
  return at == facts_.end() ? nullptr : &at->second;
}

const std::vector<RecordId>& Truth::of_sale(const SaleId& sale) const {
  static const std::vector<RecordId> kNone;
  const auto at = sales_of_.find(sale);
  return at == sales_of_.end() ? kNone : at->second;
}

const std::vector<RecordId>& Truth::naming(const RecordId& original) const {
  static const std::vector<RecordId> kNone;
  const auto at = naming_.find(original);
  return at == naming_.end() ? kNone : at->second;
}

const std::vector<RecordId>& Truth::at(StreamId stream, Seq seq) const {
  static const std::vector<RecordId> kNone;
  const auto found = streams_.find(stream);
  if (found == streams_.end()) {
    return kNone;
  }
  const auto records = found->second.by_seq.find(seq);
  return records == found->second.by_seq.end() ? kNone : records->second;
}

bool Truth::made(StreamId stream, const StreamPosition& position) const {
  const auto at = streams_.find(stream);
  if (at == streams_.end()) {
    return false;
  }
  const auto ids = at->second.by_seq.find(position.seq);
  return ids != at->second.by_seq.end() &&
         std::any_of(ids->second.begin(), ids->second.end(), [&](const RecordId& id) {
           return facts_.at(id).mac == position.mac;
         });
}

void Truth::add_row(StreamId id, Stream& stream, const node::JournalRow& row) {
  const Result<record::Record> record = codec::decode_record(row.bytes);
  if (!record || record->header.stream() != id || record->header.id.seq != row.seq) {
    verdict_.violated("I9",
                      "terminal " + std::to_string(id.terminal.value) +
                          " synced a row that is no record of its own");
    return;
  }
  if (!record::verify_mac(row.bytes, keys_.at(id))) {
    verdict_.violated(
        "I6", "a terminal synced a record whose MAC is not its own: " + name_of(record->header.id));
    return;
  }
  // A GAP record stands for others and may hang on what another disk of this terminal had.
  const bool is_gap = record->header.kind == record::RecordKind::kGap;
  if (!is_gap &&
      (row.seq.value != stream.head.seq.value + 1 || record->header.prev_mac != stream.head.mac)) {
    verdict_.violated(
        "I9", "a record does not follow the terminal's head: " + name_of(record->header.id));
    return;
  }
  check_time(stream, *record);
  Fact fact = fact_of(*record, row.mac);
  if (fact.kind == record::RecordKind::kAccrual &&
      fact.points.value != fact.bill.minor_units / 100) {
    verdict_.violated("I5",
                      name_of(fact.id) + " of a bill of " + std::to_string(fact.bill.minor_units) +
                          " earns " + std::to_string(fact.points.value));
  }
  fact.marked = row.shown;
  stream.head = {row.seq, row.mac};
  const auto [at, is_new] = facts_.try_emplace(fact.id, fact);
  if (!is_new) {
    if (at->second.mac != row.mac) {
      verdict_.violated("I6", "one record id got a second content: " + name_of(fact.id));
    }
    return;
  }
  stream.by_seq[row.seq].push_back(fact.id);
  if (fact.sale) {
    sales_of_[fact.sale].push_back(fact.id);
  }
  if (fact.original) {
    naming_[*fact.original].push_back(fact.id);
  }
  check_reversal(fact);
}

// Also over boots and dead clocks: the journal keeps what no later record may lie before.
void Truth::check_time(Stream& stream, const record::Record& record) {
  const RecordId& id = record.header.id;
  if (record.wall < stream.last_wall && !rolled_back(record.header.stream())) {
    verdict_.violated("I13",
                      name_of(id) + " says a time " +
                          std::to_string((stream.last_wall.us - record.wall.us) / 1'000) +
                          " ms before the record made before it");
  }
  stream.last_wall = record.wall;
}

void Truth::check_reversal(const Fact& reversal) {
  if (!reversal.reversal || *reversal.reversal == record::ReversalReason::kByPerson) {
    return;
  }
  const StreamId stream{reversal.id.terminal, reversal.id.incarnation};
  if (rolled_back(stream)) {
    return;
  }
  const auto was_seen = [&](const RecordId& id) {
    const Fact* original = find(id);
    return original != nullptr && original->seen;
  };
  const auto& sale = of_sale(reversal.sale);
  if (reversal.original ? was_seen(*reversal.original)
                        : std::any_of(sale.begin(), sale.end(), was_seen)) {
    verdict_.violated("I5",
                      "what a customer saw approved was reversed: by " + name_of(reversal.id));
  }
  Fact* unseen = reversal.original && reversal.reversal == record::ReversalReason::kNeverShown
                     ? find(*reversal.original)
                     : nullptr;
  if (unseen != nullptr && std::exchange(unseen->undone, true)) {
    verdict_.violated("I8", "reversed at a second boot: " + name_of(unseen->id));
  }
}

// What a boot finds without shown mark nobody saw: its reversal and its mark are one change, so
// that it neither stands nor is reversed again.
void Truth::check_recovery(StreamId id, Stream& stream, const node::TerminalCommit& commit) {
  if (rolled_back(id)) {
    return;
  }
  for (const Seq seq : commit.shown) {
    for (const RecordId& record : stream.by_seq[seq]) {
      if (stream.unshown.erase(record) > 0 && !facts_.at(record).undone) {
        verdict_.violated("I5", "nobody saw it, and it stands after a boot: " + name_of(record));
      }
    }
  }
  for (const node::JournalRow& row : commit.append) {
    for (const RecordId& record : stream.by_seq[row.seq]) {
      const Fact& reversal = facts_.at(record);
      const bool at_boot = reversal.mac == row.mac && reversal.original &&
                           reversal.reversal == record::ReversalReason::kNeverShown;
      const Fact* original = at_boot ? find(*reversal.original) : nullptr;
      if (original != nullptr && !original->marked) {
        verdict_.violated("I8", "the next boot will reverse it again: " + name_of(original->id));
      }
    }
  }
}

void Truth::on_committed(StreamId id, const node::TerminalCommit& commit) {
  Stream& stream = streams_[id];
  for (const node::JournalRow& row : commit.append) {
    add_row(id, stream, row);
  }
  if (commit.gap) {
    const StreamPosition head = stream.head;
    add_row(id, stream, commit.gap->row);
    stream.head = head.seq == commit.gap->row.seq ? stream.head : head;
  }
  for (const Seq seq : commit.shown) {
    for (const RecordId& record : stream.by_seq[seq]) {
      facts_.at(record).marked = true;
    }
  }
  check_recovery(id, stream, commit);
  if (commit.applied) {
    if (!made(id, *commit.applied)) {
      verdict_.violated("I9",
                        "a terminal took APPLIED for a record it never made, seq " +
                            std::to_string(commit.applied->seq.value));
    }
    if (!stream.said_applied.contains(*commit.applied)) {
      verdict_.violated("I5",
                        "terminal " + std::to_string(id.terminal.value) + " believes that seq " +
                            std::to_string(commit.applied->seq.value) +
                            " is APPLIED, which the OA never said");
    }
    stream.applied = std::max(stream.applied, commit.applied->seq);
  }
  stream.oldest = std::max(stream.oldest, commit.prune_below.value_or(Seq{1}));
  if (commit.prune_below && *commit.prune_below > stream.applied) {
    verdict_.violated("I5",
                      "a terminal dropped records that are not APPLIED, below seq " +
                          std::to_string(commit.prune_below->value));
  }
}

// Of two old disks the second one put in may be the longer one, and of another branch than the
// first: its rows follow what they name, if this terminal ever made that.
StreamPosition Truth::before(StreamId id, const node::JournalRow& row) const {
  const Result<record::Header> header = record::peek_header(row.bytes);
  const StreamPosition named{Seq{row.seq.value - 1}, header ? header->prev_mac : Mac{}};
  return !named.seq || made(id, named) ? named : head(id);
}

void Truth::on_opened(StreamId id,
                      const node::TerminalSnapshot& snapshot,
                      const std::vector<node::JournalRow>& after_known) {
  Stream& stream = streams_[id];
  if (rolled_back(id) && !after_known.empty()) {
    stream.head = before(id, after_known.front());
  }
  for (const node::JournalRow& row : after_known) {
    add_row(id, stream, row);
  }
  if (snapshot.head != stream.head) {
    if (!rolled_back(id)) {
      verdict_.violated("I5",
                        "terminal " + std::to_string(id.terminal.value) +
                            " lost synced records: its head is " +
                            std::to_string(snapshot.head.seq.value) + ", it was " +
                            std::to_string(stream.head.seq.value));
    }
    stream.head = snapshot.head;
  }
  stream.oldest = std::max(stream.oldest, snapshot.oldest);
  stream.unshown.clear();
  for (const node::JournalRow& row : snapshot.unshown) {
    for (const RecordId& record : stream.by_seq[row.seq]) {
      const Fact& fact = facts_.at(record);
      if (fact.mac != row.mac) {
        continue;
      }
      if (fact.seen && !rolled_back(id)) {
        verdict_.violated("I5",
                          "the shown mark of what a customer saw is gone: " + name_of(record));
      }
      if (fact.kind == record::RecordKind::kAccrual ||
          fact.kind == record::RecordKind::kRedemption) {
        stream.unshown.insert(record);
      }
    }
  }
}

std::vector<const Fact*> Truth::on_seen(StreamId id, const Seen& seen) {
  const auto number = record::parse_receipt_number(seen.receipt_number);
  Stream& stream = streams_[id];
  std::vector<Fact*> shown;
  if (number) {
    for (const RecordId& record : stream.by_seq[number->seq]) {
      const Fact& first = facts_.at(record);
      // After a roll-back two boots stand at one place: the last one is on the screen.
      shown.clear();
      for (const RecordId& of_sale : sales_of_[first.sale]) {
        if (of_sale.seq >= number->seq && of_sale.boot == first.id.boot) {
          shown.push_back(&facts_.at(of_sale));
        }
      }
    }
  }
  Points earned;
  Points redeemed;
  for (Fact* fact : shown) {
    fact->seen = true;
    if (!fact->marked) {
      verdict_.violated("I5", "shown before its mark was synced: " + name_of(fact->id));
    }
    earned += fact->kind == record::RecordKind::kAccrual ? fact->points : Points{0};
    redeemed += fact->kind == record::RecordKind::kRedemption ? fact->points : Points{0};
  }
  if (shown.empty()) {
    verdict_.violated("I5", "shown before it was synced: " + seen.receipt_number);
  } else if (!seen.is_return && (earned != seen.earned || redeemed != seen.redeemed)) {
    verdict_.violated("I5", "the screen says other points than the record: " + seen.receipt_number);
  }
  sales_ += seen.is_return ? 0U : 1U;
  redemptions_ += !seen.is_return && redeemed.value > 0 ? 1U : 0U;
  offline_redemptions_ += !seen.is_return && redeemed.value > 0 && seen.offline ? 1U : 0U;
  return {shown.begin(), shown.end()};
}

void Truth::on_ledger_restored() {
  for (auto& [id, fact] : facts_) {
    fact.posted = false;
    fact.aside = false;
  }
}

void Truth::on_disk_rolled_back(StreamId stream) {
  rolled_back_.insert(stream);
}

void Truth::on_disk_lost(StreamId stream) {
  lost_.insert(stream);
}

bool Truth::any_lost(TerminalId terminal) const {
  const auto is_of = [&](const StreamId& stream) { return stream.terminal == terminal; };
  return std::any_of(lost_.begin(), lost_.end(), is_of) ||
         std::any_of(rolled_back_.begin(), rolled_back_.end(), is_of);
}

void Truth::check_all_arrived() {
  for (const auto& [id, stream] : streams_) {
    if (lost(id) || rolled_back(id)) {
      continue;
    }
    for (const auto& [seq, records] : stream.by_seq) {
      for (const RecordId& record : records) {
        const Fact& fact = facts_.at(record);
        if (fact.posted == fact.aside) {
          verdict_.violated("I5",
                            name_of(record) + (fact.posted ? " is posted and in quarantine"
                                                           : " never arrived at the OA"));
          return;
        }
      }
    }
  }
}

Points Truth::exposure_bound() const {
  Points bound = exposure_allowed_;
  for (const StreamId& id : rolled_back_) {
    const auto stream = streams_.find(id);
    if (stream == streams_.end()) {
      continue;
    }
    for (const auto& [seq, records] : stream->second.by_seq) {
      for (const RecordId& record : records) {
        const Fact& fact = facts_.at(record);
        bound += fact.kind == record::RecordKind::kRedemption ? fact.points : Points{0};
      }
    }
  }
  return bound;
}

}  // namespace tally::sim
