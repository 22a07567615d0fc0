// Whom the OA's machine lets in as a gateway, and what it is told first.
#include "tests/storage/oa_node_rig.hpp"

using namespace tally;
using namespace tally::tests;

TEST_GROUP_BASE(OaGateways, OaNodeRig){};

TEST(OaGateways, GatewayComesBack_IsToldWhatIsHereWhateverItBelieves) {
  world.upload({till.accrual("card", 10)});
  world.handle({node::GatewayClosed{OaWorld::kLine}});
  const auto actions = world.connect(node::ConnectionId{2});
  CHECK_EQUAL(1U, OaWorld::of_type<link::Welcome>(actions).size());
  const auto received = OaWorld::of_type<link::Received>(actions);
  CHECK_EQUAL(1U, received.size());
  CHECK_TRUE(received[0].rewind);
  CHECK_TRUE(received[0].positions.at(0) == (StreamMark{till.stream(), till.head()}));
  CHECK_EQUAL(0U, received[0].positions.at(1).position.seq.value);  // Terminal 102: nothing.
  const auto applied = OaWorld::of_type<link::Applied>(actions);
  CHECK_EQUAL(1U, applied.at(0).statements.size());
  CHECK_TRUE(applied[0].statements[0].position == till.head());
}

TEST(OaGateways, UnknownGateway_Refused) {
  const auto closes =
      OaWorld::closes(world.connect(node::ConnectionId{5}, {Role::kGateway, 99, Incarnation{1}}));
  CHECK_EQUAL(1U, closes.size());
  CHECK_TRUE(closes[0].reason == link::CloseReason::kRevoked);
  CHECK_TRUE(world.say(OaWorld::batch({till.accrual("card", 1)}), node::ConnectionId{5}).empty());
  CHECK_EQUAL(0, raws());
}

TEST(OaGateways, TerminalOnTheGatewaysPort_Refused) {
  const auto closes =
      OaWorld::closes(world.connect(node::ConnectionId{5}, {Role::kTerminal, 101, Incarnation{1}}));
  CHECK_TRUE(closes.at(0).reason == link::CloseReason::kIdentityMismatch);
}

TEST(OaGateways, RetiredIncarnation_Refused) {
  world.registry.add(Role::kGateway, 11, OaWorld::kStore, Incarnation{2});
  world.handle({node::GatewayClosed{OaWorld::kLine}});
  const auto closes = OaWorld::closes(world.connect(node::ConnectionId{5}));
  CHECK_TRUE(closes.at(0).reason == link::CloseReason::kIncarnationRetired);
}

TEST(OaGateways, ReplacedGateway_TakesOverFromTheOldBoxAlthoughThatLives) {
  world.registry.add(Role::kGateway, 11, OaWorld::kStore, Incarnation{2});
  const auto actions = world.connect(node::ConnectionId{5}, {Role::kGateway, 11, Incarnation{2}});
  const auto closes = OaWorld::closes(actions);
  CHECK_EQUAL(1U, closes.size());
  CHECK_TRUE(closes.at(0).connection == OaWorld::kLine);
  CHECK_TRUE(closes.at(0).reason == link::CloseReason::kIncarnationRetired);
  CHECK_EQUAL(1U, OaWorld::of_type<link::Welcome>(actions).size());
  CHECK_TRUE(world.say(OaWorld::batch({till.accrual("card", 1)})).empty());
  CHECK_EQUAL(0, raws());
}

TEST(OaGateways, SecondGatewayWithTheSameIdentity_RefusedWhenTheFirstLives) {
  const auto challenge = world.connect(node::ConnectionId{2});
  CHECK_EQUAL(1U, OaWorld::of_type<link::Ping>(challenge).size());
  const auto closes = OaWorld::closes(world.say(link::Pong{2}));
  CHECK_TRUE(closes.at(0).connection == node::ConnectionId{2});
  CHECK_TRUE(closes.at(0).reason == link::CloseReason::kIdentityInUse);
}

TEST(OaGateways, ShadowOfADeadGateway_IsReplacedAfterTheDeadline) {
  world.connect(node::ConnectionId{2});
  CHECK_TRUE(world.node->tick(world.now).empty());
  world.now.boot.ms += 2'000;
  const auto actions = world.node->tick(world.now);
  CHECK_TRUE(OaWorld::closes(actions).at(0).connection == OaWorld::kLine);
  CHECK_EQUAL(1U, OaWorld::of_type<link::Welcome>(actions).size());
  CHECK_TRUE(world.node->owes_positions());
  CHECK_EQUAL(1U, OaWorld::of_type<link::Received>(world.handle({})).size());
  CHECK_FALSE(world.node->owes_positions());
  world.say(OaWorld::batch({till.accrual("card", 1)}), node::ConnectionId{2});
  CHECK_EQUAL(1, raws());
}

TEST(OaGateways, MessageThatHasNoPlace_Closes) {
  const auto closes = OaWorld::closes(world.say(link::Applied{}));
  CHECK_TRUE(closes.at(0).reason == link::CloseReason::kUnexpectedMessage);
}
