// A customer's receipt comes before its terminal's records: posted once, whatever comes later.
#include "core/node/oa_claim.hpp"

#include <string>

#include "tests/storage/oa_world.hpp"

using namespace tally;
using namespace tally::tests;
using node::ClaimOutcome;
using node::ClaimResult;
using node::DeathOutcome;

TEST_GROUP(OaClaim) {
  OaWorld world;
  Till till{TerminalId{101}};

  void setup() override {
    world.enrol("card");
  }

  std::string receipt(const Bytes& sealed) const {
    return *record::receipt_code(sealed, till.key());
  }

  node::ClaimContext context(const std::string& by = "amy") const {
    return {by, world.config.policy, world.node->ledger_time(world.now)};
  }

  ClaimResult claim(const std::string& code) {
    CHECK_TRUE(world.store->begin().has_value());
    const auto result = node::claim_receipt(*world.store, world.registry, code, context());
    CHECK_TRUE(result.has_value());
    CHECK_TRUE(world.store->commit().has_value());
    return *result;
  }

  DeathOutcome declare(const std::string& by, StreamId stream) {
    CHECK_TRUE(world.store->begin().has_value());
    const auto outcome = node::declare_dead(*world.store, world.registry, stream, context(by));
    CHECK_TRUE(outcome.has_value());
    CHECK_TRUE(world.store->commit().has_value());
    return *outcome;
  }

  void outcome(ClaimOutcome expected, const ClaimResult& result) {
    CHECK_EQUAL(static_cast<int>(expected), static_cast<int>(result.outcome));
  }
  void outcome(DeathOutcome expected, DeathOutcome seen) {
    CHECK_EQUAL(static_cast<int>(expected), static_cast<int>(seen));
  }

  std::int64_t waiting() {
    return world.count("SELECT sum(pending) FROM member");
  }
  void books_are_balanced() {
    CHECK_EQUAL(0,
                world.count("SELECT (SELECT sum(balance) FROM account) + (SELECT sum(available "
                            "+ held + pending + debt) FROM member)"));
  }
};

TEST(OaClaim, AboveTheHead_WaitsAndIsFreedWhenTheStreamPasses) {
  const Bytes first = till.accrual("card", 10);
  const Bytes lost = till.accrual("card", 100);
  const ClaimResult result = claim(receipt(lost));
  outcome(ClaimOutcome::kWaits, result);
  CHECK_EQUAL(100, result.points.value);
  CHECK_EQUAL(0, world.available("card"));
  CHECK_EQUAL(100, waiting());
  world.upload({first});
  CHECK_EQUAL(10, world.available("card"));
  world.upload({lost, till.accrual("card", 1)});
  CHECK_EQUAL(111, world.available("card"));
  CHECK_EQUAL(0, waiting());
  CHECK_EQUAL(0, world.count("SELECT count(*) FROM claim WHERE state = 1"));
  CHECK_EQUAL(3, world.count("SELECT count(*) FROM txn WHERE terminal IS NOT NULL"));
  books_are_balanced();
}

TEST(OaClaim, ClaimedTwiceOrAfterTheStream_PostsOnce) {
  const Bytes first = till.accrual("card", 10);
  const Bytes second = till.accrual("card", 20);
  outcome(ClaimOutcome::kWaits, claim(receipt(second)));
  outcome(ClaimOutcome::kClaimedBefore, claim(receipt(second)));
  world.open();
  world.connect(OaWorld::kLine);
  outcome(ClaimOutcome::kClaimedBefore, claim(receipt(second)));
  world.upload({first, second});
  outcome(ClaimOutcome::kHere, claim(receipt(first)));
  outcome(ClaimOutcome::kHere, claim(receipt(second)));
  CHECK_EQUAL(30, world.available("card"));
}

TEST(OaClaim, VoidInTheStream_TakesItBeforeItIsFree) {
  const RecordId id = till.next_id();
  const Bytes sold = till.accrual("card", 100);
  const std::string code = receipt(sold);
  const Bytes voided = till.other(record::Void{id, 1});
  outcome(ClaimOutcome::kWaits, claim(code));
  world.upload({sold, voided});
  CHECK_EQUAL(0, world.available("card"));
  CHECK_EQUAL(0, waiting());
  books_are_balanced();
}

TEST(OaClaim, VoidByAnotherTillBeforeTheClaim_LeavesNothing) {
  Till other{TerminalId{102}};
  const RecordId id = till.next_id();
  const Bytes sold = till.accrual("card", 100);
  world.upload({other.other(record::Void{id, 1})});
  outcome(ClaimOutcome::kWaits, claim(receipt(sold)));
  CHECK_EQUAL(0, waiting());
  world.upload({sold});
  CHECK_EQUAL(0, world.available("card"));
  books_are_balanced();
}

TEST(OaClaim, Redemption_PostsAtOnceAndCapturesItsHold) {
  world.upload({till.accrual("card", 500)});
  const auto hold = world.authorise(till, till.sale(1), "card", 200);
  const Bytes spent = till.redemption("card", 200, till.sale(1), hold.right->id);
  outcome(ClaimOutcome::kPosted, claim(receipt(spent)));
  CHECK_EQUAL(300, world.available("card"));
  CHECK_EQUAL(0, world.count("SELECT coalesce(sum(points), 0) FROM right_lot"));
  world.upload({spent});
  CHECK_EQUAL(300, world.available("card"));
  CHECK_EQUAL(0, world.count("SELECT count(*) FROM claim WHERE state = 1"));
}

TEST(OaClaim, RecordTheTerminalCannotReadAnyMore_PostsForGood) {
  const Bytes first = till.accrual("card", 10);
  const StreamPosition before = till.head();
  const Bytes lost = till.accrual("card", 100);
  till.restore({Seq{2}, before.mac}, BootId{10});
  world.upload({first, till.other(record::Gap{Seq{2}, Seq{2}})});
  outcome(ClaimOutcome::kPosted, claim(receipt(lost)));
  CHECK_EQUAL(110, world.available("card"));
  CHECK_EQUAL(0, waiting());
}

TEST(OaClaim, DeclaredDeadByTwo_IsFree) {
  till.accrual("card", 10);
  const Bytes lost = till.accrual("card", 100);
  outcome(ClaimOutcome::kWaits, claim(receipt(lost)));
  outcome(DeathOutcome::kAwaitsSecond, declare("amy", till.stream()));
  outcome(DeathOutcome::kSamePerson, declare("amy", till.stream()));
  CHECK_EQUAL(0, world.available("card"));
  world.open();
  world.connect(OaWorld::kLine);
  outcome(DeathOutcome::kDead, declare("ben", till.stream()));
  outcome(DeathOutcome::kDeclaredBefore, declare("cleo", till.stream()));
  CHECK_EQUAL(100, world.available("card"));
  // Further receipts of it need not wait.
  outcome(ClaimOutcome::kPosted, claim(receipt(till.accrual("card", 5))));
  CHECK_EQUAL(105, world.available("card"));
  outcome(DeathOutcome::kUnknownTerminal, declare("amy", {TerminalId{999}, Incarnation{1}}));
}

TEST(OaClaim, TerminalBackFromTheDead_DoublesNothing) {
  const Bytes first = till.accrual("card", 10);
  const RecordId id = till.next_id();
  const Bytes lost = till.accrual("card", 100);
  claim(receipt(lost));
  declare("amy", till.stream());
  declare("ben", till.stream());
  world.upload({first, lost});
  CHECK_EQUAL(110, world.available("card"));
  world.upload({till.other(record::Void{id, 1})});
  CHECK_EQUAL(10, world.available("card"));
  books_are_balanced();
}

TEST(OaClaim, StreamPassesOnAnotherBranch_IsFree) {
  const Bytes first = till.accrual("card", 10);
  const StreamPosition image = till.head();
  const Bytes lost = till.accrual("card", 100);
  outcome(ClaimOutcome::kWaits, claim(receipt(lost)));
  till.restore(image, BootId{10});
  world.upload({first, till.accrual("card", 1)});
  CHECK_EQUAL(111, world.available("card"));
}

TEST(OaClaim, StreamHasOtherContentUnderTheSameId_IsAForkAndNotPosted) {
  const Bytes sold = till.accrual("card", 100);
  Till twin{TerminalId{101}};
  outcome(ClaimOutcome::kWaits, claim(receipt(sold)));
  const auto actions = world.upload({twin.accrual("card", 7)});
  CHECK_TRUE(OaWorld::of_type<link::RecordRefusal>(actions).at(0).reason ==
             link::RefusalReason::kFork);
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM quarantine WHERE reason = 6"));
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM alarm WHERE kind = 2"));
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM txn WHERE terminal IS NOT NULL"));
  CHECK_EQUAL(100, world.available("card"));
}

TEST(OaClaim, OtherContentOfARecordThatIsHere_NotPosted) {
  Till twin{TerminalId{101}};
  const Bytes sold = till.accrual("card", 100);
  world.upload({twin.accrual("card", 7)});
  outcome(ClaimOutcome::kOtherContent, claim(receipt(sold)));
  CHECK_EQUAL(7, world.available("card"));
}

TEST(OaClaim, QuarantinedTerminal_NotPosted) {
  Till twin{TerminalId{101}};
  world.upload({twin.accrual("card", 7)});
  world.upload({till.accrual("card", 9)});
  outcome(ClaimOutcome::kTerminalQuarantined, claim(receipt(till.accrual("card", 5))));
}

TEST(OaClaim, EveryCharacterChanged_NeverPosts) {
  const std::string code = receipt(till.accrual("card", 100));
  for (std::size_t i = 0; i < code.size(); ++i) {
    std::string bad = code;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    if (bad != code) {
      CHECK_TRUE(claim(bad).outcome < ClaimOutcome::kNotClaimable);
    }
  }
  CHECK_EQUAL(0, world.count("SELECT count(*) FROM txn WHERE terminal IS NOT NULL"));
}

TEST(OaClaim, UnknownTerminal_Refused) {
  Till stranger{TerminalId{999}};
  const Bytes sealed = stranger.accrual("card", 1);
  outcome(ClaimOutcome::kUnknownTerminal, claim(*record::receipt_code(sealed, stranger.key())));
}

TEST(OaClaim, UnknownCardUsedTicketNote_RefusedAndNothingIsKept) {
  const ClaimResult result = claim(receipt(till.accrual("nobody", 5)));
  outcome(ClaimOutcome::kRefused, result);
  CHECK_TRUE(result.reason == ledger::QuarantineReason::kUnknownCard);
  outcome(ClaimOutcome::kNotClaimable, claim(receipt(till.other(record::Note{1, "x"}))));
  CHECK_EQUAL(0, world.count("SELECT count(*) FROM claim"));
  CHECK_EQUAL(0, world.count("SELECT count(*) FROM ask_answer"));
}

TEST(OaClaim, ProgramWithPendingDays_FreedIntoTheOrdinaryWait) {
  world.config.policy.program.pending_days = 14;
  world.open();
  world.connect(OaWorld::kLine);
  const Bytes sold = till.accrual("card", 100);
  claim(receipt(sold));
  world.upload({sold});
  CHECK_EQUAL(100, waiting());
  CHECK_EQUAL(20'014, world.count("SELECT vests_on FROM txn_source WHERE kind = 6"));
}
