// Who a gateway lets in under a terminal's number.
#include "tests/support/gateway_rig.hpp"

using namespace tally;
using namespace tally::test;
using node::ConnectionId;

TEST_GROUP_BASE(GatewayIdentity, GatewayRig){};

TEST(GatewayIdentity, SecondConnectionOfALiveTerminal_IsRefused) {
  hello(kFirst);
  hello(kSecond);
  CHECK(last_to_terminal<link::Ping>() != nullptr);
  CHECK_TRUE(closed.empty());
  hear(kFirst, link::Pong{2});
  CHECK(closed.at(0).connection == kSecond);
  CHECK(closed.at(0).reason == link::CloseReason::kIdentityInUse);
  LONGLONGS_EQUAL(1, gateway->terminals().at(0).connections_refused);
}

TEST(GatewayIdentity, SecondConnectionAfterAPowerCut_TakesOverFromTheShadow) {
  hello(kFirst);
  hello(kSecond);
  boot_ms += 2'000;
  take(gateway->tick(now()));
  CHECK(closed.at(0).connection == kFirst);
  CHECK(to_terminals.back().first == kSecond);
  CHECK(std::holds_alternative<link::Welcome>(to_terminals.back().second));
}

TEST(GatewayIdentity, ThirdConnectionDuringAContest_IsRefused) {
  hello(kFirst);
  hello(kSecond);
  hello(ConnectionId{3});
  CHECK(closed.at(0).connection == ConnectionId{3});
}

TEST(GatewayIdentity, ChallengerThatLeaves_EndsTheContest) {
  hello(kFirst);
  hello(kSecond);
  take(gateway->on_terminal_closed(kSecond, now()));
  boot_ms += 5'000;
  take(gateway->tick(now()));
  CHECK_TRUE(closed.empty());
  CHECK_TRUE(gateway->terminals().at(0).connected);
}

TEST(GatewayIdentity, OlderIncarnation_IsRetired) {
  hello(kFirst, 2);
  take(gateway->on_terminal_closed(kFirst, now()));
  hello(kSecond, 1);
  CHECK(closed.at(0).reason == link::CloseReason::kIncarnationRetired);
}

TEST(GatewayIdentity, NewerIncarnation_TakesOverFromALiveOlderOne) {
  hello(kFirst, 1);
  hello(kSecond, 2);
  LONGS_EQUAL(1, closed.size());
  CHECK(closed.at(0).connection == kFirst);
  CHECK(closed.at(0).reason == link::CloseReason::kIncarnationRetired);
  CHECK(to_terminals.back().first == kSecond);
  CHECK(std::holds_alternative<link::Welcome>(to_terminals.back().second));
  closed.clear();
  hear(kFirst, link::Pong{2});
  CHECK_TRUE(closed.empty());
  LONGLONGS_EQUAL(2, gateway->terminals().at(0).incarnation.value);
}

TEST(GatewayIdentity, NewerIncarnationDuringAContest_TakesOverFromBoth) {
  hello(kFirst, 1);
  hello(kSecond, 1);
  hello(ConnectionId{3}, 2);
  LONGS_EQUAL(2, closed.size());
  CHECK(closed.at(0).reason == link::CloseReason::kIncarnationRetired);
  CHECK(closed.at(1).reason == link::CloseReason::kIncarnationRetired);
  boot_ms += 5'000;
  take(gateway->tick(now()));
  LONGS_EQUAL(2, closed.size());
  CHECK(to_terminals.back().first == ConnectionId{3});
}
