// The program: the versioned rule set that decides the points, the same code at terminal, gateway
// and OA. Integers only; every division says how it rounds
// (docs/adr/0004-integer-money-and-rounding.md).
#pragma once

#include <optional>
#include <vector>

#include "core/base/amount.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/program/rules.hpp"

namespace tally::program {

struct Program {
  ProgramVersion version{1};
  Money bill_max{100'000'00, Currency::kCny};  ///< The largest bill a till may enter.

  Points earn_points{1};  ///< Earned for each `earn_step` of the bill.
  Money earn_step{100, Currency::kCny};
  StepCount step_count = StepCount::kWhole;
  Rounding rounding = Rounding::kDown;
  Money earn_from{0, Currency::kCny};  ///< A sale below this earns nothing.
  Points sale_points_max;              ///< One sale earns no more; 0: no cap.
  Points day_points_max;               ///< One member earns no more in a business day; 0: no cap.
  std::vector<std::uint32_t> excluded_categories;  ///< Goods that earn nothing.
  std::vector<Bonus> bonuses;
  std::vector<Threshold> thresholds;  ///< Rising; what they give never falls.
  std::vector<Coupon> coupons;

  /// A lot lives this many business days after it was earned and on to the end of `expiry_at`; 0:
  /// for ever.
  std::int32_t lot_life_days = 730;
  PeriodEnd expiry_at = PeriodEnd::kMonth;
  std::int32_t pending_days = 0;  ///< Earned points may be spent from this many days on; 0: now.

  std::vector<Tier> tiers;               ///< Rising.
  std::int32_t tier_period_days = 365;   ///< What was spent in so many days decides the tier.
  std::int32_t tier_kept_days = 365;     ///< A tier is kept this long before it is looked at again.
  bool tier_falls_one_at_a_time = true;  ///< Otherwise as far as the spending says.

  Points redeem_step{10};  ///< Redemptions are multiples of this.
  Points redeem_min{50};
  Money redeem_step_worth{10, Currency::kCny};  ///< What one `redeem_step` takes off the bill.
  std::int32_t bill_share_percent = 50;         ///< At most this share of a bill is paid in points.

  bool debt_allowed = true;  ///< A member may owe what a refund takes back and is spent already.
  std::int32_t refund_grace_days = 30;  ///< Life of points that come back after their expiry.
  bool operator==(const Program&) const = default;
};

/// Points a bill earns of which nothing else is known, neither lines nor member nor time:
/// evaluate() of such a sale. Requires 0 ≤ bill ≤ kAmountMax.
Points points_earned(const Program& program, Money bill);

/// The last day of points earned on `earned_on`: the end of the calendar period in which their life
/// ends; none when they never expire.
std::optional<BusinessDay> last_day_of_points(const Program& program, BusinessDay earned_on);

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
