#include "tools/program_words.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::program;
using tools::tell_evaluation;

TEST_GROUP(ProgramWords) {
  Program rules;
  std::array<SaleLine, 2> lines{{{5, 3'680}, {9, 2'000}}};
  MemberFacts member{1, {}, false, Points{0}};

  void says(const Evaluation& result, std::initializer_list<tools::Sentence> wanted) {
    const auto told = tell_evaluation(rules, result);
    for (const tools::Sentence& sentence : wanted) {
      const bool is_told = std::any_of(told.begin(), told.end(), [&](const auto& one) {
        return one.zh == sentence.zh && one.en == sentence.en;
      });
      CHECK_TRUE_TEXT(is_told, sentence.en.c_str());
    }
  }
  Evaluation sold(std::int64_t bill_minor, std::string_view coupon = {}) {
    return evaluate(rules, Sale{Money{bill_minor}, lines, BusinessDay{20'781}, {}, coupon}, member);
  }
};

TEST(ProgramWords, EachRuleOfARichSale_IsToldWithWhatItCountedAndGave) {
  rules.tiers = {{Money{100'000}}};
  rules.excluded_categories = {9};
  rules.bonuses = {{BonusKind::kTier, 25, 2, {}, 0, 0, 24, BirthdayWindow::kNone, false},
                   {BonusKind::kCategory, 100, 0, {5}, 0, 0, 24, BirthdayWindow::kNone, false}};
  rules.thresholds = {{Money{3'000}, 10, Points{7}}};
  rules.sale_points_max = Points{90};
  Coupon coupon;
  coupon.code = "GIFT20";
  coupon.extra_points = Points{20};
  coupon.last_day = BusinessDay{30'000};
  rules.coupons = {coupon};
  // 36 + 9 + 36 + 3.6 = 84.6, rounded down; 7 and 20 by the piece; 111 is above the cap.
  const Evaluation result = sold(5'680, "GIFT20");
  LONGLONGS_EQUAL(90, result.points.value);
  says(result,
       {{"不积分商品 20.00 CNY 不计", "20.00 CNY is for goods that earn nothing"},
        {"36 × 1 = 36 分", "36 × 1 = 36 points"},
        {"等级奖励 +25%，计 36.00 CNY：9 分", "tier bonus +25 % on 36.00 CNY: 9 points"},
        {"品类奖励 +100%，计 36.00 CNY：36 分", "category bonus +100 % on 36.00 CNY: 36 points"},
        {"满 30.00 CNY 奖励 +10%，计 36.00 CNY：3 分",
         "for spending 30.00 CNY: +10 % on 36.00 CNY: 3 points"},
        {"满 30.00 CNY 送 7 分", "for spending 30.00 CNY: 7 points"},
        {"优惠券 GIFT20 送 20 分", "coupon GIFT20: 20 points"},
        {"单笔上限 90 分：减 21 分", "cap of a sale of 90: 21 points less"},
        {"合计 84.600 分，向下取整；各项所示为其份额",
         "together 84.600 points, rounded down; what is shown of each is its part"},
        {"共 90 分", "in all 90 points"}});
}

TEST(ProgramWords, BelowTheMinimum_SaysThatAndNothingOfRules) {
  rules.earn_from = Money{10'000};
  says(sold(5'680),
       {{"实付 56.80 CNY 低于 100.00 CNY，不积分",
         "paid 56.80 CNY, below 100.00 CNY: nothing is earned"}});
}

TEST(ProgramWords, PartsOfAStep_SayHowTheyAreRounded) {
  rules.step_count = StepCount::kParts;
  rules.rounding = Rounding::kHalfUp;
  says(sold(5'680),
       {{"每 1.00 CNY 积 1 分，不足部分按比例，最后四舍五入",
         "1 for each 1.00 CNY, parts count, rounded half up at the end"},
        {"实付 56.80 CNY ÷ 1.00 CNY × 1：57 分", "paid 56.80 CNY ÷ 1.00 CNY × 1: 57 points"},
        {"合计 56.800 分，四舍五入；各项所示为其份额",
         "together 56.800 points, rounded half up; what is shown of each is its part"}});
}

TEST(ProgramWords, Fault_NamesTheFigureAndItsBounds) {
  const tools::Sentence range =
      tools::words_of(Fault{"bonuses", 2, "extra_percent", 5'000, 1, 1'000});
  STRCMP_EQUAL("bonuses[2].extra_percent is 5000, not in 1 to 1000", range.en.c_str());
  STRCMP_EQUAL("bonuses[2].extra_percent 的值是 5000，应在 1 到 1000 之间", range.zh.c_str());
  const tools::Sentence one = tools::words_of(Fault{{}, 0, "currency", 978, 156, 156});
  STRCMP_EQUAL("currency is 978, not 156", one.en.c_str());
  STRCMP_EQUAL("currency 的值是 978，只能是 156", one.zh.c_str());
}
