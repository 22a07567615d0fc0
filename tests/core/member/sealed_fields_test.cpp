#include "core/member/sealed_fields.hpp"

#include "core/member/card_number.hpp"
#include "core/member/number_block.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::member;

TEST_GROUP(SealedFields){};

TEST(SealedFields, Text_ComesBack) {
  const PersonalFields fields{"13800001234", "张小敏", "zh-CN"};
  CHECK_TRUE(*personal_fields_from(*to_text(fields)) == fields);
  const PersonalFields empty{};
  CHECK_TRUE(*personal_fields_from(*to_text(empty)) == empty);
}

TEST(SealedFields, WhatDoesNotFit_IsRefused) {
  CHECK_FALSE(to_text({"1380000123456789", "", "en"}).has_value());
  CHECK_FALSE(to_text({"1380000x", "", "en"}).has_value());
  CHECK_FALSE(to_text({"", "a\nb", "en"}).has_value());
  CHECK_FALSE(to_text({"", std::string(41, 'a'), "en"}).has_value());
  CHECK_FALSE(to_text({"", "", "en-GB-oxendict"}).has_value());
}

TEST(SealedFields, OtherTexts_AreInvalid) {
  CHECK_TRUE(personal_fields_from("").error().code == Errc::kUnsupported);
  CHECK_TRUE(personal_fields_from("2\n1\nb\nen").error().code == Errc::kUnsupported);
  CHECK_TRUE(personal_fields_from("1\n1\nb").error().code == Errc::kInvalid);
  CHECK_TRUE(personal_fields_from("1\n1\nb\nen\n").error().code == Errc::kInvalid);
  CHECK_TRUE(personal_fields_from("1\nabc\nb\nen").error().code == Errc::kInvalid);
}

TEST(SealedFields, MaskedPhone_ShowsItsEndsOnly) {
  STRCMP_EQUAL("138****1234", mask_phone("13800001234").c_str());
  STRCMP_EQUAL("****34", mask_phone("1234").c_str());
}

TEST(SealedFields, TillNumbers_AreTheUpperHalfOfTheSerials) {
  CHECK_TRUE(is_till_number(*make_card_number(kTillSerialFirst + 1)));
  CHECK_FALSE(is_till_number(*make_card_number(kTillSerialFirst)));
  CHECK_FALSE(is_till_number(*make_card_number(1)));
  CHECK_FALSE(is_till_number(""));
  CHECK_FALSE(is_till_number("9156500000000011"));  // Its check digit is wrong.
}
