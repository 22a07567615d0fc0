#include "core/right/slice.hpp"

#include "tests/core/right/right_rig.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::test;
using right::CutSlice;
using right::SliceOutcome;
using right::SpendOutcome;
using right::TerminalSlice;

TEST_GROUP(RightSlice) {
  TerminalSlice slice{{kStore, oa_key().public_key(), no_limits(), kMargin}};

  CutSlice cut(std::uint64_t n, std::int64_t points) {
    return {{kEpoch, BootId{31}, n}, signed_by_oa(budget_of(9, 2'000)), Points{points}, kDay};
  }
  void expect_taken(SliceOutcome outcome, const CutSlice& offered) {
    LONGS_EQUAL(static_cast<int>(outcome), static_cast<int>(slice.take(offered, BootTime{0})));
  }
  void expect_spend(SpendOutcome outcome,
                    std::int64_t points,
                    std::int64_t now_ms = 1'000,
                    MemberId member = kMember) {
    const auto verdict = slice.begin_spend(attempt_of(points, member), BootTime{now_ms});
    LONGS_EQUAL(static_cast<int>(outcome), static_cast<int>(verdict.outcome));
  }
};

TEST(RightSlice, Spend_NamesTheBudgetAndDecrementsAfterTheSync) {
  expect_taken(SliceOutcome::kTaken, cut(1, 1'000));
  const auto verdict = slice.begin_spend(attempt_of(300), BootTime{1'000});
  CHECK_TRUE(verdict.leg ==
             (record::FundingLeg{RightKind::kSlice, RightId{9}, kEpoch, Points{300}}));
  LONGS_EQUAL(1'000, slice.left().value);
  CHECK_TRUE(slice.finish_spend(BootTime{1'100}));
  LONGS_EQUAL(700, slice.left().value);
}

TEST(RightSlice, WithoutSlice_NothingIsSpent) {
  expect_spend(SpendOutcome::kNoRight, 1);
  CHECK_FALSE(slice.give_back(Seq{4}).has_value());
}

TEST(RightSlice, MoreThanIsLeft_IsNotEnough) {
  expect_taken(SliceOutcome::kTaken, cut(1, 1'000));
  expect_spend(SpendOutcome::kNotEnough, 1'001);
  expect_spend(SpendOutcome::kApproved, 1'000);
  CHECK_TRUE(slice.finish_spend(BootTime{2'000}));
  expect_spend(SpendOutcome::kNotEnough, 1);
}

TEST(RightSlice, Deadline_IsCheckedBeforeAndAfterTheSync) {
  expect_taken(SliceOutcome::kTaken, cut(1, 1'000));
  const std::int64_t last = kDay.ms - kMargin.ms - 1;
  expect_spend(SpendOutcome::kPastDeadline, 10, last + 1);
  expect_spend(SpendOutcome::kApproved, 10, last);
  CHECK_FALSE(slice.finish_spend(BootTime{last + 1}));
  LONGS_EQUAL(990, slice.left().value);  // Its record exists: it is spent all the same.
}

TEST(RightSlice, FencedDuringTheSync_IsNotShown) {
  expect_taken(SliceOutcome::kTaken, cut(1, 1'000));
  expect_spend(SpendOutcome::kApproved, 10);
  slice.fence(kGateway, Epoch{6});
  CHECK_FALSE(slice.finish_spend(BootTime{2'000}));
  CHECK_FALSE(slice.held());
}

TEST(RightSlice, SyncFailed_NothingIsSpentAnyMore) {
  expect_taken(SliceOutcome::kTaken, cut(1, 1'000));
  expect_spend(SpendOutcome::kApproved, 10);
  slice.fail_spend();
  expect_spend(SpendOutcome::kNoRight, 10);
  CHECK_FALSE(slice.give_back(Seq{4}).has_value());
}

TEST(RightSlice, GivenBack_SaysTheRestAndIsGone) {
  expect_taken(SliceOutcome::kTaken, cut(1, 1'000));
  expect_spend(SpendOutcome::kApproved, 300);
  CHECK_FALSE(slice.give_back(Seq{4}).has_value());  // Not while a record is on its way to disk.
  CHECK_TRUE(slice.finish_spend(BootTime{2'000}));
  const auto statement = slice.give_back(Seq{4});
  LONGS_EQUAL(700, statement->unspent.value);
  LONGS_EQUAL(4, statement->head.value);
  expect_spend(SpendOutcome::kNoRight, 1);
}

TEST(RightSlice, SameSliceAgain_NeverComesBack) {
  expect_taken(SliceOutcome::kTaken, cut(2, 1'000));
  expect_taken(SliceOutcome::kKnown, cut(2, 1'000));
  CHECK_TRUE(slice.give_back(Seq{4}).has_value());
  expect_taken(SliceOutcome::kKnown, cut(2, 1'000));
  expect_taken(SliceOutcome::kKnown, cut(1, 1'000));
  expect_taken(SliceOutcome::kTaken, cut(3, 1'000));
}

TEST(RightSlice, SecondOneBeforeTheFirstIsBack_IsRefused) {
  expect_taken(SliceOutcome::kTaken, cut(1, 400));
  expect_taken(SliceOutcome::kBusy, cut(2, 400));
  LONGS_EQUAL(400, slice.left().value);
}

TEST(RightSlice, WhatTheOaDidNotSign_IsRefused) {
  CutSlice offered = cut(1, 500);
  offered.budget.grant.slice_points_max = Points{2'000};
  expect_taken(SliceOutcome::kForged, offered);
  offered.budget = signed_by_oa(lease_of(9, 2'000));
  expect_taken(SliceOutcome::kForged, offered);
}

TEST(RightSlice, MoreThanTheGatewayMayCut_IsTooLarge) {
  expect_taken(SliceOutcome::kTooLarge, cut(1, 1'001));
  expect_taken(SliceOutcome::kTooLarge, cut(1, 0));
  expect_taken(SliceOutcome::kTaken, cut(1, 1'000));
}

TEST(RightSlice, OtherStoreOrFencedEpochOrOver_IsRefused) {
  CutSlice offered = cut(1, 500);
  offered.id.epoch = Epoch{6};
  expect_taken(SliceOutcome::kOldEpoch, offered);
  offered = cut(1, 500);
  offered.lifetime = kMargin;
  expect_taken(SliceOutcome::kPastDeadline, offered);
  right::Grant elsewhere = budget_of(9, 2'000);
  elsewhere.store = StoreId{4};
  offered = cut(1, 500);
  offered.budget = signed_by_oa(elsewhere);
  expect_taken(SliceOutcome::kForeign, offered);
  slice.fence(kGateway, Epoch{6});
  expect_taken(SliceOutcome::kOldEpoch, cut(1, 500));
}

TEST(RightSlice, LifetimeOfALyingGateway_IsTheBudgetsAtMost) {
  CutSlice offered = cut(1, 500);
  offered.lifetime = Duration{INT64_MAX};
  expect_taken(SliceOutcome::kTaken, offered);
  expect_spend(SpendOutcome::kPastDeadline, 10, 3 * kDay.ms);
}

TEST(RightSlice, MembersCap_HoldsOverSlicesUntilTheEpochEnds) {
  right::Grant budget = budget_of(9, 2'000);
  budget.member_points_max = Points{500};
  CutSlice offered = cut(1, 1'000);
  offered.budget = signed_by_oa(budget);
  expect_taken(SliceOutcome::kTaken, offered);
  expect_spend(SpendOutcome::kApproved, 500);
  CHECK_TRUE(slice.finish_spend(BootTime{2'000}));
  CHECK_TRUE(slice.give_back(Seq{4}).has_value());
  offered.id.n = 2;
  expect_taken(SliceOutcome::kTaken, offered);
  expect_spend(SpendOutcome::kAboveMemberCap, 1);
  expect_spend(SpendOutcome::kApproved, 500, 1'000, MemberId{78});
}

TEST(RightSlice, RowOfLonelyRedemptions_EndsOnline) {
  right::OfflineLimits limits = no_limits();
  limits.in_a_row_max = 2;
  TerminalSlice strict{{kStore, oa_key().public_key(), limits, kMargin}};
  CHECK_TRUE(strict.take(cut(1, 1'000), BootTime{0}) == SliceOutcome::kTaken);
  for (int i = 0; i < 2; ++i) {
    CHECK_TRUE(strict.begin_spend(attempt_of(1), BootTime{1}).approved());
    CHECK_TRUE(strict.finish_spend(BootTime{2}));
  }
  CHECK_TRUE(strict.begin_spend(attempt_of(1), BootTime{3}).outcome ==
             SpendOutcome::kTooManyOffline);
  strict.went_online();
  CHECK_TRUE(strict.begin_spend(attempt_of(1), BootTime{3}).approved());
}
