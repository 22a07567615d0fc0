// Session tickets: over reconnects, over restarts of either side, and when they must not help.
#include "tests/support/temporary_directory.hpp"
#include "tests/transport/link_fixture.hpp"
#include "transport/secret_file.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::transport;
using tally::test::days_from_now;
using tally::test::LinkFixture;
using tally::test::run_until;
using tally::test::TestAuthority;

TEST_GROUP(TransportResumption) {
  tests::TemporaryDirectory directory;
  LinkFixture net;

  void setup() override {
    net.server_tls.ticket_key_file = directory.file("tickets.key");
    net.client_tls.session_directory = directory.path();
  }

  // A TLS 1.3 ticket follows the handshake: bytes behind it prove that it was read.
  bool open_and_talk() {
    if (!net.both_open()) {
      return false;
    }
    CHECK(net.server_side->send({'h', 'i'}).has_value());
    return run_until(net.loop, [this] { return net.client.received.size() == 2; });
  }
  void first_connection() {
    net.start();
    CHECK(open_and_talk());
    CHECK_FALSE(net.client_side->resumed());
    CHECK_FALSE(net.server_side->resumed());
    net.hang_up();
  }
  void restart_server() {
    net.listener.reset();
    net.listen();
  }
  void restart_client() {
    net.client_context.reset();
  }
  void expect_next(bool resumed) {
    net.connect();
    CHECK(open_and_talk());
    CHECK(net.client_side->resumed() == resumed);
    CHECK(net.server_side->resumed() == resumed);
    CHECK(net.server.peer.name() == net.terminal.self.name());
    CHECK(net.client.peer.name() == net.gateway.self.name());
    CHECK(net.server.peer.public_key == net.terminal.self.public_key);
    net.hang_up();
  }
};

TEST(TransportResumption, SecondConnection_Resumes_AndKnowsThePeer) {
  first_connection();
  expect_next(true);
  expect_next(true);
}

TEST(TransportResumption, ServerRestarts_WithItsTicketKeys_Resumes) {
  first_connection();
  restart_server();
  expect_next(true);
}

TEST(TransportResumption, ServerRestarts_WithoutItsTicketKeys_HandshakesInFull) {
  first_connection();
  std::filesystem::remove(directory.file("tickets.key"));
  restart_server();
  expect_next(false);
  expect_next(true);
}

TEST(TransportResumption, ServerRestarts_WithDamagedTicketKeys_HandshakesInFull) {
  first_connection();
  CHECK(write_small_file(directory.file("tickets.key"), "TTK1 damaged", FileMode::kSecret)
            .has_value());
  restart_server();
  expect_next(false);
}

TEST(TransportResumption, ClientRestarts_WithItsSession_Resumes) {
  first_connection();
  restart_client();
  expect_next(true);
}

TEST(TransportResumption, ClientRestarts_WithADamagedSession_HandshakesInFull) {
  first_connection();
  auto session = read_secret_file(directory.file("session-gateway-11"));
  CHECK(session.has_value());
  (*session)[session->size() / 2] ^= 1;
  CHECK(write_small_file(directory.file("session-gateway-11"), *session, FileMode::kSecret)
            .has_value());
  restart_client();
  expect_next(false);
}

TEST(TransportResumption, SecretFiles_AreClosedToOthers) {
  first_connection();
  CHECK(read_secret_file(directory.file("session-gateway-11")).has_value());
  CHECK(read_secret_file(directory.file("tickets.key")).has_value());
}

TEST(TransportResumption, TicketKeysOpenToOthers_AreRefused) {
  first_connection();
  std::filesystem::permissions(directory.file("tickets.key"),
                               std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  CHECK(TlsContext::server(
            net.gateway, [this] { return net.server_now; }, net.random, net.server_tls)
            .error()
            .code == Errc::kDenied);
}

// The session of incarnation 1 would make the gateway take incarnation 2 for it.
TEST(TransportResumption, ClientEnrolledAgain_HandshakesInFull) {
  first_connection();
  net.terminal = net.authority.issue({Role::kTerminal, 101, Incarnation{2}, StoreId{7}});
  restart_client();
  expect_next(false);
  expect_next(true);
}

TEST(TransportResumption, ServerWithANewCertificate_HandshakesInFull) {
  first_connection();
  net.gateway = net.authority.gateway();
  restart_server();
  expect_next(false);
}

TEST(TransportResumption, ServerOfAnotherAuthority_IsRefusedDespiteTheSession) {
  first_connection();
  net.gateway = TestAuthority{}.gateway();
  restart_server();
  net.connect();
  CHECK(net.both_closed());
  STRCMP_EQUAL("denied: peer's certificate was not issued by our authority",
               net.client.why().c_str());
}

TEST(TransportResumption, ClientExpiredSince_IsRefusedDespiteItsTicket) {
  first_connection();
  // Within the ticket's life, after the certificate's.
  net.terminal = net.authority.issue({Role::kTerminal, 101, Incarnation{1}, StoreId{7}},
                                     {days_from_now(-90), WallTime{test::kNow.us + 3'600'000'000}});
  restart_client();
  expect_next(false);
  expect_next(true);
  net.server_now = {{test::kNow.us + 7'200'000'000}, {test::kNow.us + 7'200'000'000}};
  net.connect();
  CHECK(net.both_closed());
  STRCMP_EQUAL("denied: peer's certificate has expired", net.server.why().c_str());
}

TEST(TransportResumption, TicketOlderThanItsKeyOpens_HandshakesInFull) {
  first_connection();
  net.server_now = {days_from_now(1), days_from_now(1)};
  expect_next(false);
}
