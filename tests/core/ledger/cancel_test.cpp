// Void, refund, reversal: whatever their order, at most the original is cancelled.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/core/ledger/ledger_world.hpp"

using namespace tally;
using namespace tally::ledger;

TEST_GROUP(LedgerCancel) {
  LedgerWorld world;
  MemberId member;

  void setup() override {
    member = world.enrol_card("card");
  }

  void put_aside(const Disposition& got) {
    CHECK_TRUE(got.kind == Disposition::Kind::kQuarantined);
    CHECK_TRUE(got.reason == QuarantineReason::kNotCancellable);
  }
  record::Record reversal_of(const record::Record& original) {
    return world.make(record::Reversal{original.header.id, record::ReversalReason::kNeverShown});
  }
  record::Record reversal_of_sale(SaleId sale, TerminalId till = LedgerWorld::kTill) {
    return world.make(record::Reversal{}, "", sale, till);
  }
  record::Record refund_of(
      const record::Record& original, std::int64_t returned, std::int64_t whole) {
    return world.make(record::Refund{original.header.id, Money{returned}, Money{whole}, 1});
  }
  std::int64_t suspense_now() const {
    return world.balance(suspense(LedgerWorld::kStore));
  }
  /// What I11 keeps: Σ over the member's accounts + RISK + SUSPENSE.
  std::int64_t invariant_sum() const {
    std::int64_t sum = world.available_of(member) + world.member(member).held.value +
                       world.member(member).debt.value;
    return sum + suspense_now() + world.balance(risk(LedgerWorld::kStore));
  }
};

TEST(LedgerCancel, VoidOfAccrual_TakesThePointsBack) {
  const auto sale = world.accrual("card", 100);
  world.post(sale);
  const Disposition got = world.post(world.void_of(sale));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(0, world.balance(issuance(LedgerWorld::kStore)));
  const Txn& txn = world.txns.at(got.txn);
  LONGS_EQUAL(-100, txn.points.value);
  CHECK_TRUE(txn.member == member);
  CHECK_TRUE(txn.kind == TxnKind::kVoid);
}

TEST(LedgerCancel, VoidOfAccrual_ItsOwnLotFirst) {
  world.time.today = BusinessDay{20'000};
  world.post(world.accrual("card", 100));
  world.time.today = BusinessDay{20'200};
  const auto later = world.accrual("card", 50);
  world.post(later);
  world.post(world.void_of(later));
  const auto lots = world.lots_of(member);
  LONGS_EQUAL(1, lots.size());
  LONGS_EQUAL(100, lots[0].points.value);
  CHECK_TRUE(lots[0].ref.expires_on ==
             expiry_of(BusinessDay{20'000}, BusinessDay{20'000}, world.policy));
}

TEST(LedgerCancel, VoidOfSpentAccrual_OtherLotsThenDebt) {
  const auto first = world.accrual("card", 100);
  world.post(first);
  world.post(world.redemption("card", 100));
  world.time.today = BusinessDay{20'200};
  world.post(world.accrual("card", 30));
  world.post(world.void_of(first));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(-70, world.member(member).debt.value);
  // Later points repay it before they can be spent.
  world.post(world.accrual("card", 100));
  LONGS_EQUAL(0, world.member(member).debt.value);
  LONGS_EQUAL(30, world.available_of(member));
}

TEST(LedgerCancel, VoidOfSpentAccrualWithoutDebt_TakesWhatIsThereAndTheStoreAnswersForTheRest) {
  world.policy.program.debt_allowed = false;
  const auto first = world.accrual("card", 100);
  world.post(first);
  world.post(world.redemption("card", 100));
  world.post(world.accrual("card", 30));
  world.post(world.void_of(first));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(0, world.member(member).debt.value);
  LONGS_EQUAL(-70, suspense_now());
  // It is cancelled for good: a second void takes nothing of what the member earns later.
  world.post(world.accrual("card", 100));
  LONGS_EQUAL(100, world.available_of(member));
  world.post(world.void_of(first, LedgerWorld::kOtherTill));
  LONGS_EQUAL(100, world.available_of(member));
}

TEST(LedgerCancel, VoidOfRedemptionAfterTheExpiryOfItsLot_ComesBackWithTheGrace) {
  world.post(world.accrual("card", 100));
  const BusinessDay expires_on = world.lots_of(member)[0].ref.expires_on;
  const auto spent = world.redemption("card", 100);
  const auto late = world.redemption("card", 60);
  world.post(spent);
  world.time.today = expires_on;
  world.post(world.void_of(spent));
  CHECK_TRUE(world.lots_of(member)[0].ref.expires_on == expires_on);
  world.post(late);
  world.time.today = BusinessDay{expires_on.days + 1};
  world.post(world.void_of(late));
  const auto lots = world.lots_of(member);
  LONGS_EQUAL(2, lots.size());
  LONGS_EQUAL(40, lots[0].points.value);
  LONGS_EQUAL(60, lots[1].points.value);
  LONGS_EQUAL(expires_on.days + 1 + world.policy.program.refund_grace_days,
              lots[1].ref.expires_on.days);
}

TEST(LedgerCancel, HoldReleasedAfterTheExpiryOfItsLot_ComesBackWithTheGrace) {
  world.post(world.accrual("card", 100));
  const BusinessDay expires_on = world.lots_of(member)[0].ref.expires_on;
  world.ask(world.sale(1), "card", 100);
  world.time.today = BusinessDay{expires_on.days + 5};
  world.give_back(world.sale(1));
  LONGS_EQUAL(100, world.available_of(member));
  LONGS_EQUAL(expires_on.days + 5 + world.policy.program.refund_grace_days,
              world.lots_of(member)[0].ref.expires_on.days);
}

TEST(LedgerCancel, VoidOfRedemption_RestoresExactlyItsLots) {
  world.post(world.accrual("card", 100));
  world.time.today = BusinessDay{20'200};
  world.post(world.accrual("card", 100));
  const auto before = world.lots_of(member);
  const auto spent = world.redemption("card", 150);
  world.post(spent);
  LONGS_EQUAL(1, world.lots_of(member).size());
  world.post(world.void_of(spent));
  CHECK_TRUE(world.lots_of(member) == before);
  LONGS_EQUAL(0, world.balance(redeemed(LedgerWorld::kStore)));
}

TEST(LedgerCancel, VoidOfCapturedHold_GoesToTheMemberNotIntoTheRight) {
  world.post(world.accrual("card", 100));
  const AskResult hold = world.ask(world.sale(1), "card", 60);
  const auto spent = world.redemption(
      "card", 60, world.sale(1), {{RightKind::kHold, hold.right, Epoch{}, Points{60}}});
  world.post(spent);
  world.post(world.void_of(spent));
  LONGS_EQUAL(100, world.available_of(member));
  LONGS_EQUAL(0, world.balance(escrow(hold.right)));
  LONGS_EQUAL(60, world.rights.at(hold.right).used.value);
}

TEST(LedgerCancel, VoidOfRedemptionOnRisk_ClearsTheRisk) {
  world.post(world.accrual("card", 40));
  const auto spent = world.redemption("card", 100);
  world.post(spent);
  world.post(world.void_of(spent));
  LONGS_EQUAL(0, world.balance(risk(LedgerWorld::kStore)));
  LONGS_EQUAL(40, world.available_of(member));
}

TEST(LedgerCancel, VoidOfRedemptionWhoseRiskWasRepaid_TheMemberGetsItBack) {
  const auto spent = world.redemption("card", 100);
  world.post(spent);
  world.post(world.accrual("card", 70));
  LONGS_EQUAL(-30, world.balance(risk(LedgerWorld::kStore)));
  world.post(world.void_of(spent));
  LONGS_EQUAL(0, world.balance(risk(LedgerWorld::kStore)));
  LONGS_EQUAL(70, world.available_of(member));
  LONGS_EQUAL(1, world.lots_of(member).size());
}

TEST(LedgerCancel, VoidOfRedemptionOnSuspense_ClearsIt) {
  const auto spent = world.redemption(
      "card", 60, world.sale(1), {{RightKind::kLease, RightId{5}, Epoch{1}, Points{60}}});
  world.post(spent);
  LONGS_EQUAL(-60, suspense_now());
  world.post(world.void_of(spent));
  LONGS_EQUAL(0, suspense_now());
  LONGS_EQUAL(0, world.available_of(member));
}

TEST(LedgerCancel, TwoVoidsByTwoTills_ExcessToSuspense) {
  const auto sale = world.accrual("card", 100);
  world.post(sale);
  world.post(world.void_of(sale));
  CHECK_TRUE(world.is_posted(world.void_of(sale, LedgerWorld::kOtherTill)));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(-100, suspense_now());

  world.post(world.accrual("card", 100));
  const auto spent = world.redemption("card", 60);
  world.post(spent);
  world.post(world.void_of(spent));
  world.post(reversal_of(spent));
  LONGS_EQUAL(100, world.available_of(member));
  LONGS_EQUAL(-40, suspense_now());
}

TEST(LedgerCancel, ReversalFirst_NetsToZeroWhenTheOriginalArrives) {
  const auto sale = world.accrual("card", 100);
  const Disposition waiting = world.post(reversal_of(sale));
  CHECK_TRUE(world.txns.at(waiting.txn).result == TxnResult::kAwaitsOriginal);
  CHECK_TRUE(world.is_posted(sale));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(0, suspense_now());
  const Txn& effect = world.txns.rbegin()->second;
  CHECK_TRUE(effect.cause == waiting.txn);
  CHECK_TRUE(effect.member == member);
  LONGS_EQUAL(-100, effect.points.value);
}

TEST(LedgerCancel, ReversalOfASale_CancelsItAndClosesIt) {
  world.post(world.accrual("card", 500));
  const AskResult hold = world.ask(world.sale(1), "card", 100);
  world.post(world.redemption(
      "card", 100, world.sale(1), {{RightKind::kHold, hold.right, Epoch{}, Points{100}}}));
  world.post(world.accrual("card", 7, world.sale(1)));
  LONGS_EQUAL(407, world.available_of(member));
  CHECK_TRUE(world.is_posted(reversal_of_sale(world.sale(1))));
  LONGS_EQUAL(500, world.available_of(member));
  LONGS_EQUAL(0, suspense_now());
}

TEST(LedgerCancel, ReversalOfASaleThatOnlyAsked_ReleasesAndClosesIt) {
  world.post(world.accrual("card", 500));
  world.ask(world.sale(1), "card", 100);
  world.post(reversal_of_sale(world.sale(1)));
  LONGS_EQUAL(500, world.available_of(member));
  LONGS_EQUAL(static_cast<int>(AskOutcome::kSaleClosed),
              static_cast<int>(world.ask(world.sale(1), "card", 100).outcome));
}

TEST(LedgerCancel, ReversalOfASaleBeforeTheAsk_TheLateAskGetsNothing) {
  world.post(world.accrual("card", 500));
  world.post(reversal_of_sale(world.sale(1)));
  LONGS_EQUAL(static_cast<int>(AskOutcome::kSaleClosed),
              static_cast<int>(world.ask(world.sale(1), "card", 100).outcome));
  LONGS_EQUAL(500, world.available_of(member));
}

TEST(LedgerCancel, ReversalOfASaleFirst_EverythingOfItNetsToZero) {
  world.post(world.accrual("card", 500));
  world.post(reversal_of_sale(world.sale(1)));
  world.post(world.redemption("card", 100, world.sale(1)));
  world.post(world.accrual("card", 7, world.sale(1)));
  LONGS_EQUAL(500, world.available_of(member));
  LONGS_EQUAL(0, suspense_now());
  world.post(world.accrual("card", 1, world.sale(2)));
  LONGS_EQUAL(501, world.available_of(member));
}

TEST(LedgerCancel, ReversalOfAnotherTillsSale_PutAside) {
  world.post(world.accrual("card", 7, world.sale(1)));
  put_aside(world.post(reversal_of_sale(world.sale(1), LedgerWorld::kOtherTill)));
  put_aside(world.post(reversal_of_sale(SaleId{})));
  LONGS_EQUAL(7, world.available_of(member));
}

TEST(LedgerCancel, OriginalThatIsNoSale_PutAside) {
  const auto note = world.make(record::Note{1, "x"});
  world.post(note);
  put_aside(world.post(world.void_of(note)));
  const auto sale = world.accrual("card", 7);
  world.post(sale);
  const auto undo = world.void_of(sale);
  world.post(undo);
  put_aside(world.post(world.void_of(undo)));
  LONGS_EQUAL(0, world.available_of(member));
}

TEST(LedgerCancel, CancelsItself_PutAside) {
  auto self = world.make(record::Void{});
  std::get<record::Void>(self.business).original = self.header.id;
  put_aside(world.post(self));
}

TEST(LedgerCancel, OriginalOfAnotherStore_PutAside) {
  const auto sale = world.accrual("card", 7);
  world.post(sale);
  put_aside(world.post(world.void_of(sale), LedgerWorld::kOtherStore));
  LONGS_EQUAL(7, world.available_of(member));
  // Also when the void is there first: the sale stands.
  const auto next = world.accrual("card", 9);
  world.post(world.void_of(next), LedgerWorld::kOtherStore);
  world.post(next);
  LONGS_EQUAL(16, world.available_of(member));
}

TEST(LedgerCancel, PartRefunds_AddUpToTheWhole) {
  const auto sale = world.accrual("card", 37, {}, 10'000);
  world.post(sale);
  world.post(refund_of(sale, 3'000, 10'000));
  LONGS_EQUAL(26, world.available_of(member));
  world.post(refund_of(sale, 5'000, 10'000));
  LONGS_EQUAL(8, world.available_of(member));
  world.post(refund_of(sale, 2'000, 10'000));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(0, suspense_now());
  world.post(refund_of(sale, 1'000, 10'000));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(-3, suspense_now());
}

TEST(LedgerCancel, RefundAmountsThatMakeNoSense_PutAside) {
  const auto sale = world.accrual("card", 37);
  world.post(sale);
  for (const auto& [returned, whole] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {0, 100}, {-1, 100}, {-1, 0}, {101, 100}}) {
    const Disposition got = world.post(refund_of(sale, returned, whole));
    CHECK_TRUE(got.kind == Disposition::Kind::kQuarantined);
    CHECK_TRUE(got.reason == QuarantineReason::kAmountOutOfRange);
  }
  LONGS_EQUAL(37, world.available_of(member));
}

TEST(LedgerCancel, RefundWithoutTheWhole_IsOfTheBillTheOriginalNames) {
  const auto sale = world.accrual("card", 100, {}, 10'000);
  world.post(sale);
  world.post(refund_of(sale, 3'000, 0));
  LONGS_EQUAL(70, world.available_of(member));
  world.post(refund_of(sale, 20'000, 0));  // The till did not know the bill; it cannot be exceeded.
  LONGS_EQUAL(0, world.available_of(member));
}

TEST(LedgerCancel, RefundWithoutAmounts_IsOfAllOfIt) {
  const auto sale = world.accrual("card", 100, {}, 10'000);
  world.post(sale);
  world.post(refund_of(sale, 0, 0));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(0, suspense_now());
}

TEST(LedgerCancel, RefundWithoutTheWhole_BeforeItsOriginal_NetsTheSame) {
  for (const auto& [returned, left] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{2'500, 75}, {0, 0}}) {
    world = LedgerWorld{};
    member = world.enrol_card("card");
    const auto sale = world.accrual("card", 100, {}, 10'000);
    world.post(refund_of(sale, returned, 0));
    world.post(sale);
    LONGS_EQUAL(left, world.available_of(member));
    LONGS_EQUAL(0, suspense_now());
  }
}

TEST(LedgerCancel, EveryOrderOfArrival_SameSum) {
  // One redemption, one accrual, a void and a part refund of each, a reversal of the redemption.
  const auto run = [&](const std::vector<int>& order) {
    world = LedgerWorld{};
    member = world.enrol_card("card");
    const auto earned = world.accrual("card", 100);
    const auto spent = world.redemption("card", 150);
    const std::vector<record::Record> facts{
        earned, spent, world.void_of(earned), refund_of(spent, 3'000, 10'000), reversal_of(spent)};
    for (const int index : order) {
      world.post(facts[static_cast<std::size_t>(index)]);
    }
    return invariant_sum();
  };
  std::vector<int> order{0, 1, 2, 3, 4};
  const std::int64_t expected = run(order);
  while (std::next_permutation(order.begin(), order.end())) {
    LONGS_EQUAL(expected, run(order));
  }
}
