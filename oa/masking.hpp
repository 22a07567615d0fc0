// What of a member's name and phone may be shown without a reason given. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tally::oa {

inline constexpr std::size_t kNameBytesMax = 64;
inline constexpr std::size_t kMaskedNameBytesMax = 48;
inline constexpr std::size_t kPhoneBytesMax = 20;

/// "张小满" → "张**", "Li Ming" → "Li Mi**": the first character of a name written without spaces
/// in another script, the first two letters of each Latin word; at most 48 bytes. The text must be
/// UTF-8.
std::string mask_name(std::string_view name);

/// Digits of a phone number, without spaces and hyphens, a leading '+' kept. None when anything
/// else is in it or it has fewer than 5 or more than 15 digits.
std::optional<std::string> tidy_phone(std::string_view phone);

/// A name as a person types it: outer spaces removed. None when it is empty, longer than 64 bytes,
/// no UTF-8, or holds control characters.
std::optional<std::string> tidy_name(std::string_view name);

}  // namespace tally::oa
