#include "firmware/ui/format.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::firmware::ui;
using sale::Language;

TEST_GROUP(Format){};

TEST(Format, Points_AreGroupedByThousands) {
  STRCMP_EQUAL("0", points_text(Points{0}).c_str());
  STRCMP_EQUAL("999", points_text(Points{999}).c_str());
  STRCMP_EQUAL("1,000", points_text(Points{1000}).c_str());
  STRCMP_EQUAL("12,345,678", points_text(Points{12345678}).c_str());
  STRCMP_EQUAL("\u22121,000", points_text(Points{-1000}).c_str());
}

TEST(Format, Money_HasSignAndTwoDecimals) {
  STRCMP_EQUAL("¥0.05", money_text(Money{5}).c_str());
  STRCMP_EQUAL("¥1,128.50", money_text(Money{112850}).c_str());
  STRCMP_EQUAL("\u2212€60.00", money_text(Money{-6000, Currency::kEur}).c_str());
  STRCMP_EQUAL("$1.00", money_text(Money{100, Currency::kUsd}).c_str());
}

TEST(Format, LocalTime_FollowsTheShopsOffset) {
  const WallTime time{1'795'311'660'000'000};
  STRCMP_EQUAL("09:41", clock_text(local_time(time, 8 * 3600)).c_str());
  STRCMP_EQUAL("01:41", clock_text(local_time(time, 0)).c_str());
  STRCMP_EQUAL("2026-11-22 09:41:00", stamp_text(local_time(time, 8 * 3600)).c_str());
  STRCMP_EQUAL("2026年11月22日 星期日",
               date_text(local_time(time, 8 * 3600), Language::kZhCn).c_str());
  STRCMP_EQUAL("Saturday, 21 November 2026",
               date_text(local_time(time, -8 * 3600), Language::kEn).c_str());
}

TEST(Format, TimesBefore1970_DoNotBreak) {
  STRCMP_EQUAL("1969-12-31 23:59:59", stamp_text(local_time(WallTime{-1}, 0)).c_str());
}

TEST(Format, Days_HaveTheYearOnlyWhenItIsAnother) {
  const LocalTime now = local_time(WallTime{1'795'311'660'000'000}, 8 * 3600);
  STRCMP_EQUAL("12月31日", day_text(BusinessDay{20818}, now, Language::kZhCn).c_str());
  STRCMP_EQUAL("31 Dec", day_text(BusinessDay{20818}, now, Language::kEn).c_str());
  STRCMP_EQUAL("2027年1月1日", day_text(BusinessDay{20819}, now, Language::kZhCn).c_str());
  STRCMP_EQUAL("1 Jan 2027", day_text(BusinessDay{20819}, now, Language::kEn).c_str());
}

TEST(Format, DaysUntil_CountsLocalDays) {
  const WallTime late{1'795'359'600'000'000};  // 2026-11-22 15:00 UTC, 23:00 in the shop.
  LONGS_EQUAL(39, days_until(BusinessDay{20818}, late, 8 * 3600));
  LONGS_EQUAL(0, days_until(BusinessDay{20779}, late, 8 * 3600));
  LONGS_EQUAL(-1, days_until(BusinessDay{20779}, late, 9 * 3600 + 1));
}

TEST(Format, Age_TakesTheLargestUnit) {
  STRCMP_EQUAL("0 s", age_text(0, Language::kEn).c_str());
  STRCMP_EQUAL("59 s", age_text(59, Language::kEn).c_str());
  STRCMP_EQUAL("1 min", age_text(60, Language::kEn).c_str());
  STRCMP_EQUAL("12 分钟", age_text(754, Language::kZhCn).c_str());
  STRCMP_EQUAL("47 h", age_text(47 * 3600 + 3599, Language::kEn).c_str());
  STRCMP_EQUAL("2 d", age_text(48 * 3600, Language::kEn).c_str());
}
