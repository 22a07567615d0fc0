#include <random>
#include <string>

#include "tests/transport/http/http_client.hpp"
#include "transport/http/server.hpp"

// Last: the harness redefines new, which standard headers do not bear.
#include <CppUTest/TestHarness.h>

using namespace tally::transport::http;
using tally::test::ask;
using tally::test::HttpClient;

TEST_GROUP(HttpHostile){};

TEST(HttpHostile, MutatedRequests_NeverStopTheServer) {
  Routes routes;
  routes.on("POST", "/api/members/:id", [](const Request& request, const Reply& reply) {
    static_cast<void>(request.cookie("a"));
    static_cast<void>(request.query_value("q"));
    reply(Response::text(std::string(request.path_value("id"))));
  });
  const auto started = Server::start({}, std::move(routes));
  const std::uint16_t port = (*started)->port();
  const std::string good =
      "POST /api/members/%E5%BC%A0?q=1&r=%41 HTTP/1.1\r\nHost: 127.0.0.1:80\r\nCookie: a=b; c=d\r\n"
      "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  std::mt19937 random(20261122);
  const auto below = [&random](std::size_t limit) {
    return static_cast<std::size_t>(random()) % limit;
  };
  for (int round = 0; round < 500; ++round) {
    std::string bytes = good;
    for (std::size_t edits = 1 + below(6); edits > 0; --edits) {
      const std::size_t at = below(bytes.size());
      switch (below(4)) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, 1 + below(8));
          break;
        case 2:
          bytes.insert(at, bytes.substr(below(bytes.size()), below(32)));
          break;
        default:
          bytes.insert(at, 1, "\r\n:%/;\0 "[below(8)]);
      }
    }
    HttpClient client(port);
    client.write(bytes);
    std::error_code ignored;
    client.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    std::string rest;
    CHECK_TRUE_TEXT(client.is_closed_by_server(&rest), bytes.c_str());
    CHECK_TRUE_TEXT(rest.empty() || rest.starts_with("HTTP/1.1 "), bytes.c_str());
  }
  STRCMP_EQUAL("7", ask(port, "POST", "/api/members/7").body.c_str());
  // RESTinio tells of some closes twice; counted twice, the server would think itself crowded.
  CHECK((*started)->counts().connections_open <= 2);
}
