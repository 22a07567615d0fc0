#include "core/program/program.hpp"

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
