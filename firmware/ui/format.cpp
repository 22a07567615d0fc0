#include "firmware/ui/format.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "firmware/ui/catalogue.hpp"

namespace tally::firmware::ui {

namespace {

constexpr std::array<const char*, 7> kWeekdaysZh = {"日", "一", "二", "三", "四", "五", "六"};
constexpr std::array<const char*, 7> kWeekdaysEn = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::array<const char*, 12> kMonthsEn = {"January",
                                                   "February",
                                                   "March",
                                                   "April",
                                                   "May",
                                                   "June",
                                                   "July",
                                                   "August",
                                                   "September",
                                                   "October",
                                                   "November",
                                                   "December"};

std::string two_digits(int value) {
  return {static_cast<char>('0' + value / 10 % 10), static_cast<char>('0' + value % 10)};
}

std::string grouped(std::string digits) {
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

std::string iso_date(const LocalTime& time) {
  return std::to_string(time.year) + "-" + two_digits(time.month) + "-" + two_digits(time.day);
}

LocalTime date_of(BusinessDay day) {
  return local_time(WallTime{std::int64_t{day.days} * 86'400'000'000}, 0);
}

constexpr const char* kMinus = "\u2212";

}  // namespace

std::string points_text(Points points) {
  std::string digits = std::to_string(points.value);
  const bool negative = points.value < 0;
  return (negative ? kMinus : "") + grouped(negative ? digits.substr(1) : digits);
}

std::string currency_sign(Currency currency) {
  switch (currency) {
    case Currency::kCny:
      return "¥";
    case Currency::kEur:
      return "€";
    case Currency::kUsd:
      return "$";
  }
  return "";
}

std::string money_text(Money money) {
  const bool negative = money.minor_units < 0;
  const Money size{negative ? -money.minor_units : money.minor_units, money.currency};
  const std::string digits = format_amount(size);
  const std::size_t point = digits.find('.');
  return (negative ? kMinus : "") + currency_sign(money.currency) +
         grouped(digits.substr(0, point)) + digits.substr(point);
}

LocalTime local_time(WallTime time, std::int32_t utc_offset_s) {
  using namespace std::chrono;
  const sys_seconds at{floor<seconds>(microseconds{time.us}) + seconds{utc_offset_s}};
  const sys_days days = floor<std::chrono::days>(at);
  const year_month_day date{days};
  const hh_mm_ss clock{at - days};
  LocalTime local;
  local.year = static_cast<int>(date.year());
  local.month = static_cast<int>(static_cast<unsigned>(date.month()));
  local.day = static_cast<int>(static_cast<unsigned>(date.day()));
  local.hour = static_cast<int>(clock.hours().count());
  local.minute = static_cast<int>(clock.minutes().count());
  local.second = static_cast<int>(clock.seconds().count());
  local.weekday = static_cast<int>(weekday{days}.c_encoding());
  return local;
}

std::string clock_text(const LocalTime& time) {
  return two_digits(time.hour) + ":" + two_digits(time.minute);
}

std::string date_text(const LocalTime& time, sale::Language language) {
  const auto weekday = static_cast<std::size_t>(time.weekday);
  if (language == sale::Language::kZhCn) {
    return std::to_string(time.year) + "年" + std::to_string(time.month) + "月" +
           std::to_string(time.day) + "日 星期" + kWeekdaysZh.at(weekday);
  }
  return std::string(kWeekdaysEn.at(weekday)) + ", " + std::to_string(time.day) + " " +
         kMonthsEn.at(static_cast<std::size_t>(time.month - 1)) + " " + std::to_string(time.year);
}

std::string stamp_text(const LocalTime& time) {
  return iso_date(time) + " " + clock_text(time) + ":" + two_digits(time.second);
}

std::string day_text(BusinessDay day, const LocalTime& now, sale::Language language) {
  const LocalTime date = date_of(day);
  const bool other_year = date.year != now.year;
  if (language == sale::Language::kZhCn) {
    return (other_year ? std::to_string(date.year) + "年" : "") + std::to_string(date.month) +
           "月" + std::to_string(date.day) + "日";
  }
  return std::to_string(date.day) + " " +
         std::string(kMonthsEn.at(static_cast<std::size_t>(date.month - 1))).substr(0, 3) +
         (other_year ? " " + std::to_string(date.year) : "");
}

std::int64_t days_until(BusinessDay day, WallTime now, std::int32_t utc_offset_s) {
  using namespace std::chrono;
  const sys_days today = floor<std::chrono::days>(sys_time<microseconds>{microseconds{now.us}} +
                                                  seconds{utc_offset_s});
  return day.days - today.time_since_epoch().count();
}

std::string age_text(std::int64_t seconds, sale::Language language) {
  const auto said = [&](Label label, std::int64_t value) {
    return with_value(text(label, language), std::to_string(value));
  };
  if (seconds < 60) {
    return said(Label::kAgeSeconds, seconds);
  }
  if (seconds < 3600) {
    return said(Label::kAgeMinutes, seconds / 60);
  }
  if (seconds < 48 * 3600) {
    return said(Label::kAgeHours, seconds / 3600);
  }
  return said(Label::kAgeDays, seconds / 86400);
}

}  // namespace tally::firmware::ui
