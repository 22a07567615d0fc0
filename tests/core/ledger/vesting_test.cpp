// Points that wait before they may be spent.
#include "tests/core/ledger/ledger_world.hpp"

using namespace tally;
using namespace tally::ledger;

TEST_GROUP(LedgerVesting) {
  LedgerWorld world;
  MemberId member;

  void setup() override {
    member = world.enrol_card("card");
    world.policy.program.pending_days = 14;
  }

  std::int64_t pending_now() const {
    return world.member(member).pending.value;
  }
  record::Record refund_of(
      const record::Record& original, std::int64_t returned, std::int64_t whole) {
    return world.make(record::Refund{original.header.id, Money{returned}, Money{whole}, 1});
  }
};

TEST(LedgerVesting, Accrual_WaitsInPending) {
  const Disposition got = world.post(world.accrual("card", 100));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(100, pending_now());
  const Txn& txn = world.txns.at(got.txn);
  LONGS_EQUAL(100, txn.points.value);
  LONGS_EQUAL(1, txn.sources.size());
  CHECK_TRUE(txn.sources[0].kind == AccountKind::kPending);
  LONGS_EQUAL(world.time.today.days + 14, txn.sources[0].vests_on.days);
  CHECK_TRUE(world.lots_of(member).empty());
}

TEST(LedgerVesting, AccrualThatWaitedOnTheTillLongEnough_Available) {
  auto late = world.accrual("card", 100);
  late.business_day = BusinessDay{world.time.today.days - 14};
  world.post(late);
  LONGS_EQUAL(100, world.available_of(member));
  LONGS_EQUAL(0, pending_now());
}

TEST(LedgerVesting, AccrualOfAWrongClock_WaitsFromToday) {
  auto wrong = world.accrual("card", 100);
  wrong.business_day = BusinessDay{0};
  const Disposition got = world.post(wrong);
  LONGS_EQUAL(world.time.today.days + 14, world.txns.at(got.txn).sources[0].vests_on.days);
}

TEST(LedgerVesting, Vest_MovesThePointsIntoTheLotTheyWereMeantFor) {
  const BusinessDay earned_on = world.time.today;
  const Disposition got = world.post(world.accrual("card", 100));
  world.time.today = BusinessDay{earned_on.days + 50};
  const auto vested = world.vest_now(got.txn);
  CHECK_TRUE(vested.has_value());
  LONGS_EQUAL(100, world.available_of(member));
  LONGS_EQUAL(0, pending_now());
  CHECK_TRUE(world.lots_of(member)[0].ref.expires_on ==
             expiry_of(earned_on, earned_on, world.policy));
  const Txn& txn = world.txns.at(*vested);
  CHECK_TRUE(txn.kind == TxnKind::kVest);
  CHECK_TRUE(txn.cause == got.txn);
  LONGS_EQUAL(100, txn.points.value);
  LONGS_EQUAL(100, txn.balance_after.value);
}

TEST(LedgerVesting, VestTwice_OnceOnly) {
  const Disposition got = world.post(world.accrual("card", 100));
  CHECK_TRUE(world.vest_now(got.txn).has_value());
  CHECK_FALSE(world.vest_now(got.txn).has_value());
  LONGS_EQUAL(100, world.available_of(member));
}

TEST(LedgerVesting, VoidBeforeVesting_TakesFromPendingOnly) {
  world.policy.program.pending_days = 0;
  world.post(world.accrual("card", 30));
  world.policy.program.pending_days = 14;
  const auto sale = world.accrual("card", 100);
  const Disposition got = world.post(sale);
  world.post(world.void_of(sale));
  LONGS_EQUAL(30, world.available_of(member));
  LONGS_EQUAL(0, pending_now());
  LONGS_EQUAL(0, world.member(member).debt.value);
  CHECK_FALSE(world.vest_now(got.txn).has_value());
}

TEST(LedgerVesting, PartRefundBeforeVesting_TheRestVests) {
  const auto sale = world.accrual("card", 100);
  const Disposition got = world.post(sale);
  world.post(refund_of(sale, 3'000, 10'000));
  LONGS_EQUAL(70, pending_now());
  world.vest_now(got.txn);
  LONGS_EQUAL(70, world.available_of(member));
  world.post(refund_of(sale, 7'000, 10'000));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(0, world.balance(issuance(LedgerWorld::kStore)));
}

TEST(LedgerVesting, VoidAfterVesting_TakesFromTheLotItVestedInto) {
  const auto sale = world.accrual("card", 100);
  const Disposition got = world.post(sale);
  world.vest_now(got.txn);
  world.post(world.void_of(sale));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(0, world.balance(issuance(LedgerWorld::kStore)));
}

TEST(LedgerVesting, VestingPoints_FirstCoverRiskAndDebt) {
  const Disposition got = world.post(world.accrual("card", 100));
  world.post(world.redemption("card", 60));
  LONGS_EQUAL(-60, world.member(member).risk.value);
  world.vest_now(got.txn);
  LONGS_EQUAL(0, world.member(member).risk.value);
  LONGS_EQUAL(40, world.available_of(member));
}

TEST(LedgerVesting, PendingPoints_CannotBeHeld) {
  world.post(world.accrual("card", 100));
  CHECK_TRUE(world.ask(world.sale(1), "card", 50).outcome == AskOutcome::kNotEnoughPoints);
}

TEST(LedgerVesting, VoidBeforeItsOriginal_NothingIsLeftToVest) {
  const auto sale = world.accrual("card", 100);
  world.post(world.void_of(sale));
  const Disposition got = world.post(sale);
  LONGS_EQUAL(0, pending_now());
  CHECK_FALSE(world.vest_now(got.txn).has_value());
}
