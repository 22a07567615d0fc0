// What must hold of every sale under every program: seeded generators make both.
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "core/program/check.hpp"
#include "core/program/evaluate.hpp"
#include "core/program/tier.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::program;

namespace {

constexpr int kPrograms = 400;
constexpr int kSalesOfEach = 25;

/// A linear congruential generator (Knuth, MMIX), its high bits.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::int64_t between(std::int64_t lowest, std::int64_t highest) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    const auto span = static_cast<std::uint64_t>(highest - lowest) + 1;
    return lowest + static_cast<std::int64_t>((state_ >> 24) % span);
  }
  bool one_in(int n) { return between(1, n) == 1; }
  template <class T>
  T pick(std::initializer_list<T> choices) {
    return *(choices.begin() + between(0, static_cast<std::int64_t>(choices.size()) - 1));
  }

 private:
  std::uint64_t state_;
};

Bonus any_bonus(Dice& dice) {
  Bonus bonus;
  bonus.kind = static_cast<BonusKind>(dice.between(0, 4));
  bonus.extra_percent = static_cast<std::int32_t>(dice.between(1, dice.one_in(5) ? 1'000 : 150));
  if (bonus.kind == BonusKind::kTier || dice.one_in(5)) {
    bonus.tiers = static_cast<std::uint8_t>(dice.between(1, 15));
  }
  if (bonus.kind == BonusKind::kCategory || dice.one_in(5)) {
    for (std::int64_t n = dice.between(1, 3); n > 0; --n) {
      bonus.categories.push_back(static_cast<std::uint32_t>(dice.between(1, 9)));
    }
  }
  if (bonus.kind == BonusKind::kTime || dice.one_in(5)) {
    bonus.weekdays = static_cast<std::uint8_t>(dice.between(1, 127));
  }
  if (dice.one_in(4)) {
    bonus.from_hour = static_cast<std::uint8_t>(dice.between(0, 11));
    bonus.until_hour = static_cast<std::uint8_t>(dice.between(12, 24));
  }
  if (bonus.kind == BonusKind::kBirthday) {
    bonus.birthday =
        dice.pick({BirthdayWindow::kDay, BirthdayWindow::kWeek, BirthdayWindow::kMonth});
  }
  bonus.first_purchase = bonus.kind == BonusKind::kFirstPurchase;
  return bonus;
}

Program any_program(Dice& dice) {
  Program program;
  program.earn_step.minor_units = dice.pick<std::int64_t>({1, 50, 100, 300, 1'000, 9'999});
  program.earn_points =
      Points{dice.between(1, std::min<std::int64_t>(20, 100 * program.earn_step.minor_units))};
  program.step_count = dice.pick({StepCount::kWhole, StepCount::kParts});
  program.rounding = dice.pick({Rounding::kDown, Rounding::kHalfUp, Rounding::kUp});
  program.earn_from.minor_units = dice.one_in(3) ? dice.between(0, 5'000) : 0;
  program.sale_points_max = Points{dice.one_in(3) ? dice.between(1, 2'000) : 0};
  program.day_points_max = Points{dice.one_in(3) ? dice.between(1, 3'000) : 0};
  for (std::int64_t n = dice.between(0, 2); n > 0; --n) {
    program.excluded_categories.push_back(static_cast<std::uint32_t>(dice.between(1, 9)));
  }
  program.tiers = {{{100'000}}, {{500'000}}, {{2'000'000}}};
  for (std::int64_t n = dice.between(0, 12); n > 0; --n) {
    program.bonuses.push_back(any_bonus(dice));
  }
  Threshold threshold;
  for (std::int64_t n = dice.between(0, 4); n > 0; --n) {
    threshold.at_least.minor_units += dice.between(1, 20'000);
    threshold.extra_percent += static_cast<std::int32_t>(dice.between(0, 30));
    threshold.extra_points += Points{dice.between(1, 40)};
    program.thresholds.push_back(threshold);
  }
  Coupon coupon;
  coupon.code = "C1";
  coupon.extra_percent = dice.one_in(2) ? 100 : 0;
  coupon.extra_points = Points{coupon.extra_percent == 0 ? dice.between(1, 50) : 0};
  coupon.bill_at_least.minor_units = dice.between(0, 10'000);
  coupon.first_day = BusinessDay{20'000};
  coupon.last_day = BusinessDay{22'000};
  program.coupons.push_back(coupon);
  return program;
}

/// A sale that owns what it borrows.
struct AnySale {
  explicit AnySale(Dice& dice) {
    for (std::int64_t n = dice.between(0, 8); n > 0; --n) {
      lines.push_back({static_cast<std::uint32_t>(dice.between(0, 9)),
                       dice.between(0, dice.one_in(3) ? 300 : 30'000)});
    }
    bill_minor = total();
    if (dice.one_in(3)) {
      bill_minor = dice.between(0, std::max<std::int64_t>(2 * bill_minor, 50'000));
    }
    day = BusinessDay{static_cast<std::int32_t>(dice.between(20'781, 21'500))};
    hour = static_cast<std::uint8_t>(dice.between(0, 23));
    member.tier = static_cast<std::uint32_t>(dice.between(0, 3));
    member.birthday = Birthday{static_cast<std::uint8_t>(dice.between(1, 12)), 28};
    member.first_purchase = dice.one_in(3);
    member.earned_today = Points{dice.one_in(2) ? dice.between(0, 4'000) : 0};
    has_coupon = dice.one_in(3);
  }

  std::int64_t total() const {
    std::int64_t sum = 0;
    for (const SaleLine& line : lines) {
      sum += line.amount_minor;
    }
    return sum;
  }
  Evaluation under(const Program& program) const {
    Sale sale{Money{bill_minor}, lines, day, hour, has_coupon ? "C1" : ""};
    const auto fault = check(program, sale, member);
    STRCMP_EQUAL("", fault ? describe(*fault).c_str() : "");
    return evaluate(program, sale, member);
  }

  std::vector<SaleLine> lines;
  std::int64_t bill_minor = 0;
  BusinessDay day;
  std::uint8_t hour = 0;
  MemberFacts member;
  bool has_coupon = false;
};

template <class Property>
void for_many_sales(std::uint64_t seed, Property property) {
  Dice dice(seed);
  for (int p = 0; p < kPrograms; ++p) {
    const Program program = any_program(dice);
    const auto fault = check(program);
    STRCMP_EQUAL("", fault ? describe(*fault).c_str() : "");
    for (int s = 0; s < kSalesOfEach; ++s) {
      const AnySale sale(dice);
      property(dice, program, sale);
    }
  }
}

bool same_steps(const Evaluation& a, const Evaluation& b) {
  return std::equal(a.steps().begin(),
                    a.steps().end(),
                    b.steps().begin(),
                    b.steps().end(),
                    [](const Step& x, const Step& y) {
                      return x.kind == y.kind && x.rule == y.rule && x.points == y.points &&
                             x.counted_minor == y.counted_minor;
                    });
}

}  // namespace

TEST_GROUP(ProgramProperties){};

TEST(ProgramProperties, BillAlone_EarnsWholeStepsOfTheBaseRate) {
  Dice dice(9);
  for (int i = 0; i < 20'000; ++i) {
    Program program;
    const std::int64_t bill = dice.between(0, dice.one_in(2) ? 30'000 : kAmountMax);
    LONGLONGS_EQUAL(bill / 100, points_earned(program, Money{bill}).value);
    program.earn_step.minor_units = dice.between(1, 2'000);
    program.earn_points = Points{dice.between(1, 7)};
    const std::int64_t due =
        std::min(kAmountMax, bill / program.earn_step.minor_units * program.earn_points.value);
    LONGLONGS_EQUAL(due, points_earned(program, Money{bill}).value);
  }
}

TEST(ProgramProperties, AnySale_IsNeverNegativeAndItsPartsAddUp) {
  for_many_sales(1, [](Dice&, const Program& program, const AnySale& sale) {
    const Evaluation result = sale.under(program);
    CHECK_TRUE(result.points >= Points{0} && result.rest_points >= Points{0});
    Points of_lines = result.rest_points;
    for (const Points points : result.line_points) {
      CHECK_TRUE(points >= Points{0});
      of_lines += points;
    }
    Points of_steps;
    for (const Step& step : result.steps()) {
      of_steps += step.points;
      CHECK_TRUE(step.counted_minor <= step.amount_minor);
    }
    LONGLONGS_EQUAL(result.points.value, of_lines.value);
    LONGLONGS_EQUAL(result.points.value, of_steps.value);
    LONGLONGS_EQUAL(sale.bill_minor, result.eligible_minor + result.excluded_minor);
    for (std::size_t i = 0; i < sale.lines.size(); ++i) {
      const bool excluded = std::count(program.excluded_categories.begin(),
                                       program.excluded_categories.end(),
                                       sale.lines[i].category) > 0;
      CHECK_TRUE(!excluded || result.line_points[i] == Points{0});
    }
  });
}

TEST(ProgramProperties, AnyLineBecomesDearer_NeverEarnsLess) {
  for_many_sales(2, [](Dice& dice, const Program& program, const AnySale& sale) {
    AnySale dearer = sale;
    const std::int64_t more = dice.pick<std::int64_t>({1, 1, 37, 100, 5'000});
    if (!dearer.lines.empty()) {
      const auto last = static_cast<std::int64_t>(dearer.lines.size()) - 1;
      dearer.lines[static_cast<std::size_t>(dice.between(0, last))].amount_minor += more;
    }
    dearer.bill_minor += more;
    CHECK_TRUE(dearer.under(program).points >= sale.under(program).points);
  });
}

TEST(ProgramProperties, MorePaidForTheSameGoods_NeverEarnsLess) {
  for_many_sales(3, [](Dice& dice, const Program& program, const AnySale& sale) {
    AnySale more = sale;
    more.bill_minor += dice.between(1, 2'000);
    CHECK_TRUE(more.under(program).points >= sale.under(program).points);
  });
}

TEST(ProgramProperties, OrderOfLines_ChangesNothing) {
  for_many_sales(4, [](Dice& dice, const Program& program, const AnySale& sale) {
    AnySale other = sale;
    for (std::size_t i = other.lines.size(); i > 1; --i) {
      std::swap(
          other.lines[i - 1],
          other.lines[static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(i) - 1))]);
    }
    CHECK_TRUE(same_steps(sale.under(program), other.under(program)));
    CHECK_TRUE(sale.under(program).points == other.under(program).points);
  });
}

TEST(ProgramProperties, OneLineInTwo_ChangesNothing) {
  for_many_sales(5, [](Dice& dice, const Program& program, const AnySale& sale) {
    if (sale.lines.empty() || sale.lines.size() == kLinesMax) {
      return;
    }
    AnySale split = sale;
    const std::int64_t part = dice.between(0, split.lines[0].amount_minor);
    split.lines[0].amount_minor -= part;
    split.lines.push_back({split.lines[0].category, part});
    CHECK_TRUE(same_steps(sale.under(program), split.under(program)));
  });
}

TEST(ProgramProperties, Caps_Hold) {
  for_many_sales(6, [](Dice&, const Program& program, const AnySale& sale) {
    const Points points = sale.under(program).points;
    CHECK_TRUE(program.sale_points_max == Points{0} || points <= program.sale_points_max);
    CHECK_TRUE(program.day_points_max == Points{0} || points == Points{0} ||
               sale.member.earned_today + points <= program.day_points_max);
  });
}

TEST(ProgramProperties, Bonuses_NeverTakePointsAway) {
  for_many_sales(7, [](Dice&, const Program& program, const AnySale& sale) {
    Program plain = program;
    plain.bonuses.clear();
    CHECK_TRUE(sale.under(program).points >= sale.under(plain).points);
  });
}

TEST(ProgramProperties, LargestAmounts_DoNotOverflow) {
  Program program;
  program.bill_max.minor_units = kAmountMax;
  program.tiers = {{{1}}};
  for (const BonusKind kind : {BonusKind::kTier,
                               BonusKind::kCategory,
                               BonusKind::kTime,
                               BonusKind::kBirthday,
                               BonusKind::kFirstPurchase}) {
    Bonus bonus;
    bonus.kind = kind;
    bonus.extra_percent = 1'000;
    bonus.tiers = 3;
    bonus.categories = {5};
    bonus.weekdays = 127;
    bonus.birthday = BirthdayWindow::kMonth;
    bonus.first_purchase = true;
    program.bonuses.push_back(bonus);
  }
  program.thresholds = {{Money{1}, 1'000, Points{1'000'000'000}}};
  Coupon coupon;
  coupon.code = "ALL";
  coupon.extra_percent = 1'000;
  coupon.last_day = BusinessDay{3'000};
  program.coupons = {coupon};
  std::array<SaleLine, kLinesMax> lines;
  lines.fill({5, kAmountMax});
  const MemberFacts member{1, Birthday{1, 1}, true, Points{}};
  for (const StepCount count : {StepCount::kWhole, StepCount::kParts}) {
    for (const Rounding rounding : {Rounding::kDown, Rounding::kHalfUp, Rounding::kUp}) {
      for (const std::int64_t step : {1, 3, 7, 100, 999'999}) {
        for (const std::int64_t bill : {kAmountMax, kAmountMax - 1, std::int64_t{1}}) {
          program.step_count = count;
          program.rounding = rounding;
          program.earn_step.minor_units = step;
          program.earn_points = Points{std::min<std::int64_t>(1'000'000, 100 * step)};
          CHECK_FALSE(check(program).has_value());
          const Sale sale{Money{bill}, lines, BusinessDay{0}, std::uint8_t{9}, "ALL"};
          CHECK_FALSE(check(program, sale, member).has_value());
          const Evaluation result = evaluate(program, sale, member);
          CHECK_TRUE(result.points >= Points{0} && result.points <= Points{kAmountMax});
          Points of_steps;
          for (const Step& each : result.steps()) {
            of_steps += each.points;
          }
          CHECK_TRUE(of_steps == result.points);
        }
      }
    }
  }
}

TEST(ProgramProperties, Tiers_NeverFallWhileKeptAndNeverRiseAboveTheSpending) {
  Dice dice(8);
  for (int i = 0; i < 20'000; ++i) {
    Program program;
    program.tiers = {{{100'000}}, {{500'000}}, {{2'000'000}}};
    program.tier_kept_days = static_cast<std::int32_t>(dice.between(1, 400));
    program.tier_falls_one_at_a_time = dice.one_in(2);
    const TierState before{static_cast<std::uint32_t>(dice.between(0, 3)),
                           BusinessDay{static_cast<std::int32_t>(dice.between(20'000, 20'800))}};
    const Money spent{dice.between(0, 3'000'000)};
    const BusinessDay today{static_cast<std::int32_t>(dice.between(20'000, 20'800))};
    const TierState after = tier_after(program, before, spent, today);
    CHECK_TRUE(after.tier >= tier_for(program, spent));
    CHECK_TRUE(after.tier <= std::max(before.tier, tier_for(program, spent)));
    CHECK_TRUE(after.tier >= before.tier || today > before.kept_until);
    CHECK_TRUE(tier_after(program, after, spent, today) == after);
  }
}
