// What users of other systems complain about, as far as the ledger decides it: one test for each
// entry of the list the product was made against, named after its number there.
#include <string>
#include <vector>

#include "tests/core/ledger/ledger_world.hpp"

using namespace tally;
using namespace tally::ledger;

TEST_GROUP(LedgerComplaints) {
  LedgerWorld world;
  MemberId member;

  void setup() override {
    member = world.enrol_card("card");
  }

  record::Record refund_of(const record::Record& original, std::int64_t returned) {
    return world.make(record::Refund{original.header.id, Money{returned}, Money{10'000}, 1});
  }
  std::vector<record::FundingLeg> leg(const AskResult& hold, std::int64_t points) {
    return {{RightKind::kHold, hold.right, Epoch{}, Points{points}}};
  }
  void until(BusinessDay day, std::int32_t later) {
    world.time.today = BusinessDay{day.days + later};
  }
  AskOutcome outcome_of(std::uint32_t sale, std::int64_t points, TerminalId till) {
    return world.ask(world.sale(sale, till), "card", points, 100'000, till).outcome;
  }
};

// "Order stored, reply timed out, client retried: duplicate."
TEST(LedgerComplaints, N4_ReplyLostAndSentAgain_OneHoldAndOnePosting) {
  world.post(world.accrual("card", 100));
  const AskResult first = world.ask(world.sale(1), "card", 60);
  const AskResult again = world.ask(world.sale(1), "card", 60);
  CHECK_TRUE(again.outcome == AskOutcome::kOk);
  CHECK_TRUE(again.right == first.right);
  LONGS_EQUAL(60, world.member(member).held.value);
  const auto spent = world.redemption("card", 60, world.sale(1), leg(first, 60));
  world.post(spent);
  CHECK_TRUE(world.post(spent).kind == Disposition::Kind::kDuplicate);
  LONGS_EQUAL(40, world.available_of(member));
  LONGS_EQUAL(0, world.member(member).held.value);
}

// "Refunding an order paid with points took the points again."
TEST(LedgerComplaints, N7_RefundOfASalePaidWithPoints_GivesThemBack) {
  world.post(world.accrual("card", 100));
  const auto spent = world.redemption("card", 80);
  world.post(spent);
  world.post(refund_of(spent, 10'000));
  LONGS_EQUAL(100, world.available_of(member));
}

// "Refund did not take back earned points: buy, refund, keep, repeat."
TEST(LedgerComplaints, N7_BuyRefundRepeat_NothingIsKept) {
  for (int round = 0; round < 5; ++round) {
    const auto sale = world.accrual("card", 100);
    world.post(sale);
    // Spends them before the goods come back.
    world.post(world.redemption("card", 100));
    world.post(refund_of(sale, 10'000));
  }
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(-500, world.member(member).debt.value + world.member(member).risk.value);
}

// "Confirm called twice, points counted twice; offline-validated orders lose points."
TEST(LedgerComplaints, N8_ConfirmedTwiceAndUploadedLate_CountedOnce) {
  const auto sale = world.accrual("card", 100);
  until(world.time.today, 20);
  world.post(sale);
  world.post(sale);
  LONGS_EQUAL(100, world.available_of(member));
}

// "Returns create no negative points; wrong points when the returned invoice had redeemed some."
TEST(LedgerComplaints, N9_ReturnOfAnInvoiceThatRedeemedSome_BothSidesToThePoint) {
  world.post(world.accrual("card", 500));
  const auto spent = world.redemption("card", 333, world.sale(1));
  const auto earned = world.accrual("card", 66, world.sale(1));
  world.post(spent);
  world.post(earned);
  for (const std::int64_t part : {3'333, 3'333, 3'334}) {
    world.post(refund_of(spent, part));
    world.post(refund_of(earned, part));
  }
  LONGS_EQUAL(500, world.available_of(member));
  LONGS_EQUAL(0, world.member(member).debt.value);
}

// "Order opened on a second till shows no points; the fix doubled them."
TEST(LedgerComplaints, N10_SecondTill_SeesThePointsAndEarnsThemOnce) {
  Bytes ticket(16, 7);
  record::Accrual body{Money{10'000}, Points{100}, ticket, {}, {}};
  world.post(world.make(body, "card"));
  const Disposition again = world.post(world.make(body, "card", {}, LedgerWorld::kOtherTill));
  CHECK_TRUE(again.kind == Disposition::Kind::kQuarantined);
  CHECK_TRUE(again.reason == QuarantineReason::kTicketUsed);
  LONGS_EQUAL(100, world.available_of(member));
  CHECK_TRUE(outcome_of(1, 100, LedgerWorld::kOtherTill) == AskOutcome::kOk);
}

// "Offline redemption does not lower the balance."
TEST(LedgerComplaints, N11_RedemptionWithoutAnAsk_LowersTheBalance) {
  world.post(world.accrual("card", 100));
  world.post(world.redemption("card", 70));
  LONGS_EQUAL(30, world.available_of(member));
}

// "Queue stuck on one bad entry; entries go to a dead letter nobody sees."
TEST(LedgerComplaints, N11N12_BadRecord_IsPutAsideWithItsReasonAndTheNextOneIsPosted) {
  const Disposition bad = world.post(world.accrual("card", -5));
  CHECK_TRUE(bad.kind == Disposition::Kind::kQuarantined);
  CHECK_TRUE(bad.reason == QuarantineReason::kAmountOutOfRange);
  CHECK_TRUE(world.is_posted(world.accrual("card", 5)));
  LONGS_EQUAL(5, world.available_of(member));
}

// "A voucher redeemed twice by parallel requests: check and use are separate calls."
TEST(LedgerComplaints, N13_TwoTillsAtOnce_TheSamePointsAreHeldOnce) {
  world.post(world.accrual("card", 100));
  CHECK_TRUE(outcome_of(1, 100, LedgerWorld::kTill) == AskOutcome::kOk);
  CHECK_TRUE(outcome_of(1, 100, LedgerWorld::kOtherTill) == AskOutcome::kNotEnoughPoints);
  LONGS_EQUAL(100, world.member(member).held.value);
}

// "Some shops would rather honour both than refuse at the till." Whoever asked is refused; what a
// customer saw without an ask stands, and the store answers for it until the member earns again.
TEST(LedgerComplaints, N14_BothTillsHonouredTheSamePoints_BothStandAndTheSecondIsTheStoresRisk) {
  world.post(world.accrual("card", 100));
  CHECK_TRUE(world.is_posted(world.redemption("card", 100)));
  CHECK_TRUE(world.is_posted(world.redemption("card", 60)));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(-60, world.member(member).risk.value);
  world.post(world.accrual("card", 80));
  LONGS_EQUAL(20, world.available_of(member));
  LONGS_EQUAL(0, world.member(member).risk.value);
}

// "Orders carry the wrong date": a till in 1970 or 2090.
TEST(LedgerComplaints, N15_WrongTillClock_DoesNotExpireOrProlongPoints) {
  const BusinessDay right = expiry_of(world.time.today, world.time.today, world.policy);
  for (const std::int32_t day : {0, 43'829}) {
    auto sale = world.accrual("card", 10);
    sale.business_day = BusinessDay{day};
    world.post(sale);
  }
  LONGS_EQUAL(1, world.lots_of(member).size());
  CHECK_TRUE(world.lots_of(member)[0].ref.expires_on == right);
}

// "New member lands in the second tier."
TEST(LedgerComplaints, N16_NewMember_IsInTheFirstTier) {
  LONGS_EQUAL(0, world.member(member).tier);
}

// "Expiry assigned to an unused variable."
TEST(LedgerComplaints, N16_Expiry_ReallyTakesThePoints) {
  world.post(world.accrual("card", 100));
  until(world.lots_of(member)[0].ref.expires_on, 2);
  CHECK_TRUE(world.expire_now(member).has_value());
  LONGS_EQUAL(0, world.available_of(member));
  CHECK_TRUE(outcome_of(1, 100, LedgerWorld::kTill) == AskOutcome::kNotEnoughPoints);
}

// "Expired credits leave the sum, old debits stay: balance collapses."
TEST(LedgerComplaints, N17_SpentBeforeTheExpiry_OnlyTheRestExpires) {
  world.post(world.accrual("card", 100));
  world.post(world.redemption("card", 90));
  const BusinessDay last = world.lots_of(member)[0].ref.expires_on;
  until(last, 0);
  world.post(world.accrual("card", 40));
  until(last, 2);
  world.expire_now(member);
  LONGS_EQUAL(40, world.available_of(member));
  LONGS_EQUAL(10, world.balance(expired(LedgerWorld::kStore)));
}

// "268.28000000000003 points", "-1e-14 makes a coupon invalid".
TEST(LedgerComplaints, N18_AHundredPartsOfAnOddSale_NothingIsLeftOver) {
  const auto sale = world.accrual("card", 26'827);
  world.post(sale);
  for (int part = 0; part < 100; ++part) {
    world.post(refund_of(sale, 100));
  }
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(0, world.balance(issuance(LedgerWorld::kStore)));
  LONGS_EQUAL(0, world.balance(suspense(LedgerWorld::kStore)));
}

// "Cannot earn on the rest of a sale in which points are redeemed."
TEST(LedgerComplaints, N23_SaleThatRedeems_EarnsOnTheRest) {
  world.post(world.accrual("card", 1'000));
  const AskResult hold = world.ask(world.sale(1), "card", 200);
  world.post(world.redemption("card", 200, world.sale(1), leg(hold, 200)));
  world.post(world.accrual("card", 98, world.sale(1), 9'800));
  LONGS_EQUAL(898, world.available_of(member));
  LONGS_EQUAL(0, world.member(member).held.value);
}

// "Points need a state tied to the return window, else order-cancel fraud."
TEST(LedgerComplaints, N24_PendingUntilTheReturnWindowCloses_ACancelledOrderLeavesNothingToSpend) {
  world.policy.program.pending_days = 14;
  const auto sale = world.accrual("card", 100);
  const Disposition got = world.post(sale);
  CHECK_TRUE(outcome_of(1, 100, LedgerWorld::kTill) == AskOutcome::kNotEnoughPoints);
  world.post(refund_of(sale, 10'000));
  until(world.time.today, 14);
  CHECK_FALSE(world.vest_now(got.txn).has_value());
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(0, world.member(member).debt.value);
}

// "First-expiring-first-out."
TEST(LedgerComplaints, N25_SoonestExpiry_IsSpentFirst) {
  until(world.time.today, 200);
  world.post(world.accrual("card", 50));
  const BusinessDay later = world.lots_of(member)[0].ref.expires_on;
  auto old = world.accrual("card", 50);
  old.business_day = BusinessDay{world.time.today.days - 200};
  world.post(old);
  world.post(world.redemption("card", 50));
  LONGS_EQUAL(1, world.lots_of(member).size());
  CHECK_TRUE(world.lots_of(member)[0].ref.expires_on == later);
}
