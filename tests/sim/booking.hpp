// A transaction of the OA's ledger as ledger_rules looks at it: what it says of itself, its
// transfers, and what is left of it while later ones take from it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/ledger/account.hpp"
#include "core/ledger/txn.hpp"

#include "storage/db.hpp"
#include "tests/sim/verdict.hpp"

namespace tally::sim {

/// One transfer of a transaction.
struct Leg {
  ledger::AccountKind from{};
  std::int64_t from_owner = 0;
  ledger::AccountKind to{};
  std::int64_t to_owner = 0;
  std::int64_t points = 0;
  ledger::TransferCode code{};
  std::int64_t expires_on = 0;
  std::int64_t issuer = 0;
  std::int64_t lot = 0;
};

/// What a redemption was paid from and gives back to when it is cancelled.
struct Part {
  ledger::AccountKind kind{};
  std::int64_t owner = 0;  ///< Store of RISK and SUSPENSE; issuer of a lot.
  std::int64_t expires_on = 0;
  std::int64_t points = 0;
};

struct Booking {
  std::int64_t id = 0;
  std::int64_t member = 0;
  ledger::TxnKind kind{};
  std::optional<RecordId> record;
  SaleId sale;
  std::int64_t posted_on = 0;  ///< The day it was in the office.
  std::int64_t points = 0;
  std::int64_t bill = 0;
  std::int64_t discount = 0;
  std::int64_t about = 0;
  std::int64_t cause = 0;
  std::int64_t returned = 0;
  std::int64_t left = 0;
  std::vector<Part> parts;
  std::vector<Leg> legs;
};

/// Gives every transaction with its transfers, in the order they were written, until `take` says
/// that it wants no more.
void read_bookings(storage::Db& db, const std::function<bool(Booking)>& take);

/// Reports a rule that does not hold for a transaction.
void broken(Verdict& verdict,
            const char* invariant,
            const Booking& booking,
            const std::string& text);

}  // namespace tally::sim
