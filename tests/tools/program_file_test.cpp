#include "tools/program_file.hpp"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::program;
using tools::program_changes;
using tools::program_text;
using tools::read_program;

namespace {

Program rich() {
  Program rules;
  rules.version = ProgramVersion{7};
  rules.step_count = StepCount::kParts;
  rules.rounding = Rounding::kHalfUp;
  rules.earn_from = Money{2'000};
  rules.day_points_max = Points{900};
  rules.excluded_categories = {9, 10};
  rules.tiers = {{Money{100'000}}, {Money{500'000}}};
  rules.bonuses = {{BonusKind::kTier, 25, 6, {}, 0, 0, 24, BirthdayWindow::kNone, false},
                   {BonusKind::kTime, 100, 0, {5, 7}, 66, 22, 2, BirthdayWindow::kNone, false},
                   {BonusKind::kBirthday, 50, 0, {}, 0, 0, 24, BirthdayWindow::kWeek, true}};
  rules.thresholds = {{Money{10'000}, 5, Points{0}}, {Money{20'000}, 5, Points{30}}};
  Coupon coupon;
  coupon.code = "GIFT20";
  coupon.money_off = Money{500};
  coupon.first_day = BusinessDay{20'781};
  coupon.last_day = BusinessDay{20'800};
  coupon.once = false;
  rules.coupons = {coupon};
  rules.expiry_at = PeriodEnd::kYear;
  rules.debt_allowed = false;
  return rules;
}

void refuses(const std::string& text, const char* wanted_en) {
  const tools::ProgramFile file = read_program(text);
  CHECK_FALSE(file.program.has_value());
  STRCMP_EQUAL(wanted_en, file.refusal.en.c_str());
  CHECK_FALSE(file.refusal.zh.empty());
}

void refuses_like(const std::string& text, const char* part_en) {
  const tools::ProgramFile file = read_program(text);
  CHECK_FALSE(file.program.has_value());
  STRCMP_CONTAINS(part_en, file.refusal.en.c_str());
}

}  // namespace

TEST_GROUP(ProgramFile){};

TEST(ProgramFile, WhatWasWritten_IsReadBackTheSame) {
  for (const Program& rules : {Program{}, rich()}) {
    const tools::ProgramFile file = read_program(program_text(rules));
    STRCMP_EQUAL("", file.refusal.en.c_str());
    CHECK_TRUE(file.program == rules);
  }
}

TEST(ProgramFile, KeysThatAreNotThere_AreThoseOfTheFirstProgram) {
  const tools::ProgramFile file = read_program(R"({"version": 1})");
  CHECK_TRUE(file.program == Program{});
}

TEST(ProgramFile, AnotherCurrency_IsThatOfEveryAmount) {
  const tools::ProgramFile file = read_program(R"({"version": 1, "currency": "EUR"})");
  CHECK_TRUE(file.program.has_value());
  CHECK_TRUE(file.program->redeem_step_worth.currency == Currency::kEur);
  CHECK_TRUE(file.program->bill_max.currency == Currency::kEur);
}

TEST(ProgramFile, JsonMistake_IsRefusedWithItsLine) {
  refuses_like("{\"version\": 1,\n \"rounding\": }", "not JSON: parse error at line 2, column 14");
  refuses_like("", "not JSON: ");
  refuses_like("{\"version\": 1", "not JSON: ");
  refuses("[]", "must be an object {…}");
  refuses("7", "must be an object {…}");
}

TEST(ProgramFile, KeyNobodyKnowsOrTwiceOrMissing_IsRefused) {
  refuses(R"({"version": 1, "tier_keep_days": 9})", "tier_keep_days: there is no such key");
  refuses(R"({"version": 1, "bonuses": [{"kind": "tier", "hours": 3}]})",
          "bonuses[0].hours: there is no such key");
  refuses(R"({"version": 1, "version": 2})", "version: is there twice");
  refuses(R"({"rounding": "up"})", "version: is missing");
}

TEST(ProgramFile, ValueOfTheWrongSort_IsRefusedWithItsPlace) {
  refuses(R"({"version": "1"})", "version: must be a whole number");
  refuses(R"({"version": 1.5})", "version: must be a whole number");
  refuses(R"({"version": 1, "earn_step": 1})", "earn_step: must be an amount like \"128.50\"");
  refuses(R"({"version": 1, "earn_step": "1.005"})",
          "earn_step: must be an amount like \"128.50\"");
  refuses(R"({"version": 1, "debt_allowed": 1})", "debt_allowed: must be true or false");
  refuses(R"({"version": 1, "rounding": "nearest"})",
          "rounding: must be one of \"down\", \"half up\", \"up\"");
  refuses(R"({"version": 1, "currency": "GBP"})",
          "currency: must be one of \"CNY\", \"EUR\", \"USD\"");
  refuses(R"({"version": 1, "bonuses": {}})", "bonuses: must be a list […]");
  refuses(R"({"version": 1, "bonuses": [3]})", "bonuses[0]: must be an object {…}");
  refuses(R"({"version": 1, "bonuses": [{"weekdays": ["Mon", "Thur"]}]})",
          "bonuses[0].weekdays[1]: there is no \"Thur\"");
  refuses(R"({"version": 1, "excluded_categories": [5, "6"]})",
          "excluded_categories[1]: must be a whole number");
  refuses(R"({"version": 1, "coupons": [{"code": 5}]})", "coupons[0].code: must be a text");
  refuses(R"({"version": 1, "coupons": [{"first_day": "2026-02-30"}]})",
          "coupons[0].first_day: must be a day like \"2026-11-24\"");
}

TEST(ProgramFile, NumberTooLargeForItsPlace_IsRefusedAndNeverCutShort) {
  refuses(R"({"version": 4294967296})", "version is 4294967296, not in 0 to 4294967295");
  refuses(R"({"version": 1, "bonuses": [{"from_hour": 256}]})",
          "bonuses[0].from_hour is 256, not in 0 to 255");
  refuses(R"({"version": 1, "earn_points": 18446744073709551615})",
          "earn_points: must be a whole number");
  refuses(R"({"version": 1, "bill_share_percent": 4294967346})",
          "bill_share_percent is 4294967346, not in -2147483648 to 2147483647");
}

TEST(ProgramFile, FigureOutOfItsBounds_IsRefusedAsCheckSays) {
  refuses(R"({"version": 0})", "version is 0, not in 1 to 4294967295");
  refuses(R"({"version": 1, "bonuses": [{"kind": "category", "extra_percent": 50}]})",
          "bonuses[0].categories.count is 0, not in 1 to 32");
}

TEST(ProgramFile, DeepOrLarge_IsRefused) {
  refuses(std::string(100'000, '[') + std::string(100'000, ']'),
          "lists and objects are nested too deeply");
  refuses(std::string(tools::kProgramFileBytesMax + 1, ' '), "the file is too large");
}

TEST(ProgramFile, Changes_NameEachFigureWithBothValues) {
  Program after = rich();
  after.bonuses[1].extra_percent = 150;
  after.rounding = Rounding::kUp;
  after.excluded_categories = {9};
  after.tiers.push_back({Money{2'000'000}});
  const auto changes = program_changes(rich(), after);
  LONGLONGS_EQUAL(4, changes.size());
  const char* const wanted[][3] = {{"bonuses[1].extra_percent", "100", "150"},
                                   {"excluded_categories[1]", "10", ""},
                                   {"rounding", "half up", "up"},
                                   {"tiers[2].spent_at_least", "", "20000.00"}};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    STRCMP_EQUAL(wanted[i][0], changes[i].place.c_str());
    STRCMP_EQUAL(wanted[i][1], changes[i].before.c_str());
    STRCMP_EQUAL(wanted[i][2], changes[i].after.c_str());
  }
  LONGLONGS_EQUAL(0, program_changes(rich(), rich()).size());
}
