#include "core/program/evaluate.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "core/base/mutant.hpp"
#include "core/program/coupon.hpp"

namespace tally::program {
namespace {

__extension__ using Wide = __int128;

constexpr std::size_t kRest = kLinesMax;  ///< The place of goods that no line names.

/// a * b / c, all of them not negative, with the quick division where it suffices.
std::int64_t share_of(Wide a, Wide b, Wide c, Wide* remainder) {
  const Wide product = a * b;
  if (product <= std::numeric_limits<std::int64_t>::max()) {
    const auto dividend = static_cast<std::int64_t>(product);
    if (c > dividend) {
      *remainder = dividend;
      return 0;
    }
    const auto divisor = static_cast<std::int64_t>(c);
    *remainder = dividend % divisor;
    return dividend / divisor;
  }
  *remainder = product % c;
  return static_cast<std::int64_t>(product / c);
}

/// Splits by the largest remainder; equal remainders go to the earlier part.
template <std::size_t N>
void split(Points whole,
           const std::array<Wide, N>& weights,
           std::size_t count,
           std::array<Points, N>& parts) {
  Wide total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    total += weights[i];
  }
  if (total == 0) {
    return;
  }
  std::array<Wide, N> remainders;
  std::int64_t left = whole.value;
  for (std::size_t i = 0; i < count; ++i) {
    parts[i] = Points{share_of(whole.value, weights[i], total, &remainders[i])};
    left -= parts[i].value;
  }
  for (; left > 0; --left) {
    const auto end = remainders.begin() + static_cast<std::ptrdiff_t>(count);
    const auto largest = std::max_element(remainders.begin(), end);
    parts[static_cast<std::size_t>(largest - remainders.begin())] += Points{1};
    *largest = -1;
  }
}

bool names(const std::vector<std::uint32_t>& categories, std::uint32_t category) {
  return std::find(categories.begin(), categories.end(), category) != categories.end();
}

class Evaluator {
 public:
  Evaluator(const Program& program, const Sale& sale, const MemberFacts& member, Evaluation& result)
      : program_(program), sale_(sale), member_(member), result_(result) {}

  void run();

 private:
  void weigh_lines();
  void choose_bonuses();
  void add_bonuses(std::size_t line);
  void add_threshold();
  void add_coupon();
  void add(StepKind kind, std::size_t rule, std::int32_t percent, std::int64_t amount_minor);
  void add_piece(StepKind kind, std::size_t rule, Points points);
  void round();
  void cap(StepKind kind, Points most);
  void share();
  /// Of an amount of the lines, what was paid. Rounded down.
  std::int64_t paid(std::int64_t amount_minor) const;

  const Program& program_;
  const Sale& sale_;
  const MemberFacts& member_;
  Evaluation& result_;
  std::int64_t lines_minor_ = 0;
  std::array<std::int64_t, kLinesMax + 1> amounts_{};   ///< That earn, before scaling.
  std::array<std::int32_t, kLinesMax + 1> percents_{};  ///< Of the base rate, of each.
  std::array<std::uint8_t, kBonusesMax> applying_;
  std::size_t applying_count_ = 0;
  std::array<std::int64_t, kBonusesMax> bonus_minor_{};
  std::int32_t whole_sale_percent_ = 0;
  std::array<Wide, kStepsMax> exact_{};  ///< Of each step, in (earn_step × 100)ths of a point.
};

std::int64_t Evaluator::paid(std::int64_t amount_minor) const {
  return lines_minor_ > sale_.bill.minor_units
             ? multiply_divide_floor(amount_minor, sale_.bill.minor_units, lines_minor_)
             : amount_minor;
}

void Evaluator::weigh_lines() {
  std::int64_t earning = 0;
  for (std::size_t i = 0; i < sale_.lines.size(); ++i) {
    const SaleLine& line = sale_.lines[i];
    TALLY_ASSERT(line.amount_minor >= 0 && line.amount_minor <= kAmountMax);
    lines_minor_ += line.amount_minor;
    if (!names(program_.excluded_categories, line.category)) {
      amounts_[i] = line.amount_minor;
      earning += line.amount_minor;
    }
  }
  amounts_[kRest] = std::max<std::int64_t>(0, sale_.bill.minor_units - lines_minor_);
  result_.eligible_minor = paid(earning) + amounts_[kRest];
  result_.excluded_minor = sale_.bill.minor_units - result_.eligible_minor;
}

void Evaluator::choose_bonuses() {
  for (std::size_t i = 0; i < program_.bonuses.size(); ++i) {
    if (applies(program_.bonuses[i], sale_, member_)) {
      applying_[applying_count_++] = static_cast<std::uint8_t>(i);
    }
  }
  for (std::size_t line = 0; applying_count_ > 0 && line <= kRest; ++line) {
    if (amounts_[line] > 0) {
      add_bonuses(line);
    }
  }
  for (std::size_t i = 0; i < applying_count_; ++i) {
    const std::size_t rule = applying_[i];
    if (bonus_minor_[rule] > 0) {
      add(StepKind::kBonus, rule, program_.bonuses[rule].extra_percent, paid(bonus_minor_[rule]));
    }
  }
}

void Evaluator::add_bonuses(std::size_t line) {
  const std::uint32_t category = line < sale_.lines.size() ? sale_.lines[line].category : 0;
  std::array<const Bonus*, kBonusKinds> best{};
  for (std::size_t i = 0; i < applying_count_; ++i) {
    const Bonus& bonus = program_.bonuses[applying_[i]];
    const Bonus*& held = best[static_cast<std::size_t>(bonus.kind)];
    if ((held == nullptr || bonus.extra_percent > held->extra_percent) &&
        (bonus.categories.empty() || names(bonus.categories, category))) {
      held = &bonus;
    }
  }
  for (const Bonus* bonus : best) {
    if (bonus != nullptr) {
      bonus_minor_[static_cast<std::size_t>(bonus - program_.bonuses.data())] += amounts_[line];
      percents_[line] += bonus->extra_percent;
    }
  }
}

void Evaluator::add_threshold() {
  const auto above = std::find_if(
      program_.thresholds.begin(), program_.thresholds.end(), [this](const Threshold& threshold) {
        return threshold.at_least.minor_units > result_.eligible_minor;
      });
  if (above == program_.thresholds.begin()) {
    return;
  }
  const auto rule = static_cast<std::size_t>(above - program_.thresholds.begin()) - 1;
  const Threshold& reached = program_.thresholds[rule];
  if (reached.extra_percent > 0) {
    add(StepKind::kThreshold, rule, reached.extra_percent, result_.eligible_minor);
    whole_sale_percent_ += reached.extra_percent;
  }
  add_piece(StepKind::kThresholdPoints, rule, reached.extra_points);
}

void Evaluator::add_coupon() {
  const Coupon* coupon = find_coupon(program_, sale_.coupon);
  if (coupon == nullptr ||
      check_coupon(*coupon, {result_.eligible_minor, sale_.bill.currency}, sale_.day) !=
          CouponCheck::kOk) {
    return;
  }
  const auto rule = static_cast<std::size_t>(coupon - program_.coupons.data());
  if (coupon->extra_percent > 0) {
    add(StepKind::kCoupon, rule, coupon->extra_percent, result_.eligible_minor);
    whole_sale_percent_ += coupon->extra_percent;
  }
  add_piece(StepKind::kCouponPoints, rule, coupon->extra_points);
}

void Evaluator::add(StepKind kind,
                    std::size_t rule,
                    std::int32_t percent,
                    std::int64_t amount_minor) {
  const std::int64_t step = program_.earn_step.minor_units;
  std::int64_t counted = amount_minor;
  if (program_.step_count == StepCount::kWhole) {
    counted -= amount_minor % step;
    if (TALLY_MUTANT("rounding/earn-rounds-up") && counted < amount_minor) {
      counted += step;
    }
  }
  exact_[result_.step_count] = static_cast<Wide>(counted) * program_.earn_points.value * percent;
  result_.all_steps[result_.step_count++] = {
      kind, static_cast<std::uint8_t>(rule), percent, amount_minor, counted, {}};
}

void Evaluator::add_piece(StepKind kind, std::size_t rule, Points points) {
  if (points != Points{0}) {
    result_.all_steps[result_.step_count++] = {
        kind, static_cast<std::uint8_t>(rule), 0, result_.eligible_minor, 0, points};
    result_.points += points;
  }
}

void Evaluator::round() {
  Wide exact = 0;
  for (std::size_t i = 0; i < result_.step_count; ++i) {
    exact += exact_[i];
  }
  const Wide one = static_cast<Wide>(program_.earn_step.minor_units) * 100;
  Wide dropped = 0;
  Points rounded{share_of(exact, 1, one, &dropped)};
  result_.was_rounded = dropped != 0;
  Wide ignored = 0;
  result_.exact_thousandths = rounded.value * 1'000 + share_of(dropped, 1'000, one, &ignored);
  if ((program_.rounding == Rounding::kUp && dropped > 0) ||
      (program_.rounding == Rounding::kHalfUp && dropped * 2 >= one)) {
    rounded += Points{1};
  }
  result_.points += rounded;
  std::array<Points, kStepsMax> parts;
  split(rounded, exact_, result_.step_count, parts);
  for (std::size_t i = 0; i < result_.step_count; ++i) {
    result_.all_steps[i].points += parts[i];
  }
}

void Evaluator::cap(StepKind kind, Points most) {
  if (result_.points > most) {
    Step& step = result_.all_steps[result_.step_count++];
    step.kind = kind;
    step.points = most - result_.points;
    result_.points = most;
  }
}

void Evaluator::share() {
  std::array<Wide, kLinesMax + 1> weights{};
  for (std::size_t i = 0; i <= kRest; ++i) {
    weights[i] = static_cast<Wide>(amounts_[i]) * (100 + percents_[i] + whole_sale_percent_);
  }
  std::array<Points, kLinesMax + 1> parts;
  split(result_.points, weights, weights.size(), parts);
  std::copy_n(parts.begin(), kLinesMax, result_.line_points.begin());
  result_.rest_points = parts[kRest];
}

void Evaluator::run() {
  weigh_lines();
  if (result_.eligible_minor < program_.earn_from.minor_units) {
    Step& step = result_.all_steps[result_.step_count++];
    step.kind = StepKind::kBelowMinimum;
    step.amount_minor = result_.eligible_minor;
    return;
  }
  if (result_.eligible_minor == 0) {
    return;
  }
  add(StepKind::kBase, 0, 100, result_.eligible_minor);
  choose_bonuses();
  add_threshold();
  if (!sale_.coupon.empty()) {
    add_coupon();
  }
  round();
  if (program_.sale_points_max > Points{0}) {
    cap(StepKind::kSaleCap, program_.sale_points_max);
  }
  if (program_.day_points_max > Points{0}) {
    const Points left = program_.day_points_max - member_.earned_today;
    cap(StepKind::kDayCap, std::max(Points{0}, left));
  }
  cap(StepKind::kRecordCap, Points{kAmountMax});
  share();
}

bool is_within_hours(const Bonus& bonus, std::optional<std::uint8_t> hour) {
  if (bonus.from_hour == 0 && bonus.until_hour == 24) {
    return true;
  }
  if (!hour) {
    return false;
  }
  return bonus.from_hour < bonus.until_hour ? *hour >= bonus.from_hour && *hour < bonus.until_hour
                                            : *hour >= bonus.from_hour || *hour < bonus.until_hour;
}

bool is_on_weekday(const Bonus& bonus, std::optional<BusinessDay> day) {
  if (bonus.weekdays == 0) {
    return true;
  }
  // 1970-01-01 was a Thursday.
  return day && (bonus.weekdays >> ((day->days % 7 + 7 + 3) % 7) & 1) != 0;
}

}  // namespace

bool applies(const Bonus& bonus, const Sale& sale, const MemberFacts& member) {
  if (bonus.tiers != 0 && (bonus.tiers >> member.tier & 1) == 0) {
    return false;
  }
  if (bonus.first_purchase && !member.first_purchase) {
    return false;
  }
  if (bonus.birthday != BirthdayWindow::kNone &&
      !(member.birthday && sale.day && is_birthday(*member.birthday, bonus.birthday, *sale.day))) {
    return false;
  }
  return is_on_weekday(bonus, sale.day) && is_within_hours(bonus, sale.hour);
}

bool is_birthday(Birthday birthday, BirthdayWindow window, BusinessDay day) {
  constexpr std::chrono::days kEitherSide{3};
  const std::chrono::sys_days today{std::chrono::days{day.days}};
  const std::chrono::year_month_day date{today};
  const std::chrono::month month{birthday.month};
  if (window == BirthdayWindow::kNone || window == BirthdayWindow::kMonth) {
    return window == BirthdayWindow::kMonth && date.month() == month;
  }
  const std::chrono::days reach =
      window == BirthdayWindow::kWeek ? kEitherSide : std::chrono::days{0};
  // Around the turn of a year the birthday meant is that of the year before or after.
  for (const int years : {-1, 0, 1}) {
    const std::chrono::year year = date.year() + std::chrono::years{years};
    std::chrono::year_month_day that = year / month / std::chrono::day{birthday.day};
    if (!that.ok()) {
      that = year / month / std::chrono::last;
    }
    const std::chrono::days away = std::chrono::sys_days{that} - today;
    if (away >= -reach && away <= reach) {
      return true;
    }
  }
  return false;
}

Evaluation evaluate(const Program& program, const Sale& sale, const MemberFacts& member) {
  TALLY_ASSERT(sale.bill.minor_units >= 0 && sale.bill.minor_units <= kAmountMax);
  TALLY_ASSERT(sale.lines.size() <= kLinesMax && program.bonuses.size() <= kBonusesMax);
  TALLY_ASSERT(member.tier <= kTiersMax && program.earn_step.minor_units > 0);
  Evaluation result;
  Evaluator(program, sale, member, result).run();
  return result;
}

}  // namespace tally::program
