#include "core/member/member_code.hpp"

#include <string>

#include "core/member/card_number.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using member::CodeKind;

TEST_GROUP(MemberCode){};

TEST(MemberCode, Luhn_PublishedNumbers_AreToldApart) {
  CHECK_TRUE(member::luhn_valid("79927398713"));
  CHECK_FALSE(member::luhn_valid("79927398710"));
  CHECK_FALSE(member::luhn_valid(""));
  CHECK_FALSE(member::luhn_valid("7992739871x"));
}

TEST(MemberCode, CardNumber_OfEverySerial_IsOneOfOurs) {
  for (const std::uint64_t serial :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{123456}, member::kCardSerialMax}) {
    const auto number = member::make_card_number(serial);
    CHECK_TRUE(member::is_card_number(*number));
    CHECK(member::classify_code(" " + *number + "\r\n").text == *number);
  }
}

TEST(MemberCode, CardNumber_BeyondTheRange_IsExhausted) {
  CHECK(member::make_card_number(member::kCardSerialMax + 1).error().code == Errc::kExhausted);
}

TEST(MemberCode, CardNumber_WrongLengthPrefixOrCheckDigit_IsNotOurs) {
  const std::string good = *member::make_card_number(42);
  std::string wrong_check = good;
  wrong_check.back() = good.back() == '0' ? '1' : '0';
  CHECK(member::classify_code(wrong_check).kind == CodeKind::kUnknown);
  CHECK(member::classify_code(good + "0").kind == CodeKind::kUnknown);
  CHECK(member::classify_code("4111111111111111").kind == CodeKind::kUnknown);
}

TEST(MemberCode, PayCodes_AreRecognisedAndNotKept) {
  for (const char* code : {"134512345678901234",
                           "101234567890123456",
                           "2812345678901234",
                           "301234567890123456789012",
                           "6212345678901234567"}) {
    const auto scanned = member::classify_code(code);
    CHECK_TRUE_TEXT(scanned.kind == CodeKind::kPayCode, code);
    CHECK_TRUE(scanned.text.empty());
  }
}

TEST(MemberCode, NearPayCodes_AreUnknown) {
  for (const char* code : {"164512345678901234",
                           "13451234567890123",
                           "621234567890123456",
                           "3112345678901234",
                           "28123456789012345678901234"}) {
    CHECK_TRUE_TEXT(member::classify_code(code).kind == CodeKind::kUnknown, code);
  }
}

TEST(MemberCode, ReceiptOrNonsense_IsToldApart) {
  CHECK(member::classify_code("TR1:ABC").kind == CodeKind::kReceipt);
  CHECK(member::classify_code("").kind == CodeKind::kUnknown);
  CHECK(member::classify_code("   ").kind == CodeKind::kUnknown);
  CHECK(member::classify_code(std::string(2000, '9')).kind == CodeKind::kUnknown);
}
