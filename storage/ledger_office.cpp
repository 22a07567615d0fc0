// What the office's queue reads of the ledger: points on their way, merged members, records that
// wait for a decision. Seldom asked, so its statements are compiled for each call.
#include <utility>

#include "core/base/crc32c.hpp"

#include "storage/ledger_schema.hpp"
#include "storage/ledger_statements.hpp"
#include "storage/ledger_store.hpp"

namespace tally::storage {

Result<std::optional<ledger::QuarantinedRecord>> LedgerStore::quarantined(std::int64_t number) {
  TALLY_TRY_ASSIGN(Statement row,
                   db_.prepare("SELECT q.reason, r.copy, r.store, r.sealed, r.crc FROM quarantine "
                               "q JOIN raw_record r ON r.no = q.no "
                               "WHERE q.no = ? AND q.decision = 0"));
  row.bind_all(number);
  TALLY_TRY_ASSIGN(const bool found, row.step());
  if (!found) {
    return std::optional<ledger::QuarantinedRecord>{};
  }
  const ByteView sealed = row.blob(3);
  if (crc32c(sealed) != row.uint32(4)) {
    return make_error(Errc::kCorrupt, "a stored record does not match its check sum");
  }
  return std::optional(
      ledger::QuarantinedRecord{number,
                                static_cast<ledger::QuarantineReason>(row.int64(0)),
                                row.uint32(1),
                                StoreId{row.uint32(2)},
                                Bytes(sealed.begin(), sealed.end())});
}

Result<std::vector<ledger::TransitRow>> LedgerStore::transits(std::size_t count_max) {
  TALLY_TRY_ASSIGN(
      Statement rows,
      db_.prepare("SELECT txn, kind, from_member, to_member FROM transit ORDER BY txn LIMIT ?"));
  TALLY_TRY_ASSIGN(Statement legs,
                   db_.prepare("SELECT expires_on, issuer, lot, points FROM transfer "
                               "WHERE shard = ? AND txn = ? AND to_kind = 12 ORDER BY leg"));
  rows.bind_all(count_max);
  std::vector<ledger::TransitRow> found;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return found;
    }
    ledger::TransitRow way;
    way.transit.txn = ledger::TxnId{rows.int64(0)};
    way.transit.kind = static_cast<ledger::TxnKind>(rows.int64(1));
    way.transit.from = MemberId{rows.int64(2)};
    way.transit.to = MemberId{rows.int64(3)};
    legs.bind_all(shard_of(way.transit.from), way.transit.txn);
    Rows each(legs);
    for (;;) {
      TALLY_TRY_ASSIGN(const bool more, each.next());
      if (!more) {
        break;
      }
      way.lots.push_back({take_lot_ref(legs, 0, 1, 2), Points{legs.int64(3)}});
    }
    found.push_back(std::move(way));
  }
}

Result<std::vector<MemberId>> LedgerStore::aliases_due(MemberId after, std::size_t count_max) {
  TALLY_TRY_ASSIGN(
      Statement rows,
      db_.prepare("SELECT a.id FROM member a JOIN member h ON h.id = a.alias_of "
                  "WHERE a.alias_of <> 0 AND a.id > ? AND (a.available > 0 OR "
                  "((a.risk < 0 OR a.debt < 0) AND h.available > 0)) ORDER BY a.id LIMIT ?"));
  rows.bind_all(after, count_max);
  std::vector<MemberId> due;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return due;
    }
    due.push_back(MemberId{rows.int64(0)});
  }
}

}  // namespace tally::storage
