#include "core/base/iso_day.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;

TEST_GROUP(BaseIsoDay){};

TEST(BaseIsoDay, Day_WrittenAndRead_IsTheSame) {
  for (const std::int32_t days : {0, 1, 11'016, 20'781, 20'818}) {
    CHECK_EQUAL(days, parse_iso_day(iso_day_text(BusinessDay{days}))->days);
  }
  STRCMP_EQUAL("1970-01-01", iso_day_text(BusinessDay{0}).c_str());
  STRCMP_EQUAL("2000-02-29", iso_day_text(BusinessDay{11'016}).c_str());
}

TEST(BaseIsoDay, Text_ThatNamesNoDay_IsRefused) {
  for (const char* text : {"",
                           "2026-2-3",
                           "2026-02-30",
                           "2025-02-29",
                           "2026-13-01",
                           "2026-00-10",
                           "2026-01-00",
                           "1969-12-31",
                           "2026/01/02",
                           "+026-01-02",
                           "2026-01-02 ",
                           "2026-01- 2"}) {
    CHECK_FALSE(parse_iso_day(text).has_value());
  }
}
