// Reading what a batch needs: first what the plan names and what hangs on it, then the members.
#include <utility>

#include "storage/ledger_schema.hpp"
#include "storage/ledger_statements.hpp"
#include "storage/ledger_store.hpp"

namespace tally::storage {

using ledger::ReadPlan;
using ledger::Source;
using ledger::Txn;
using ledger::WorkingSet;

Result<WorkingSet> LedgerStore::read(ReadPlan plan) {
  WorkingSet set(std::move(plan));
  {
    Statement& row = at(Sql::kCounters);
    Rows rows(row);
    TALLY_TRY(rows.next());
    set.load_counters({row.int64(0), row.int64(1), row.int64(2)});
  }
  {
    Statement& row = at(Sql::kLostRights);
    Rows rows(row);
    for (;;) {
      TALLY_TRY_ASSIGN(const bool there, rows.next());
      if (!there) {
        break;
      }
      set.load_lost_rights({RightId{row.uint64(0)}, RightId{row.uint64(1)}});
    }
  }
  std::set<MemberId> members = set.plan().members;
  for (const std::string& token : set.plan().cards) {
    TALLY_TRY(read_card(token, set, members));
  }
  for (const RecordId& record : set.plan().records) {
    TALLY_TRY(read_record(record, set, members));
  }
  for (const SaleId& sale : set.plan().sales) {
    TALLY_TRY(read_sale(sale, set, members));
  }
  for (const RightId right : set.plan().rights) {
    TALLY_TRY(read_right(right, set, members));
  }
  for (const MemberId member : set.plan().leases_of) {
    Statement& leases = at(Sql::kLeasesOf);
    leases.bind_all(member);
    TALLY_TRY(read_rights(leases, set, members));
  }
  for (const StoreId store : set.plan().stores_at_risk) {
    TALLY_TRY(read_store_risk(store, set, members));
  }
  for (const ledger::TicketKey& ticket : set.plan().tickets) {
    TALLY_TRY(read_ticket(ticket, set));
  }
  for (const auto& [txn, member] : set.plan().txns) {
    Statement& row = at(Sql::kTxnById);
    row.bind_all(shard_of(member), txn);
    TALLY_TRY(read_txns(row, set, members));
  }
  members.erase(MemberId{});
  for (const MemberId member : members) {
    TALLY_TRY(read_member(member, set));
  }
  return set;
}

Status LedgerStore::read_card(const std::string& token,
                              WorkingSet& set,
                              std::set<MemberId>& members) {
  Statement& row = at(Sql::kCard);
  row.bind_all(token);
  Rows rows(row);
  TALLY_TRY_ASSIGN(const bool found, rows.next());
  if (found) {
    const MemberId member{row.int64(0)};
    set.load_card(token, member, static_cast<ledger::CardState>(row.int64(1)));
    members.insert(member);
  }
  return {};
}

Result<Txn> LedgerStore::take_txn(Statement& row) {
  Txn txn;
  txn.id = ledger::TxnId{row.int64(1)};
  txn.member = MemberId{row.int64(2)};
  txn.kind = static_cast<ledger::TxnKind>(row.int64(3));
  txn.result = static_cast<ledger::TxnResult>(row.int64(4));
  if (!row.is_null(5)) {
    txn.record = take_record(row, 5);
    TALLY_TRY_ASSIGN(txn.mac, row.array<16>(9));
  }
  TALLY_TRY_ASSIGN(txn.sale, take_sale(row, 10));
  txn.store = StoreId{row.uint32(11)};
  txn.terminal = TerminalId{row.uint32(12)};
  txn.business_day = BusinessDay{row.int32(13)};
  txn.happened_at = WallTime{row.int64(14)};
  txn.posted_at = WallTime{row.int64(15)};
  txn.points = Points{row.int64(16)};
  txn.balance_after = Points{row.int64(17)};
  const auto currency = static_cast<Currency>(row.int64(20));
  txn.bill = Money{row.int64(18), currency};
  txn.discount = Money{row.int64(19), currency};
  txn.about = ledger::TxnId{row.int64(21)};
  txn.cause = ledger::TxnId{row.int64(22)};
  txn.returned_minor = row.int64(23);
  txn.corrected = Points{row.int64(24)};
  txn.rule = static_cast<ledger::CorrectionRule>(row.int64(25));
  TALLY_TRY(read_sources(txn));
  return txn;
}

Status LedgerStore::read_sources(Txn& txn) {
  Statement& row = at(Sql::kSources);
  row.bind_all(shard_of(txn.member), txn.id);
  Rows rows(row);
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (!found) {
      return {};
    }
    txn.sources.push_back(Source{static_cast<ledger::AccountKind>(row.int64(0)),
                                 StoreId{row.uint32(1)},
                                 take_lot_ref(row, 2, 3, 4),
                                 Points{row.int64(5)},
                                 BusinessDay{row.int32(6)}});
  }
}

Status LedgerStore::read_txns(Statement& row, WorkingSet& set, std::set<MemberId>& members) {
  Rows rows(row);
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (!found) {
      return {};
    }
    TALLY_TRY_ASSIGN(Txn txn, take_txn(row));
    members.insert(txn.member);
    TALLY_TRY(read_expired(txn, set));
    set.load_txn(std::move(txn));
  }
}

Status LedgerStore::read_expired(const Txn& txn, WorkingSet& set) {
  if (txn.kind != ledger::TxnKind::kAccrual) {
    return {};
  }
  for (const Source& source : txn.sources) {
    if (source.kind != ledger::AccountKind::kAvailable) {
      continue;
    }
    Statement& row = at(Sql::kExpired);
    row.bind_all(shard_of(txn.member), txn.member, source.lot.expires_on.days, source.lot.issuer);
    Rows rows(row);
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (found) {
      set.load_expired(ledger::bucket_of(txn.member, source.lot), Points{row.int64(0)});
    }
  }
  return {};
}

Status LedgerStore::read_tombstones(Statement& row, WorkingSet& set) {
  Rows rows(row);
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (!found) {
      return {};
    }
    ledger::Tombstone tombstone;
    if (!row.is_null(0)) {
      tombstone.original = take_record(row, 0);
    }
    TALLY_TRY_ASSIGN(tombstone.sale, take_sale(row, 4));
    tombstone.by = ledger::TxnId{row.int64(5)};
    tombstone.kind = static_cast<ledger::TxnKind>(row.int64(6));
    tombstone.store = StoreId{row.uint32(7)};
    tombstone.returned_minor = row.int64(8);
    tombstone.whole_minor = row.int64(9);
    set.load_tombstone(tombstone);
  }
}

Status LedgerStore::read_record(const RecordId& record,
                                WorkingSet& set,
                                std::set<MemberId>& members) {
  Statement& txns = at(Sql::kTxnOfRecord);
  bind_record(txns, 1, record);
  TALLY_TRY(read_txns(txns, set, members));
  Statement& tombstones = at(Sql::kTombstonesOfRecord);
  bind_record(tombstones, 1, record);
  return read_tombstones(tombstones, set);
}

Status LedgerStore::read_sale(const SaleId& sale, WorkingSet& set, std::set<MemberId>& members) {
  if (!sale) {
    return {};
  }
  {
    Statement& row = at(Sql::kSale);
    row.bind_all(ByteView(sale.bytes));
    Rows rows(row);
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (found) {
      ledger::Sale known;
      known.id = sale;
      known.closed = row.boolean(0);
      known.answered = row.boolean(1);
      known.card_token = row.text(2);
      known.points = Points{row.int64(3)};
      known.bill = Money{row.int64(4), static_cast<Currency>(row.int64(5))};
      known.program = ProgramVersion{row.uint32(6)};
      known.terminal = TerminalId{row.uint32(7)};
      known.incarnation = Incarnation{row.uint32(8)};
      known.outcome = static_cast<ledger::AskOutcome>(row.int64(9));
      known.right = RightId{row.uint64(10)};
      known.member = MemberId{row.int64(11)};
      members.insert(known.member);
      set.load_sale(std::move(known));
    }
  }
  Statement& txns = at(Sql::kTxnsOfSale);
  txns.bind_all(ByteView(sale.bytes));
  TALLY_TRY(read_txns(txns, set, members));

  Statement& tombstones = at(Sql::kTombstonesOfSale);
  tombstones.bind_all(ByteView(sale.bytes));
  TALLY_TRY(read_tombstones(tombstones, set));

  Statement& rights = at(Sql::kRightsOfSale);
  rights.bind_all(ByteView(sale.bytes));
  return read_rights(rights, set, members);
}

/// `ids` is bound and has their numbers in its first column.
Status LedgerStore::read_rights(Statement& ids, WorkingSet& set, std::set<MemberId>& members) {
  std::vector<RightId> rights;
  {
    Rows rows(ids);
    for (;;) {
      TALLY_TRY_ASSIGN(const bool found, rows.next());
      if (!found) {
        break;
      }
      rights.push_back(RightId{ids.uint64(0)});
    }
  }
  for (const RightId right : rights) {
    TALLY_TRY(read_right(right, set, members));
  }
  return {};
}

Status LedgerStore::read_store_risk(StoreId store, WorkingSet& set, std::set<MemberId>& members) {
  {
    Statement& row = at(Sql::kRiskOfStore);
    row.bind_all(store);
    Rows rows(row);
    TALLY_TRY(rows.next());
    set.load_risk(store, Points{row.int64(0)});
  }
  Statement& open = at(Sql::kOpenAtRisk);
  open.bind_all(store);
  return read_rights(open, set, members);
}

Status LedgerStore::read_right(RightId id, WorkingSet& set, std::set<MemberId>& members) {
  ledger::Right right;
  {
    Statement& row = at(Sql::kRightById);
    row.bind_all(id);
    Rows rows(row);
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (!found) {
      return {};
    }
    right.id = id;
    right.kind = static_cast<RightKind>(row.int64(2));
    right.state = static_cast<ledger::RightState>(row.int64(3));
    right.holder_role = static_cast<Role>(row.int64(4));
    right.holder = row.uint32(5);
    right.store = StoreId{row.uint32(6)};
    right.epoch = Epoch{row.uint32(7)};
    right.granted = Points{row.int64(8)};
    right.used = Points{row.int64(9)};
    right.member = MemberId{row.int64(10)};
    TALLY_TRY_ASSIGN(right.sale, take_sale(row, 11));
    right.granted_at = WallTime{row.int64(12)};
    right.program = ProgramVersion{row.uint32(13)};
  }
  Statement& row = at(Sql::kRightLots);
  row.bind_all(shard_of(right.member), id);
  Rows rows(row);
  std::vector<ledger::Lot> lots;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (!found) {
      break;
    }
    lots.push_back({take_lot_ref(row, 0, 1, 2), Points{row.int64(3)}});
  }
  right.lots = ledger::LotList(std::move(lots)).all();
  members.insert(right.member);
  set.load_right(std::move(right));
  return {};
}

Status LedgerStore::read_ticket(const ledger::TicketKey& key, WorkingSet& set) {
  Statement& row = at(Sql::kTicket);
  row.bind_all(key.store, ByteView(key.hash));
  Rows rows(row);
  TALLY_TRY_ASSIGN(const bool found, rows.next());
  if (found) {
    set.load_ticket(key, take_record(row, 0));
  }
  return {};
}

Status LedgerStore::read_member(MemberId id, WorkingSet& set) {
  ledger::MemberEntry entry;
  const std::uint32_t shard = shard_of(id);
  {
    Statement& row = at(Sql::kMember);
    row.bind_all(shard, id);
    Rows rows(row);
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (!found) {
      return {};
    }
    ledger::Member& member = entry.row;
    member.id = id;
    member.state = static_cast<ledger::MemberState>(row.int64(0));
    member.masked_name = row.text(1);
    member.tier = row.uint32(2);
    member.available = Points{row.int64(3)};
    member.held = Points{row.int64(4)};
    member.pending = Points{row.int64(5)};
    member.debt = Points{row.int64(6)};
    member.risk = Points{row.int64(7)};
    member.last_lot = LotId{row.int64(8)};
    member.enrolled_at = WallTime{row.int64(9)};
    member.alias_of = MemberId{row.int64(10)};
  }
  {
    Statement& row = at(Sql::kLots);
    row.bind_all(shard, id);
    Rows rows(row);
    std::vector<ledger::Lot> lots;
    for (;;) {
      TALLY_TRY_ASSIGN(const bool found, rows.next());
      if (!found) {
        break;
      }
      lots.push_back({take_lot_ref(row, 0, 1, 2), Points{row.int64(3)}});
    }
    entry.lots = ledger::LotList(std::move(lots));
  }
  if (entry.row.risk < Points{0}) {
    {
      Statement& row = at(Sql::kRiskTxns);
      row.bind_all(shard, id);
      Rows rows(row);
      for (;;) {
        TALLY_TRY_ASSIGN(const bool found, rows.next());
        if (!found) {
          break;
        }
        entry.risk_txns.push_back(ledger::TxnId{row.int64(0)});
      }
    }
    std::set<MemberId> itself;
    for (const ledger::TxnId txn : entry.risk_txns) {
      Statement& row = at(Sql::kTxnById);
      row.bind_all(shard, txn);
      TALLY_TRY(read_txns(row, set, itself));
    }
  }
  set.load_member(std::move(entry));
  return {};
}

}  // namespace tally::storage
