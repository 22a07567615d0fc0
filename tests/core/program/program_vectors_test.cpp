// The examples of tests/vectors/program.tsv, one line after the other.
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/base/iso_day.hpp"
#include "core/program/check.hpp"
#include "core/program/coupon.hpp"
#include "core/program/tier.hpp"

#include "tests/core/program/rules_text.hpp"

using namespace tally;
using namespace tally::program;
using tally::test::day_of;
using tally::test::money_of;
using tally::test::whole_number;

namespace {

using Cells = std::vector<std::string>;

std::string text_of(std::optional<BusinessDay> day) {
  return day ? iso_day_text(*day) : "-";
}

std::string text_of(RedeemCheck check) {
  switch (check) {
    case RedeemCheck::kOk:
      return "ok";
    case RedeemCheck::kNotAStep:
      return "not a step";
    case RedeemCheck::kBelowMinimum:
      return "below minimum";
    case RedeemCheck::kAboveBillShare:
      return "above the share of the bill";
    case RedeemCheck::kNotEnoughPoints:
      return "not enough points";
  }
  return "?";
}

std::string text_of(CouponCheck check) {
  switch (check) {
    case CouponCheck::kOk:
      return "ok";
    case CouponCheck::kUnknownCode:
      return "unknown code";
    case CouponCheck::kDayUnknown:
      return "day unknown";
    case CouponCheck::kNotYet:
      return "not yet";
    case CouponCheck::kOver:
      return "over";
    case CouponCheck::kBelowMinimum:
      return "below minimum";
    case CouponCheck::kUsed:
      return "used";
  }
  return "?";
}

SaleId sale_of(const std::string& text) {
  return text == "-"
             ? SaleId{}
             : make_sale_id(
                   TerminalId{101}, BootId{1}, static_cast<std::uint32_t>(whole_number(text)));
}

/// Says which line it was when a check in it ends the test.
class Where {
 public:
  explicit Where(int number) : number_(number) {}
  ~Where() {
    if (UtestShell::getCurrent()->hasFailed()) {
      UT_PRINT(("tests/vectors/program.tsv:" + std::to_string(number_)).c_str());
    }
  }
  Where(const Where&) = delete;
  Where& operator=(const Where&) = delete;

 private:
  int number_;
};

void check_earn(const Program& rules, const Cells& cells) {
  const test::SaleText text(cells);
  CHECK_FALSE(check(rules, text.sale, text.member).has_value());
  const Evaluation result = evaluate(rules, text.sale, text.member);
  LONGLONGS_EQUAL(whole_number(cells.at(6)), result.points.value);
  Points of_steps;
  for (const Step& step : result.steps()) {
    of_steps += step.points;
  }
  Points of_lines = result.rest_points;
  for (const Points points : result.line_points) {
    of_lines += points;
  }
  LONGLONGS_EQUAL(result.points.value, of_steps.value);
  LONGLONGS_EQUAL(result.points.value, of_lines.value);
}

void check_redeem(const Program& rules, const Cells& cells) {
  const Money bill = money_of(cells.at(1));
  const Points balance{whole_number(cells.at(2))};
  const Points chosen{whole_number(cells.at(3))};
  LONGLONGS_EQUAL(whole_number(cells.at(4)), redeemable(rules, bill, balance).value);
  const RedeemCheck verdict = check_redemption(rules, bill, balance, chosen);
  STRCMP_EQUAL(cells.at(5).c_str(), text_of(verdict).c_str());
  const std::string worth =
      verdict == RedeemCheck::kOk ? format_amount(worth_of(rules, chosen)) : "-";
  STRCMP_EQUAL(cells.at(6).c_str(), worth.c_str());
}

void check_tier(const Program& rules, const Cells& cells) {
  TierState state{static_cast<std::uint32_t>(whole_number(cells.at(1))), {}};
  if (cells.at(2) != "-") {
    state.kept_until = day_of(cells.at(2));
  }
  const Money spent = money_of(cells.at(3));
  const BusinessDay today = day_of(cells.at(4));
  const TierState then = tier_after(rules, state, spent, today);
  LONGLONGS_EQUAL(whole_number(cells.at(5)), then.tier);
  STRCMP_EQUAL(cells.at(6).c_str(),
               text_of(then.tier == 0 ? std::nullopt : std::optional(then.kept_until)).c_str());
  CHECK_TRUE_TEXT(tier_after(rules, then, spent, today) == then, "twice is once");
}

void check_coupon_line(const Program& rules, const Cells& cells) {
  const Money bill = money_of(cells.at(2));
  std::optional<BusinessDay> day;
  if (cells.at(3) != "-") {
    day = day_of(cells.at(3));
  }
  const CouponState state{sale_of(cells.at(4))};
  const SaleId sale = sale_of(cells.at(5));
  const CouponCheck verdict = check_coupon(rules, cells.at(1), bill, day, state, sale);
  STRCMP_EQUAL(cells.at(6).c_str(), text_of(verdict).c_str());
  if (verdict != CouponCheck::kOk) {
    return;
  }
  const Coupon* coupon = find_coupon(rules, cells.at(1));
  CHECK_TRUE(coupon != nullptr);
  STRCMP_EQUAL(cells.at(7).c_str(), format_amount(taken_off(*coupon, bill)).c_str());
  const CouponState then = used(*coupon, sale);
  CHECK_TRUE(then.used_in == sale_of(cells.at(8)));
  CHECK_TRUE(freed(then, sale) == CouponState{});
  CHECK_TRUE(freed(then, sale_of("999")) == then);
}

void check_expiry(const Program& rules, const Cells& cells) {
  STRCMP_EQUAL(cells.at(2).c_str(),
               text_of(last_day_of_points(rules, day_of(cells.at(1)))).c_str());
}

void check_rules(const Cells& cells, bool are_good) {
  const auto fault = check(test::rules_of(cells.at(1)));
  STRCMP_EQUAL(are_good ? "" : cells.at(2).c_str(), fault ? describe(*fault).c_str() : "");
}

void check_bad_sale(const Program& rules, const Cells& cells) {
  const test::SaleText text(cells);
  const auto fault = check(rules, text.sale, text.member);
  STRCMP_EQUAL(cells.at(6).c_str(), fault ? describe(*fault).c_str() : "");
}

}  // namespace

TEST_GROUP(ProgramVectors){};

TEST(ProgramVectors, EachLine_AsItSays) {
  const char* source = std::getenv("TALLY_SOURCE_DIR");
  std::ifstream file(std::string(source == nullptr ? "." : source) + "/tests/vectors/program.tsv");
  CHECK_TRUE(file.is_open());
  Program rules;
  std::map<std::string, int> counts;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    const Where where(number);
    const Cells cells = test::parts_of(line, "\t");
    const std::string& kind = cells[0];
    ++counts[kind];
    if (kind == "rules") {
      rules = test::rules_of(cells.at(1));
      const auto fault = check(rules);
      STRCMP_EQUAL("", fault ? describe(*fault).c_str() : "");
    } else if (kind == "earn") {
      check_earn(rules, cells);
    } else if (kind == "redeem") {
      check_redeem(rules, cells);
    } else if (kind == "tier") {
      check_tier(rules, cells);
    } else if (kind == "coupon") {
      check_coupon_line(rules, cells);
    } else if (kind == "expiry") {
      check_expiry(rules, cells);
    } else if (kind == "good rules" || kind == "bad rules") {
      check_rules(cells, kind == "good rules");
    } else {
      STRCMP_EQUAL("bad sale", kind.c_str());
      check_bad_sale(rules, cells);
    }
  }
  CHECK_TRUE(counts["earn"] >= 100);
  CHECK_TRUE(counts["bad rules"] >= 50);
  CHECK_TRUE(counts["bad sale"] >= 10);
}
