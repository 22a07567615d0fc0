// Who is let in, who is not, and what both sides are told.
#include "tests/transport/link_fixture.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::transport;
using tally::test::days_from_now;
using tally::test::kNow;
using tally::test::LinkFixture;
using tally::test::RecordingHandler;
using tally::test::TestAuthority;

TEST_GROUP(TransportTrust) {
  LinkFixture net;

  // Dates of the terminal's certificate.
  void terminal_valid(std::int64_t from_day, std::int64_t to_day) {
    net.terminal = net.authority.issue({Role::kTerminal, 101, Incarnation{1}, StoreId{7}},
                                       {days_from_now(from_day), days_from_now(to_day)});
  }
  void gateway_valid(std::int64_t from_day, std::int64_t to_day) {
    net.gateway = net.authority.issue({Role::kGateway, 11, Incarnation{1}, StoreId{7}},
                                      {days_from_now(from_day), days_from_now(to_day)});
  }
  // Under TLS 1.3 the library's alert about a certificate cannot be read at the other end.
  static void expect_told(const char* why, const RecordingHandler& handler) {
    const bool has_tls_1_3 = tls_library().maintained;
    STRCMP_EQUAL(
        has_tls_1_3 ? "denied: peer broke off: it refused our certificate, its log says why" : why,
        handler.why().c_str());
  }
  void expect_server_says(const char* why) {
    net.start();
    CHECK(net.both_closed());
    STRCMP_EQUAL(why, net.server.why().c_str());
    LONGS_EQUAL(0, net.server.opened);
    CHECK(net.client.cause.code == Errc::kDenied);
  }
  void expect_client_says(const char* why) {
    net.start();
    CHECK(net.both_closed());
    STRCMP_EQUAL(why, net.client.why().c_str());
    LONGS_EQUAL(0, net.client.opened);
    LONGS_EQUAL(0, net.server.opened);
    CHECK(net.server.cause.code == Errc::kDenied);
  }
};

TEST(TransportTrust, ClientOfAnotherAuthority_IsRefused_AndTold) {
  net.terminal = TestAuthority{}.terminal();
  // It trusts our gateway, so that only the gateway's judgement is left.
  net.terminal.root_pem = net.gateway.root_pem;
  expect_server_says("denied: peer's certificate was not issued by our authority");
  expect_told("denied: peer refused our certificate: it trusts another authority", net.client);
}

TEST(TransportTrust, ServerOfAnotherAuthority_IsRefused_AndTold) {
  net.gateway = TestAuthority{}.gateway();
  expect_client_says("denied: peer's certificate was not issued by our authority");
  expect_told("denied: peer refused our certificate: it trusts another authority", net.server);
}

TEST(TransportTrust, ServerOfAnotherName_IsRefused) {
  net.server_name = "gateway-12";
  expect_client_says("denied: server's certificate is for another name");
}

TEST(TransportTrust, ServerNamedWithIncarnation_IsRefused) {
  net.server_name = "gateway-11.1";
  expect_client_says("denied: server's certificate is for another name");
}

TEST(TransportTrust, TerminalAsServer_IsRefused) {
  net.gateway = net.terminal;
  net.server_name = "terminal-101";
  net.start();
  CHECK(net.both_closed());
  LONGS_EQUAL(0, net.client.opened);
  LONGS_EQUAL(0, net.server.opened);
}

TEST(TransportTrust, OaAsClient_IsRefused) {
  net.terminal = net.authority.issue({Role::kOa, 1, Incarnation{1}, StoreId{}});
  expect_server_says("denied: peer's certificate is not of the kind we accept");
}

TEST(TransportTrust, GatewayAsClient_IsWelcome) {
  net.gateway = net.authority.issue({Role::kOa, 1, Incarnation{1}, StoreId{}});
  net.terminal = net.authority.gateway();
  net.server_name = "oa-1";
  net.start();
  CHECK(net.both_open());
  CHECK(net.server.peer.role == Role::kGateway);
  CHECK(net.client.peer.role == Role::kOa);
}

TEST(TransportTrust, ExpiredClient_IsRefused_AndTold) {
  terminal_valid(-90, -1);
  expect_server_says("denied: peer's certificate has expired");
  expect_told("denied: peer refused our certificate as expired", net.client);
}

TEST(TransportTrust, ExpiredClient_WhenUploadsAreStillTaken_IsKnownByItsDates) {
  terminal_valid(-90, -1);
  net.server_tls.accept_expired_clients = true;
  net.start();
  CHECK(net.both_open());
  CHECK(net.server.peer.not_after == days_from_now(-1));
}

TEST(TransportTrust, ClientNotYetValid_IsRefused_EvenWhenExpiredOnesAreNot) {
  terminal_valid(1, 90);
  net.server_tls.accept_expired_clients = true;
  expect_server_says("denied: peer's certificate is not valid yet");
}

TEST(TransportTrust, ExpiredServer_IsRefused) {
  gateway_valid(-90, -1);
  expect_client_says("denied: peer's certificate has expired");
}

TEST(TransportTrust, ServerNotYetValid_IsRefused) {
  gateway_valid(1, 90);
  expect_client_says("denied: peer's certificate is not valid yet");
}

// A terminal that does not know the time: a certificate valid anywhere in the bracket will do.
TEST(TransportTrust, WideBracket_CertificateValidAnywhereInIt_IsAccepted) {
  gateway_valid(10, 20);
  net.client_now = {days_from_now(0), days_from_now(10)};
  net.start();
  CHECK(net.both_open());
  net.hang_up();
  net.client_now = {days_from_now(20), days_from_now(400)};
  net.connect();
  CHECK(net.both_open());
}

TEST(TransportTrust, WideBracket_OutsideIt_IsRefused) {
  gateway_valid(10, 20);
  net.client_now = {days_from_now(21), days_from_now(400)};
  expect_client_says("denied: peer's certificate has expired");
}

TEST(TransportTrust, JudgeDates_AtTheEdges_TakesTheWholeLastSecond) {
  const crypto::Validity dates{WallTime{10'000'000}, WallTime{20'000'000}};
  const auto judge = [&](std::int64_t lo_us, std::int64_t hi_us) {
    return judge_dates(dates, {WallTime{lo_us}, WallTime{hi_us}});
  };
  CHECK(judge(10'000'000, 10'000'000) == DateVerdict::kValid);
  CHECK(judge(9'999'999, 9'999'999) == DateVerdict::kNotYetValid);
  CHECK(judge(20'999'999, 20'999'999) == DateVerdict::kValid);
  CHECK(judge(21'000'000, 21'000'000) == DateVerdict::kExpired);
  CHECK(judge(0, INT64_MAX) == DateVerdict::kValid);
}

TEST(TransportTrust, ContextFromUnusableIdentity_IsInvalid) {
  auto identity = net.terminal;
  identity.key_pem = "nothing";
  CHECK(TlsContext::client(
            identity, [this] { return net.client_now; }, net.random)
            .error()
            .code == Errc::kInvalid);
  identity = net.gateway;
  identity.root_pem = "nothing";
  CHECK(TlsContext::server(
            identity, [this] { return net.server_now; }, net.random)
            .error()
            .code == Errc::kInvalid);
}
