#include "core/member/card_number.hpp"

#include <algorithm>

namespace tally::member {
namespace {

bool digits_only(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The Luhn sum of digits of which the last has weight 1.
int luhn_sum(std::string_view digits) {
  int sum = 0;
  bool doubled = false;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    int value = *digit - '0';
    if (doubled) {
      value = value * 2 > 9 ? value * 2 - 9 : value * 2;
    }
    sum += value;
    doubled = !doubled;
  }
  return sum;
}

}  // namespace

bool luhn_valid(std::string_view digits) {
  return digits.size() >= 2 && digits_only(digits) && luhn_sum(digits) % 10 == 0;
}

Result<std::string> make_card_number(std::uint64_t serial) {
  if (serial > kCardSerialMax) {
    return make_error(Errc::kExhausted, "the card number range is used up");
  }
  const std::string middle = std::to_string(serial);
  std::string number(kCardPrefix);
  number.append(kCardDigits - 1 - kCardPrefix.size() - middle.size(), '0')
      .append(middle)
      .push_back('0');
  number.back() = static_cast<char>('0' + (10 - luhn_sum(number) % 10) % 10);
  return number;
}

bool is_card_number(std::string_view text) {
  return text.size() == kCardDigits && text.starts_with(kCardPrefix) && luhn_valid(text);
}

}  // namespace tally::member
