#include "core/program/program.hpp"

#include <algorithm>
#include <chrono>

#include "core/base/mutant.hpp"
#include "core/program/evaluate.hpp"

namespace tally::program {

Points points_earned(const Program& program, Money bill) {
  Sale sale;
  sale.bill = bill;
  return evaluate(program, sale, {}).points;
}

std::optional<BusinessDay> last_day_of_points(const Program& program, BusinessDay earned_on) {
  if (program.lot_life_days == 0) {
    return std::nullopt;
  }
  const std::chrono::sys_days end{std::chrono::days{earned_on.days + program.lot_life_days}};
  const std::chrono::year_month_day date{end};
  unsigned month = static_cast<unsigned>(date.month());
  switch (program.expiry_at) {
    case PeriodEnd::kMonth:
      break;
    case PeriodEnd::kQuarter:
      month = (month + 2) / 3 * 3;
      break;
    case PeriodEnd::kYear:
      month = 12;
      break;
  }
  const std::chrono::sys_days last{date.year() / std::chrono::month{month} / std::chrono::last};
  return BusinessDay{static_cast<std::int32_t>(last.time_since_epoch().count())};
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
