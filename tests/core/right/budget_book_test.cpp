// A gateway's budgets and the slices it cuts, through GatewayRights.
#include "core/right/budget_book.hpp"

#include "tests/core/right/gateway_world.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::test;
using right::CutOutcome;
using right::SliceId;
using right::SpendOutcome;
using right::TakeOutcome;

TEST_GROUP(RightBudgets) {
  GatewayWorld world;

  void setup() override {
    CHECK_TRUE(world.take(budget_of(9, 1'000)) == TakeOutcome::kTaken);
  }

  right::CutResult cut(std::int64_t wanted, StreamId stream = kTill, BootId boot = kTillBoot) {
    const auto result = world.rights.cut_slice({stream, boot, Points{wanted}}, at_hour(0).boot);
    world.commit();
    return result;
  }
  void expect_cut(CutOutcome outcome, const right::CutResult& result) {
    LONGS_EQUAL(static_cast<int>(outcome), static_cast<int>(result.outcome));
  }
  void expect_sale(SpendOutcome outcome, const right::LocalAsk& ask, std::int64_t hour = 0) {
    LONGS_EQUAL(static_cast<int>(outcome), static_cast<int>(world.sell(ask, hour).outcome));
  }
  bool give_back(const SliceId& slice,
                 std::int64_t unspent,
                 std::uint64_t head,
                 std::uint64_t received,
                 StreamId stream = kTill) {
    const bool taken =
        world.rights.give_back(stream, {slice, Points{unspent}, Seq{head}}, Seq{received});
    world.commit();
    return taken;
  }
  record::FundingLeg leg(std::int64_t points) {
    return {RightKind::kSlice, RightId{9}, kEpoch, Points{points}};
  }
  std::int64_t unsliced() {
    return world.rights.exposure().budget_unsliced.value;
  }
  std::int64_t out() {
    return world.rights.exposure().slices_out.value;
  }
};

TEST(RightBudgets, MemberWithoutLease_IsPaidFromTheBudget) {
  const auto verdict = world.sell(ask_of(1, 300));
  CHECK_TRUE(verdict.leg ==
             (record::FundingLeg{RightKind::kBudget, RightId{9}, kEpoch, Points{300}}));
  LONGS_EQUAL(700, unsliced());
}

TEST(RightBudgets, LeaseThatIsEnough_ComesFirst) {
  world.take(lease_of(20, 400));
  CHECK_TRUE(world.sell(ask_of(1, 300)).leg.kind == RightKind::kLease);
  CHECK_TRUE(world.sell(ask_of(2, 300)).leg.kind == RightKind::kBudget);
  CHECK_TRUE(world.sell(ask_of(3, 100)).leg.kind == RightKind::kLease);
}

TEST(RightBudgets, MoreThanIsLeft_IsNotEnough) {
  expect_sale(SpendOutcome::kApproved, ask_of(1, 600));
  const auto verdict = world.rights.authorise(ask_of(2, 401), attempt_of(401), at_hour(0).boot);
  CHECK_TRUE(verdict.outcome == SpendOutcome::kAboveMemberCap ||
             verdict.outcome == SpendOutcome::kNotEnough);
  LONGS_EQUAL(400, verdict.allowed.value);
  expect_sale(SpendOutcome::kNotEnough, ask_of(3, 401, MemberId{78}));
}

TEST(RightBudgets, SecondBudget_IsUsedWhenTheFirstIsTooSmall) {
  world.take(budget_of(10, 5'000));
  LONGS_EQUAL(10, world.sell(ask_of(1, 1'001)).leg.right.value);
  LONGS_EQUAL(9, world.sell(ask_of(2, 300, MemberId{78})).leg.right.value);
  LONGS_EQUAL(10, world.rights.holdings().newest_budget.value);
}

TEST(RightBudgets, MembersCap_CountsEverythingOfTheEpoch) {
  right::Grant capped = budget_of(10, 5'000);
  capped.member_points_max = Points{500};
  world.rights.fence(Epoch{6});
  capped.epoch = Epoch{6};
  world.take(capped);
  expect_sale(SpendOutcome::kApproved, ask_of(1, 200));
  cut(1'000);
  world.upload(ask_of(2, 250), 4, {{RightKind::kSlice, RightId{10}, Epoch{6}, Points{250}}});
  const auto verdict = world.rights.authorise(ask_of(3, 51), attempt_of(51), at_hour(0).boot);
  CHECK_TRUE(verdict.outcome == SpendOutcome::kAboveMemberCap);
  LONGS_EQUAL(50, verdict.allowed.value);
  world.rights.on_applied(kTill, Seq{4});
  world.restart();
  world.rights.confirm(at_hour(0));
  expect_sale(SpendOutcome::kAboveMemberCap, ask_of(3, 51));
  expect_sale(SpendOutcome::kApproved, ask_of(4, 50));
  expect_sale(SpendOutcome::kApproved, ask_of(5, 51, MemberId{78}));
}

TEST(RightBudgets, PastDeadlineOrFenced_NothingIsApproved) {
  expect_sale(SpendOutcome::kPastDeadline, ask_of(1, 10), 72);
  expect_cut(CutOutcome::kNoBudget,
             world.rights.cut_slice({kTill, kTillBoot, Points{10}}, at_hour(72).boot));
  world.rights.fence(Epoch{6});
  world.commit();
  expect_sale(SpendOutcome::kNoRight, ask_of(1, 10));
  expect_cut(CutOutcome::kNoBudget, cut(10));
  LONGS_EQUAL(0, unsliced());
}

TEST(RightBudgets, Frozen_NothingIsApprovedOrCut) {
  world.restart();
  expect_sale(SpendOutcome::kFrozen, ask_of(1, 10));
  expect_cut(CutOutcome::kFrozen, cut(10));
}

TEST(RightBudgets, UsedUpAndAtTheOa_IsForgottenAndLeavesItsMark) {
  const auto ask = ask_of(1, 1'000);
  const auto sold = world.sell(ask);
  LONGS_EQUAL(1, world.disk.budgets.size());
  world.upload(ask, 3, {sold.leg});
  world.rights.on_applied(kTill, Seq{3});
  world.commit();
  LONGS_EQUAL(0, world.disk.budgets.size());
  CHECK_TRUE(world.take(budget_of(9, 1'000)) == TakeOutcome::kLate);
  LONGS_EQUAL(9, world.rights.holdings().newest_budget.value);
}

TEST(RightBudgets, Slice_IsAtMostWhatTheOaAllowsATerminal) {
  const auto result = cut(800);
  expect_cut(CutOutcome::kCut, result);
  LONGS_EQUAL(500, result.slice.points.value);
  CHECK_TRUE(result.slice.budget.grant == budget_of(9, 1'000));
  LONGS_EQUAL(500, unsliced());
  LONGS_EQUAL(500, out());
}

TEST(RightBudgets, SlicesTogether_AreNeverMoreThanTheBudget) {
  expect_sale(SpendOutcome::kApproved, ask_of(1, 300));
  LONGS_EQUAL(500, cut(500).slice.points.value);
  LONGS_EQUAL(200, cut(500, {TerminalId{102}, Incarnation{1}}).slice.points.value);
  expect_cut(CutOutcome::kNotEnough, cut(1, {TerminalId{103}, Incarnation{1}}));
  expect_sale(SpendOutcome::kNotEnough, ask_of(2, 1));
}

TEST(RightBudgets, AskedForASliceAgain_TerminalGetsTheSameOne) {
  const auto first = cut(200);
  const auto second = cut(400);
  CHECK_TRUE(first.slice.id == second.slice.id);
  LONGS_EQUAL(200, second.slice.points.value);
  LONGS_EQUAL(800, unsliced());
}

TEST(RightBudgets, NothingWantedOrNoTerminalMayHaveAny_NothingIsCut) {
  expect_cut(CutOutcome::kNotEnough, cut(0));
  expect_cut(CutOutcome::kNotEnough, cut(-5));
  right::Grant uncut = budget_of(10, 5'000);
  uncut.slice_points_max = Points{0};
  world.take(uncut);
  cut(500);
  cut(500, {TerminalId{102}, Incarnation{1}});
  expect_cut(CutOutcome::kNotEnough, cut(500, {TerminalId{103}, Incarnation{1}}));
}

TEST(RightBudgets, GivenBack_IsCreditedWhenTheStreamIsHere) {
  const auto slice = cut(500).slice;
  CHECK_TRUE(give_back(slice.id, 380, 6, 4));
  LONGS_EQUAL(500, unsliced());
  CHECK_TRUE(world.upload(ask_of(1, 120), 5, {leg(120)}));
  LONGS_EQUAL(500, unsliced());
  world.rights.on_received(kTill, Seq{6});
  LONGS_EQUAL(880, unsliced());
  LONGS_EQUAL(0, out());
  LONGS_EQUAL(120, world.rights.exposure().not_at_oa.value);
}

TEST(RightBudgets, StatedAndFoundDiffer_TheLesserIsCredited) {
  const auto first = cut(500).slice;
  CHECK_TRUE(world.upload(ask_of(1, 120), 5, {leg(120)}));
  CHECK_TRUE(give_back(first.id, 500, 5, 5));  // Says it used nothing.
  LONGS_EQUAL(880, unsliced());
  const auto second = cut(500).slice;
  CHECK_TRUE(give_back(second.id, 100, 5, 5));  // Says it used 400 that nobody sees.
  LONGS_EQUAL(480, unsliced());
}

TEST(RightBudgets, ReturnsThatDoNotFit_AreRefused) {
  const auto slice = cut(500).slice;
  CHECK_FALSE(give_back({kEpoch, BootId{31}, 2}, 500, 5, 5));
  CHECK_FALSE(give_back(slice.id, 500, 5, 5, {TerminalId{102}, Incarnation{1}}));
  CHECK_FALSE(give_back(slice.id, 500, 4, 5));  // More of its journal is here than it says it has.
  CHECK_TRUE(give_back(slice.id, 500, 5, 5));
  CHECK_FALSE(give_back(slice.id, 500, 5, 5));
  LONGS_EQUAL(1'000, unsliced());
}

TEST(RightBudgets, TerminalStartedAnew_UnspentComesBackWithTheOldBootsRecords) {
  cut(500);
  world.rights.on_terminal_hello(kTill, BootId{9002}, Seq{8}, Seq{5});
  LONGS_EQUAL(500, out());
  CHECK_TRUE(world.upload(ask_of(1, 120), 7, {leg(120)}));
  LONGS_EQUAL(380, out());
  world.rights.on_received(kTill, Seq{8});
  LONGS_EQUAL(880, unsliced());
  LONGS_EQUAL(0, out());
}

TEST(RightBudgets, SameBootAgainOrJournalPutBack_ProvesNothing) {
  cut(500);
  world.rights.on_terminal_hello(kTill, kTillBoot, Seq{8}, Seq{8});
  LONGS_EQUAL(500, out());
  world.rights.on_terminal_hello(kTill, BootId{9002}, Seq{7}, Seq{8});
  LONGS_EQUAL(500, out());
  world.rights.on_terminal_hello({TerminalId{101}, Incarnation{2}}, BootId{9003}, Seq{0}, Seq{0});
  LONGS_EQUAL(500, out());
}

TEST(RightBudgets, SecondSliceOfABoot_HasItsOwnRecords) {
  const auto first = cut(200).slice;
  CHECK_TRUE(give_back(first.id, 150, 6, 4));
  const auto second = cut(300).slice;
  CHECK_TRUE(second.id != first.id);
  CHECK_TRUE(world.upload(ask_of(1, 50), 6, {leg(50)}));
  CHECK_TRUE(world.upload(ask_of(2, 70), 7, {leg(70)}));
  LONGS_EQUAL(230, out());
  LONGS_EQUAL(650, unsliced());
}

TEST(RightBudgets, MoreThanTheSlice_IsSeen) {
  cut(200);
  CHECK_TRUE(world.upload(ask_of(1, 150), 5, {leg(150)}));
  CHECK_FALSE(world.upload(ask_of(2, 60), 6, {leg(60)}));
  LONGS_EQUAL(0, out());
  CHECK_FALSE(world.upload(ask_of(3, 10), 7, {leg(10)}, BootId{9002}));  // Of no slice at all.
}

TEST(RightBudgets, SaleLetThroughByATerminal_IsNeverAnsweredHere) {
  cut(200);
  const auto ask = ask_of(1, 150);
  world.upload(ask, 5, {leg(150)});
  expect_sale(SpendOutcome::kSaleClosed, ask);
  world.rights.on_applied(kTill, Seq{5});
  expect_sale(SpendOutcome::kSaleClosed, ask);
}

TEST(RightBudgets, FencedWithASliceOut_StaysInTheExposureUntilItIsProved) {
  cut(500);
  world.rights.fence(Epoch{6});
  world.commit();
  LONGS_EQUAL(0, out());
  LONGS_EQUAL(500, world.rights.exposure().fenced.value);
  CHECK_TRUE(world.rights.holdings().live.empty());
  world.restart();
  world.rights.confirm(at_hour(1));
  LONGS_EQUAL(500, world.rights.exposure().fenced.value);
  world.upload(ask_of(1, 100), 5, {leg(100)});
  LONGS_EQUAL(400, world.rights.exposure().fenced.value);
  world.rights.on_terminal_hello(kTill, BootId{9002}, Seq{5}, Seq{5});
  world.commit();
  LONGS_EQUAL(0, world.rights.exposure().fenced.value);
  LONGS_EQUAL(0, world.disk.budgets.size());
  LONGS_EQUAL(0, world.disk.slices.size());
}

TEST(RightBudgets, FencedUse_DoesNotCountInTheNewEpoch) {
  cut(500);
  world.rights.fence(Epoch{6});
  right::Grant next = budget_of(1, 1'000);
  next.epoch = Epoch{6};
  next.member_points_max = Points{300};
  world.take(next);
  world.upload(ask_of(1, 100), 5, {leg(100)});
  expect_sale(SpendOutcome::kApproved, ask_of(2, 300));
}

TEST(RightBudgets, SliceNumbers_RiseOverBootsAndAreNeverGivenAgain) {
  const auto first = cut(200).slice;
  CHECK_TRUE(give_back(first.id, 200, 5, 5));
  world.restart();
  world.rights.confirm(at_hour(0));
  const auto second = cut(200).slice;
  LONGS_EQUAL(first.id.n + 1, second.id.n);
  CHECK_TRUE(first.id.gateway_boot != second.id.gateway_boot);
}

TEST(RightBudgets, StaticCode_GetsATenthAndIsToldSo) {
  right::GatewayRightsConfig config = rights_config();
  config.limits.txn_points_max = Points{500};
  GatewayWorld strict{config};
  strict.take(budget_of(9, 1'000));
  right::Attempt attempt = attempt_of(51);
  attempt.code = right::CodeStrength::kStatic;
  const auto verdict = strict.rights.authorise(ask_of(1, 51), attempt, at_hour(0).boot);
  CHECK_TRUE(verdict.outcome == SpendOutcome::kAboveTxnMax);
  LONGS_EQUAL(50, verdict.allowed.value);
}

TEST(RightBudgets, DayOfAMember_CountsLeasesToo) {
  right::GatewayRightsConfig config = rights_config();
  config.limits.member_day_points_max = Points{500};
  GatewayWorld strict{config};
  strict.take(budget_of(9, 1'000));
  strict.take(lease_of(20, 400));
  CHECK_TRUE(strict.sell(ask_of(1, 400)).leg.kind == RightKind::kLease);
  CHECK_TRUE(strict.sell(ask_of(2, 101)).outcome == SpendOutcome::kAboveDayMax);
  right::Attempt tomorrow = attempt_of(101);
  tomorrow.today = BusinessDay{20'001};
  CHECK_TRUE(strict.rights.authorise(ask_of(3, 101), tomorrow, at_hour(0).boot).approved());
}
