// The ledger store's statements by name, and small helpers to walk rows. Internal to
// storage/ledger_*.cpp.
#pragma once

#include <optional>
#include <type_traits>

#include "core/base/try.hpp"

#include "storage/ledger_store.hpp"

namespace tally::storage {

enum class LedgerStore::Sql : std::uint8_t {
  kCursor,
  kRawAt,
  kForked,
  kArchived,
  kLostRights,
  kWaiting,
  kDueExpiry,
  kDueVesting,
  kCounters,
  kCard,
  kTxnOfRecord,
  kTxnsOfSale,
  kTxnById,
  kSources,
  kTombstonesOfRecord,
  kTombstonesOfSale,
  kSale,
  kRightsOfSale,
  kRightById,
  kRightLots,
  kLeasesOf,
  kOpenAtRisk,
  kRiskOfStore,
  kTicket,
  kMember,
  kLots,
  kRiskTxns,
  kExpired,

  kSaveCounters,
  kInsertMember,
  kUpdateMember,
  kPutLot,
  kDeleteLot,
  kInsertCard,
  kSetCardState,
  kMoveCards,
  kInsertTransit,
  kDeleteTransit,
  kInsertTxn,
  kUpdateTxn,
  kDeleteSources,
  kInsertSource,
  kInsertTransfer,
  kAddToAccount,
  kInsertRight,
  kUpdateRight,
  kDeleteRightLots,
  kInsertRightLot,
  kPutSale,
  kInsertTombstone,
  kInsertTicket,
  kAddToExpired,
  kInsertRaw,
  kInsertQuarantine,
  kPutCursor,
  kInsertAlarm,
  kMarkForked,
  kEndQuarantine,
  kDecideQuarantine,
  kPutDevice,
  kPutArchived,
  kClaim,
  kOpenClaims,
  kDeath,
  kInsertClaim,
  kFreeClaim,
  kPutDeath,
  kCount,
};

/// Runs a bound query and leaves the statement ready for the next use.
class Rows {
 public:
  explicit Rows(Statement& statement) : statement_(statement) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows() { statement_.reset(); }

  Result<bool> next() { return statement_.step(); }

 private:
  Statement& statement_;
};

template <class E>
requires std::is_enum_v<E>
constexpr std::int64_t number_of(E value) {
  return static_cast<std::int64_t>(value);
}

inline void bind_sale(Statement& statement, int parameter, const SaleId& sale) {
  if (sale) {
    statement.bind(parameter, ByteView(sale.bytes));
  } else {
    statement.bind_null(parameter);
  }
}

inline Result<SaleId> take_sale(const Statement& row, int column) {
  SaleId sale;
  if (!row.is_null(column)) {
    TALLY_TRY_ASSIGN(sale.bytes, row.array<16>(column));
  }
  return sale;
}

/// Binds terminal, incarnation, seq, boot from `parameter` on: the order of the indexes.
inline void bind_record(Statement& statement, int parameter, const RecordId& id) {
  statement.bind(parameter, id.terminal);
  statement.bind(parameter + 1, id.incarnation);
  statement.bind(parameter + 2, id.seq);
  statement.bind(parameter + 3, id.boot);
}

inline RecordId take_record(const Statement& row, int column) {
  RecordId id;
  id.terminal = TerminalId{row.uint32(column)};
  id.incarnation = Incarnation{row.uint32(column + 1)};
  id.seq = Seq{row.uint64(column + 2)};
  id.boot = BootId{row.uint64(column + 3)};
  return id;
}

inline ledger::LotRef take_lot_ref(const Statement& row, int expires, int issuer, int id) {
  return {BusinessDay{row.int32(expires)}, StoreId{row.uint32(issuer)}, LotId{row.int64(id)}};
}

}  // namespace tally::storage
