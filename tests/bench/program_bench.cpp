// `tally bench program`: evaluations of a sale of eight lines with every rule on, a second of one
// core's time, and whether they allocate.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "core/base/assert.hpp"
#include "core/program/check.hpp"
#include "core/program/evaluate.hpp"

namespace {
std::int64_t allocations = 0;
}  // namespace

// Inlined, these look to gcc 12 like a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

void* operator new(std::size_t bytes) {
  ++allocations;
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  TALLY_ASSERT(memory != nullptr);
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace {

using namespace tally;
using namespace tally::program;
using Json = nlohmann::ordered_json;

constexpr double kAimPerSecond = 1'000'000;
constexpr BusinessDay kTuesday{20'781};

double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

Bonus bonus_of(BonusKind kind, std::int32_t extra_percent) {
  Bonus bonus;
  bonus.kind = kind;
  bonus.extra_percent = extra_percent;
  return bonus;
}

/// Twelve bonuses of all kinds, of which eight apply; thresholds, exclusions, a coupon, caps.
Program all_rules() {
  Program program;
  program.rounding = Rounding::kHalfUp;
  program.earn_from = Money{1'000};
  program.sale_points_max = Points{100'000};
  program.day_points_max = Points{200'000};
  program.excluded_categories = {90, 91, 92};
  program.tiers = {{{100'000}}, {{500'000}}, {{2'000'000}}};
  for (std::uint8_t tier = 1; tier <= 3; ++tier) {
    program.bonuses.push_back(bonus_of(BonusKind::kTier, 25 * tier));
    program.bonuses.back().tiers = static_cast<std::uint8_t>(1U << tier);
  }
  for (std::uint32_t category = 1; category <= 4; ++category) {
    program.bonuses.push_back(
        bonus_of(BonusKind::kCategory, static_cast<std::int32_t>(25 * category)));
    program.bonuses.back().categories = {category, category + 10, category + 20};
  }
  program.bonuses.push_back(bonus_of(BonusKind::kTime, 50));
  program.bonuses.back().weekdays = 2;
  program.bonuses.push_back(bonus_of(BonusKind::kTime, 100));
  program.bonuses.back().from_hour = 15;
  program.bonuses.back().until_hour = 17;
  program.bonuses.back().categories = {2};
  program.bonuses.push_back(bonus_of(BonusKind::kBirthday, 100));
  program.bonuses.back().birthday = BirthdayWindow::kMonth;
  program.bonuses.push_back(bonus_of(BonusKind::kBirthday, 200));
  program.bonuses.back().birthday = BirthdayWindow::kDay;
  program.bonuses.push_back(bonus_of(BonusKind::kFirstPurchase, 100));
  program.bonuses.back().first_purchase = true;
  program.thresholds = {{Money{10'000}, 5, Points{10}},
                        {Money{20'000}, 10, Points{20}},
                        {Money{50'000}, 15, Points{30}}};
  for (int i = 0; i < 8; ++i) {
    Coupon coupon;
    coupon.code = "C" + std::to_string(i);
    coupon.extra_percent = 20;
    coupon.first_day = BusinessDay{20'000};
    coupon.last_day = BusinessDay{22'000};
    program.coupons.push_back(coupon);
  }
  return program;
}

Json measure(std::int64_t evaluations) {
  const Program program = all_rules();
  TALLY_ASSERT(!check(program));
  std::array<SaleLine, kLinesMax> lines{{{1, 3'680},
                                         {12, 2'000},
                                         {3, 1'250},
                                         {24, 990},
                                         {90, 4'500},
                                         {7, 12'000},
                                         {0, 310},
                                         {2, 5'599}}};
  Sale sale{Money{}, lines, kTuesday, std::uint8_t{15}, "C7"};
  const MemberFacts member{2, Birthday{11, 24}, true, Points{150}};
  std::int64_t sum = 0;
  std::size_t steps = 0;
  const std::int64_t allocated_before = allocations;
  const double begun = processor_seconds();
  for (std::int64_t i = 0; i < evaluations; ++i) {
    lines[0].amount_minor = 3'680 + i % 1'000;
    sale.bill.minor_units = 29'829 + i % 1'500;  // Sometimes paid in part with points.
    const Evaluation result = evaluate(program, sale, member);
    sum += result.points.value;
    steps = result.steps().size();
  }
  const double took = processor_seconds() - begun;
  const std::int64_t allocated = allocations - allocated_before;
  const double per_second = static_cast<double>(evaluations) / took;
  return {{"evaluations", evaluations},
          {"lines", lines.size()},
          {"bonuses", program.bonuses.size()},
          {"steps", steps},
          {"mean_points", sum / evaluations},
          {"allocations", allocated},
          {"processor_s", took},
          {"evaluations_per_s", per_second},
          {"aim_per_s", kAimPerSecond},
          {"ratio", per_second / kAimPerSecond}};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures the program's evaluation: a second of one core's time"};
  std::int64_t evaluations = 2'000'000;
  double ratio_min = 0;
  bool as_json = false;
  app.add_option("--evaluations", evaluations)->check(CLI::Range(1'000, 1'000'000'000));
  app.add_option("--ratio-min", ratio_min, "Fail below this share of the aim, or on an allocation");
  app.add_flag("--json", as_json, "One object instead of lines");
  CLI11_PARSE(app, argc, argv);
  const Json json = measure(evaluations);
  const bool fails = ratio_min > 0 && (json.at("ratio").get<double>() < ratio_min ||
                                       json.at("allocations").get<std::int64_t>() > 0);
  if (as_json) {
    std::puts(json.dump().c_str());
    return fails ? 1 : 0;
  }
  for (const auto& [name, value] : json.items()) {
    std::printf("%-24s %s\n", name.c_str(), value.dump().c_str());
  }
  return fails ? 1 : 0;
}
