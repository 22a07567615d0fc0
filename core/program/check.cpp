#include "core/program/check.hpp"

#include <algorithm>

namespace tally::program {
namespace {

constexpr std::int32_t kExtraPercentMax = 1'000;
constexpr std::int32_t kDaysMax = 3'660;
constexpr std::int64_t kPiecePointsMax = 1'000'000'000;
constexpr std::int64_t kEarnPointsMax = 1'000'000;
constexpr std::int64_t kEarnPointsPerMinorUnitMax = 100;
constexpr std::int64_t kCategoriesOfBonusMax = static_cast<std::int64_t>(kCategoriesMax);

/// Keeps the first figure that is out of its bounds.
class Checker {
 public:
  explicit Checker(Currency currency) : currency_(currency) {}

  /// What follows belongs to an entry of a list.
  void at(std::string_view list, std::size_t entry) {
    list_ = list;
    entry_ = entry;
  }
  void at_top() { at({}, 0); }

  void range(std::string_view field,
             std::int64_t value,
             std::int64_t lowest,
             std::int64_t highest) {
    if (!fault_ && (value < lowest || value > highest)) {
      fault_ = Fault{list_, entry_, field, value, lowest, highest};
    }
  }
  void money(std::string_view field, Money value, std::int64_t lowest, std::int64_t highest) {
    const auto code = static_cast<std::int64_t>(currency_);
    range("currency", static_cast<std::int64_t>(value.currency), code, code);
    range(field, value.minor_units, lowest, highest);
  }
  void count(std::string_view field, std::size_t size, std::size_t lowest, std::size_t highest) {
    range(field,
          static_cast<std::int64_t>(size),
          static_cast<std::int64_t>(lowest),
          static_cast<std::int64_t>(highest));
  }
  template <class Enum>
  void choice(std::string_view field, Enum value, Enum last) {
    range(field, static_cast<std::int64_t>(value), 0, static_cast<std::int64_t>(last));
  }

  const std::optional<Fault>& fault() const { return fault_; }

 private:
  Currency currency_;
  std::string_view list_;
  std::size_t entry_ = 0;
  std::optional<Fault> fault_;
};

void check_earning(Checker& is, const Program& program) {
  const std::int64_t bill_max = program.bill_max.minor_units;
  const auto currency = static_cast<std::int64_t>(program.earn_step.currency);
  if (currency != static_cast<std::int64_t>(Currency::kEur) &&
      currency != static_cast<std::int64_t>(Currency::kUsd)) {
    const auto cny = static_cast<std::int64_t>(Currency::kCny);
    is.range("currency", currency, cny, cny);
  }
  is.range("version", program.version.value, 1, UINT32_MAX);
  is.money("bill_max", program.bill_max, 1, kAmountMax);
  is.money("earn_step", program.earn_step, 1, kAmountMax);
  is.range("earn_points",
           program.earn_points.value,
           1,
           std::min(kEarnPointsMax, program.earn_step.minor_units * kEarnPointsPerMinorUnitMax));
  is.choice("step_count", program.step_count, StepCount::kParts);
  is.choice("rounding", program.rounding, Rounding::kUp);
  is.money("earn_from", program.earn_from, 0, bill_max);
  is.range("sale_points_max", program.sale_points_max.value, 0, kAmountMax);
  is.range("day_points_max", program.day_points_max.value, 0, kAmountMax);
  is.count("excluded_categories.count", program.excluded_categories.size(), 0, kCategoriesMax);
  for (std::size_t i = 0; i < program.excluded_categories.size(); ++i) {
    is.at("excluded_categories", i);
    is.range("category", program.excluded_categories[i], 1, kCategoryMax);
  }
  is.at_top();
}

void check_bonus(Checker& is, const Program& program, const Bonus& bonus) {
  const auto needed = [&bonus](BonusKind kind) { return bonus.kind == kind ? 1 : 0; };
  const std::int64_t all_tiers = (std::int64_t{2} << program.tiers.size()) - 1;
  is.choice("kind", bonus.kind, BonusKind::kFirstPurchase);
  is.range("extra_percent", bonus.extra_percent, 1, kExtraPercentMax);
  is.range("tiers", bonus.tiers, needed(BonusKind::kTier), all_tiers);
  is.range("categories.count",
           static_cast<std::int64_t>(bonus.categories.size()),
           needed(BonusKind::kCategory),
           kCategoriesOfBonusMax);
  for (const std::uint32_t category : bonus.categories) {
    is.range("category", category, 1, kCategoryMax);
  }
  is.range("from_hour", bonus.from_hour, 0, 23);
  is.range("until_hour", bonus.until_hour, 1, 24);
  if (bonus.from_hour == bonus.until_hour) {
    is.range("until_hour", bonus.until_hour, bonus.from_hour + 1, 24);
  }
  const bool all_day = bonus.from_hour == 0 && bonus.until_hour == 24;
  is.range("weekdays", bonus.weekdays, all_day ? needed(BonusKind::kTime) : 0, 127);
  is.range("birthday",
           static_cast<std::int64_t>(bonus.birthday),
           needed(BonusKind::kBirthday),
           static_cast<std::int64_t>(BirthdayWindow::kMonth));
  is.range("first_purchase", bonus.first_purchase ? 1 : 0, needed(BonusKind::kFirstPurchase), 1);
}

void check_thresholds(Checker& is, const Program& program) {
  is.count("thresholds.count", program.thresholds.size(), 0, kThresholdsMax);
  Threshold before;
  for (std::size_t i = 0; i < program.thresholds.size(); ++i) {
    const Threshold& threshold = program.thresholds[i];
    is.at("thresholds", i);
    is.money("at_least",
             threshold.at_least,
             before.at_least.minor_units + 1,
             program.bill_max.minor_units);
    is.range("extra_percent", threshold.extra_percent, before.extra_percent, kExtraPercentMax);
    is.range("extra_points",
             threshold.extra_points.value,
             std::max<std::int64_t>(threshold.extra_percent > 0 ? 0 : 1, before.extra_points.value),
             kPiecePointsMax);
    before = threshold;
  }
  is.at_top();
}

void check_tiers(Checker& is, const Program& program) {
  is.count("tiers.count", program.tiers.size(), 0, kTiersMax);
  std::int64_t before = 0;
  for (std::size_t i = 0; i < program.tiers.size(); ++i) {
    is.at("tiers", i);
    is.money("spent_at_least", program.tiers[i].spent_at_least, before + 1, kAmountMax);
    before = program.tiers[i].spent_at_least.minor_units;
  }
  is.at_top();
  is.range("tier_period_days", program.tier_period_days, 1, kDaysMax);
  is.range("tier_kept_days", program.tier_kept_days, 1, kDaysMax);
}

void check_coupon(Checker& is, const Program& program, std::size_t entry) {
  const Coupon& coupon = program.coupons[entry];
  is.count("code.length", coupon.code.size(), 1, kCouponCodeLengthMax);
  is.range("code.letters_not_allowed",
           std::count_if(coupon.code.begin(),
                         coupon.code.end(),
                         [](char c) { return (c < 'A' || c > 'Z') && (c < '0' || c > '9'); }),
           0,
           0);
  const auto end = program.coupons.begin() + static_cast<std::ptrdiff_t>(entry);
  is.range("code.times_before",
           std::count_if(program.coupons.begin(),
                         end,
                         [&coupon](const Coupon& other) { return other.code == coupon.code; }),
           0,
           0);
  is.range("extra_points", coupon.extra_points.value, 0, kPiecePointsMax);
  is.range("extra_percent", coupon.extra_percent, 0, kExtraPercentMax);
  is.money("money_off", coupon.money_off, 0, program.bill_max.minor_units);
  is.range("benefits",
           (coupon.extra_points.value > 0 ? 1 : 0) + (coupon.extra_percent > 0 ? 1 : 0) +
               (coupon.money_off.minor_units > 0 ? 1 : 0),
           1,
           1);
  is.money("bill_at_least", coupon.bill_at_least, 0, program.bill_max.minor_units);
  is.range("days", std::int64_t{coupon.last_day.days} - coupon.first_day.days + 1, 1, kDaysMax);
}

void check_spending(Checker& is, const Program& program) {
  is.range("lot_life_days", program.lot_life_days, 0, kDaysMax);
  is.choice("expiry_at", program.expiry_at, PeriodEnd::kYear);
  is.range("pending_days", program.pending_days, 0, kDaysMax);
  is.range("redeem_step", program.redeem_step.value, 1, kPiecePointsMax);
  is.range("redeem_min", program.redeem_min.value, 1, kAmountMax);
  is.money("redeem_step_worth", program.redeem_step_worth, 1, program.bill_max.minor_units);
  is.range("bill_share_percent", program.bill_share_percent, 0, 100);
  is.range("refund_grace_days", program.refund_grace_days, 0, kDaysMax);
}

}  // namespace

std::string describe(const Fault& fault) {
  std::string text;
  if (!fault.list.empty()) {
    text.append(fault.list).append("[").append(std::to_string(fault.entry)).append("].");
  }
  text.append(fault.field).append(" is ").append(std::to_string(fault.value));
  if (fault.lowest == fault.highest) {
    return text.append(", not ").append(std::to_string(fault.lowest));
  }
  return text.append(", not in ")
      .append(std::to_string(fault.lowest))
      .append(" to ")
      .append(std::to_string(fault.highest));
}

std::optional<Fault> check(const Program& program) {
  Checker is(program.earn_step.currency);
  check_earning(is, program);
  is.count("bonuses.count", program.bonuses.size(), 0, kBonusesMax);
  check_tiers(is, program);
  for (std::size_t i = 0; !is.fault() && i < program.bonuses.size(); ++i) {
    is.at("bonuses", i);
    check_bonus(is, program, program.bonuses[i]);
  }
  is.at_top();
  check_thresholds(is, program);
  is.count("coupons.count", program.coupons.size(), 0, kCouponsMax);
  for (std::size_t i = 0; !is.fault() && i < program.coupons.size(); ++i) {
    is.at("coupons", i);
    check_coupon(is, program, i);
  }
  is.at_top();
  check_spending(is, program);
  return is.fault();
}

std::optional<Fault> check(const Program& program, const Sale& sale, const MemberFacts& member) {
  Checker is(program.earn_step.currency);
  is.money("bill", sale.bill, 0, program.bill_max.minor_units);
  is.count("lines.count", sale.lines.size(), 0, kLinesMax);
  for (std::size_t i = 0; i < sale.lines.size(); ++i) {
    is.at("lines", i);
    is.range("category", sale.lines[i].category, 0, kCategoryMax);
    is.range("amount_minor", sale.lines[i].amount_minor, 0, kAmountMax);
  }
  is.at_top();
  is.range("hour", sale.hour.value_or(0), 0, 23);
  is.count("coupon.length", sale.coupon.size(), 0, kCouponCodeLengthMax);
  is.count("tier", member.tier, 0, program.tiers.size());
  if (member.birthday) {
    is.range("birthday.month", member.birthday->month, 1, 12);
    const auto month = static_cast<unsigned>(member.birthday->month);
    const unsigned last = month == 2                                              ? 29
                          : month == 4 || month == 6 || month == 9 || month == 11 ? 30
                                                                                  : 31;
    is.range("birthday.day", member.birthday->day, 1, last);
  }
  is.range("earned_today", member.earned_today.value, 0, kAmountMax);
  return is.fault();
}

}  // namespace tally::program
