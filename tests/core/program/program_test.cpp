#include "core/program/program.hpp"

#include "core/program/check.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using program::Program;
using program::RedeemCheck;

TEST_GROUP(Program) {
  Program rules;
};

TEST(Program, Earn_PartOfAStep_EarnsNothingForThePart) {
  LONGLONGS_EQUAL(128, program::points_earned(rules, {12'850, Currency::kCny}).value);
  LONGLONGS_EQUAL(0, program::points_earned(rules, {99, Currency::kCny}).value);
  LONGLONGS_EQUAL(1, program::points_earned(rules, {100, Currency::kCny}).value);
}

TEST(Program, Redeemable_IsBoundByBalanceShareAndStep) {
  LONGLONGS_EQUAL(120, program::redeemable(rules, {12'850, Currency::kCny}, Points{128}).value);
  LONGLONGS_EQUAL(500, program::redeemable(rules, {1'000, Currency::kCny}, Points{100'000}).value);
}

TEST(Program, Redeemable_BelowTheMinimum_IsNothing) {
  LONGLONGS_EQUAL(0, program::redeemable(rules, {12'850, Currency::kCny}, Points{49}).value);
  LONGLONGS_EQUAL(0, program::redeemable(rules, {80, Currency::kCny}, Points{1'000}).value);
}

TEST(Program, Check_EachRefusal_InItsPrecedence) {
  const Money bill{1'000, Currency::kCny};
  CHECK(program::check_redemption(rules, bill, Points{1'000}, Points{55}) ==
        RedeemCheck::kNotAStep);
  CHECK(program::check_redemption(rules, bill, Points{1'000}, Points{0}) == RedeemCheck::kNotAStep);
  CHECK(program::check_redemption(rules, bill, Points{1'000}, Points{40}) ==
        RedeemCheck::kBelowMinimum);
  CHECK(program::check_redemption(rules, bill, Points{1'000}, Points{510}) ==
        RedeemCheck::kAboveBillShare);
  CHECK(program::check_redemption(rules, bill, Points{100}, Points{200}) ==
        RedeemCheck::kNotEnoughPoints);
  CHECK(program::check_redemption(rules, bill, Points{200}, Points{200}) == RedeemCheck::kOk);
}

TEST(Program, DefaultRules_AreTaken) {
  CHECK_FALSE(program::check(rules).has_value());
}

TEST(Program, AnyAmountInAnotherCurrency_IsRefused) {
  const Money dollar{100, Currency::kUsd};
  Program bill = rules;
  bill.bill_max = dollar;
  Program worth = rules;
  worth.redeem_step_worth = dollar;
  Program tier = rules;
  tier.tiers = {{dollar}};
  Program threshold = rules;
  threshold.thresholds = {{dollar, 10, Points{}}};
  for (const Program& each : {bill, worth, tier, threshold}) {
    const auto fault = program::check(each);
    CHECK_TRUE(fault.has_value());
    STRCMP_CONTAINS("currency is 840, not 156", program::describe(*fault).c_str());
  }
}

TEST(Program, ChoiceNobodyKnows_IsRefused) {
  Program rounding = rules;
  rounding.rounding = static_cast<program::Rounding>(3);
  STRCMP_EQUAL("rounding is 3, not in 0 to 2", describe(*program::check(rounding)).c_str());
  Program count = rules;
  count.step_count = static_cast<program::StepCount>(2);
  STRCMP_EQUAL("step_count is 2, not in 0 to 1", describe(*program::check(count)).c_str());
  Program expiry = rules;
  expiry.expiry_at = static_cast<program::PeriodEnd>(9);
  STRCMP_EQUAL("expiry_at is 9, not in 0 to 2", describe(*program::check(expiry)).c_str());
  Program currency = rules;
  currency.earn_step.currency = static_cast<Currency>(1);
  STRCMP_EQUAL("currency is 1, not 156", describe(*program::check(currency)).c_str());
}

TEST(Program, MoreThanAListHolds_IsRefused) {
  Program bonuses = rules;
  bonuses.bonuses.resize(33);
  STRCMP_EQUAL("bonuses.count is 33, not in 0 to 32", describe(*program::check(bonuses)).c_str());
  Program coupons = rules;
  coupons.coupons.resize(65);
  STRCMP_EQUAL("coupons.count is 65, not in 0 to 64", describe(*program::check(coupons)).c_str());
}
