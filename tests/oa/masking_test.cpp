#include "oa/masking.hpp"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace tally::oa;

TEST_GROUP(Masking){};

TEST(Masking, Names_ShowTheFirstCharacters) {
  STRCMP_EQUAL("张**", mask_name("张小满").c_str());
  STRCMP_EQUAL("张*", mask_name("张三").c_str());
  STRCMP_EQUAL("Ma** Sm***", mask_name("Mary Smith").c_str());
  STRCMP_EQUAL("Li", mask_name("Li").c_str());
  STRCMP_EQUAL("Ém**", mask_name("Émil").c_str());
}

TEST(Masking, LongName_StaysWithinItsBound) {
  const std::string masked = mask_name(std::string(64, 'a'));
  CHECK_EQUAL(kMaskedNameBytesMax, masked.size());
  std::string many;
  for (int i = 0; i < 21; ++i) {
    many += "张 ";
  }
  CHECK_TRUE(mask_name(many).size() <= kMaskedNameBytesMax);
}

TEST(Masking, Phones_AreTidiedOrRefused) {
  STRCMP_EQUAL("13800138000", tidy_phone("138 0013-8000")->c_str());
  STRCMP_EQUAL("+8613800138000", tidy_phone("+86 138 0013 8000")->c_str());
  for (const char* bad :
       {"", "1234", "1234567890123456", "138o0138000", "138+0138000", "１３８", "12345\n"}) {
    CHECK_TRUE_TEXT(!tidy_phone(bad), bad);
  }
}

TEST(Masking, NamesAsTyped_AreTidiedOrRefused) {
  STRCMP_EQUAL("张小满", tidy_name("  张小满 ")->c_str());
  const std::string long_name(65, 'a');
  for (const std::string& bad : {std::string(),
                                 std::string("   "),
                                 std::string("a\nb"),
                                 std::string("a\0b", 3),
                                 std::string("\x7f"),
                                 std::string("\xff\xfe"),
                                 std::string("\xc0\xaf"),
                                 std::string("\xed\xa0\x80"),
                                 std::string("张").substr(0, 2),
                                 long_name}) {
    CHECK_TRUE_TEXT(!tidy_name(bad), bad.c_str());
  }
}
