#include "oa/masking.hpp"

#include <algorithm>

namespace tally::oa {
namespace {

/// The length of the UTF-8 character at the front; 0 when it is none (Unicode 15, table 3-7).
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    return 1;
  }
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    low = lead == 0xe0 ? 0xa0 : 0x80;
    high = lead == 0xed ? 0x9f : 0xbf;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    low = lead == 0xf0 ? 0x90 : 0x80;
    high = lead == 0xf4 ? 0x8f : 0xbf;
  }
  if (length == 0 || text.size() < length || byte(1) < low || byte(1) > high) {
    return 0;
  }
  for (std::size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xbf) {
      return 0;
    }
  }
  return length;
}

}  // namespace

std::string mask_name(std::string_view name) {
  std::string masked;
  std::size_t shown = 0;
  while (!name.empty()) {
    const std::size_t length = std::max<std::size_t>(1, character_bytes(name));
    const std::string_view character = name.substr(0, length);
    name.remove_prefix(length);
    if (masked.size() + std::max<std::size_t>(length, 1) > kMaskedNameBytesMax) {
      break;
    }
    if (character == " ") {
      masked += ' ';
      shown = 0;
      continue;
    }
    const std::size_t shown_max = length == 1 ? 2 : 1;
    masked += shown < shown_max ? character : std::string_view("*");
    ++shown;
  }
  return masked;
}

std::optional<std::string> tidy_phone(std::string_view phone) {
  std::string digits;
  for (const char c : phone) {
    if (c == '+' && digits.empty()) {
      digits += c;
    } else if (c >= '0' && c <= '9') {
      digits += c;
    } else if (c != ' ' && c != '-') {
      return std::nullopt;
    }
  }
  const std::size_t count = digits.size() - (digits.starts_with('+') ? 1 : 0);
  return count >= 5 && count <= 15 ? std::optional(digits) : std::nullopt;
}

std::optional<std::string> tidy_name(std::string_view name) {
  const auto first = name.find_first_not_of(' ');
  if (first == std::string_view::npos) {
    return std::nullopt;
  }
  name = name.substr(first, name.find_last_not_of(' ') - first + 1);
  if (name.size() > kNameBytesMax) {
    return std::nullopt;
  }
  for (std::string_view rest = name; !rest.empty();) {
    const std::size_t length = character_bytes(rest);
    const auto lead = static_cast<unsigned char>(rest[0]);
    if (length == 0 || lead < 0x20 || lead == 0x7f) {
      return std::nullopt;
    }
    rest.remove_prefix(length);
  }
  return std::string(name);
}

}  // namespace tally::oa
