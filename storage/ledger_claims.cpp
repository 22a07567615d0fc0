// Claimed receipts and declared deaths in the ledger's tables.
#include <utility>

#include "core/base/crc32c.hpp"

#include "storage/ledger_statements.hpp"
#include "storage/ledger_store.hpp"

namespace tally::storage {

Result<std::optional<ledger::Claim>> LedgerStore::claim(const RecordId& record) {
  Statement& row = at(Sql::kClaim);
  bind_record(row, 1, record);
  Rows rows(row);
  TALLY_TRY_ASSIGN(const bool found, rows.next());
  if (!found) {
    return std::nullopt;
  }
  ledger::Claim claim;
  claim.record = record;
  claim.state = static_cast<ledger::ClaimState>(row.int64(0));
  TALLY_TRY_ASSIGN(claim.mac, row.array<16>(1));
  const ByteView sealed = row.blob(2);
  if (crc32c(sealed) != row.uint32(3)) {
    return make_error(Errc::kCorrupt, "a claimed record does not match its check sum");
  }
  claim.sealed.assign(sealed.begin(), sealed.end());
  claim.store = StoreId{row.uint32(4)};
  claim.claimed_by = row.text(5);
  claim.claimed_at = WallTime{row.int64(6)};
  claim.freed_at = WallTime{row.int64(7)};
  return std::optional(std::move(claim));
}

Status LedgerStore::put_claim(const ledger::Claim& claim) {
  Statement& insert = at(Sql::kInsertClaim);
  bind_record(insert, 1, claim.record);
  insert.bind(5, number_of(claim.state));
  insert.bind(6, ByteView(claim.mac));
  insert.bind(7, ByteView(claim.sealed));
  insert.bind(8, crc32c(claim.sealed));
  insert.bind(9, claim.store);
  insert.bind(10, claim.claimed_by);
  insert.bind(11, claim.claimed_at.us);
  insert.bind(12, claim.freed_at.us);
  return insert.run();
}

Result<std::vector<RecordId>> LedgerStore::open_claims(StreamId stream,
                                                       Seq up_to,
                                                       std::size_t count_max) {
  Statement& row = at(Sql::kOpenClaims);
  row.bind_all(stream.terminal, stream.incarnation, up_to, count_max);
  Rows rows(row);
  std::vector<RecordId> open;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (!found) {
      return open;
    }
    open.push_back(take_record(row, 0));
  }
}

Status LedgerStore::free_claim(const RecordId& record, WallTime at_time) {
  Statement& update = at(Sql::kFreeClaim);
  bind_record(update, 1, record);
  update.bind(5, at_time.us);
  return update.run();
}

Result<std::optional<ledger::TerminalDeath>> LedgerStore::death(StreamId stream) {
  Statement& row = at(Sql::kDeath);
  row.bind_all(stream.terminal, stream.incarnation);
  Rows rows(row);
  TALLY_TRY_ASSIGN(const bool found, rows.next());
  if (!found) {
    return std::nullopt;
  }
  return std::optional(ledger::TerminalDeath{stream,
                                             std::string(row.text(0)),
                                             WallTime{row.int64(1)},
                                             std::string(row.text(2)),
                                             WallTime{row.int64(3)}});
}

Status LedgerStore::put_death(const ledger::TerminalDeath& death) {
  return at(Sql::kPutDeath)
      .run_with(death.stream.terminal,
                death.stream.incarnation,
                death.first_by,
                death.first_at.us,
                death.second_by,
                death.second_at.us);
}

}  // namespace tally::storage
