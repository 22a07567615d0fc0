#include "shell/page_json.hpp"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace tally::shell;

TEST_GROUP(PageJson){};

TEST(PageJson, Object_WithinBounds_IsRead) {
  STRCMP_EQUAL("张[[[[[[[[[",
               (*parse_page_json("{\"a\":\"张[[[[[[[[[\"}"))["a"].get<std::string>().c_str());
  CHECK(parse_page_json("{\"a\":[[[[[[[1]]]]]]]}").has_value());
  CHECK(parse_page_json("{\"a\":\"\\\"[[[[[[[[[\"}").has_value());
  CHECK(parse_page_json(" {} ").has_value());
}

TEST(PageJson, AnythingElse_IsRefused) {
  for (const char* body : {"",
                           "x",
                           "[]",
                           "1",
                           "null",
                           "{",
                           "{}{}",
                           "{\"a\":1,}",
                           "{\"a\":\"\xff\"}",
                           "{\"a\":\"\xed\xa0\x80\"}",
                           "{'a':1}",
                           "{\"a\":NaN}",
                           "{\"a\":[[[[[[[[1]]]]]]]]}"}) {
    CHECK_FALSE(parse_page_json(body).has_value());
  }
  CHECK_FALSE(parse_page_json("{\"a\":\"" + std::string(kJsonBytesMax, 'x') + "\"}").has_value());
  CHECK_FALSE(parse_page_json(std::string(kJsonBytesMax, '[')).has_value());
}

TEST(PageJson, Text_OfBrokenUtf8_IsStillJson) {
  const std::string text = page_json_text({{"a", "\xff"}});
  CHECK(parse_page_json(text).has_value());
}
