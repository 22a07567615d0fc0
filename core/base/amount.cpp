#include "core/base/amount.hpp"

#include <charconv>
#include <cstdio>

namespace tally {

std::string format_amount(Money money) {
  const bool negative = money.minor_units < 0;
  const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(money.minor_units)
                                           : static_cast<std::uint64_t>(money.minor_units);
  std::string text = negative ? "-" : "";
  text.append(std::to_string(magnitude / 100)).append(".");
  const std::uint64_t cents = magnitude % 100;
  if (cents < 10) {
    text.append("0");
  }
  return text.append(std::to_string(cents));
}

Result<Money> parse_amount(std::string_view text, Currency currency) {
  const auto dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  std::string_view decimals =
      dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
  if (whole.empty() || whole.size() > 12 || decimals.size() > 2 ||
      (dot != std::string_view::npos && decimals.empty())) {
    return make_error(Errc::kInvalid, "an amount is written like 128.50");
  }
  std::int64_t minor_units = 0;
  for (const std::string_view digits : {whole, decimals}) {
    for (const char c : digits) {
      if (c < '0' || c > '9') {
        return make_error(Errc::kInvalid, "an amount has only digits and one point");
      }
      minor_units = minor_units * 10 + (c - '0');
    }
  }
  for (std::size_t i = decimals.size(); i < 2; ++i) {
    minor_units *= 10;
  }
  if (minor_units > kAmountMax) {
    return make_error(Errc::kInvalid, "the amount is beyond what a record may carry");
  }
  return Money{minor_units, currency};
}

std::int64_t multiply_divide_floor(std::int64_t a, std::int64_t b, std::int64_t c) {
  TALLY_ASSERT(c > 0);
  __extension__ using Wide = __int128;
  const Wide product = static_cast<Wide>(a) * b;
  Wide quotient = product / c;
  if (product % c != 0 && product < 0) {
    --quotient;
  }
  TALLY_ASSERT(quotient <= INT64_MAX && quotient >= INT64_MIN);
  return static_cast<std::int64_t>(quotient);
}

}  // namespace tally
