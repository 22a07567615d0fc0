#include "core/base/amount.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;

TEST_GROUP(Amount){};

TEST(Amount, Parse_WholeAndDecimals_GivesMinorUnits) {
  LONGLONGS_EQUAL(12850, parse_amount("128.50", Currency::kCny)->minor_units);
  LONGLONGS_EQUAL(12850, parse_amount("128.5", Currency::kCny)->minor_units);
  LONGLONGS_EQUAL(12800, parse_amount("128", Currency::kCny)->minor_units);
  LONGLONGS_EQUAL(5, parse_amount("0.05", Currency::kCny)->minor_units);
}

TEST(Amount, Parse_NotAnAmount_IsRefused) {
  for (const char* text :
       {"", ".", ".5", "1.", "1.234", "-1", "+1", "1e3", "1,5", " 1", "9999999999999"}) {
    CHECK_FALSE_TEXT(parse_amount(text, Currency::kCny).has_value(), text);
  }
}

TEST(Amount, Parse_BeyondTheBound_IsRefused) {
  CHECK_TRUE(parse_amount("10000000000", Currency::kCny).has_value());
  CHECK_FALSE(parse_amount("10000000000.01", Currency::kCny).has_value());
}

TEST(Amount, Format_AllSigns_KeepsTwoDecimals) {
  STRCMP_EQUAL("128.50", format_amount({12850, Currency::kCny}).c_str());
  STRCMP_EQUAL("0.05", format_amount({5, Currency::kCny}).c_str());
  STRCMP_EQUAL("-0.05", format_amount({-5, Currency::kCny}).c_str());
}

TEST(Amount, MultiplyDivide_NegativeProduct_RoundsDown) {
  LONGLONGS_EQUAL(3, multiply_divide_floor(7, 1, 2));
  LONGLONGS_EQUAL(-4, multiply_divide_floor(-7, 1, 2));
  LONGLONGS_EQUAL(9'000'000'000'000'000,
                  multiply_divide_floor(9'000'000'000'000'000, 1'000'000, 1'000'000));
}
