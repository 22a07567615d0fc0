// Our own member numbers: 16 digits, ISO/IEC 7812-1 style with a Luhn check digit, under a prefix
// that no payment code uses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace tally::member {

inline constexpr std::string_view kCardPrefix = "9156";
inline constexpr std::size_t kCardDigits = 16;
inline constexpr std::uint64_t kCardSerialMax =
    99'999'999'999;  ///< 11 digits between prefix and check.

/// Whether the last digit is the Luhn check digit of the others (ISO/IEC 7812-1, annex B). Digits
/// only.
bool luhn_valid(std::string_view digits);

/// The card number of a serial. Errors: kExhausted beyond kCardSerialMax.
Result<std::string> make_card_number(std::uint64_t serial);

/// Whether a text is one of our card numbers: length, then prefix, then Luhn.
bool is_card_number(std::string_view text);

}  // namespace tally::member
