#include "transport/link_connection.hpp"

#include <algorithm>

#include <asio/write.hpp>

#include "tests/transport/link_fixture.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::transport;
using tally::test::LinkFixture;
using tally::test::RecordingHandler;
using tally::test::run_until;

namespace {

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  std::uint32_t x = 1;
  for (auto& byte : bytes) {
    x = x * 1664525 + 1013904223;
    byte = static_cast<std::uint8_t>(x >> 24);
  }
  return bytes;
}

Bytes text(std::string_view words) {
  const ByteView bytes = as_bytes(words);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_GROUP(TransportLink) {
  LinkFixture net;
};

TEST(TransportLink, Connect_BothSidesTrusted_TellsEachWhoTheOtherIs) {
  net.start();
  CHECK(net.both_open());
  CHECK(net.server.peer.name() == net.terminal.self.name());
  CHECK(net.client.peer.name() == net.gateway.self.name());
  CHECK(net.server.peer.public_key == net.terminal.self.public_key);
  CHECK_FALSE(net.client_side->resumed());
  CHECK(net.server_side->peer_address().starts_with("127.0.0.1:"));
}

TEST(TransportLink, Send_BothWays_ArrivesInOrder) {
  net.start();
  CHECK(net.both_open());
  for (const char* word : {"one ", "two ", "three"}) {
    CHECK(net.client_side->send(text(word)).has_value());
    CHECK(net.server_side->send(text(word)).has_value());
  }
  CHECK(run_until(net.loop, [this] {
    return net.server.received.size() == 13 && net.client.received.size() == 13;
  }));
  CHECK(net.server.received == text("one two three"));
  CHECK(net.client.received == text("one two three"));
}

TEST(TransportLink, Send_ManySmallAtOnce_TravelInOneRecord) {
  net.start();
  CHECK(net.both_open());
  for (int i = 0; i < 500; ++i) {
    CHECK(net.client_side->send(pattern(32)).has_value());
  }
  CHECK(run_until(net.loop, [this] { return net.server.received.size() == 16'000; }));
  LONGS_EQUAL(1, net.server.deliveries);
}

TEST(TransportLink, Send_OneMebibyteEachWayAtOnce_Arrives) {
  const Bytes bytes = pattern(1024 * 1024);
  net.start();
  CHECK(net.both_open());
  CHECK(net.client_side->send(bytes).has_value());
  CHECK(net.server_side->send(bytes).has_value());
  CHECK(run_until(net.loop, [&] {
    return net.server.received.size() == bytes.size() && net.client.received.size() == bytes.size();
  }));
  CHECK(net.server.received == bytes);
  CHECK(net.client.received == bytes);
}

TEST(TransportLink, Send_BeyondTheBound_IsExhaustedUntilDrained) {
  net.link_options.send_queue_bytes_max = 1000;
  net.start();
  CHECK(net.both_open());
  CHECK(net.client_side->send(pattern(600)).has_value());
  CHECK(net.client_side->send(pattern(401)).error().code == Errc::kExhausted);
  CHECK(net.client_side->send(pattern(400)).has_value());
  LONGS_EQUAL(1000, net.client_side->queued_bytes());
  CHECK(run_until(net.loop, [this] { return net.client.drained == 1; }));
  CHECK(net.client_side->send(pattern(1000)).has_value());
  CHECK(run_until(net.loop, [this] { return net.server.received.size() == 2000; }));
}

TEST(TransportLink, Send_BeforeOpenOrAfterClose_IsUnavailable) {
  net.start();
  CHECK(net.client_side->send(text("early")).error().code == Errc::kUnavailable);
  CHECK(net.both_open());
  net.client_side->close_after_flush();
  CHECK(net.client_side->send(text("late")).error().code == Errc::kUnavailable);
  CHECK(net.both_closed());
  CHECK(net.client_side->send(text("later")).error().code == Errc::kUnavailable);
}

TEST(TransportLink, PausedReader_HoldsTheSenderBack_AndLosesNothing) {
  const Bytes chunk = pattern(64 * 1024);
  net.start();
  CHECK(net.both_open());
  net.server_side->pause_reading();
  // Fill the kernel's buffers until the sender's own queue stays full.
  std::size_t sent = 0;
  std::size_t stuck_at = 0;
  for (int quiet = 0; quiet < 20;) {
    if (net.client_side->send(chunk)) {
      sent += chunk.size();
      quiet = 0;
    } else {
      quiet = net.client_side->queued_bytes() == stuck_at ? quiet + 1 : 0;
      stuck_at = net.client_side->queued_bytes();
    }
    net.loop.poll();
  }
  LONGS_EQUAL(0, net.server.received.size());
  CHECK(stuck_at > 0);
  net.server_side->resume_reading();
  CHECK(run_until(net.loop, [&] { return net.server.received.size() == sent; }));
  CHECK(std::equal(chunk.begin(), chunk.end(), net.server.received.end() - 64 * 1024));
}

TEST(TransportLink, CloseAfterFlush_WithAFullQueue_DeliversEverythingFirst) {
  const Bytes bytes = pattern(1024 * 1024);
  net.start();
  CHECK(net.both_open());
  CHECK(net.client_side->send(bytes).has_value());
  net.client_side->close_after_flush();
  CHECK(net.both_closed());
  CHECK(net.server.received == bytes);
  STRCMP_EQUAL("unavailable: peer closed the connection", net.server.why().c_str());
  STRCMP_EQUAL("unavailable: connection was closed on this side", net.client.why().c_str());
}

TEST(TransportLink, CloseAfterFlush_WhilePeerIsSending_PeerStillReadsTheLastBytes) {
  net.start();
  CHECK(net.both_open());
  CHECK(net.client_side->send(pattern(1024 * 1024)).has_value());
  net.server.when_bytes = [this] {
    if (net.server.deliveries == 1) {
      CHECK(net.server_side->send(text("go away")).has_value());
      net.server_side->close_after_flush();
    }
  };
  CHECK(net.both_closed());
  CHECK(net.client.received == text("go away"));
  LONGS_EQUAL(1, net.server.deliveries);
}

TEST(TransportLink, CloseAfterFlush_BeforeOpen_TellsTheHandler) {
  net.start();
  net.client_side->close_after_flush();
  CHECK(run_until(net.loop, [this] { return net.client.closed == 1; }));
  STRCMP_EQUAL("unavailable: connection was closed on this side before it opened",
               net.client.why().c_str());
}

TEST(TransportLink, Abort_InsideOnBytes_StopsEverythingQuietly) {
  net.start();
  CHECK(net.both_open());
  net.server.when_bytes = [this] { net.server_side->abort(); };
  CHECK(net.client_side->send(pattern(200'000)).has_value());
  CHECK(run_until(net.loop, [this] { return net.client.closed == 1; }));
  LONGS_EQUAL(1, net.server.deliveries);
  LONGS_EQUAL(0, net.server.closed);
}

TEST(TransportLink, PeerVanishes_WithoutCloseNotify_IsCalledTruncated) {
  net.start();
  CHECK(net.both_open());
  // A TLS 1.3 ticket left unread would make it a reset.
  CHECK(net.server_side->send(text("hi")).has_value());
  CHECK(run_until(net.loop, [this] { return net.client.received.size() == 2; }));
  net.client_side->abort();
  CHECK(run_until(net.loop, [this] { return net.server.closed == 1; }));
  STRCMP_EQUAL("unavailable: peer went away without closing: truncated", net.server.why().c_str());
}

TEST(TransportLink, ConnectionsMax_OneMore_IsClosedUnheard) {
  net.listen_options.connections_max = 1;
  net.start();
  CHECK(net.both_open());
  RecordingHandler second;
  const auto connection = connect_link(net.loop,
                                       net.client_context,
                                       {"127.0.0.1", net.listener->port(), "gateway-11"},
                                       net.link_options,
                                       second);
  CHECK(run_until(net.loop, [&] { return second.closed == 1; }));
  CHECK(second.cause.code == Errc::kUnavailable);
  LONGS_EQUAL(1, net.listener->counts().over_bound);
  LONGS_EQUAL(1, net.listener->counts().live);
  net.hang_up();
  CHECK(run_until(net.loop, [this] { return net.listener->counts().live == 0; }));
}

TEST(TransportLink, Connect_NobodyListens_IsRefused) {
  net.listen();
  const std::uint16_t port = net.listener->port();
  net.listener.reset();
  net.client_context = *TlsContext::client(
      net.terminal, [this] { return net.client_now; }, net.random);
  const auto connection =
      connect_link(net.loop, net.client_context, {"127.0.0.1", port, "gateway-11"}, {}, net.client);
  LONGS_EQUAL(0, net.client.closed);
  CHECK(run_until(net.loop, [this] { return net.client.closed == 1; }));
  STRCMP_EQUAL("unavailable: connection refused: nobody listens there", net.client.why().c_str());
}

TEST(TransportLink, Connect_WithoutServerName_IsRefusedByUs) {
  net.server_name = "";
  net.start();
  LONGS_EQUAL(0, net.client.closed);
  CHECK(run_until(net.loop, [this] { return net.client.closed == 1; }));
  CHECK(net.client.cause.code == Errc::kInvalid);
}

TEST(TransportLink, Listen_OnAPortThatIsTaken_IsConflict) {
  net.listen();
  auto options = net.listen_options;
  options.port = net.listener->port();
  const auto context = TlsContext::server(
      net.gateway, [this] { return net.server_now; }, net.random);
  CHECK(LinkListener::open(net.loop, *context, options, [](auto) {}).error().code ==
        Errc::kConflict);
  options.address = "localhost!";
  CHECK(LinkListener::open(net.loop, *context, options, [](auto) {}).error().code ==
        Errc::kInvalid);
}

TEST_GROUP(TransportHostile) {
  LinkFixture net;
  Tcp::socket raw{net.loop};
  Bytes answer;

  void connect_raw() {
    net.listen();
    raw.connect({asio::ip::make_address("127.0.0.1"), net.listener->port()});
  }
  void send_raw(const Bytes& bytes) {
    asio::write(raw, asio::buffer(bytes));
  }
  bool server_closed() {
    return run_until(net.loop, [this] { return net.server.closed == 1; });
  }
};

TEST(TransportHostile, PlainTextToTheServer_IsInvalid) {
  connect_raw();
  send_raw(text("GET / HTTP/1.1\r\nHost: gateway\r\n\r\n"));
  CHECK(server_closed());
  STRCMP_EQUAL("invalid: peer does not speak TLS as it should", net.server.why().c_str());
  LONGS_EQUAL(0, net.server.opened);
}

TEST(TransportHostile, AnyFirstByte_ClosesAndNothingElse) {
  net.listen();
  for (int first = 0; first < 256; first += 5) {
    net.server = RecordingHandler{};
    Tcp::socket socket{net.loop};
    socket.connect({asio::ip::make_address("127.0.0.1"), net.listener->port()});
    Bytes bytes = pattern(300);
    bytes[0] = static_cast<std::uint8_t>(first);
    asio::write(socket, asio::buffer(bytes));
    socket.shutdown(Tcp::socket::shutdown_send);
    CHECK(server_closed());
    LONGS_EQUAL(0, net.server.opened);
  }
  net.connect();
  net.server = RecordingHandler{};
  CHECK(net.both_open());
}

TEST(TransportHostile, SilentPeer_HitsTheHandshakeDeadline) {
  net.listen_options.link.handshake_timeout = Duration{20};
  connect_raw();
  CHECK(server_closed());
  STRCMP_EQUAL("timeout: TLS handshake was not done in time", net.server.why().c_str());
}

TEST(TransportHostile, HalfAClientHello_HitsTheHandshakeDeadline) {
  net.listen_options.link.handshake_timeout = Duration{20};
  connect_raw();
  send_raw({0x16, 0x03, 0x01, 0x01, 0x00, 0x01, 0x00, 0x00, 0xfc, 0x03, 0x03});
  CHECK(server_closed());
  STRCMP_EQUAL("timeout: TLS handshake was not done in time", net.server.why().c_str());
}

TEST(TransportHostile, PeerLeavesDuringTheHandshake_IsUnavailable) {
  connect_raw();
  send_raw({0x16, 0x03, 0x01});
  raw.close();
  CHECK(server_closed());
  STRCMP_EQUAL("unavailable: peer went away during the handshake", net.server.why().c_str());
}

TEST(TransportHostile, ServerThatNeverAnswers_HitsTheClientsDeadline) {
  Tcp::acceptor silent{net.loop, {asio::ip::make_address("127.0.0.1"), 0}};
  net.link_options.handshake_timeout = Duration{20};
  const auto context = TlsContext::client(
      net.terminal, [this] { return net.client_now; }, net.random);
  const auto connection = connect_link(net.loop,
                                       *context,
                                       {"127.0.0.1", silent.local_endpoint().port(), "gateway-11"},
                                       net.link_options,
                                       net.client);
  CHECK(run_until(net.loop, [this] { return net.client.closed == 1; }));
  CHECK(net.client.cause.code == Errc::kTimeout);
}

TEST(TransportHostile, PeerThatNeverReads_HitsTheWriteDeadline) {
  net.link_options.write_timeout = Duration{50};
  net.link_options.send_queue_bytes_max = 64 * 1024 * 1024;
  net.start();
  CHECK(net.both_open());
  net.server_side->pause_reading();
  CHECK(net.client_side->send(pattern(32 * 1024 * 1024)).has_value());
  CHECK(run_until(net.loop, [this] { return net.client.closed == 1; }));
  STRCMP_EQUAL("timeout: peer did not take bytes in time", net.client.why().c_str());
}
