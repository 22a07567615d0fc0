#include <memory>
#include <string>
#include <vector>

#include "tests/transport/http/http_client.hpp"
#include "transport/http/event_channel.hpp"
#include "transport/http/server.hpp"

// Last: the harness redefines new, which standard headers do not bear.
#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::transport::http;
using tally::test::ask;
using tally::test::HttpClient;

namespace {

std::unique_ptr<HttpClient> listen(std::uint16_t port) {
  auto client = std::make_unique<HttpClient>(port);
  client->write("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client->read_until("\r\n\r\n").find("text/event-stream") != std::string::npos);
  CHECK(client->read_until("\n\n").find("retry: ") != std::string::npos);
  return client;
}

std::unique_ptr<Server> serve(const EventStream& stream) {
  Routes routes;
  routes.events("/api/events", stream);
  return std::move(*Server::start({}, std::move(routes)));
}

}  // namespace

TEST_GROUP(HttpEventStream){};

TEST(HttpEventStream, EventText_LineBreaks_BecomeDataLines) {
  STRCMP_EQUAL("event: a\ndata: 1\ndata: 2\ndata: \ndata: 3\n\n",
               event_text("a\r\n", "1\n2\r\n\r3").c_str());
}

TEST(HttpEventStream, Publish_ReachesEverySubscriberInOrder) {
  const EventStream stream;
  const auto server = serve(stream);
  const auto one = listen(server->port());
  const auto two = listen(server->port());
  stream.publish("tick", "1");
  stream.publish("tick", "2");
  for (const auto& client : {one.get(), two.get()}) {
    CHECK(client->read_until("\n\n").find("event: tick\ndata: 1") != std::string::npos);
    CHECK(client->read_until("\n\n").find("data: 2") != std::string::npos);
  }
}

TEST(HttpEventStream, NewSubscriber_GetsTheNewestOfEachName) {
  const EventStream stream;
  const auto server = serve(stream);
  const auto first = listen(server->port());
  stream.publish("a", "old");
  stream.publish("a", "new");
  stream.publish("b", "x");
  CHECK_FALSE(first->read_until("data: x\n\n").empty());
  const auto late = listen(server->port());
  CHECK(late->read_until("\n\n").find("data: new") != std::string::npos);
  CHECK(late->read_until("\n\n").find("data: x") != std::string::npos);
}

TEST(HttpEventStream, Subscribers_OverBound_Get503) {
  EventStream::Limits limits;
  limits.subscribers_max = 1;
  const EventStream stream(limits);
  const auto server = serve(stream);
  const auto one = listen(server->port());
  LONGS_EQUAL(503, ask(server->port(), "GET", "/api/events").status);
}

TEST(HttpEventStream, SubscriberThatDoesNotRead_IsDropped) {
  EventStream::Limits limits;
  limits.backlog_bytes_max = 1U << 20;
  const EventStream stream(limits);
  const auto server = serve(stream);
  const auto slow = listen(server->port());
  const auto quick = listen(server->port());
  const std::string large(500'000, 'x');
  for (int i = 0; i < 100 && server->counts().events_dropped == 0; ++i) {
    stream.publish("big", large);
    CHECK_FALSE(quick->read_until("\n\n").empty());
  }
  LONGS_EQUAL(1, server->counts().events_dropped);
}

TEST(HttpEventStream, Publish_WithoutServerOrTooLarge_IsHarmless) {
  EventStream::Limits limits;
  limits.data_bytes_max = 4;
  const EventStream stream(limits);
  stream.publish("a", "1");
  auto server = serve(stream);
  const auto client = listen(server->port());
  stream.publish("a", "12345");
  stream.publish("a", "1234");
  CHECK(client->read_until("\n\n").find("data: 1234\n") != std::string::npos);
  server->stop();
  stream.publish("a", "1");
  CHECK_TRUE(client->is_closed_by_server());
}
