#include "core/base/iso_day.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>

namespace tally {
namespace {

constexpr int kYearMin = 1970;

bool read_digits(std::string_view text, int& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end && value >= 0;
}

}  // namespace

std::string iso_day_text(BusinessDay day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day.days}}};
  char text[32];
  std::snprintf(text,
                sizeof text,
                "%04d-%02u-%02u",
                static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return text;
}

std::optional<BusinessDay> parse_iso_day(std::string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' ||
      !read_digits(text.substr(0, 4), year) || !read_digits(text.substr(5, 2), month) ||
      !read_digits(text.substr(8, 2), day)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (year < kYearMin || !date.ok()) {
    return std::nullopt;
  }
  return BusinessDay{
      static_cast<std::int32_t>(std::chrono::sys_days{date}.time_since_epoch().count())};
}

}  // namespace tally
