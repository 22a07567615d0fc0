// The personal fields a till seals into an enrolment: what is inside the seal. Text of four lines:
// "1", phone (digits, or empty), name (UTF-8, or empty), language. Bounded so that the record stays
// within its 320 bytes.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace tally::member {

inline constexpr std::size_t kPhoneDigitsMax = 15;  ///< ITU-T E.164.
inline constexpr std::size_t kNameBytesMax = 40;

struct PersonalFields {
  std::string phone;
  std::string name;
  std::string language;
  bool operator==(const PersonalFields&) const = default;
};

/// Errors: kInvalid when a field is too long or holds a line end.
Result<std::string> to_text(const PersonalFields& fields);

/// Errors: kInvalid when it is not such a text, kUnsupported when it is of another version.
Result<PersonalFields> personal_fields_from(std::string_view text);

/// "138****1234": what may be shown. Numbers of fewer than eight digits show their last two.
std::string mask_phone(std::string_view phone);

}  // namespace tally::member
