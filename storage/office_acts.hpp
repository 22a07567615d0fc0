// The office's acts in the ledger file: who asked for what and why, who approved it, and which
// transaction came of it. Rows are never removed. Writing calls belong inside a transaction of the
// ledger store, on its thread; reading ones work on any view of the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/ledger/office.hpp"

#include "storage/db.hpp"

namespace tally::storage {

/// Values are those of the tables.
enum class ActState : std::uint8_t {
  kOpen = 1,  ///< Waits for a checker.
  kDone = 2,
  kDeclined = 3,
};

struct OfficeActRow {
  std::int64_t number = 0;
  ActState state = ActState::kOpen;
  ledger::OfficeAct act;  ///< Its checker is also the one who declined it.
  WallTime made_at;
  WallTime checked_at;
  ledger::TxnId txn;
};

class OfficeActs {
 public:
  explicit OfficeActs(Db& db) : db_(db) {}

  /// Adds the row; its number must be next_number()'s. Errors of all calls: those of the database.
  Status put(const OfficeActRow& row);
  Result<std::int64_t> next_number();
  /// An open act's end: state, checker, time, transaction and, of a declined one, nothing else.
  Status end(const OfficeActRow& row);

  Result<std::optional<OfficeActRow>> find(std::int64_t number);
  /// The act that made a transaction, or a decision about a record.
  Result<std::optional<OfficeActRow>> of_txn(ledger::TxnId txn);
  /// Newest first, with smaller numbers than `before`.
  Result<std::vector<OfficeActRow>> before(std::int64_t before,
                                           bool open_only,
                                           std::size_t count_max);
  /// Points `maker` moved since then without a checker, up and down alike.
  Result<Points> unchecked_points(std::string_view maker, WallTime since);

 private:
  Result<std::vector<OfficeActRow>> read(Statement rows);

  Db& db_;
};

}  // namespace tally::storage
