// What a program is made of beside its rates: who earns more, for what and when, and what else a
// shop promises. Plain values, bounded by check() in core/program/check.hpp. How several of them
// come together: docs/adr/0025-bonuses-add-up.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/amount.hpp"
#include "core/base/time.hpp"

namespace tally::program {

inline constexpr std::size_t kBonusesMax = 32;
inline constexpr std::size_t kThresholdsMax = 8;
inline constexpr std::size_t kTiersMax = 7;  ///< Above the ordinary members, who are tier 0.
inline constexpr std::size_t kCouponsMax = 64;
inline constexpr std::size_t kCategoriesMax = 32;  ///< That one rule names.
inline constexpr std::size_t kCouponCodeLengthMax = 16;
inline constexpr std::uint32_t kCategoryMax = 999'999;  ///< 0 is goods of no category.

/// What becomes of a part of a point, once, at the end of a sale.
enum class Rounding : std::uint8_t { kDown, kHalfUp, kUp };

/// Whether a part of an earning step counts ("for each 10.00" or "for each full 10.00").
enum class StepCount : std::uint8_t { kWhole, kParts };

/// Where the life of points ends: at the end of the calendar period its last day lies in.
enum class PeriodEnd : std::uint8_t { kMonth, kQuarter, kYear };

/// What a bonus is for. Of the bonuses of one kind the best counts; kinds add up.
enum class BonusKind : std::uint8_t { kTier, kCategory, kTime, kBirthday, kFirstPurchase };
inline constexpr std::size_t kBonusKinds = 5;

enum class BirthdayWindow : std::uint8_t {
  kNone,
  kDay,
  kWeek,  ///< The day, and three days on either side.
  kMonth,
};

/// More points for some members, goods or times. A condition that is left empty is no condition.
struct Bonus {
  BonusKind kind = BonusKind::kTier;
  std::int32_t extra_percent = 100;  ///< Of what the base rate gives; 100 makes points double.
  std::uint8_t tiers = 0;            ///< Bit n: members of tier n.
  std::vector<std::uint32_t> categories;
  std::uint8_t weekdays = 0;     ///< Bit 0 Monday … bit 6 Sunday, of the business day.
  std::uint8_t from_hour = 0;    ///< The first hour, on the store's clock.
  std::uint8_t until_hour = 24;  ///< The hour that is over; below from_hour: after midnight.
  BirthdayWindow birthday = BirthdayWindow::kNone;
  bool first_purchase = false;
  bool operator==(const Bonus&) const = default;
};

/// For spending so much in one sale. The highest threshold reached counts.
struct Threshold {
  Money at_least;
  std::int32_t extra_percent = 0;
  Points extra_points;
  bool operator==(const Threshold&) const = default;
};

/// The n-th entry of a program's list is tier n + 1.
struct Tier {
  Money spent_at_least;  ///< In the program's tier_period_days.
  bool operator==(const Tier&) const = default;
};

/// A benefit with a code. Exactly one of the three benefits is not zero.
struct Coupon {
  std::string code;  ///< Capital letters and digits.
  Points extra_points;
  std::int32_t extra_percent = 0;
  Money money_off;
  Money bill_at_least;
  BusinessDay first_day;
  BusinessDay last_day;
  bool once = true;  ///< A member uses it once.
  bool operator==(const Coupon&) const = default;
};

}  // namespace tally::program
