#include "core/program/program.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"

namespace tally::program {

Points points_earned(const Program& program, Money bill) {
  TALLY_ASSERT(bill.minor_units >= 0 && bill.minor_units <= kAmountMax);
  const std::int64_t step = program.earn_step.minor_units;
  const std::int64_t steps = TALLY_MUTANT("rounding/earn-rounds-up")
                                 ? (bill.minor_units + step - 1) / step
                                 : bill.minor_units / step;
  return Points{multiply_divide_floor(steps, program.earn_points.value, 1)};
}

Money worth_of(const Program& program, Points points) {
  TALLY_ASSERT(points.value % program.redeem_step.value == 0);
  return {multiply_divide_floor(
              points.value, program.redeem_step_worth.minor_units, program.redeem_step.value),
          program.redeem_step_worth.currency};
}

Points redeemable(const Program& program, Money bill, Points available) {
  const std::int64_t share_minor =
      multiply_divide_floor(bill.minor_units, program.bill_share_percent, 100);
  const std::int64_t worth = program.redeem_step_worth.minor_units;
  const std::int64_t by_share =
      (TALLY_MUTANT("rounding/bill-share-rounds-up") ? share_minor + worth - 1 : share_minor) /
      worth * program.redeem_step.value;
  const std::int64_t by_balance =
      available.value / program.redeem_step.value * program.redeem_step.value;
  const Points most{std::min(by_share, by_balance)};
  return most < program.redeem_min ? Points{0} : most;
}

RedeemCheck check_redemption(const Program& program, Money bill, Points available, Points chosen) {
  if (chosen.value <= 0 || chosen.value > kAmountMax ||
      chosen.value % program.redeem_step.value != 0) {
    return RedeemCheck::kNotAStep;
  }
  if (chosen < program.redeem_min) {
    return RedeemCheck::kBelowMinimum;
  }
  const std::int64_t share_minor =
      multiply_divide_floor(bill.minor_units, program.bill_share_percent, 100);
  const std::int64_t worth = worth_of(program, chosen).minor_units;
  if (worth > share_minor && !TALLY_MUTANT("rounding/bill-share-rounds-up")) {
    return RedeemCheck::kAboveBillShare;
  }
  return chosen > available ? RedeemCheck::kNotEnoughPoints : RedeemCheck::kOk;
}

}  // namespace tally::program
