// Writing what a batch changed. Nothing here decides.
#include <map>
#include <utility>

#include "core/base/crc32c.hpp"
#include "core/base/mutant.hpp"

#include "storage/ledger_schema.hpp"
#include "storage/ledger_statements.hpp"
#include "storage/ledger_store.hpp"

namespace tally::storage {

using ledger::Lot;
using ledger::Txn;
using ledger::WorkingSet;

Status LedgerStore::write(const WorkingSet& set, const ledger::IngestChanges& changes) {
  const ledger::Counters& counters = set.counters();
  TALLY_TRY(at(Sql::kSaveCounters).run_with(counters.txn, counters.right, counters.member));
  TALLY_TRY_ASSIGN(std::uint64_t version, take_directory_versions(set));
  for (const auto& [id, entry] : set.members()) {
    if (entry.dirty) {
      TALLY_TRY(write_member(entry, ++version));
    }
  }
  for (const auto& [token, member] : set.new_cards()) {
    const auto entry = set.members().find(member);
    const WallTime at_time =
        entry == set.members().end() ? WallTime{} : entry->second.row.enrolled_at;
    TALLY_TRY(at(Sql::kInsertCard).run_with(token, member, at_time.us));
  }
  for (const auto& [token, state] : set.changed_cards()) {
    TALLY_TRY(at(Sql::kSetCardState).run_with(number_of(state), token));
  }
  for (const auto& [from, to] : set.moved_cards()) {
    TALLY_TRY(at(Sql::kMoveCards).run_with(to, from));
  }
  for (const ledger::Transit& way : set.new_transits()) {
    TALLY_TRY(at(Sql::kInsertTransit).run_with(way.txn, number_of(way.kind), way.from, way.to));
  }
  for (const ledger::TxnId txn : set.ended_transits()) {
    TALLY_TRY(at(Sql::kDeleteTransit).run_with(txn));
  }
  for (const auto& [id, entry] : set.txns()) {
    TALLY_TRY(write_txn(entry));
  }
  TALLY_TRY(write_transfers(set));
  for (const auto& [id, entry] : set.rights()) {
    TALLY_TRY(write_right(entry));
  }
  for (const auto& [id, entry] : set.sales()) {
    if (entry.dirty) {
      TALLY_TRY(write_sale(entry.row));
    }
  }
  for (const ledger::Tombstone& tombstone : set.new_tombstones()) {
    TALLY_TRY(write_tombstone(tombstone));
  }
  for (const auto& [key, owner] : set.new_tickets()) {
    Statement& insert = at(Sql::kInsertTicket);
    bind_record(insert, 1, owner);
    insert.bind(5, key.store);
    insert.bind(6, ByteView(key.hash));
    TALLY_TRY(insert.run());
  }
  for (const auto& [bucket, delta] : set.expired_changes()) {
    TALLY_TRY(at(Sql::kAddToExpired)
                  .run_with(shard_of(bucket.member),
                            bucket.member,
                            bucket.expires_on.days,
                            bucket.issuer,
                            delta.value));
  }
  return write_ingest(changes);
}

Status LedgerStore::write_member(const ledger::MemberEntry& entry,
                                 std::uint64_t directory_version) {
  const ledger::Member& row = entry.row;
  const std::uint32_t shard = shard_of(row.id);
  if (entry.is_new) {
    TALLY_TRY(at(Sql::kInsertMember)
                  .run_with(shard,
                            row.id,
                            number_of(row.state),
                            row.masked_name,
                            row.tier,
                            row.available.value,
                            row.held.value,
                            row.pending.value,
                            row.debt.value,
                            row.risk.value,
                            row.last_lot,
                            row.enrolled_at.us,
                            row.alias_of,
                            directory_version));
  } else {
    TALLY_TRY(at(Sql::kUpdateMember)
                  .run_with(number_of(row.state),
                            row.masked_name,
                            row.tier,
                            row.available.value,
                            row.held.value,
                            row.pending.value,
                            row.debt.value,
                            row.risk.value,
                            row.last_lot,
                            row.alias_of,
                            directory_version,
                            shard,
                            row.id));
  }
  std::map<std::pair<BusinessDay, StoreId>, Lot> before;
  for (const Lot& lot : entry.lots_read) {
    before.emplace(std::pair(lot.ref.expires_on, lot.ref.issuer), lot);
  }
  for (const Lot& lot : entry.lots.all()) {
    const auto same = before.find({lot.ref.expires_on, lot.ref.issuer});
    if (same != before.end()) {
      const bool changed = same->second != lot;
      before.erase(same);
      if (!changed) {
        continue;
      }
    }
    TALLY_TRY(at(Sql::kPutLot)
                  .run_with(shard,
                            row.id,
                            lot.ref.expires_on.days,
                            lot.ref.issuer,
                            lot.ref.id,
                            lot.points.value));
  }
  for (const auto& [key, lot] : before) {
    if (TALLY_MUTANT("apply/used-up-lot-stays")) {
      break;
    }
    TALLY_TRY(at(Sql::kDeleteLot).run_with(shard, row.id, key.first.days, key.second));
  }
  return {};
}

Status LedgerStore::write_txn(const ledger::Entry<Txn>& entry) {
  const Txn& txn = entry.row;
  const std::uint32_t shard = shard_of(txn.member);
  if (entry.is_new) {
    Statement& insert = at(Sql::kInsertTxn);
    insert.bind_all(shard, txn.id, txn.member, number_of(txn.kind), number_of(txn.result));
    if (txn.record) {
      bind_record(insert, 6, *txn.record);
      insert.bind(10, ByteView(txn.mac));
    } else {
      for (int parameter = 6; parameter <= 10; ++parameter) {
        insert.bind_null(parameter);
      }
    }
    bind_sale(insert, 11, txn.sale);
    insert.bind(12, txn.store);
    insert.bind(13, txn.terminal);
    insert.bind(14, txn.business_day.days);
    insert.bind(15, txn.happened_at.us);
    insert.bind(16, txn.posted_at.us);
    insert.bind(17, txn.points.value);
    insert.bind(18, txn.balance_after.value);
    insert.bind(19, txn.bill.minor_units);
    insert.bind(20, txn.discount.minor_units);
    insert.bind(21, number_of(txn.bill.currency));
    insert.bind(22, txn.about);
    insert.bind(23, txn.cause);
    insert.bind(24, txn.returned_minor);
    insert.bind(25, txn.corrected.value);
    insert.bind(26, number_of(txn.rule));
    TALLY_TRY(insert.run());
    return write_sources(txn);
  }
  if (entry.dirty) {
    TALLY_TRY(at(Sql::kUpdateTxn).run_with(txn.returned_minor, txn.corrected.value, shard, txn.id));
    TALLY_TRY(at(Sql::kDeleteSources).run_with(shard, txn.id));
    return write_sources(txn);
  }
  return {};
}

Status LedgerStore::write_sources(const Txn& txn) {
  std::int64_t n = 0;
  for (const ledger::Source& source : txn.sources) {
    TALLY_TRY(at(Sql::kInsertSource)
                  .run_with(shard_of(txn.member),
                            txn.id,
                            ++n,
                            txn.member,
                            number_of(source.kind),
                            source.store,
                            source.lot.expires_on.days,
                            source.lot.issuer,
                            source.lot.id,
                            source.points.value,
                            source.vests_on.days));
  }
  return {};
}

Status LedgerStore::write_transfers(const WorkingSet& set) {
  // Balances of members and rights lie in their own rows; the others are one row a shard.
  std::map<std::pair<std::uint32_t, ledger::AccountKey>, Points> deltas;
  const auto add = [&](std::uint32_t shard, const ledger::AccountKey& key, Points points) {
    switch (key.kind) {
      case ledger::AccountKind::kAvailable:
      case ledger::AccountKind::kEscrow:
      case ledger::AccountKind::kPending:
      case ledger::AccountKind::kDebt:
        return;
      default:
        Points& delta = deltas[{shard, key}];
        delta = TALLY_MUTANT("apply/last-leg-counts-alone") ? points : delta + points;
    }
  };
  for (const ledger::NewTransfer& row : set.transfers()) {
    const std::uint32_t shard = shard_of(row.member);
    const ledger::Transfer& transfer = row.transfer;
    TALLY_TRY(at(Sql::kInsertTransfer)
                  .run_with(shard,
                            row.txn,
                            row.leg,
                            row.member,
                            number_of(transfer.from.kind),
                            transfer.from.owner,
                            number_of(transfer.to.kind),
                            transfer.to.owner,
                            transfer.points.value,
                            number_of(transfer.code),
                            transfer.lot.expires_on.days,
                            transfer.lot.issuer,
                            transfer.lot.id));
    add(shard, transfer.from, -transfer.points);
    add(shard, transfer.to, transfer.points);
  }
  for (const auto& [key, points] : deltas) {
    TALLY_TRY(at(Sql::kAddToAccount)
                  .run_with(key.first, number_of(key.second.kind), key.second.owner, points.value));
  }
  return {};
}

Status LedgerStore::write_right(const ledger::Entry<ledger::Right>& entry) {
  if (!entry.is_new && !entry.dirty) {
    return {};
  }
  const ledger::Right& right = entry.row;
  const std::uint32_t shard = shard_of(right.member);
  if (entry.is_new) {
    Statement& insert = at(Sql::kInsertRight);
    insert.bind_all(shard,
                    right.id,
                    number_of(right.kind),
                    number_of(right.state),
                    number_of(right.holder_role),
                    right.holder,
                    right.store,
                    right.epoch,
                    right.granted.value,
                    right.used.value,
                    right.member);
    bind_sale(insert, 12, right.sale);
    insert.bind(13, right.granted_at.us);
    insert.bind(14, right.program);
    TALLY_TRY(insert.run());
  } else {
    TALLY_TRY(
        at(Sql::kUpdateRight).run_with(number_of(right.state), right.used.value, shard, right.id));
    TALLY_TRY(at(Sql::kDeleteRightLots).run_with(shard, right.id));
  }
  for (const Lot& lot : right.lots) {
    TALLY_TRY(at(Sql::kInsertRightLot)
                  .run_with(shard,
                            right.id,
                            lot.ref.expires_on.days,
                            lot.ref.issuer,
                            lot.ref.id,
                            lot.points.value));
  }
  return {};
}

Status LedgerStore::write_sale(const ledger::Sale& sale) {
  return at(Sql::kPutSale)
      .run_with(ByteView(sale.id.bytes),
                sale.closed,
                sale.answered,
                sale.card_token,
                sale.points.value,
                sale.bill.minor_units,
                number_of(sale.bill.currency),
                sale.program,
                sale.terminal,
                sale.incarnation,
                number_of(sale.outcome),
                sale.right,
                sale.member);
}

Status LedgerStore::write_tombstone(const ledger::Tombstone& tombstone) {
  Statement& insert = at(Sql::kInsertTombstone);
  if (tombstone.original) {
    bind_record(insert, 1, *tombstone.original);
  } else {
    for (int parameter = 1; parameter <= 4; ++parameter) {
      insert.bind_null(parameter);
    }
  }
  bind_sale(insert, 5, tombstone.sale);
  insert.bind(6, tombstone.by);
  insert.bind(7, number_of(tombstone.kind));
  insert.bind(8, tombstone.store);
  insert.bind(9, tombstone.returned_minor);
  insert.bind(10, tombstone.whole_minor);
  return insert.run();
}

Status LedgerStore::write_raw(const ledger::NewRaw& raw) {
  const RecordId& id = raw.header.id;
  {
    Statement& insert = at(Sql::kInsertRaw);
    bind_record(insert, 1, id);
    insert.bind(5, raw.copy);
    insert.bind(6, ByteView(raw.mac));
    insert.bind(7, ByteView(raw.header.prev_mac));
    insert.bind(8, number_of(raw.header.kind));
    insert.bind(9, raw.store);
    insert.bind(10, raw.via);
    insert.bind(11, raw.received_at.us);
    insert.bind(12, ByteView(raw.sealed));
    insert.bind(13, crc32c(raw.sealed));
    TALLY_TRY(insert.run());
  }
  if (!raw.quarantine) {
    return {};
  }
  Statement& insert = at(Sql::kInsertQuarantine);
  bind_record(insert, 1, id);
  insert.bind(5, number_of(*raw.quarantine));
  insert.bind(6, raw.card_token);
  insert.bind(7, raw.points.value);
  insert.bind(8, raw.received_at.us);
  insert.bind(9, raw.copy);
  return insert.run();
}

Status LedgerStore::write_ingest(const ledger::IngestChanges& changes) {
  for (const ledger::NewRaw& raw : changes.raws) {
    TALLY_TRY(write_raw(raw));
  }
  for (const StreamMark& mark : changes.cursors) {
    TALLY_TRY(at(Sql::kPutCursor)
                  .run_with(mark.stream.terminal,
                            mark.stream.incarnation,
                            mark.position.seq,
                            ByteView(mark.position.mac)));
  }
  for (const ledger::Alarm& alarm : changes.alarms) {
    Statement& insert = at(Sql::kInsertAlarm);
    bind_record(insert, 1, alarm.record);
    insert.bind(5, number_of(alarm.kind));
    insert.bind(6, alarm.at.us);
    TALLY_TRY(insert.run());
  }
  for (const StreamId stream : changes.forked) {
    TALLY_TRY(at(Sql::kMarkForked).run_with(stream.terminal, stream.incarnation));
  }
  for (const std::int64_t number : changes.repaired) {
    TALLY_TRY(at(Sql::kEndQuarantine).run_with(number));
  }
  for (const ledger::DecidedRecord& decided : changes.decided) {
    TALLY_TRY(at(Sql::kDecideQuarantine)
                  .run_with(number_of(decided.decision), decided.act, decided.number));
  }
  return {};
}

}  // namespace tally::storage
