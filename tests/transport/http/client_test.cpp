#include "transport/http/client.hpp"

#include <string>

#include "transport/http/server.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::transport::http;

TEST_GROUP(HttpClient){
    void malformed(const std::string& text){const auto answer = parse_answer(text);
CHECK_FALSE(answer.has_value());
CHECK_TRUE(answer.error().code == Errc::kCorrupt);
}
}
;

TEST(HttpClient, Answer_HeadersInLowerCaseAndBody) {
  const auto answer = parse_answer(
      "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nSet-Cookie: a=b; Path=/\r\n\r\n{}");
  CHECK_TRUE(answer.has_value());
  LONGS_EQUAL(202, answer->status);
  STRCMP_EQUAL("a=b; Path=/", answer->header("set-cookie").c_str());
  STRCMP_EQUAL("", answer->header("etag").c_str());
  STRCMP_EQUAL("{}", answer->body.c_str());
}

TEST(HttpClient, AnswerThatIsNone_IsCorrupt) {
  malformed("");
  malformed("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  malformed("HTTP/1.1 2x0 OK\r\n\r\n");
  malformed("HTTP/1.1 200 OK\r\nno colon\r\n\r\n");
  malformed("HTTP/1.1 200 OK\r\nA: b\r\n");
  malformed("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}");
}

TEST(HttpClient, AddressThatIsNone_IsInvalid) {
  for (const char* origin :
       {"", "127.0.0.1:1", "https://a:1", "http://a", "http://:1", "http://a:"}) {
    CHECK_TRUE(ask(origin, {}).error().code == Errc::kInvalid);
  }
}

TEST(HttpClient, NobodyThere_IsUnavailable) {
  CHECK_TRUE(ask("http://127.0.0.1:1", {}).error().code == Errc::kUnavailable);
}

TEST(HttpClient, RealServer_GetsWhatWasSent) {
  Routes routes;
  routes.on_public("POST", "/echo", [](const Request& request, const Reply& reply) {
    reply(Response::json(request.body));
  });
  auto server = Server::start({}, std::move(routes));
  CHECK_TRUE(server.has_value());
  const auto answer = ask("http://127.0.0.1:" + std::to_string((*server)->port()),
                          {"POST", "/echo", {}, "{\"a\":1}"});
  (*server)->stop();
  CHECK_TRUE_TEXT(answer.has_value(), answer ? "" : describe(answer.error()).c_str());
  LONGS_EQUAL(200, answer->status);
  STRCMP_EQUAL("{\"a\":1}", answer->body.c_str());
}
