// The figures the ledger's rules need from the program in force. Pure values; the program part
// fills them, tests choose their own.
#pragma once

#include <cstdint>

#include "core/base/amount.hpp"
#include "core/base/time.hpp"

namespace tally::ledger {

struct Policy {
  Points redeem_min{1};                     ///< Fewest points of one redemption.
  std::int64_t minor_units_per_point = 1;   ///< What a redeemed point is worth on the bill.
  std::int64_t bill_share_percent = 100;    ///< How much of a bill points may pay.
  Points record_points_max{1'000'000'000};  ///< More in one record is put aside for a person.
  std::int32_t expiry_months =
      24;  ///< Points expire with the month this many months later; 0 never.
};

/// Now, as the ledger's caller sees it.
struct LedgerTime {
  WallTime now;
  BusinessDay today;
};

/// The last day on which points earned on `earned_on` may be spent: the end of the month
/// `expiry_months` later, so that a member has at most expiry_months + 1 lots of one issuer. A
/// business day that lies more than 400 days back or more than one day ahead of `today` is a wrong
/// clock: `today` counts instead.
BusinessDay expiry_of(BusinessDay earned_on, BusinessDay today, const Policy& policy);

}  // namespace tally::ledger
