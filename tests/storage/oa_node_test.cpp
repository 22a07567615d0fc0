// The OA's machine on a real ledger file: what it posts, acknowledges, answers.
#include <string>
#include <vector>

#include "tests/storage/oa_node_rig.hpp"

using namespace tally;
using namespace tally::tests;

TEST_GROUP_BASE(OaNode, OaNodeRig){};

TEST(OaNode, RecordsInOrder_PostedAndAcknowledged) {
  const auto actions =
      world.upload({till.accrual("card", 10), till.accrual("card", 20), till.accrual("card", 30)});
  acknowledged(actions, till);
  CHECK_EQUAL(60, world.available("card"));
  CHECK_EQUAL(3, raws());
}

TEST(OaNode, SameBatchAgain_AcknowledgedWithoutEffect) {
  const std::vector<Bytes> sealed{till.accrual("card", 10), till.accrual("card", 20)};
  world.upload(sealed);
  acknowledged(world.upload(sealed), till);
  CHECK_EQUAL(30, world.available("card"));
  CHECK_EQUAL(2, raws());
  CHECK_EQUAL(2U, world.node->counters().records_repeated);
}

TEST(OaNode, SameRecordTwiceInOneCall_PostedOnce) {
  const Bytes sealed = till.accrual("card", 10);
  world.upload({sealed, sealed});
  CHECK_EQUAL(10, world.available("card"));
  CHECK_EQUAL(1, raws());
}

TEST(OaNode, UnknownCard_WaitsAndIsPostedByTheEnrolment) {
  acknowledged(world.upload({till.accrual("later", 10),
                             till.redemption("later", 3, till.sale(1), RightId{}),
                             till.accrual("card", 1)}),
               till);
  CHECK_EQUAL(2, world.count("SELECT count(*) FROM quarantine WHERE reason = 1"));
  world.upload({till.other(record::Enrolment{"later", "王**", {}, 1}, "later")});
  CHECK_EQUAL(0, world.count("SELECT count(*) FROM quarantine"));
  CHECK_EQUAL(7, world.available("later"));
  CHECK_EQUAL(2U, world.node->counters().records_repaired);
}

TEST(OaNode, HoldThenRedemption_CapturedOnce) {
  world.upload({till.accrual("card", 500)});
  const auto first = world.authorise(till, till.sale(1), "card", 200);
  outcome(link::AskOutcome::kOk, first);
  CHECK_EQUAL(300, first.member->available.value);
  CHECK_EQUAL(200, first.member->held.value);
  CHECK_EQUAL(200, first.right->points.value);
  const auto again = world.authorise(till, till.sale(1), "card", 200);
  CHECK_TRUE(again.right->id == first.right->id);
  outcome(link::AskOutcome::kSaleMismatch, world.authorise(till, till.sale(1), "card", 100));
  world.upload({till.redemption("card", 200, till.sale(1), first.right->id)});
  CHECK_EQUAL(300, world.available("card"));
  outcome(link::AskOutcome::kSaleClosed, world.authorise(till, till.sale(1), "card", 200));
  CHECK_EQUAL(0, world.count("SELECT coalesce(sum(points), 0) FROM right_lot"));
}

TEST(OaNode, AnswerSurvivesARestart) {
  world.upload({till.accrual("card", 500)});
  const auto first = world.authorise(till, till.sale(1), "card", 200);
  world.open();
  world.connect(OaWorld::kLine);
  const auto again = world.authorise(till, till.sale(1), "card", 200);
  outcome(link::AskOutcome::kOk, again);
  CHECK_TRUE(again.right->id == first.right->id);
  outcome(link::AskOutcome::kOk, world.ask(till, till.sale(1), link::Release{first.right->id}));
  CHECK_EQUAL(500, world.available("card"));
}

TEST(OaNode, AskAndRecordInOneCall_InTheOrderOfArrival) {
  link::Ask made;
  made.ask_id = 1;
  made.sale = till.sale(1);
  made.deadline = Duration{1'000};
  made.terminal = till.stream().terminal;
  made.incarnation = till.stream().incarnation;
  made.question = link::Authorise{"card", Points{40}, Money{10'000}, ProgramVersion{1}};
  const link::PeerIdentity peer{Role::kGateway, 11, Incarnation{1}};
  const auto actions = world.handle(
      {node::GatewayMessage{OaWorld::kLine, peer, OaWorld::batch({till.accrual("card", 50)})},
       node::GatewayMessage{OaWorld::kLine, peer, made}});
  outcome(link::AskOutcome::kOk, OaWorld::of_type<link::Answer>(actions).at(0));
  CHECK_EQUAL(10, world.available("card"));
}

TEST(OaNode, Inquire_StoresNothing) {
  outcome(link::AskOutcome::kUnknownCard, world.ask(till, SaleId{}, link::Inquire{"nobody"}));
  outcome(link::AskOutcome::kOk, world.ask(till, SaleId{}, link::Inquire{"card"}));
  CHECK_EQUAL(0, world.count("SELECT count(*) FROM ask_answer"));
}

TEST(OaNode, AskForATerminalOfAnotherStore_Unavailable) {
  world.registry.add(Role::kTerminal, 201, StoreId{8});
  const Till foreign{TerminalId{201}};
  outcome(link::AskOutcome::kUnavailable, world.ask(foreign, SaleId{}, link::Inquire{"card"}));
  const Till unknown{TerminalId{202}};
  outcome(link::AskOutcome::kUnavailable, world.authorise(unknown, unknown.sale(1), "card", 1));
  CHECK_EQUAL(0, world.count("SELECT count(*) FROM ask_answer"));
}

TEST(OaNode, VoidByTheOtherTillBeforeItsOriginal_NetsToZeroOverRestarts) {
  Till other{TerminalId{102}};
  const RecordId original = till.next_id();
  world.upload({other.other(record::Void{original, 1})});
  world.open();
  world.connect(OaWorld::kLine);
  world.upload({till.accrual("card", 50)});
  CHECK_EQUAL(0, world.available("card"));
  world.open();
  world.connect(OaWorld::kLine);
  world.upload({other.other(record::Void{original, 1})});
  CHECK_EQUAL(0, world.available("card"));
  CHECK_EQUAL(-50, world.count("SELECT sum(balance) FROM account WHERE kind = 11"));
}

TEST(OaNode, RiskRepaidAndVoided_OverRestarts) {
  const RecordId spent = till.next_id();
  world.upload({till.redemption("card", 100, till.sale(1), RightId{})});
  CHECK_EQUAL(-100, world.count("SELECT sum(balance) FROM account WHERE kind = 10"));
  world.open();
  world.connect(OaWorld::kLine);
  world.upload({till.accrual("card", 70)});
  CHECK_EQUAL(-30, world.count("SELECT sum(balance) FROM account WHERE kind = 10"));
  world.open();
  world.connect(OaWorld::kLine);
  world.upload({till.other(record::Void{spent, 1})});
  CHECK_EQUAL(0, world.count("SELECT sum(balance) FROM account WHERE kind = 10"));
  CHECK_EQUAL(70, world.available("card"));
}

TEST(OaNode, BooksStayBalancedInTheTables) {
  world.upload({till.accrual("card", 500)});
  const auto hold = world.authorise(till, till.sale(1), "card", 200);
  world.upload({till.redemption("card", 150, till.sale(1), hold.right->id)});
  CHECK_EQUAL(0,
              world.count("SELECT (SELECT sum(balance) FROM account) + (SELECT sum(available + "
                          "held + pending + debt) FROM member)"));
  CHECK_EQUAL(350, world.count("SELECT sum(points) FROM lot"));
  CHECK_EQUAL(350, world.count("SELECT available FROM member"));
}
