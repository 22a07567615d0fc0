#include <string>

#include "tests/core/ledger/ledger_world.hpp"

using namespace tally;
using namespace tally::ledger;

TEST_GROUP(LedgerAuthorise) {
  LedgerWorld world;
  MemberId member;

  void setup() override {
    member = world.enrol_card("card");
    world.post(world.accrual("card", 500));
  }
  void outcome(AskOutcome expected, const AskResult& result) {
    LONGS_EQUAL(static_cast<int>(expected), static_cast<int>(result.outcome));
  }
  void freeze() {
    world.members.at(member).row.state = MemberState::kFrozen;
  }
};

TEST(LedgerAuthorise, EnoughPoints_MovesThemToTheHold) {
  const AskResult result = world.ask(world.sale(1), "card", 200);
  outcome(AskOutcome::kOk, result);
  CHECK_TRUE(result.member == member);
  LONGS_EQUAL(300, world.available_of(member));
  LONGS_EQUAL(200, world.balance(escrow(result.right)));
  LONGS_EQUAL(200, world.member(member).held.value);
  const Right& right = world.rights.at(result.right);
  CHECK_TRUE(right.sale == world.sale(1));
  LONGS_EQUAL(LedgerWorld::kTill.value, right.holder);
  LONGS_EQUAL(1, right.lots.size());
}

TEST(LedgerAuthorise, AskedTwice_FirstAnswerAndNoSecondHold) {
  const AskResult first = world.ask(world.sale(1), "card", 200);
  const AskResult second = world.ask(world.sale(1), "card", 200);
  outcome(AskOutcome::kOk, second);
  CHECK_TRUE(second.right == first.right);
  LONGS_EQUAL(300, world.available_of(member));
}

TEST(LedgerAuthorise, DeclinedThenRicher_StillTheFirstAnswer) {
  outcome(AskOutcome::kNotEnoughPoints, world.ask(world.sale(1), "card", 600));
  world.post(world.accrual("card", 500));
  outcome(AskOutcome::kNotEnoughPoints, world.ask(world.sale(1), "card", 600));
  outcome(AskOutcome::kOk, world.ask(world.sale(2), "card", 600));
}

TEST(LedgerAuthorise, OtherContents_Mismatch) {
  const AskResult first = world.ask(world.sale(1), "card", 200);
  outcome(AskOutcome::kSaleMismatch, world.ask(world.sale(1), "card", 201));
  outcome(AskOutcome::kSaleMismatch, world.ask(world.sale(1), "card", 200, 100'001));
  outcome(AskOutcome::kSaleMismatch, world.ask(world.sale(1), "other", 200));
  const AskResult again = world.ask(world.sale(1), "card", 200);
  CHECK_TRUE(again.right == first.right);
  LONGS_EQUAL(200, world.member(member).held.value);
}

TEST(LedgerAuthorise, SaleOfAnotherTill_MismatchAndNothingStored) {
  outcome(AskOutcome::kSaleMismatch,
          world.ask(world.sale(1, LedgerWorld::kOtherTill), "card", 200));
  CHECK_TRUE(world.sales.empty());
  outcome(AskOutcome::kSaleMismatch, world.ask(SaleId{}, "card", 200));
  CHECK_TRUE(world.sales.empty());
}

TEST(LedgerAuthorise, UnknownCard_Declined) {
  outcome(AskOutcome::kUnknownCard, world.ask(world.sale(1), "nobody", 200));
  outcome(AskOutcome::kUnknownCard, world.ask(world.sale(2), "", 200));
}

TEST(LedgerAuthorise, FrozenMember_Declined) {
  freeze();
  const AskResult result = world.ask(world.sale(1), "card", 200);
  outcome(AskOutcome::kMemberFrozen, result);
  CHECK_TRUE(!result.right);
  LONGS_EQUAL(500, world.available_of(member));
}

TEST(LedgerAuthorise, AmountsAtTheEdges) {
  world.policy.program.redeem_min = Points{10};
  world.policy.program.bill_share_percent = 50;
  std::uint32_t sale = 0;
  const auto ask = [&](std::int64_t points, std::int64_t bill) {
    return world.ask(world.sale(++sale), "card", points, bill);
  };
  outcome(AskOutcome::kAmountOutOfRange, ask(0, 1'000));
  outcome(AskOutcome::kAmountOutOfRange, ask(-5, 1'000));
  outcome(AskOutcome::kAmountOutOfRange, ask(1'000'000'001, kAmountMax));
  outcome(AskOutcome::kAmountOutOfRange, ask(10, 0));
  outcome(AskOutcome::kAmountOutOfRange, ask(10, -1));
  outcome(AskOutcome::kAmountOutOfRange, ask(10, kAmountMax + 1));
  outcome(AskOutcome::kBelowMinimum, ask(9, 1'000));
  outcome(AskOutcome::kAboveBillShare, ask(51, 101));
  outcome(AskOutcome::kNotEnoughPoints, ask(501, 1'002));
  outcome(AskOutcome::kOk, ask(10, 20));
  outcome(AskOutcome::kOk, ask(50, 101));
  outcome(AskOutcome::kOk, ask(440, 1'000));
  LONGS_EQUAL(0, world.available_of(member));
}

TEST(LedgerAuthorise, NotAStepOrOverTheBillLimitOrForeignMoney_OutOfRange) {
  world.policy.program.redeem_step = Points{10};
  world.policy.program.bill_max = Money{20'000};
  outcome(AskOutcome::kAmountOutOfRange, world.ask(world.sale(1), "card", 15, 10'000));
  outcome(AskOutcome::kAmountOutOfRange, world.ask(world.sale(2), "card", 10, 20'001));
  world.policy.program.redeem_step_worth = Money{1, Currency::kEur};
  outcome(AskOutcome::kAmountOutOfRange, world.ask(world.sale(3), "card", 10, 10'000));
}

TEST(LedgerAuthorise, SeveralReasons_TheFirstInOrderIsGiven) {
  world.policy.program.redeem_min = Points{10};
  freeze();
  // Frozen, below the minimum, above the share: frozen comes first.
  outcome(AskOutcome::kMemberFrozen, world.ask(world.sale(1), "card", 9, 1));
  // Unknown card and an amount of zero.
  outcome(AskOutcome::kUnknownCard, world.ask(world.sale(2), "nobody", 0, 0));
  // Answered before with other contents, and an unknown card.
  outcome(AskOutcome::kSaleMismatch, world.ask(world.sale(2), "nobody2", 5));
  // Closed, other contents, unknown card.
  world.give_back(world.sale(2));
  outcome(AskOutcome::kSaleClosed, world.ask(world.sale(2), "nobody2", 5));
  world.members.at(member).row.state = MemberState::kActive;
  // Below the minimum, above the bill's share and more than there is.
  world.policy.program.redeem_min = Points{1'000};
  outcome(AskOutcome::kBelowMinimum, world.ask(world.sale(3), "card", 900, 1));
  world.policy.program.redeem_min = Points{1};
  outcome(AskOutcome::kAboveBillShare, world.ask(world.sale(4), "card", 900, 1));
}

TEST(LedgerAuthorise, Release_GivesBackAndClosesTheSale) {
  world.ask(world.sale(1), "card", 200);
  outcome(AskOutcome::kOk, world.give_back(world.sale(1)));
  LONGS_EQUAL(500, world.available_of(member));
  LONGS_EQUAL(0, world.member(member).held.value);
  outcome(AskOutcome::kOk, world.give_back(world.sale(1)));
  LONGS_EQUAL(500, world.available_of(member));
  // The answer that is still on its way may not come alive again.
  outcome(AskOutcome::kSaleClosed, world.ask(world.sale(1), "card", 200));
}

TEST(LedgerAuthorise, ReleaseBeforeTheAsk_TheLateAskFindsItClosed) {
  outcome(AskOutcome::kOk, world.give_back(world.sale(1)));
  outcome(AskOutcome::kSaleClosed, world.ask(world.sale(1), "card", 200));
  LONGS_EQUAL(500, world.available_of(member));
}

TEST(LedgerAuthorise, ReleaseAfterTheRecord_SaleClosed) {
  const AskResult hold = world.ask(world.sale(1), "card", 200);
  world.post(world.redemption(
      "card", 200, world.sale(1), {{RightKind::kHold, hold.right, Epoch{}, Points{200}}}));
  outcome(AskOutcome::kSaleClosed, world.give_back(world.sale(1)));
  LONGS_EQUAL(300, world.available_of(member));
}

TEST(LedgerAuthorise, ReleaseOfAnotherTillsSale_Refused) {
  world.ask(world.sale(1), "card", 200);
  outcome(AskOutcome::kSaleMismatch, world.give_back(world.sale(1), LedgerWorld::kOtherTill));
  LONGS_EQUAL(200, world.member(member).held.value);
}

TEST(LedgerAuthorise, SaleStatus_TellsWhatWasAnswered) {
  AskResult status = world.status(world.sale(1));
  outcome(AskOutcome::kOk, status);
  CHECK_TRUE(!status.right);
  const AskResult hold = world.ask(world.sale(1), "card", 200);
  status = world.status(world.sale(1));
  outcome(AskOutcome::kOk, status);
  CHECK_TRUE(status.right == hold.right);
  world.ask(world.sale(2), "card", 900);
  outcome(AskOutcome::kNotEnoughPoints, world.status(world.sale(2)));
  world.post(world.accrual("card", 1, world.sale(1)));
  outcome(AskOutcome::kSaleClosed, world.status(world.sale(1)));
  outcome(AskOutcome::kSaleMismatch, world.status(world.sale(1, LedgerWorld::kOtherTill)));
}

TEST(LedgerAuthorise, EnrolTakenCard_NobodyIsMade) {
  CHECK_TRUE(!world.enrol_card("card"));
  LONGS_EQUAL(1, world.members.size());
}
