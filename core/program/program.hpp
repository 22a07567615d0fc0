// The program: the versioned rule set that decides the points, the same code at terminal, gateway
// and OA. Integers only; every division says how it rounds
// (docs/adr/0004-integer-money-and-rounding.md).
#pragma once

#include "core/base/amount.hpp"
#include "core/base/ids.hpp"

namespace tally::program {

struct Program {
  ProgramVersion version{1};
  Money bill_max{100'000'00, Currency::kCny};  ///< The largest bill a till may enter.

  Points earn_points{1};  ///< Earned for each whole `earn_step` of the bill.
  Money earn_step{100, Currency::kCny};
  std::int32_t lot_life_days = 730;  ///< A lot expires this many business days after it was earned.
  std::int32_t pending_days = 0;     ///< Earned points may be spent from this many days on; 0: now.

  Points redeem_step{10};  ///< Redemptions are multiples of this.
  Points redeem_min{50};
  Money redeem_step_worth{10, Currency::kCny};  ///< What one `redeem_step` takes off the bill.
  std::int32_t bill_share_percent = 50;         ///< At most this share of a bill is paid in points.

  bool debt_allowed = true;  ///< A member may owe what a refund takes back and is spent already.
  std::int32_t refund_grace_days = 30;  ///< Life of points that come back after their expiry.
};

/// Points a bill earns: whole steps only, rounded down. Requires 0 ≤ bill ≤ kAmountMax.
Points points_earned(const Program& program, Money bill);

/// What points take off a bill. Requires a multiple of redeem_step.
Money worth_of(const Program& program, Points points);

/// The most that may be redeemed: balance, bill share and step, each rounded down; 0 when below the
/// minimum.
Points redeemable(const Program& program, Money bill, Points available);

enum class RedeemCheck : std::uint8_t {
  kOk,
  kNotAStep,
  kBelowMinimum,
  kAboveBillShare,
  kNotEnoughPoints
};

/// Judges a chosen number of points, in the order of precedence of the enumeration.
RedeemCheck check_redemption(const Program& program, Money bill, Points available, Points chosen);

}  // namespace tally::program
