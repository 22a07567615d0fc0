#include <string>
#include <utility>
#include <vector>

#include "tests/core/ledger/ledger_world.hpp"

using namespace tally;
using namespace tally::ledger;

TEST_GROUP(LedgerApply) {
  LedgerWorld world;
  MemberId member;

  void setup() override {
    member = world.enrol_card("card");
  }

  void earn(std::int64_t points) {
    CHECK_TRUE(world.is_posted(world.accrual("card", points)));
  }
  void put_aside(QuarantineReason reason, const Disposition& got) {
    CHECK_TRUE(got.kind == Disposition::Kind::kQuarantined);
    STRCMP_EQUAL(std::string(name_of(reason)).c_str(), std::string(name_of(got.reason)).c_str());
  }
  std::vector<record::FundingLeg> leg(
      RightId right, std::int64_t points, RightKind kind = RightKind::kHold) {
    return {{kind, right, Epoch{}, Points{points}}};
  }
  std::int64_t risk_now() const {
    return world.balance(risk(LedgerWorld::kStore));
  }
  std::int64_t suspense_now() const {
    return world.balance(suspense(LedgerWorld::kStore));
  }
};

TEST(LedgerApply, Accrual_GoesIntoALotOfItsStore) {
  earn(128);
  LONGS_EQUAL(128, world.available_of(member));
  LONGS_EQUAL(-128, world.balance(issuance(LedgerWorld::kStore)));
  const auto lots = world.lots_of(member);
  LONGS_EQUAL(1, lots.size());
  LONGS_EQUAL(LedgerWorld::kStore.value, lots[0].ref.issuer.value);
  CHECK_TRUE(lots[0].ref.expires_on == expiry_of(world.time.today, world.time.today, world.policy));
}

TEST(LedgerApply, SameRecordTwice_DuplicateWithoutEffect) {
  const auto fact = world.accrual("card", 128);
  const Disposition first = world.post(fact);
  const Disposition second = world.post(fact);
  CHECK_TRUE(second.kind == Disposition::Kind::kDuplicate);
  CHECK_TRUE(second.txn == first.txn);
  LONGS_EQUAL(128, world.available_of(member));
  LONGS_EQUAL(1, world.transfers.size());
}

TEST(LedgerApply, TransactionRow_HoldsResultAndBalanceAfter) {
  earn(100);
  const Disposition second = world.post(world.accrual("card", 28));
  const Txn& txn = world.txns.at(second.txn);
  LONGS_EQUAL(28, txn.points.value);
  LONGS_EQUAL(128, txn.balance_after.value);
  CHECK_TRUE(txn.result == TxnResult::kPosted);
}

TEST(LedgerApply, AccrualOfNothing_IsPostedWithoutLegs) {
  CHECK_TRUE(world.is_posted(world.accrual("card", 0)));
  CHECK_TRUE(world.transfers.empty());
}

TEST(LedgerApply, AccrualBeyondTheLimit_PutAside) {
  put_aside(QuarantineReason::kAmountOutOfRange,
            world.post(world.accrual("card", world.policy.record_points_max.value + 1)));
  put_aside(QuarantineReason::kAmountOutOfRange, world.post(world.accrual("card", -1)));
  LONGS_EQUAL(0, world.available_of(member));
}

TEST(LedgerApply, UnknownCard_PutAsideAndPostedOnceTheCardIsKnown) {
  const auto fact = world.accrual("later", 50);
  put_aside(QuarantineReason::kUnknownCard, world.post(fact));
  put_aside(QuarantineReason::kUnknownCard, world.post(fact));
  const MemberId later = world.enrol_card("later");
  CHECK_TRUE(world.is_posted(fact));
  LONGS_EQUAL(50, world.available_of(later));
}

TEST(LedgerApply, UnknownCardWithKnownMemberNumber_PostedToTheMember) {
  auto fact = world.accrual("lost card", 50);
  fact.member = member;
  CHECK_TRUE(world.is_posted(fact));
  LONGS_EQUAL(50, world.available_of(member));
  auto nobody = world.accrual("lost card", 50);
  nobody.member = MemberId{99};
  put_aside(QuarantineReason::kUnknownCard, world.post(nobody));
}

TEST(LedgerApply, FrozenMember_AFactIsStillPosted) {
  world.members.at(member).row.state = MemberState::kFrozen;
  earn(10);
  LONGS_EQUAL(10, world.available_of(member));
}

TEST(LedgerApply, TillTicketTwice_OneAccrualEver) {
  const auto with_ticket = [&](StoreId) {
    auto fact = world.accrual("card", 10);
    std::get<record::Accrual>(fact.business).ticket_hash = Bytes(16, 0x42);
    return fact;
  };
  const auto first = with_ticket(LedgerWorld::kStore);
  CHECK_TRUE(world.is_posted(first));
  put_aside(QuarantineReason::kTicketUsed, world.post(with_ticket(LedgerWorld::kStore)));
  CHECK_TRUE(world.is_posted(world.void_of(first)));
  put_aside(QuarantineReason::kTicketUsed, world.post(with_ticket(LedgerWorld::kStore)));
  // Another shop numbers its tickets by itself.
  CHECK_TRUE(world.post(with_ticket(LedgerWorld::kOtherStore), LedgerWorld::kOtherStore).kind ==
             Disposition::Kind::kPosted);
  LONGS_EQUAL(10, world.available_of(member));
}

TEST(LedgerApply, RedemptionWithHold_CapturesIt) {
  earn(500);
  const AskResult hold = world.ask(world.sale(1), "card", 200);
  CHECK_TRUE(world.is_posted(world.redemption("card", 200, world.sale(1), leg(hold.right, 200))));
  LONGS_EQUAL(300, world.available_of(member));
  LONGS_EQUAL(0, world.balance(escrow(hold.right)));
  LONGS_EQUAL(200, world.balance(redeemed(LedgerWorld::kStore)));
  CHECK_TRUE(world.rights.at(hold.right).state == RightState::kReturned);
}

TEST(LedgerApply, RedemptionOfLessThanTheHold_RestGoesBack) {
  earn(500);
  const AskResult hold = world.ask(world.sale(1), "card", 200);
  world.post(world.redemption("card", 150, world.sale(1), leg(hold.right, 150)));
  LONGS_EQUAL(350, world.available_of(member));
  LONGS_EQUAL(0, world.member(member).held.value);
}

TEST(LedgerApply, SaleSettledWithoutItsHold_HoldIsReleased) {
  earn(500);
  // The answer came too late: the till went on without redeeming.
  const AskResult hold = world.ask(world.sale(1), "card", 200);
  world.post(world.accrual("card", 5, world.sale(1)));
  LONGS_EQUAL(505, world.available_of(member));
  CHECK_TRUE(world.rights.at(hold.right).state == RightState::kReturned);
  LONGS_EQUAL(static_cast<int>(AskOutcome::kSaleClosed),
              static_cast<int>(world.ask(world.sale(1), "card", 200).outcome));
}

TEST(LedgerApply, RedemptionWithoutRight_UsesTheSalesHoldFirst) {
  earn(200);
  // Approved elsewhere (no leg), while the OA's hold was on its way: one sale, one payment.
  world.ask(world.sale(1), "card", 200);
  world.post(world.redemption("card", 200, world.sale(1)));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(0, world.member(member).held.value);
  LONGS_EQUAL(0, risk_now());
}

TEST(LedgerApply, RedemptionWithoutRight_ShortfallIsTheStoresRisk) {
  earn(80);
  CHECK_TRUE(world.is_posted(world.redemption("card", 100)));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(-20, risk_now());
  LONGS_EQUAL(-20, world.member(member).risk.value);
}

TEST(LedgerApply, LaterAccrual_RepaysTheRiskFirst) {
  world.post(world.redemption("card", 100));
  LONGS_EQUAL(-100, risk_now());
  earn(30);
  LONGS_EQUAL(-70, risk_now());
  LONGS_EQUAL(0, world.available_of(member));
  earn(100);
  LONGS_EQUAL(0, risk_now());
  LONGS_EQUAL(30, world.available_of(member));
}

TEST(LedgerApply, ReleasedHold_RepaysTheRiskFirst) {
  earn(100);
  world.ask(world.sale(1), "card", 60);
  world.post(world.redemption("card", 90));
  LONGS_EQUAL(-50, risk_now());
  world.give_back(world.sale(1));
  LONGS_EQUAL(0, risk_now());
  LONGS_EQUAL(10, world.available_of(member));
}

TEST(LedgerApply, LateSpendOnAReleasedHold_MemberThenRisk) {
  earn(100);
  const AskResult hold = world.ask(world.sale(1), "card", 100);
  world.give_back(world.sale(1));
  world.post(world.redemption("card", 70));
  CHECK_TRUE(world.is_posted(world.redemption("card", 100, world.sale(1), leg(hold.right, 100))));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(-70, risk_now());
  LONGS_EQUAL(0, suspense_now());
}

TEST(LedgerApply, LegOnARightNeverGranted_SuspenseNeverTheMember) {
  earn(100);
  world.post(world.redemption("card", 60, world.sale(1), leg(RightId{77}, 60)));
  LONGS_EQUAL(100, world.available_of(member));
  LONGS_EQUAL(-60, suspense_now());
}

TEST(LedgerApply, LegsThatDoNotFitTheHold_Suspense) {
  earn(500);
  const AskResult hold = world.ask(world.sale(1), "card", 100);
  // As another kind of right.
  world.post(world.redemption("card", 10, world.sale(2), leg(hold.right, 10, RightKind::kLease)));
  LONGS_EQUAL(-10, suspense_now());
  // For another sale.
  world.post(world.redemption("card", 10, world.sale(3), leg(hold.right, 10)));
  LONGS_EQUAL(-20, suspense_now());
  // By another till.
  auto stolen = world.make(record::Redemption{Money{10'000}, Points{10}, Money{10}},
                           "card",
                           world.sale(1),
                           LedgerWorld::kOtherTill);
  stolen.funding = leg(hold.right, 10);
  world.post(stolen);
  LONGS_EQUAL(-30, suspense_now());
  // In another epoch.
  auto fenced = world.redemption("card", 10, world.sale(4), leg(hold.right, 10));
  fenced.funding[0].epoch = Epoch{3};
  world.post(fenced);
  LONGS_EQUAL(-40, suspense_now());
  LONGS_EQUAL(100, world.member(member).held.value);
  // More than was granted: the excess only.
  world.post(world.redemption("card", 130, world.sale(1), leg(hold.right, 130)));
  LONGS_EQUAL(-70, suspense_now());
  LONGS_EQUAL(400, world.available_of(member));
  LONGS_EQUAL(0, world.member(member).held.value);
}

TEST(LedgerApply, LegsBeyondTheRedemption_OnlyTheRedemptionIsPaid) {
  earn(500);
  const AskResult hold = world.ask(world.sale(1), "card", 100);
  world.post(world.redemption("card", 40, world.sale(1), leg(hold.right, 100)));
  LONGS_EQUAL(460, world.available_of(member));
  LONGS_EQUAL(40, world.balance(redeemed(LedgerWorld::kStore)));
}

TEST(LedgerApply, CardGaveHandsSinceTheHold_TheHoldsMemberPays) {
  earn(500);
  const AskResult hold = world.ask(world.sale(1), "card", 100);
  world.cards.erase("card");
  const MemberId other = world.enrol_card("card");
  CHECK_TRUE(world.is_posted(world.redemption("card", 100, world.sale(1), leg(hold.right, 100))));
  LONGS_EQUAL(400, world.available_of(member));
  LONGS_EQUAL(0, world.available_of(other));
  LONGS_EQUAL(0, risk_now());
}

TEST(LedgerApply, RedemptionOfNothingOrTooMuch_PutAsideAndItsHoldReleased) {
  earn(500);
  world.ask(world.sale(1), "card", 100);
  put_aside(QuarantineReason::kAmountOutOfRange,
            world.post(world.redemption("card", 0, world.sale(1))));
  LONGS_EQUAL(500, world.available_of(member));
  put_aside(QuarantineReason::kAmountOutOfRange,
            world.post(world.redemption("card", world.policy.record_points_max.value + 1)));
}

TEST(LedgerApply, RedemptionByAnUnknownCard_PutAside) {
  put_aside(QuarantineReason::kUnknownCard, world.post(world.redemption("nobody", 10)));
  LONGS_EQUAL(0, risk_now());
}

TEST(LedgerApply, SaleIdOfAnotherTill_IsNotClosedByThisRecord) {
  earn(500);
  world.ask(world.sale(1), "card", 100);
  world.post(world.make(record::Accrual{Money{100}, Points{1}, {}, {}, {}},
                        "card",
                        world.sale(1),
                        LedgerWorld::kOtherTill));
  LONGS_EQUAL(100, world.member(member).held.value);
}

TEST(LedgerApply, QuarantinedTerminal_FactsArePutAside) {
  put_aside(QuarantineReason::kTerminalQuarantined,
            world.post(world.accrual("card", 10), LedgerWorld::kStore, true));
  LONGS_EQUAL(0, world.available_of(member));
}

TEST(LedgerApply, NoteGapAndShiftClose_AreNoted) {
  const std::vector<record::Business> facts{
      record::Note{1, "paper changed"}, record::Gap{Seq{3}, Seq{4}}, record::ShiftClose{}};
  for (const record::Business& business : facts) {
    const Disposition got = world.post(world.make(business));
    CHECK_TRUE(got.kind == Disposition::Kind::kPosted);
    CHECK_TRUE(world.txns.at(got.txn).result == TxnResult::kNoted);
  }
  CHECK_TRUE(world.transfers.empty());
}

TEST(LedgerApply, EnrolmentRecord_MakesTheMember) {
  const auto fact = world.make(record::Enrolment{"8001", "李**", {}, 1}, "new card");
  CHECK_TRUE(world.is_posted(fact));
  CHECK_TRUE(world.post(fact).kind == Disposition::Kind::kDuplicate);
  LONGS_EQUAL(2, world.members.size());
  CHECK_TRUE(world.is_posted(world.accrual("new card", 9)));
  put_aside(QuarantineReason::kCardTaken,
            world.post(world.make(record::Enrolment{"8002", "王*", {}, 1}, "new card")));
  put_aside(QuarantineReason::kUnknownCard, world.post(world.make(record::Enrolment{})));
}
