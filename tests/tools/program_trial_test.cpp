// Sales from a table, tried under a program: read, refused, evaluated, compared.
#include "tools/program_trial.hpp"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::program;
using tools::read_sales;

namespace {

void refuses(const std::string& table, const char* wanted_en) {
  const tools::SalesFile file = read_sales(table, Currency::kCny);
  CHECK_TRUE(file.refusal.has_value());
  STRCMP_EQUAL(wanted_en, file.refusal->en.c_str());
}

constexpr const char* kWhen =
    "line 1, when: must be like 2026-11-24 Tue 15, with the day's own weekday";
constexpr const char* kMember =
    "line 1, member: must be like tier 2, birthday 11-24, first, earned 90";
constexpr const char* kGoods = "line 1, goods: must be like 5:36.80,7:20.00 (category:amount)";

}  // namespace

TEST_GROUP(ProgramTrial) {
  Program rules;
  tools::TrialOptions options;

  tools::Trial tried(const std::string& table) {
    const tools::SalesFile file = read_sales(table, Currency::kCny);
    STRCMP_EQUAL("", file.refusal ? file.refusal->en.c_str() : "");
    return try_program(rules, file.sales, options);
  }
};

TEST(ProgramTrial, FullLine_IsReadAsItSays) {
  const tools::SalesFile file = read_sales(
      "# paid\tgoods\n\n128.50\t5:36.80,7:20.00\t2026-11-24 Tue 15\ttier 2, birthday 11-24, "
      "first, earned 90\tGIFT20\r\n",
      Currency::kCny);
  CHECK_FALSE(file.refusal.has_value());
  LONGLONGS_EQUAL(1, file.sales.size());
  const tools::TriedSale& tried = file.sales.front();
  LONGLONGS_EQUAL(3, tried.line_number);
  LONGLONGS_EQUAL(12'850, tried.sale.bill.minor_units);
  LONGLONGS_EQUAL(2, tried.sale.lines.size());
  LONGLONGS_EQUAL(2'000, tried.sale.lines[1].amount_minor);
  LONGLONGS_EQUAL(20'781, tried.sale.day->days);
  LONGLONGS_EQUAL(15, *tried.sale.hour);
  LONGLONGS_EQUAL(2, tried.member.tier);
  LONGLONGS_EQUAL(24, tried.member.birthday->day);
  CHECK_TRUE(tried.member.first_purchase);
  LONGLONGS_EQUAL(90, tried.member.earned_today.value);
  CHECK_TRUE(tried.sale.coupon == "GIFT20");
}

TEST(ProgramTrial, ColumnThatCannotBeRead_IsNamedWithItsLine) {
  refuses("10.00\n\n-\n", "line 3, paid: must be an amount like 128.50");
  refuses("-1.00", "line 1, paid: must be an amount like 128.50");
  refuses("10.005", "line 1, paid: must be an amount like 128.50");
  refuses("10.00\t5", kGoods);
  refuses("10.00\t5:", kGoods);
  refuses("10.00\t-5:1.00", kGoods);
  refuses("10.00\t5:1.00,", kGoods);
  refuses("10.00\t-\t2026-11-24 Wed", kWhen);
  refuses("10.00\t-\t2026-02-30", kWhen);
  refuses("10.00\t-\t2026-11-24 Tue noon", kWhen);
  refuses("10.00\t-\t2026-11-24 Tue 256", kWhen);
  refuses("10.00\t-\t24.11.2026", kWhen);
  refuses("10.00\t-\t-\ttier", kMember);
  refuses("10.00\t-\t-\ttier two", kMember);
  refuses("10.00\t-\t-\tbirthday 11", kMember);
  refuses("10.00\t-\t-\tfirst time", kMember);
  refuses("10.00\t-\t-\t-\t-\tmore", "line 1, more than five columns");
}

TEST(ProgramTrial, Sums_AndTheOldRulesBeside) {
  Program old = rules;
  rules.thresholds = {{Money{10'000}, 0, Points{10}}};
  options.against = &old;
  options.is_chinese = false;
  STRCMP_EQUAL(
      "line\tpaid\tpoints\tagainst\tdifference\n"
      "1\t99.99\t99\t99\t0\n"
      "2\t100.00\t110\t100\t+10\n"
      "sales 2, paid 199.99 CNY, points 209; against 199, difference +10\n",
      tried("99.99\n100.00\n").text.c_str());
}

TEST(ProgramTrial, Reasons_StandBelowTheirSale) {
  options.with_reasons = true;
  STRCMP_EQUAL(
      "行\t实付\t积分\n"
      "1\t37.75\t37\n"
      "  每满 1.00 CNY 积 1 分，不足一个整步不计（向下取整）\n"
      "  实付 37.75 CNY = 37 个整步，余 0.75 CNY 舍去\n"
      "  37 × 1 = 37 分\n"
      "共 1 笔，实付 37.75 CNY，积分 37\n",
      tried("37.75").text.c_str());
}

TEST(ProgramTrial, SaleThatTheProgramCannotTake_IsNamedWithItsLine) {
  const tools::Trial tier = tried("10.00\n10.00\t-\t-\ttier 1\n");
  CHECK_TRUE(tier.refusal.has_value());
  STRCMP_EQUAL("line 2, tier is 1, not 0", tier.refusal->en.c_str());
  const tools::Trial bill = tried("100000.01");
  STRCMP_EQUAL("line 1, bill is 10000001, not in 0 to 10000000", bill.refusal->en.c_str());
  STRCMP_EQUAL("第 1 行，bill 的值是 10000001，应在 0 到 10000000 之间", bill.refusal->zh.c_str());
}
