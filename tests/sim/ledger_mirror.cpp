#include "tests/sim/ledger_mirror.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "core/ledger/right.hpp"
#include "core/ledger/rules.hpp"

#include "tests/sim/truth.hpp"

namespace tally::sim {
namespace {

const std::array<TableView, 10>& all_views() {
  static const std::array<TableView, 10> kViews{{
      {"member", {"id", "available", "held", "pending", "debt", "risk"}},
      {"lot", {"member", "expires_on", "issuer", "points"}},
      {"txn",
       {"id",
        "member",
        "kind",
        "terminal",
        "incarnation",
        "boot",
        "seq",
        "mac",
        "sale",
        "store",
        "points",
        "about",
        "cause"}},
      {"txn_source", {"txn", "n", "points"}},
      {"transfer",
       {"from_kind",
        "from_owner",
        "to_kind",
        "to_owner",
        "points",
        "code",
        "expires_on",
        "issuer"}},
      {"account", {"shard", "kind", "owner", "balance"}},
      {"right_row", {"id", "kind", "state", "granted", "used", "member", "sale"}},
      {"right_lot", {"right_id", "expires_on", "issuer", "points"}},
      {"raw_record", {"no", "terminal", "incarnation", "boot", "seq", "copy", "mac", "prev_mac"}},
      {"quarantine", {"no"}},
  }};
  return kViews;
}

RecordId record_of(const Row& row, std::size_t first) {
  return {TerminalId{static_cast<std::uint32_t>(row[first].number)},
          Incarnation{static_cast<std::uint32_t>(row[first + 1].number)},
          BootId{static_cast<std::uint64_t>(row[first + 2].number)},
          Seq{static_cast<std::uint64_t>(row[first + 3].number)}};
}

/// A keyed value of a table that is part of a sum; gives by how much the sum changes.
template <class Key>
std::int64_t set_value(std::map<Key, std::int64_t>& values, const Key& key, std::int64_t value) {
  std::int64_t& now = values[key];
  return value - std::exchange(now, value);
}

template <class Key>
std::int64_t drop_value(std::map<Key, std::int64_t>& values, const Key& key) {
  const auto at = values.find(key);
  if (at == values.end()) {
    return 0;
  }
  const std::int64_t was = at->second;
  values.erase(at);
  return -was;
}

}  // namespace

std::span<const TableView> LedgerMirror::views() {
  return all_views();
}

void LedgerMirror::load(const TableTap& tap) {
  loading_ = true;
  Touched ignored;
  for (std::size_t view = 0; view < all_views().size(); ++view) {
    tap.read(view, [&](const Row& row) { put(static_cast<Table>(view), row, ignored); });
  }
  loading_ = false;
}

void LedgerMirror::take(const RowChange& change, Touched& touched) {
  const auto table = static_cast<Table>(change.table);
  if (change.after) {
    put(table, *change.after, touched);
  } else {
    erase(table, *change.before, touched);
  }
}

void LedgerMirror::put(Table table, const Row& row, Touched& touched) {
  switch (table) {
    case Table::kMember:
      set_member(row, touched);
      break;
    case Table::kLot: {
      const LotKey key{row[0].number, row[1].number, row[2].number};
      members_[row[0].number].in_lots += set_value(lots_, key, row[3].number);
      touched.members.insert(row[0].number);
      break;
    }
    case Table::kTxn:
      put_txn(row, touched);
      break;
    case Table::kTxnSource:
      txns_[row[0].number].left +=
          set_value(sources_, {row[0].number, row[1].number}, row[2].number);
      touched.originals.insert(row[0].number);
      break;
    case Table::kTransfer:
      transfers_.add(row, !loading_, touched);  // The table has them in another order.
      break;
    case Table::kAccount: {
      const std::int64_t more =
          set_value(accounts_, {row[0].number, row[1].number, row[2].number}, row[3].number);
      balances_[{row[1].number, row[2].number}] += more;
      sum_of_all_ += more;
      touched.accounts.insert({row[1].number, row[2].number});
      break;
    }
    case Table::kRight: {
      MirrorRight& right = rights_[row[0].number];
      right.kind = row[1].number;
      right.state = row[2].number;
      right.granted = row[3].number;
      right.used = row[4].number;
      right.member = row[5].number;
      right.sale.bytes = row[6].array<16>();
      auto& of_sale = rights_of_sale_[right.sale];
      if (std::find(of_sale.begin(), of_sale.end(), row[0].number) == of_sale.end()) {
        of_sale.push_back(row[0].number);
      }
      touched.rights.insert(row[0].number);
      break;
    }
    case Table::kRightLot: {
      const std::int64_t more =
          set_value(right_lots_, {row[0].number, row[1].number, row[2].number}, row[3].number);
      rights_[row[0].number].in_lots += more;
      touched.rights.insert(row[0].number);
      break;
    }
    case Table::kRawRecord: {
      MirrorRaw raw{record_of(row, 1), row[5].number, row[6].array<16>(), row[7].array<16>()};
      raws_at_[{{raw.id.terminal, raw.id.incarnation}, raw.id.seq}].push_back(row[0].number);
      raws_[row[0].number] = raw;
      touched.raws.push_back(row[0].number);
      break;
    }
    case Table::kQuarantine:
      quarantined_.insert(row[0].number);
      break;
  }
}

void LedgerMirror::erase(Table table, const Row& row, Touched& touched) {
  switch (table) {
    case Table::kLot: {
      const LotKey key{row[0].number, row[1].number, row[2].number};
      members_[row[0].number].in_lots += drop_value(lots_, key);
      touched.members.insert(row[0].number);
      break;
    }
    case Table::kTxnSource:
      txns_[row[0].number].left += drop_value(sources_, {row[0].number, row[1].number});
      touched.originals.insert(row[0].number);
      break;
    case Table::kRightLot:
      rights_[row[0].number].in_lots +=
          drop_value(right_lots_, {row[0].number, row[1].number, row[2].number});
      touched.rights.insert(row[0].number);
      break;
    case Table::kQuarantine:
      quarantined_.erase(row[0].number);
      touched.freed.push_back(row[0].number);
      break;
    case Table::kMember:
    case Table::kTxn:
    case Table::kTransfer:
    case Table::kAccount:
    case Table::kRight:
    case Table::kRawRecord:
      touched.wrong_lots.push_back("a row was deleted of the table " +
                                   std::string(views()[static_cast<std::size_t>(table)].table));
      break;
  }
}

void LedgerMirror::set_member(const Row& row, Touched& touched) {
  MirrorMember& member = members_[row[0].number];
  sum_of_all_ -= member.available + member.held + member.pending + member.debt;
  member.available = row[1].number;
  member.held = row[2].number;
  member.pending = row[3].number;
  member.debt = row[4].number;
  member.risk = row[5].number;
  sum_of_all_ += member.available + member.held + member.pending + member.debt;
  touched.members.insert(row[0].number);
}

void LedgerMirror::put_txn(const Row& row, Touched& touched) {
  const bool is_new = txns_[row[0].number].id == 0;
  MirrorTxn& txn = txns_[row[0].number];
  txn.id = row[0].number;
  txn.member = row[1].number;
  txn.kind = row[2].number;
  txn.mac = row[7].array<16>();
  txn.sale.bytes = row[8].array<16>();
  txn.store = row[9].number;
  txn.points = row[10].number;
  txn.about = row[11].number;
  txn.cause = row[12].number;
  if (!is_new) {
    return;  // Only the running figure of what was returned changes.
  }
  if (!row[3].is_null) {
    txn.record = record_of(row, 3);
    posted_[*txn.record].push_back(txn.id);
  }
  if (txn.about != 0) {
    MirrorTxn& original = txns_[txn.about];
    original.cancelled += txn.is_cancellation() ? std::abs(txn.points) : 0;
    original.corrected += txn.is_cancellation() ? 0 : txn.points;
    about_[txn.about].push_back(txn.id);
    touched.originals.insert(txn.about);
  }
  touched.originals.insert(txn.id);
  touched.txns.push_back(txn.id);
}

const MirrorTxn* LedgerMirror::txn(std::int64_t id) const {
  const auto at = txns_.find(id);
  return at == txns_.end() || at->second.id == 0 ? nullptr : &at->second;
}

const MirrorRight* LedgerMirror::right(std::int64_t id) const {
  const auto at = rights_.find(id);
  return at == rights_.end() ? nullptr : &at->second;
}

const MirrorRaw* LedgerMirror::raw(std::int64_t number) const {
  const auto at = raws_.find(number);
  return at == raws_.end() ? nullptr : &at->second;
}

std::vector<const MirrorRaw*> LedgerMirror::raws_at(StreamId stream, Seq seq) const {
  std::vector<const MirrorRaw*> out;
  if (const auto at = raws_at_.find({stream, seq}); at != raws_at_.end()) {
    for (const std::int64_t number : at->second) {
      out.push_back(&raws_.at(number));
    }
  }
  return out;
}

std::map<StreamId, Seq> LedgerMirror::heads() const {
  std::map<StreamId, Seq> heads;
  for (const auto& [place, numbers] : raws_at_) {
    heads[place.first] = place.second;
  }
  return heads;
}

std::size_t LedgerMirror::posted(const RecordId& id) const {
  const auto at = posted_.find(id);
  return at == posted_.end() ? 0 : at->second.size();
}

const MirrorTxn* LedgerMirror::txn_of(const RecordId& id) const {
  const auto at = posted_.find(id);
  return at == posted_.end() ? nullptr : txn(at->second.front());
}

bool LedgerMirror::cancels(const MirrorTxn& cancellation, const MirrorTxn& original) const {
  const auto at = about_.find(original.id);
  return at != about_.end() &&
         std::any_of(at->second.begin(), at->second.end(), [&](std::int64_t id) {
           return id == cancellation.id || txns_.at(id).cause == cancellation.id;
         });
}

const std::vector<std::int64_t>& LedgerMirror::rights_of(const SaleId& sale) const {
  static const std::vector<std::int64_t> kNone;
  const auto at = rights_of_sale_.find(sale);
  return at == rights_of_sale_.end() ? kNone : at->second;
}

std::int64_t LedgerMirror::balance(Account account) const {
  const auto at = balances_.find(account);
  return at == balances_.end() ? 0 : at->second;
}

std::int64_t LedgerMirror::balance_of_kind(std::int64_t kind) const {
  std::int64_t sum = 0;
  for (auto at = balances_.lower_bound({kind, INT64_MIN});
       at != balances_.end() && at->first.first == kind;
       ++at) {
    sum += at->second;
  }
  return sum;
}

std::int64_t LedgerMirror::holds_of_sale(const SaleId& sale) const {
  return std::count_if(rights_.begin(), rights_.end(), [&](const auto& entry) {
    const MirrorRight& right = entry.second;
    return right.sale == sale && right.kind == 1 &&
           right.state == static_cast<std::int64_t>(ledger::RightState::kGranted);
  });
}

std::string LedgerMirror::open_rights(const Truth& truth) const {
  for (const auto& [id, right] : rights_) {
    const TerminalId terminal = ledger::terminal_of(right.sale);
    if (right.state == static_cast<std::int64_t>(ledger::RightState::kGranted) &&
        !truth.any_lost(terminal)) {
      return "right " + std::to_string(id) + " of terminal " + std::to_string(terminal.value) +
             " is still open";
    }
  }
  return "";
}

std::string LedgerMirror::lacks(const LedgerMirror& older) const {
  for (const auto& [id, txn] : older.txns_) {
    const auto at = txns_.find(id);
    if (at == txns_.end() || at->second.points != txn.points || at->second.record != txn.record) {
      return "transaction " + std::to_string(id);
    }
  }
  for (const auto& [number, raw] : older.raws_) {
    const auto at = raws_.find(number);
    if (at == raws_.end() || at->second != raw) {
      return "record " + name_of(raw.id);
    }
  }
  return "";
}

void LedgerMirror::mark_posted(Truth& truth) const {
  for (const auto& [number, raw] : raws_) {
    if (Fact* fact = truth.find(raw.id); fact != nullptr && fact->mac == raw.mac) {
      fact->aside = is_quarantined(number);
      fact->posted = posted(raw.id) > 0;
    }
  }
}

std::string LedgerMirror::difference(const LedgerMirror& other) const {
  const auto without_empty = [](auto map) {
    std::erase_if(map, [](const auto& entry) { return entry.second == 0; });
    return map;
  };
  if (members_ != other.members_) {
    return "members";
  }
  if (without_empty(lots_) != without_empty(other.lots_)) {
    return "lots";
  }
  if (txns_ != other.txns_) {
    return "transactions";
  }
  if (sources_ != other.sources_) {
    return "sources";
  }
  if (without_empty(transfers_.sums()) != without_empty(other.transfers_.sums())) {
    return "transfers";
  }
  if (without_empty(balances_) != without_empty(other.balances_)) {
    return "accounts";
  }
  if (rights_ != other.rights_ || without_empty(right_lots_) != without_empty(other.right_lots_)) {
    return "rights";
  }
  if (raws_ != other.raws_) {
    return "records";
  }
  return quarantined_ == other.quarantined_ ? "" : "quarantine";
}

}  // namespace tally::sim
