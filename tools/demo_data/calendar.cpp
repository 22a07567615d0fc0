#include "tools/demo_data/calendar.hpp"

#include <array>
#include <chrono>

namespace tally::tools::demo {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

/// First day of the lunar year (GB/T 33661-2017), from 2020 on, as month * 100 + day.
constexpr int kFirstYear = 2020;
constexpr std::array kSpringFestivals = {
    125, 212, 201, 122, 210, 129, 217, 206, 126, 213, 203, 123, 211, 131, 219, 208};

constexpr std::array<std::int64_t, 7> kWeek = {850, 800, 850, 900, 1'100, 1'300, 1'200};

/// Days from the first day of this year's Spring Festival; far away when it is not known.
int days_from_spring(sys_days today, int of_year) {
  const int index = of_year - kFirstYear;
  if (index < 0 || index >= static_cast<int>(kSpringFestivals.size())) {
    return 999;
  }
  const int date = kSpringFestivals[static_cast<std::size_t>(index)];
  const sys_days spring = year_month_day{year{of_year},
                                         month{static_cast<unsigned>(date / 100)},
                                         day{static_cast<unsigned>(date % 100)}};
  return static_cast<int>((today - spring).count());
}

std::int64_t spring_permille(int from_spring) {
  if (from_spring < -16 || from_spring > 7) {
    return 1'000;
  }
  if (from_spring < -1) {
    return 1'000 + (from_spring + 17) * 60;  // Everybody stocks up.
  }
  if (from_spring == -1) {
    return 1'100;  // New Year's Eve: shops close early.
  }
  return from_spring <= 2 ? 200 + from_spring * 150 : 900;
}

/// month * 100 + day, as above.
std::int64_t season_permille(int date) {
  if (date >= 1101 && date <= 1111) {
    return date >= 1109 ? 1'700 : 1'150;
  }
  if (date >= 601 && date <= 618) {
    return date >= 616 ? 1'600 : 1'100;
  }
  if (date >= 1001 && date <= 1007) {
    return 1'300;
  }
  if (date == 1224 || date == 1225 || date == 1231) {
    return date == 1224 ? 1'500 : 1'300;
  }
  return 1'000;
}

}  // namespace

int weekday_of(BusinessDay day) {
  return (day.days + 3) % 7;  // 1970-01-01 was a Thursday.
}

std::int64_t traffic_permille(BusinessDay business_day) {
  const sys_days today{std::chrono::days{business_day.days}};
  const year_month_day date{today};
  const int month_day =
      static_cast<int>(unsigned{date.month()} * 100 + static_cast<unsigned>(date.day()));
  return kWeek[static_cast<std::size_t>(weekday_of(business_day))] *
         spring_permille(days_from_spring(today, static_cast<int>(date.year()))) / 1'000 *
         season_permille(month_day) / 1'000;
}

}  // namespace tally::tools::demo
