// Accruals whose points are not what the program says.
#include "tests/core/ledger/ledger_world.hpp"

using namespace tally;
using namespace tally::ledger;

TEST_GROUP(LedgerCorrection) {
  LedgerWorld world;
  MemberId member;

  void setup() override {
    member = world.enrol_card("card");
  }

  /// A sale of 100.00, which earns 100 points.
  record::Record sale_saying(std::int64_t points, std::uint32_t version = 1) {
    auto sale = world.accrual("card", points);
    sale.program = ProgramVersion{version};
    return sale;
  }
  std::vector<Txn> corrections() const {
    std::vector<Txn> found;
    for (const auto& [id, txn] : world.txns) {
      if (txn.kind == TxnKind::kCorrection) {
        found.push_back(txn);
      }
    }
    return found;
  }
  std::int64_t issued() const {
    return -world.balance(issuance(LedgerWorld::kStore));
  }
};

TEST(LedgerCorrection, RightFigure_NoCorrection) {
  world.post(sale_saying(100));
  LONGS_EQUAL(100, world.available_of(member));
  CHECK_TRUE(corrections().empty());
}

TEST(LedgerCorrection, TooFew_TheDifferenceIsPostedAndNamesItsReason) {
  const Disposition got = world.post(sale_saying(60));
  LONGS_EQUAL(100, world.available_of(member));
  LONGS_EQUAL(1, corrections().size());
  const Txn correction = corrections()[0];
  LONGS_EQUAL(40, correction.points.value);
  CHECK_TRUE(correction.about == got.txn);
  CHECK_TRUE(correction.cause == got.txn);
  CHECK_TRUE(correction.rule == CorrectionRule::kPointsEarned);
  LONGS_EQUAL(60, world.txns.at(got.txn).points.value);
  LONGS_EQUAL(1, world.lots_of(member).size());
}

TEST(LedgerCorrection, TooMany_TakenFromTheLot) {
  world.post(sale_saying(1'000'000));
  LONGS_EQUAL(100, world.available_of(member));
  LONGS_EQUAL(100, issued());
  LONGS_EQUAL(-999'900, corrections()[0].points.value);
}

TEST(LedgerCorrection, SameRecordAgain_NothingMore) {
  const auto sale = sale_saying(60);
  world.post(sale);
  world.post(sale);
  LONGS_EQUAL(1, corrections().size());
  LONGS_EQUAL(100, world.available_of(member));
}

TEST(LedgerCorrection, Nothing_BecomesWhatTheBillEarns) {
  world.post(sale_saying(0));
  LONGS_EQUAL(100, world.available_of(member));
}

TEST(LedgerCorrection, OtherProgramVersion_LeftAloneUnlessThePolicySaysSo) {
  world.post(sale_saying(60, 2));
  LONGS_EQUAL(60, world.available_of(member));
  world.policy.correct_other_programs = true;
  world.post(sale_saying(60, 2));
  LONGS_EQUAL(160, world.available_of(member));
}

TEST(LedgerCorrection, BillTheProgramDoesNotKnow_LeftAlone) {
  for (const Money bill : {Money{-1}, Money{10'000, Currency::kUsd}}) {
    auto sale = sale_saying(60);
    std::get<record::Accrual>(sale.business).bill = bill;
    world.post(sale);
  }
  LONGS_EQUAL(120, world.available_of(member));
  CHECK_TRUE(corrections().empty());
}

TEST(LedgerCorrection, PendingAccrual_IsCorrectedInPendingAndVestsWhole) {
  world.policy.program.pending_days = 14;
  for (const std::int64_t said : {60, 170}) {
    const Disposition got = world.post(sale_saying(said));
    LONGS_EQUAL(100, world.member(member).pending.value);
    LONGS_EQUAL(1, world.txns.at(got.txn).sources.size());
    world.vest_now(got.txn);
    LONGS_EQUAL(0, world.member(member).pending.value);
  }
  LONGS_EQUAL(200, world.available_of(member));
}

TEST(LedgerCorrection, TooManyThatCoveredRisk_TheMemberOwesThem) {
  world.post(world.redemption("card", 150));
  world.post(sale_saying(130));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(-50, world.member(member).risk.value + world.member(member).debt.value);
}

TEST(LedgerCorrection, RefundOfACorrectedSale_TakesTheRightFigure) {
  for (const std::int64_t said : {60, 170}) {
    const auto sale = sale_saying(said);
    world.post(sale);
    world.post(world.make(record::Refund{sale.header.id, Money{4'000}, Money{10'000}, 1}));
    LONGS_EQUAL(60, world.available_of(member));
    world.post(world.make(record::Refund{sale.header.id, Money{6'000}, Money{10'000}, 1}));
    LONGS_EQUAL(0, world.available_of(member));
  }
  LONGS_EQUAL(0, world.balance(suspense(LedgerWorld::kStore)));
}

TEST(LedgerCorrection, VoidFirst_TheCorrectedSaleNetsToZero) {
  for (const std::int64_t said : {60, 170}) {
    const auto sale = sale_saying(said);
    world.post(world.void_of(sale));
    world.post(sale);
  }
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(0, issued());
  LONGS_EQUAL(0, world.balance(suspense(LedgerWorld::kStore)));
}
