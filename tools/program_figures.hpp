// Names and order of everything in a program's file: one list of keys for reading, writing and
// comparing. Internal to tools/program_file.cpp.
#pragma once

#include <array>
#include <utility>

#include "core/program/program.hpp"

namespace tally::tools {

inline constexpr std::array kCurrencies{std::pair{"CNY", Currency::kCny},
                                        std::pair{"EUR", Currency::kEur},
                                        std::pair{"USD", Currency::kUsd}};
inline constexpr std::array kStepCounts{std::pair{"whole", program::StepCount::kWhole},
                                        std::pair{"parts", program::StepCount::kParts}};
inline constexpr std::array kRoundings{std::pair{"down", program::Rounding::kDown},
                                       std::pair{"half up", program::Rounding::kHalfUp},
                                       std::pair{"up", program::Rounding::kUp}};
inline constexpr std::array kPeriodEnds{std::pair{"month", program::PeriodEnd::kMonth},
                                        std::pair{"quarter", program::PeriodEnd::kQuarter},
                                        std::pair{"year", program::PeriodEnd::kYear}};
inline constexpr std::array kBonusKinds{
    std::pair{"tier", program::BonusKind::kTier},
    std::pair{"category", program::BonusKind::kCategory},
    std::pair{"time", program::BonusKind::kTime},
    std::pair{"birthday", program::BonusKind::kBirthday},
    std::pair{"first purchase", program::BonusKind::kFirstPurchase}};
inline constexpr std::array kWindows{std::pair{"none", program::BirthdayWindow::kNone},
                                     std::pair{"day", program::BirthdayWindow::kDay},
                                     std::pair{"week", program::BirthdayWindow::kWeek},
                                     std::pair{"month", program::BirthdayWindow::kMonth}};
inline constexpr std::array kWeekdays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
inline constexpr std::array kTierNumbers{"0", "1", "2", "3", "4", "5", "6", "7"};

/// Visits the figures of a program with `Io`, which reads them from JSON or writes them.
template <class Io>
void visit(Io& io, program::Bonus& bonus) {
  io.choice("kind", bonus.kind, kBonusKinds);
  io.number("extra_percent", bonus.extra_percent);
  io.bits("tiers", bonus.tiers, kTierNumbers);
  io.numbers("categories", bonus.categories);
  io.bits("weekdays", bonus.weekdays, kWeekdays);
  io.number("from_hour", bonus.from_hour);
  io.number("until_hour", bonus.until_hour);
  io.choice("birthday", bonus.birthday, kWindows);
  io.flag("first_purchase", bonus.first_purchase);
}

template <class Io>
void visit(Io& io, program::Threshold& threshold) {
  io.money("at_least", threshold.at_least);
  io.number("extra_percent", threshold.extra_percent);
  io.number("extra_points", threshold.extra_points.value);
}

template <class Io>
void visit(Io& io, program::Tier& tier) {
  io.money("spent_at_least", tier.spent_at_least);
}

template <class Io>
void visit(Io& io, program::Coupon& coupon) {
  io.text("code", coupon.code);
  io.number("extra_points", coupon.extra_points.value);
  io.number("extra_percent", coupon.extra_percent);
  io.money("money_off", coupon.money_off);
  io.money("bill_at_least", coupon.bill_at_least);
  io.day("first_day", coupon.first_day);
  io.day("last_day", coupon.last_day);
  io.flag("once", coupon.once);
}

template <class Io>
void visit(Io& io, program::Program& program) {
  io.needed("version", program.version.value);
  io.currency(program.earn_step.currency);
  io.money("bill_max", program.bill_max);
  io.number("earn_points", program.earn_points.value);
  io.money("earn_step", program.earn_step);
  io.choice("step_count", program.step_count, kStepCounts);
  io.choice("rounding", program.rounding, kRoundings);
  io.money("earn_from", program.earn_from);
  io.number("sale_points_max", program.sale_points_max.value);
  io.number("day_points_max", program.day_points_max.value);
  io.numbers("excluded_categories", program.excluded_categories);
  io.list("bonuses", program.bonuses);
  io.list("thresholds", program.thresholds);
  io.list("coupons", program.coupons);
  io.number("lot_life_days", program.lot_life_days);
  io.choice("expiry_at", program.expiry_at, kPeriodEnds);
  io.number("pending_days", program.pending_days);
  io.list("tiers", program.tiers);
  io.number("tier_period_days", program.tier_period_days);
  io.number("tier_kept_days", program.tier_kept_days);
  io.flag("tier_falls_one_at_a_time", program.tier_falls_one_at_a_time);
  io.number("redeem_step", program.redeem_step.value);
  io.number("redeem_min", program.redeem_min.value);
  io.money("redeem_step_worth", program.redeem_step_worth);
  io.number("bill_share_percent", program.bill_share_percent);
  io.flag("debt_allowed", program.debt_allowed);
  io.number("refund_grace_days", program.refund_grace_days);
}

}  // namespace tally::tools
