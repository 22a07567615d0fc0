#include "core/member/number_block.hpp"

#include <charconv>

#include "core/member/card_number.hpp"

namespace tally::member {

bool is_till_number(std::string_view card_number) {
  if (!is_card_number(card_number)) {
    return false;
  }
  const std::string_view digits =
      card_number.substr(kCardPrefix.size(), kCardDigits - kCardPrefix.size() - 1);
  std::uint64_t serial = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), serial);
  return serial > kTillSerialFirst;
}

}  // namespace tally::member
