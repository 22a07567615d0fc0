#include "transport/http/message.hpp"

#include "transport/http/dispatcher.hpp"

// Last: the harness redefines new, which standard headers do not bear.
#include <CppUTest/TestHarness.h>

using namespace tally::transport::http;

TEST_GROUP(HttpMessage){};

TEST(HttpMessage, Header_OtherCase_IsFound) {
  Request request;
  request.headers = {{"X-Tally", "1"}};
  STRCMP_EQUAL("1", request.header("x-tALLY")->c_str());
  CHECK_FALSE(request.header("X-Tall").has_value());
}

TEST(HttpMessage, Cookie_AmongOthers_IsFoundByWholeName) {
  Request request;
  request.headers = {{"Cookie", "a=1; tally_session=abc=; b=2"}};
  STRCMP_EQUAL("abc=", request.cookie("tally_session")->c_str());
  STRCMP_EQUAL("2", request.cookie("b")->c_str());
  CHECK_FALSE(request.cookie("session").has_value());
  CHECK_FALSE(request.cookie("").has_value());
}

TEST(HttpMessage, Cookie_OddLines_FindNothing) {
  Request request;
  for (const char* line : {"", ";", ";;;", "a", "=1", " ", "a;b"}) {
    request.headers = {{"Cookie", line}};
    CHECK_FALSE(request.cookie("a").has_value());
  }
}

TEST(HttpMessage, QueryValue_Encoded_IsDecoded) {
  Request request;
  request.query = "q=%E5%BC%A0+x&empty=&flag&a%3D=1";
  STRCMP_EQUAL("\xE5\xBC\xA0 x", request.query_value("q")->c_str());
  STRCMP_EQUAL("", request.query_value("empty")->c_str());
  STRCMP_EQUAL("", request.query_value("flag")->c_str());
  STRCMP_EQUAL("1", request.query_value("a=")->c_str());
  CHECK_FALSE(request.query_value("none").has_value());
}

TEST(HttpMessage, PercentDecode_BadEscapeOrNul_IsRefused) {
  for (const char* text : {"%", "%4", "a%4", "%g0", "%0g", "%%41", "%00", "x%"}) {
    CHECK_FALSE(percent_decode(text, false).has_value());
  }
  STRCMP_EQUAL("A+", percent_decode("%41+", false)->c_str());
  STRCMP_EQUAL("/", percent_decode("%2f", true)->c_str());
}

TEST(HttpMessage, PathParts_Traversal_IsRefused) {
  for (const char* path : {"",
                           "a",
                           "http://evil/",
                           "/..",
                           "/a/../b",
                           "/./a",
                           "/%2e%2e/a",
                           "/a%2fb",
                           "/a%5cb",
                           "/a\\b",
                           "/a%00",
                           "/a%0d%0aX: y",
                           "/%"}) {
    CHECK_FALSE(path_parts(path).has_value());
  }
}

TEST(HttpMessage, PathParts_Plain_AreDecoded) {
  const auto parts = path_parts("/api/m%20x/");
  CHECK(parts.has_value());
  LONGS_EQUAL(3, parts->size());
  STRCMP_EQUAL("m x", (*parts)[1].c_str());
  STRCMP_EQUAL("", (*parts)[2].c_str());
}

TEST(HttpMessage, HostWithoutPort_EveryForm_GivesTheName) {
  CHECK(host_without_port("localhost:8080") == "localhost");
  CHECK(host_without_port("127.0.0.1") == "127.0.0.1");
  CHECK(host_without_port("[::1]:80") == "[::1]");
  for (const char* host : {"", "[::1", "a:b", "a:80:81", "a:123456", ":"}) {
    CHECK(host_without_port(host).empty());
  }
}

TEST(HttpMessage, Error_Sentences_AreEscapedJson) {
  const Response response = Response::error(409, {"conflict", "\"a\\", "b\n", "c", "d"});
  LONGS_EQUAL(409, response.status);
  STRCMP_EQUAL(
      "{\"error\":{\"code\":\"conflict\",\"message_zh\":\"\\\"a\\\\\","
      "\"message_en\":\"b\\u000a\",\"what_to_do_zh\":\"c\",\"what_to_do_en\":\"d\"}}",
      response.body.c_str());
}
