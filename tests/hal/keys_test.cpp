#include "hal/keys.hpp"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace tally::hal;

TEST_GROUP(Keys){};

TEST(Keys, EveryName_LeadsBackToItsKey) {
  for (int i = 0; i < kKeyCount; ++i) {
    const Key key = static_cast<Key>(i);
    CHECK(key_of(name_of(key)) == key);
  }
}

TEST(Keys, NamesOfScripts_AreKnown) {
  CHECK(key_of("0") == Key::k0);
  CHECK(key_of("dot") == Key::kDot);
  CHECK(key_of("redeem") == Key::kRedeem);
  CHECK(key_of("down") == Key::kDown);
}

TEST(Keys, UnknownEmptyOrOtherCase_HasNoKey) {
  CHECK(!key_of("").has_value());
  CHECK(!key_of("Enter").has_value());
  CHECK(!key_of("10").has_value());
  CHECK(!key_of("enter ").has_value());
}

TEST(Keys, OnlyDigits_HaveADigit) {
  LONGS_EQUAL(0, digit_of(Key::k0).value());
  LONGS_EQUAL(9, digit_of(Key::k9).value());
  CHECK(!digit_of(Key::kDot).has_value());
}
