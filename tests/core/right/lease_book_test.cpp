// A gateway's leases, through GatewayRights: granting, spending, closing, returning, fencing.
#include "core/right/lease_book.hpp"

#include "tests/core/right/gateway_world.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::test;
using right::SpendOutcome;
using right::TakeOutcome;

TEST_GROUP(RightLeases) {
  GatewayWorld world;

  void expect_take(TakeOutcome outcome, const right::Grant& grant) {
    LONGS_EQUAL(static_cast<int>(outcome), static_cast<int>(world.take(grant)));
  }
  void expect_sale(SpendOutcome outcome, const right::LocalAsk& ask, std::int64_t hour = 0) {
    LONGS_EQUAL(static_cast<int>(outcome), static_cast<int>(world.sell(ask, hour).outcome));
  }
  Points unspent() {
    return world.rights.exposure().leases_unspent;
  }
};

TEST(RightLeases, Spend_DecrementsAndNamesTheLease) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  const auto verdict = world.sell(ask_of(1, 300));
  CHECK_TRUE(verdict.approved());
  CHECK_TRUE(verdict.leg ==
             (record::FundingLeg{RightKind::kLease, RightId{20}, kEpoch, Points{300}}));
  LONGS_EQUAL(700, unspent().value);
  LONGS_EQUAL(300, world.rights.exposure().not_at_oa.value);
  CHECK_TRUE(world.rights.grant_of(verdict.leg)->grant == lease_of(20, 1'000));
}

TEST(RightLeases, NoLease_OrAnotherMembers_IsNoRight) {
  expect_sale(SpendOutcome::kNoRight, ask_of(1, 10));
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000, MemberId{78}));
  expect_sale(SpendOutcome::kNoRight, ask_of(1, 10));
}

TEST(RightLeases, MoreThanItHolds_SaysHowMuchWouldDo) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  expect_sale(SpendOutcome::kApproved, ask_of(1, 300));
  right::Grant small = lease_of(21, 900, MemberId{78});
  small.txn_points_max = Points{200};
  expect_take(TakeOutcome::kTaken, small);
  expect_sale(SpendOutcome::kAboveTxnMax, ask_of(2, 201, MemberId{78}));
  const auto verdict = world.rights.authorise(ask_of(3, 800), attempt_of(800), at_hour(0).boot);
  CHECK_TRUE(verdict.outcome == SpendOutcome::kAboveTxnMax ||
             verdict.outcome == SpendOutcome::kNotEnough);
  LONGS_EQUAL(700, verdict.allowed.value);
}

TEST(RightLeases, AskedAgain_GivesTheFirstAnswerAndSpendsOnce) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  expect_sale(SpendOutcome::kApproved, ask_of(1, 300));
  expect_sale(SpendOutcome::kApproved, ask_of(1, 300));
  LONGS_EQUAL(700, unspent().value);
  CHECK_TRUE(world.rights.answers_for(ask_of(1, 300).sale));
  CHECK_FALSE(world.rights.answers_for(ask_of(2, 300).sale));
}

TEST(RightLeases, SameSaleWithOtherContents_IsAMismatch) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  expect_sale(SpendOutcome::kApproved, ask_of(1, 300));
  expect_sale(SpendOutcome::kSaleMismatch, ask_of(1, 301));
  right::LocalAsk other = ask_of(1, 300);
  other.bill.minor_units += 1;
  expect_sale(SpendOutcome::kSaleMismatch, other);
  other = ask_of(1, 300);
  other.program = ProgramVersion{5};
  expect_sale(SpendOutcome::kSaleMismatch, other);
  other = ask_of(1, 300);
  other.stream.incarnation = Incarnation{2};
  expect_sale(SpendOutcome::kSaleMismatch, other);
  LONGS_EQUAL(700, unspent().value);
}

TEST(RightLeases, SaleOfAnotherTerminal_IsAMismatch) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  right::LocalAsk ask = ask_of(1, 300);
  ask.stream.terminal = TerminalId{102};
  expect_sale(SpendOutcome::kSaleMismatch, ask);
}

TEST(RightLeases, SaleOfAnEarlierBoot_IsClosed) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  right::LocalAsk ask = ask_of(1, 300);
  ask.boot = BootId{9002};
  expect_sale(SpendOutcome::kSaleClosed, ask);
}

TEST(RightLeases, SaleThatWasReversedUnasked_IsClosed) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  world.upload(ask_of(2, 300), 7, {});
  expect_sale(SpendOutcome::kSaleClosed, ask_of(2, 300));
  expect_sale(SpendOutcome::kSaleClosed, ask_of(1, 300));
  expect_sale(SpendOutcome::kApproved, ask_of(3, 300));
}

TEST(RightLeases, SaleWithARecord_IsClosedForEver) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  const auto ask = ask_of(1, 300);
  const auto leg = world.sell(ask).leg;
  CHECK_TRUE(world.upload(ask, 7, {leg}));
  expect_sale(SpendOutcome::kSaleClosed, ask);
  world.rights.on_applied(kTill, Seq{6});
  expect_sale(SpendOutcome::kSaleClosed, ask);
  LONGS_EQUAL(300, world.rights.exposure().not_at_oa.value);
  world.rights.on_applied(kTill, Seq{7});
  world.commit();
  LONGS_EQUAL(0, world.rights.exposure().not_at_oa.value);
  LONGS_EQUAL(0, world.disk.approvals.size());
  expect_sale(SpendOutcome::kSaleClosed, ask);
  CHECK_TRUE(world.rights.answers_for(ask.sale));
  world.restart();
  world.rights.confirm(at_hour(1));
  expect_sale(SpendOutcome::kSaleClosed, ask, 1);
}

TEST(RightLeases, RecordOfAnotherStream_ClosesNothing) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  expect_sale(SpendOutcome::kApproved, ask_of(1, 300));
  right::LocalAsk stranger = ask_of(1, 300);
  stranger.stream.terminal = TerminalId{102};
  world.upload(stranger, 7, {});
  world.rights.on_applied(stranger.stream, Seq{7});
  expect_sale(SpendOutcome::kApproved, ask_of(1, 300));
}

TEST(RightLeases, Deadline_IsCheckedBeforeTheCommitAndAfter) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  const BootTime last{3 * kDay.ms - kMargin.ms - 1};
  const BootTime over{last.ms + 1};
  CHECK_TRUE(world.rights.authorise(ask_of(1, 10), attempt_of(10), over).outcome ==
             SpendOutcome::kPastDeadline);
  CHECK_TRUE(world.rights.authorise(ask_of(1, 10), attempt_of(10), last).approved());
  world.commit();
  CHECK_TRUE(world.rights.deliver(ask_of(1, 10).sale, over).outcome == SpendOutcome::kPastDeadline);
  LONGS_EQUAL(990, unspent().value);  // A time-out gives nothing back.
}

TEST(RightLeases, PastDeadline_ClosesOnTheTick) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  world.rights.tick(at_hour(71).boot);
  CHECK_TRUE(world.rights.returns().empty());
  world.rights.tick(at_hour(72).boot);
  LONGS_EQUAL(1'000, world.rights.returns().front().unspent.value);
}

TEST(RightLeases, Recalled_StatesWhatIsNotKnownToBeAtTheOa) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  const auto first = ask_of(1, 300);
  const auto second = ask_of(2, 200);
  world.upload(first, 7, {world.sell(first).leg});
  world.sell(second);
  world.rights.on_applied(kTill, Seq{7});
  CHECK_TRUE(world.rights.recall(key(20)));
  CHECK_FALSE(world.rights.recall(key(20)));
  CHECK_FALSE(world.rights.recall(key(21)));
  CHECK_FALSE(world.rights.recall(key(20, Epoch{4})));
  world.commit();
  const right::ReturnStatement expected{key(20), Points{500}, {second.sale}};
  LONGS_EQUAL(1, world.rights.returns().size());
  CHECK_TRUE(world.rights.returns().front() == expected);
  expect_sale(SpendOutcome::kNoRight, ask_of(3, 10));
  expect_sale(SpendOutcome::kApproved, second);  // The answer it was given stays its answer.
  world.upload(second, 8, {});
  world.rights.on_applied(kTill, Seq{8});
  CHECK_TRUE(world.rights.returns().front().sales.empty());
  LONGS_EQUAL(0, unspent().value);
}

TEST(RightLeases, ReturnSettled_LeavesTheWatermark) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  world.rights.recall(key(20));
  CHECK_TRUE(world.rights.on_return_settled(key(20)));
  CHECK_FALSE(world.rights.on_return_settled(key(20)));
  world.commit();
  LONGS_EQUAL(0, world.disk.leases.size());
  expect_take(TakeOutcome::kLate, lease_of(20, 1'000));
  expect_take(TakeOutcome::kLate, lease_of(19, 1'000));
  world.restart();
  world.rights.confirm(at_hour(1));
  expect_take(TakeOutcome::kLate, lease_of(20, 1'000));
  expect_take(TakeOutcome::kTaken, lease_of(21, 1'000));
}

TEST(RightLeases, SixteenSalesOnTheirWay_CloseIt) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  for (std::uint32_t n = 1; n <= right::kUsesMax; ++n) {
    expect_sale(SpendOutcome::kApproved, ask_of(n, 10));
  }
  expect_sale(SpendOutcome::kNoRight, ask_of(17, 10));
  LONGS_EQUAL(right::kUsesMax, world.rights.returns().front().sales.size());
  LONGS_EQUAL(840, world.rights.returns().front().unspent.value);
}

TEST(RightLeases, SalesThatArrived_DoNotCountTowardsSixteen) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  for (std::uint32_t n = 1; n <= 20; ++n) {
    const auto ask = ask_of(n, 10);
    const auto verdict = world.sell(ask);
    CHECK_TRUE(verdict.approved());
    world.upload(ask, n, {verdict.leg});
    world.rights.on_applied(kTill, Seq{n});
  }
  LONGS_EQUAL(800, unspent().value);
}

TEST(RightLeases, UsedUp_ClosesItself) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 100));
  expect_sale(SpendOutcome::kApproved, ask_of(1, 100));
  LONGS_EQUAL(0, world.rights.returns().front().unspent.value);
  expect_take(TakeOutcome::kTaken, lease_of(21, 100));  // So the member may have another.
  expect_sale(SpendOutcome::kApproved, ask_of(2, 60));
}

TEST(RightLeases, GrantsThatDoNotBelongHere_AreRefused) {
  right::Grant grant = lease_of(20, 1'000);
  grant.gateway = GatewayId{12};
  expect_take(TakeOutcome::kForeign, grant);
  grant = lease_of(20, 1'000);
  grant.store = StoreId{4};
  expect_take(TakeOutcome::kForeign, grant);
  right::SignedGrant forged = signed_by_oa(lease_of(20, 1'000));
  forged.grant.points = Points{2'000};
  CHECK_TRUE(world.rights.take(forged, at_hour(0)) == TakeOutcome::kForged);
  forged.grant.member = MemberId{};
  CHECK_TRUE(world.rights.take(forged, at_hour(0)) == TakeOutcome::kMalformed);
  LONGS_EQUAL(0, world.rights.holdings().watermark.value);
  CHECK_TRUE(world.rights.take_changes().empty());
}

TEST(RightLeases, SameGrantAgain_ChangesNothing) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  expect_sale(SpendOutcome::kApproved, ask_of(1, 300));
  expect_take(TakeOutcome::kKnown, lease_of(20, 1'000));
  expect_take(TakeOutcome::kConflict, lease_of(20, 2'000));
  LONGS_EQUAL(700, unspent().value);
}

TEST(RightLeases, ReorderedGrant_IsPassedByTheWatermark) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  expect_take(TakeOutcome::kLate, lease_of(19, 1'000, MemberId{78}));
  const right::Holdings holdings = world.rights.holdings();
  LONGS_EQUAL(20, holdings.watermark.value);
  LONGS_EQUAL(1, holdings.live.size());
  LONGS_EQUAL(20, holdings.live.front().value);
}

TEST(RightLeases, SecondOpenLeaseOfAMember_IsRefusedForGood) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  expect_take(TakeOutcome::kMemberHasLease, lease_of(21, 1'000));
  LONGS_EQUAL(21, world.rights.holdings().watermark.value);
  world.rights.recall(key(20));
  expect_take(TakeOutcome::kLate, lease_of(21, 1'000));
}

TEST(RightLeases, Fence_EndsEveryOlderEpoch) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  expect_sale(SpendOutcome::kApproved, ask_of(1, 300));
  CHECK_TRUE(world.rights.fence(Epoch{6}));
  CHECK_FALSE(world.rights.fence(Epoch{6}));
  CHECK_FALSE(world.rights.fence(Epoch{5}));
  world.commit();
  LONGS_EQUAL(0, world.disk.leases.size());
  expect_sale(SpendOutcome::kNoRight, ask_of(1, 300));  // Not even what was approved before.
  expect_sale(SpendOutcome::kNoRight, ask_of(2, 300));
  expect_take(TakeOutcome::kOldEpoch, lease_of(21, 1'000));
  LONGS_EQUAL(300, world.rights.exposure().not_at_oa.value);
  right::Grant next = lease_of(3, 1'000);
  next.epoch = Epoch{6};
  expect_take(TakeOutcome::kTaken, next);
}

TEST(RightLeases, GrantOfANewerEpoch_FencesTheOlder) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  right::Grant next = lease_of(1, 500, MemberId{78});
  next.epoch = Epoch{6};
  expect_take(TakeOutcome::kTaken, next);
  expect_sale(SpendOutcome::kNoRight, ask_of(1, 10));
  LONGS_EQUAL(6, world.rights.holdings().epoch.value);
  LONGS_EQUAL(500, unspent().value);
}

TEST(RightLeases, FencedDuringTheCommit_IsNotDelivered) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  CHECK_TRUE(world.rights.authorise(ask_of(1, 10), attempt_of(10), at_hour(0).boot).approved());
  world.rights.fence(Epoch{6});
  world.commit();
  CHECK_TRUE(world.rights.deliver(ask_of(1, 10).sale, at_hour(0).boot).outcome ==
             SpendOutcome::kNoRight);
}

TEST(RightLeases, AfterABoot_FrozenUntilConfirmed) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  expect_sale(SpendOutcome::kApproved, ask_of(1, 300));
  world.rights.recall(key(20));
  world.commit();
  world.restart();
  CHECK_TRUE(world.rights.frozen());
  expect_sale(SpendOutcome::kFrozen, ask_of(1, 300));
  expect_sale(SpendOutcome::kFrozen, ask_of(2, 300));
  expect_take(TakeOutcome::kFrozen, lease_of(21, 1'000));
  CHECK_TRUE(world.rights.returns().empty());
  world.rights.confirm(at_hour(1));
  expect_sale(SpendOutcome::kApproved, ask_of(1, 300), 1);
  LONGS_EQUAL(1, world.rights.returns().size());
}

TEST(RightLeases, CommitThatFailed_LeavesNothing) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  world.rights.authorise(ask_of(1, 300), attempt_of(300), at_hour(0).boot);
  world.restart();
  world.rights.confirm(at_hour(0));
  LONGS_EQUAL(1'000, unspent().value);
  CHECK_FALSE(world.rights.answers_for(ask_of(1, 300).sale));
}

TEST(RightLeases, AfterABoot_ALeaseIsAsOldAsItCanBe) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  world.restart();
  // 71 hours later by the anchored clock, and the machine has run for one of them.
  right::Moment now = at_hour(1, 500'070);
  world.rights.confirm(now);
  CHECK_TRUE(world.rights.authorise(ask_of(1, 10), attempt_of(10), now.boot).approved());
  CHECK_TRUE(
      world.rights.authorise(ask_of(2, 10), attempt_of(10), BootTime{now.boot.ms + 3'600'000})
          .outcome == SpendOutcome::kPastDeadline);
}

TEST(RightLeases, AfterABootWithoutTheTime_NothingIsSpent) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  for (const std::int64_t latest :
       {std::int64_t{INT64_MAX}, std::int64_t{0}, std::int64_t{INT64_MIN}}) {
    world.restart();
    world.rights.confirm({BootTime{0}, WallTime{0}, WallTime{latest}});
    CHECK_TRUE(world.rights.authorise(ask_of(1, 10), attempt_of(10), BootTime{0}).outcome ==
               SpendOutcome::kPastDeadline);
  }
  world.rights.confirm(at_hour(1));  // An anchor came: now its age is known.
  CHECK_TRUE(world.rights.authorise(ask_of(1, 10), attempt_of(10), at_hour(1).boot).approved());
}

TEST(RightLeases, DiskPutBack_ApprovesNothingAndTakesNoOldGrant) {
  expect_take(TakeOutcome::kTaken, lease_of(20, 1'000));
  const right::RightRows image = world.disk;
  expect_sale(SpendOutcome::kApproved, ask_of(1, 1'000));
  world.disk = image;
  world.restart();
  expect_sale(SpendOutcome::kFrozen, ask_of(2, 1'000));
  world.rights.fence(Epoch{6});  // What the OA does when the head is not the one it knows.
  world.commit();
  world.rights.confirm(at_hour(1));
  expect_sale(SpendOutcome::kNoRight, ask_of(2, 1'000), 1);
  expect_take(TakeOutcome::kOldEpoch, lease_of(20, 1'000));
}
