#include "core/right/limits.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using right::Attempt;
using right::check_limits;
using right::CodeStrength;
using right::MemberSoFar;
using right::SpendOutcome;
using right::SpendVerdict;

TEST_GROUP(RightLimits) {
  right::OfflineLimits limits;
  Attempt attempt;
  MemberSoFar so_far;

  void setup() override {
    limits = {Points{1'000}, Points{1'500}, Points{1'200}, 3, 4, 50};
    attempt = {};
    attempt.points = Points{1'000};
    attempt.code = CodeStrength::kRotating;
    attempt.clock_anchored = true;
    attempt.random = 0xffff'ffff;
    so_far = {};
  }

  void expect(SpendOutcome outcome, std::int64_t allowed) {
    const SpendVerdict verdict = check_limits(limits, attempt, so_far);
    LONGS_EQUAL(static_cast<int>(outcome), static_cast<int>(verdict.outcome));
    LONGS_EQUAL(allowed, verdict.allowed.value);
  }
};

TEST(RightLimits, WithinAll_IsApproved) {
  expect(SpendOutcome::kApproved, 1'000);
}

TEST(RightLimits, NothingOrAbsurdlyMuch_IsOutOfRange) {
  for (const std::int64_t points : {std::int64_t{0}, std::int64_t{-5}, kAmountMax + 1}) {
    attempt.points = Points{points};
    expect(SpendOutcome::kAmountOutOfRange, 0);
  }
}

TEST(RightLimits, AboveTheSalesLimit_SaysHowMuchWouldDo) {
  attempt.points = Points{1'001};
  expect(SpendOutcome::kAboveTxnMax, 1'000);
  so_far.today = Points{900};  // Less is left of the day: that is what would be allowed.
  expect(SpendOutcome::kAboveTxnMax, 300);
}

TEST(RightLimits, AboveTheDay_SaysTheRest) {
  so_far.today = Points{201};
  expect(SpendOutcome::kAboveDayMax, 999);
  so_far.today = Points{200};
  expect(SpendOutcome::kApproved, 1'000);
  so_far.today = Points{5'000};
  expect(SpendOutcome::kAboveDayMax, 0);
}

TEST(RightLimits, AboveTheMembersCap_SaysTheRest) {
  so_far.under_cap = Points{501};
  expect(SpendOutcome::kAboveMemberCap, 999);
  so_far.under_cap = Points{500};
  expect(SpendOutcome::kApproved, 1'000);
}

TEST(RightLimits, FourthSaleOfTheDay_IsTooMany) {
  so_far.sales_today = 2;
  expect(SpendOutcome::kApproved, 1'000);
  so_far.sales_today = 3;
  expect(SpendOutcome::kTooManyToday, 0);
}

TEST(RightLimits, RowOfLonelyRedemptions_HasAnEnd) {
  attempt.in_a_row = 3;
  expect(SpendOutcome::kApproved, 1'000);
  attempt.in_a_row = 4;
  expect(SpendOutcome::kTooManyOffline, 0);
}

TEST(RightLimits, StaticCode_IsGoodForATenthRoundedDown) {
  limits.txn_points_max = Points{1'009};
  attempt.code = CodeStrength::kStatic;
  attempt.points = Points{101};
  expect(SpendOutcome::kAboveTxnMax, 100);
  attempt.points = Points{100};
  expect(SpendOutcome::kApproved, 100);
  so_far.today = Points{100};  // A tenth of 1,200 is 120.
  expect(SpendOutcome::kAboveDayMax, 20);
  so_far = {Points{140}, Points{0}, 0};  // A tenth of 1,500 is 150.
  expect(SpendOutcome::kAboveMemberCap, 10);
}

TEST(RightLimits, ClockNotAnchored_EveryCodeIsStatic) {
  attempt.clock_anchored = false;
  for (const CodeStrength code :
       {CodeStrength::kStatic, CodeStrength::kRotating, CodeStrength::kSigned}) {
    attempt.code = code;
    expect(SpendOutcome::kAboveTxnMax, 100);
  }
}

TEST(RightLimits, StaticShareOfATinyLimit_IsNothing) {
  limits.txn_points_max = Points{9};
  attempt.code = CodeStrength::kStatic;
  attempt.points = Points{1};
  expect(SpendOutcome::kAboveTxnMax, 0);
}

TEST(RightLimits, DrawnForTheLine_GoesOnlineOnlyWhileThereIsOne) {
  attempt.random = 0;
  expect(SpendOutcome::kApproved, 1'000);
  attempt.line_exists = true;
  expect(SpendOutcome::kGoOnline, 0);
}

TEST(RightLimits, ShareOfTheDraw_IsExact) {
  attempt.line_exists = true;
  // 50 of 1,000: the first twentieth of the numbers.
  attempt.random = 214'748'364;
  expect(SpendOutcome::kGoOnline, 0);
  attempt.random = 214'748'365;
  expect(SpendOutcome::kApproved, 1'000);
  limits.online_per_mille = 0;
  attempt.random = 0;
  expect(SpendOutcome::kApproved, 1'000);
  limits.online_per_mille = 1'000;
  attempt.random = 0xffff'ffff;
  expect(SpendOutcome::kGoOnline, 0);
}

TEST(RightLimits, SeveralBroken_TheFirstIsNamed) {
  attempt.points = Points{5'000};
  so_far = {Points{5'000}, Points{5'000}, 3};
  attempt.in_a_row = 4;
  attempt.line_exists = true;
  attempt.random = 0;
  expect(SpendOutcome::kGoOnline, 0);
  attempt.line_exists = false;
  expect(SpendOutcome::kTooManyOffline, 0);
  attempt.in_a_row = 0;
  expect(SpendOutcome::kTooManyToday, 0);
  so_far.sales_today = 0;
  expect(SpendOutcome::kAboveTxnMax, 0);
}

TEST(RightLimits, RightHoldsLess_TheRightDecides) {
  const SpendVerdict verdict =
      right::within(check_limits(limits, attempt, so_far), Points{400}, attempt.points);
  CHECK_TRUE(verdict.outcome == SpendOutcome::kNotEnough);
  LONGS_EQUAL(400, verdict.allowed.value);
}
