// Figures as a cashier reads them: grouped thousands, money with its sign, local date and time.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/amount.hpp"
#include "core/base/time.hpp"
#include "core/sale/view.hpp"

namespace tally::firmware::ui {

/// "12,345"; a difference below zero begins with U+2212.
std::string points_text(Points points);

/// "¥1,128.50", "€…", "$…".
std::string money_text(Money money);

/// The sign of a currency: "¥", "€", "$".
std::string currency_sign(Currency currency);

/// A local date and time of day, from UTC and the shop's offset.
struct LocalTime {
  int year = 1970;
  int month = 1;  ///< 1 … 12
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int weekday = 0;  ///< 0 Sunday … 6 Saturday
};
LocalTime local_time(WallTime time, std::int32_t utc_offset_s);

/// "09:41"
std::string clock_text(const LocalTime& time);

/// "2026年11月22日 星期日", "Sunday, 22 November 2026".
std::string date_text(const LocalTime& time, sale::Language language);

/// "2026-11-22 09:41:07", on receipts.
std::string stamp_text(const LocalTime& time);

/// "12月31日", "31 Dec"; with the year when it is another than that of `now`.
std::string day_text(BusinessDay day, const LocalTime& now, sale::Language language);

/// Days from `now` to `day`; negative when it has passed.
std::int64_t days_until(BusinessDay day, WallTime now, std::int32_t utc_offset_s);

/// "45 秒", "12 min", "3 h": the largest unit that fits.
std::string age_text(std::int64_t seconds, sale::Language language);

}  // namespace tally::firmware::ui
