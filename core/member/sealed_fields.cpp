#include "core/member/sealed_fields.hpp"

#include <algorithm>
#include <array>

namespace tally::member {
namespace {

constexpr std::string_view kVersion = "1";
constexpr std::size_t kLanguageBytesMax = 8;

bool fits(const PersonalFields& fields) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return fields.phone.size() <= kPhoneDigitsMax && fields.name.size() <= kNameBytesMax &&
         fields.language.size() <= kLanguageBytesMax &&
         std::all_of(fields.phone.begin(), fields.phone.end(), is_digit) &&
         fields.name.find('\n') == std::string::npos &&
         fields.language.find('\n') == std::string::npos;
}

}  // namespace

Result<std::string> to_text(const PersonalFields& fields) {
  if (!fits(fields)) {
    return make_error(Errc::kInvalid, "a personal field is too long or has a wrong character");
  }
  return std::string(kVersion) + "\n" + fields.phone + "\n" + fields.name + "\n" + fields.language;
}

Result<PersonalFields> personal_fields_from(std::string_view text) {
  std::array<std::string, 4> lines;
  std::size_t line = 0;
  for (const char c : text) {
    if (c != '\n') {
      lines[line].push_back(c);
    } else if (++line == lines.size()) {
      return make_error(Errc::kInvalid, "sealed personal fields have too many lines");
    }
  }
  if (lines[0] != kVersion) {
    return make_error(Errc::kUnsupported, "sealed personal fields of an unknown version");
  }
  PersonalFields fields{lines[1], lines[2], lines[3]};
  if (line + 1 != lines.size() || !fits(fields)) {
    return make_error(Errc::kInvalid, "sealed personal fields are not what a till writes");
  }
  return fields;
}

std::string mask_phone(std::string_view phone) {
  if (phone.size() < 8) {
    return "****" +
           std::string(phone.substr(phone.size() - std::min<std::size_t>(2, phone.size())));
  }
  return std::string(phone.substr(0, 3)) + "****" + std::string(phone.substr(phone.size() - 4));
}

}  // namespace tally::member
