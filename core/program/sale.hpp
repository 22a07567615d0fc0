// What the rules look at: one sale and what is known of its member. Plain values, bounded by
// check() in core/program/check.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/amount.hpp"
#include "core/base/time.hpp"

namespace tally::program {

inline constexpr std::size_t kLinesMax = 8;  ///< As many as a record carries.

struct SaleLine {
  std::uint32_t category = 0;
  std::int64_t amount_minor = 0;  ///< Before points and coupons took something off.
};

/// Goods that no line names count as goods of no category. Lines that come to more than the bill
/// were paid in part with points or a coupon: each rule then counts the share that was paid.
struct Sale {
  Money bill;                        ///< What the customer pays, after points.
  std::span<const SaleLine> lines;   ///< Borrowed.
  std::optional<BusinessDay> day;    ///< Unknown: rules about days and birthdays do not apply.
  std::optional<std::uint8_t> hour;  ///< 0 to 23, on the store's clock.
  std::string_view coupon;           ///< Its code, borrowed; empty for none.
};

struct Birthday {
  std::uint8_t month = 1;
  std::uint8_t day = 1;  ///< Born on 29 February: 28 February in years that have none.
};

/// Of a member nobody knows, the defaults.
struct MemberFacts {
  std::uint32_t tier = 0;
  std::optional<Birthday> birthday;
  bool first_purchase = false;
  Points earned_today;  ///< In earlier sales of the business day.
};

}  // namespace tally::program
