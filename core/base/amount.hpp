// Points and money: integers only (docs/adr/0004-integer-money-and-rounding.md). Addition that
// could leave the range is a programming error; bounds are checked where amounts enter the system.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/assert.hpp"
#include "core/base/result.hpp"

namespace tally {

/// A number of points. Negative only as a difference.
struct Points {
  std::int64_t value = 0;

  constexpr Points() = default;
  constexpr explicit Points(std::int64_t v) : value(v) {}
  constexpr auto operator<=>(const Points&) const = default;

  friend Points operator+(Points a, Points b) {
    std::int64_t sum = 0;
    TALLY_ASSERT(!__builtin_add_overflow(a.value, b.value, &sum));
    return Points{sum};
  }
  friend Points operator-(Points a, Points b) {
    std::int64_t difference = 0;
    TALLY_ASSERT(!__builtin_sub_overflow(a.value, b.value, &difference));
    return Points{difference};
  }
  friend constexpr Points operator-(Points a) { return Points{-a.value}; }
  Points& operator+=(Points other) { return *this = *this + other; }
  Points& operator-=(Points other) { return *this = *this - other; }
};

/// The largest amount of points or of minor units one record may carry.
inline constexpr std::int64_t kAmountMax = 1'000'000'000'000;

/// ISO 4217 numeric code.
enum class Currency : std::uint16_t { kCny = 156, kEur = 978, kUsd = 840 };

/// Money in minor units (fen, cents).
struct Money {
  std::int64_t minor_units = 0;
  Currency currency = Currency::kCny;
  constexpr auto operator<=>(const Money&) const = default;
};

/// "128.50". All supported currencies have two decimals.
std::string format_amount(Money money);

/// Reads "128.5", "128.50" or "128" as an amount with two decimals.
/// Errors: kInvalid when it is not a number, negative, has more than two decimals or exceeds
/// kAmountMax.
Result<Money> parse_amount(std::string_view text, Currency currency);

/// a * b / c with a 128-bit product, rounded down (towards minus infinity). Requires c > 0.
std::int64_t multiply_divide_floor(std::int64_t a, std::int64_t b, std::int64_t c);

}  // namespace tally
