// What the ledger's rules need to know beside the working set: the program in force and the time.
// Pure values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/amount.hpp"
#include "core/base/time.hpp"
#include "core/ledger/lot.hpp"
#include "core/program/program.hpp"

namespace tally::ledger {

/// What office staff may do.
struct OfficePolicy {
  Points unchecked_points_max{1'000};    ///< A maker moves more in a day only with a checker.
  Points act_points_max{10'000'000};     ///< In one act, whoever approves it.
  std::int32_t expiry_days_max = 3'660;  ///< How long adjusted points may live.
};

/// How much may be granted ahead of time, for the hours in which a store's line is cut.
struct OfflinePolicy {
  std::int64_t lease_share_percent = 50;  ///< Of a member's points, in all leases together.
  std::size_t lease_stores_max = 3;       ///< Stores in which one member has a lease.
  Points lease_points_min{100};           ///< Less is not worth parking.
  Points lease_points_max{20'000};
  std::int32_t lease_days = 3;         ///< For how long a holder may spend after receipt.
  std::int32_t lots_outlive_days = 3;  ///< Leased lots expire later than that by these days.
  Points budget_points_max{20'000};    ///< In one grant.
  Points store_risk_max{100'000};      ///< What is open under a store's budgets, under fenced
                                       ///< rights of the store, and its RISK: together.
};

struct Policy {
  program::Program program;                 ///< In force; the same code the till evaluates.
  Points record_points_max{1'000'000'000};  ///< More in one record is put aside for a person.
  /// Whether accruals made under another version of the program are judged by the one in force.
  bool correct_other_programs = false;
  OfficePolicy office;
  OfflinePolicy offline;
};

/// Now, as the ledger's caller sees it.
struct LedgerTime {
  WallTime now;
  BusinessDay today;
};

/// The last day on which points earned on `earned_on` may be spent, as the program says: the end of
/// the month, quarter or year in which their life ends, so that a member has few lots of one
/// issuer; a life of 0 days is for ever. A business day that lies more than 400 days back or more
/// than one day ahead of `today` is a wrong clock: `today` counts instead.
BusinessDay expiry_of(BusinessDay earned_on, BusinessDay today, const Policy& policy);

/// The day from which points earned on `earned_on` may be spent; none when that is today already.
/// Wrong clocks as in expiry_of().
std::optional<BusinessDay> vests_on(BusinessDay earned_on, BusinessDay today, const Policy& policy);

/// Where points of `lot` go when they come back today: to the lot itself, or, when its last day has
/// passed, to one without id that lives for the program's grace.
LotRef returned_to(const LotRef& lot, BusinessDay today, const Policy& policy);

}  // namespace tally::ledger
