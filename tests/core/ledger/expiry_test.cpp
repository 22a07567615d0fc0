// The expiry sweep of one member, and what a later cancellation makes of what has expired.
#include "tests/core/ledger/ledger_world.hpp"

using namespace tally;
using namespace tally::ledger;

TEST_GROUP(LedgerExpiry) {
  LedgerWorld world;
  MemberId member;

  void setup() override {
    member = world.enrol_card("card");
  }

  /// Earns points that expire on the day returned.
  BusinessDay earn(std::int64_t points) {
    world.post(world.accrual("card", points));
    return expiry_of(world.time.today, world.time.today, world.policy);
  }
  void on(BusinessDay day, std::int32_t later = 0) {
    world.time.today = BusinessDay{day.days + later};
  }
  std::int64_t breakage() const {
    return world.balance(expired(LedgerWorld::kStore));
  }
};

TEST(LedgerExpiry, LastDayAndTheDayAfter_NothingIsTaken) {
  const BusinessDay last = earn(100);
  on(last);
  CHECK_FALSE(world.expire_now(member).has_value());
  on(last, 1);
  CHECK_FALSE(world.expire_now(member).has_value());
  LONGS_EQUAL(100, world.available_of(member));
}

TEST(LedgerExpiry, TwoDaysAfter_GoesToTheBreakageOfTheIssuer) {
  const BusinessDay last = earn(100);
  on(last, 2);
  const auto swept = world.expire_now(member);
  CHECK_TRUE(swept.has_value());
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(100, breakage());
  const Txn& txn = world.txns.at(*swept);
  CHECK_TRUE(txn.kind == TxnKind::kExpire);
  LONGS_EQUAL(-100, txn.points.value);
  CHECK_FALSE(world.expire_now(member).has_value());
  LONGS_EQUAL(100, breakage());
}

TEST(LedgerExpiry, LotsOfTwoStoresAndALaterOne_EachIssuerItsOwnTheLaterStays) {
  const BusinessDay last = earn(100);
  world.post(world.make(record::Accrual{Money{100}, Points{7}, {}, {}, {}}, "card"),
             LedgerWorld::kOtherStore);
  on(last);
  earn(30);
  on(last, 2);
  world.expire_now(member);
  LONGS_EQUAL(100, breakage());
  LONGS_EQUAL(7, world.balance(expired(LedgerWorld::kOtherStore)));
  LONGS_EQUAL(30, world.available_of(member));
}

TEST(LedgerExpiry, PointsForEver_AreNeverSwept) {
  world.policy.program.lot_life_days = 0;
  earn(100);
  on(BusinessDay{2'000'000'000});
  CHECK_FALSE(world.expire_now(member).has_value());
}

TEST(LedgerExpiry, HeldPoints_AreSkippedAndComeBackWithTheGraceForASecondSweep) {
  const BusinessDay last = earn(100);
  world.ask(world.sale(1), "card", 60);
  on(last, 2);
  world.expire_now(member);
  LONGS_EQUAL(40, breakage());
  LONGS_EQUAL(60, world.member(member).held.value);
  world.give_back(world.sale(1));
  LONGS_EQUAL(60, world.available_of(member));
  const BusinessDay grace{last.days + 2 + world.policy.program.refund_grace_days};
  CHECK_TRUE(world.lots_of(member)[0].ref.expires_on == grace);
  on(grace, 1);
  CHECK_FALSE(world.expire_now(member).has_value());
  on(grace, 2);
  world.expire_now(member);
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(100, breakage());
}

TEST(LedgerExpiry, RedemptionOfTheLastDayThatComesADayLate_IsStillPaidFromTheLot) {
  const BusinessDay last = earn(100);
  on(last);
  const auto spent = world.redemption("card", 100);
  on(last, 1);
  world.expire_now(member);
  world.post(spent);
  LONGS_EQUAL(0, world.member(member).risk.value);
  LONGS_EQUAL(0, world.available_of(member));
}

TEST(LedgerExpiry, PurchaseRefundedAfterItsPointsExpired_NothingIsTakenTwice) {
  const auto sale = world.accrual("card", 100);
  world.post(sale);
  const BusinessDay last = world.lots_of(member)[0].ref.expires_on;
  on(last);
  earn(30);
  on(last, 2);
  world.expire_now(member);
  world.post(world.void_of(sale));
  LONGS_EQUAL(30, world.available_of(member));
  LONGS_EQUAL(0, world.member(member).debt.value);
  LONGS_EQUAL(0, breakage());
}

TEST(LedgerExpiry, TwoPurchasesOfOneLotHalfSpent_TheSecondRefundOwesWhatWasSpent) {
  const auto first = world.accrual("card", 100);
  const auto second = world.accrual("card", 100);
  world.post(first);
  world.post(second);
  world.post(world.redemption("card", 100));
  on(world.lots_of(member)[0].ref.expires_on, 2);
  world.expire_now(member);
  world.post(world.void_of(first));
  LONGS_EQUAL(0, world.member(member).debt.value);
  world.post(world.void_of(second));
  LONGS_EQUAL(-100, world.member(member).debt.value);
  LONGS_EQUAL(0, breakage());
}

TEST(LedgerExpiry, AccrualThatArrivesAfterItsLotWasSwept_SecondSweepTakesIt) {
  world.policy.program.lot_life_days = 1;
  const BusinessDay earned_on = world.time.today;
  auto late = world.accrual("card", 10);
  late.business_day = earned_on;
  const BusinessDay last = earn(100);
  on(last, 2);
  world.expire_now(member);
  world.post(late);
  LONGS_EQUAL(10, world.available_of(member));
  world.expire_now(member);
  LONGS_EQUAL(110, breakage());
}
