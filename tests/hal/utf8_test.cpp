#include "hal/utf8.hpp"

#include <string_view>

#include <CppUTest/TestHarness.h>

using namespace std::string_view_literals;
using tally::hal::is_utf8;

TEST_GROUP(Utf8){};

TEST(Utf8, WellFormedText_IsAccepted) {
  CHECK(is_utf8(""));
  CHECK(is_utf8("9900000000000016"));
  CHECK(is_utf8("member-张"));
  CHECK(is_utf8("\xF0\xA0\xAE\xB7"));
  CHECK(is_utf8("\xF4\x8F\xBF\xBF"));
}

TEST(Utf8, CutShortOrStrayBytes_AreRefused) {
  CHECK(!is_utf8("\xE5\xBC"));
  CHECK(!is_utf8("\x80"));
  CHECK(!is_utf8("a\xFF"));
  CHECK(
      !is_utf8("\xE5"
               "abc"));
}

TEST(Utf8, OverlongSurrogateTooLargeOrNul_IsRefused) {
  CHECK(!is_utf8("\xC0\xAF"));
  CHECK(!is_utf8("\xE0\x80\xAF"));
  CHECK(!is_utf8("\xED\xA0\x80"));
  CHECK(!is_utf8("\xF4\x90\x80\x80"));
  CHECK(!is_utf8("a\0b"sv));
}
