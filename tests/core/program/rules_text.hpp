// Reads the plain words in which tests/vectors/program.tsv writes rules, sales and members. Tests
// only: a word that it does not know fails the test.
#pragma once

#include <charconv>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/iso_day.hpp"
#include "core/program/evaluate.hpp"

#include <CppUTest/TestHarness.h>

namespace tally::test {

inline std::vector<std::string> parts_of(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t at = text.find(separator); at != std::string::npos;
       at = text.find(separator, from)) {
    parts.push_back(text.substr(from, at - from));
    from = at + separator.size();
  }
  parts.push_back(text.substr(from));
  return parts;
}

/// "-1", "12", "50%", "+10%".
inline std::int64_t whole_number(std::string text) {
  if (text.ends_with('%')) {
    text.pop_back();
  }
  const std::size_t sign = text.starts_with('+') ? 1 : 0;
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + sign, end, value);
  CHECK_TRUE_TEXT(error == std::errc{} && stop == end, text.c_str());
  return value;
}

/// "-0.01": two decimals.
inline Money money_of(const std::string& text) {
  const auto parts = parts_of(text, ".");
  CHECK_TRUE_TEXT(parts.size() == 2 && parts[1].size() == 2, text.c_str());
  return Money{whole_number(parts[0] + parts[1])};
}

inline BusinessDay day_of(const std::string& text) {
  const auto day = parse_iso_day(text);
  CHECK_TRUE_TEXT(day.has_value(), text.c_str());
  return *day;
}

inline std::optional<int> weekday_of(const std::string& text) {
  const std::vector<std::string> names{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) {
      return static_cast<int>(i);
    }
  }
  return std::nullopt;
}

inline std::vector<std::uint32_t> categories_of(const std::string& text) {
  std::vector<std::uint32_t> categories;
  for (const std::string& one : parts_of(text, ",")) {
    categories.push_back(static_cast<std::uint32_t>(whole_number(one)));
  }
  return categories;
}

/// "+100% time Tue,Sat 15-17 category 5": the first word after the percentage is the kind.
inline program::Bonus bonus_of(const std::vector<std::string>& words) {
  program::Bonus bonus;
  bonus.extra_percent = static_cast<std::int32_t>(whole_number(words[0]));
  std::optional<program::BonusKind> kind;
  const auto is = [&kind](program::BonusKind one) { kind = kind.value_or(one); };
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool has_value = i + 1 < words.size();
    if (word == "tier") {
      is(program::BonusKind::kTier);
      for (const std::uint32_t tier : has_value ? categories_of(words[++i]) : categories_of("9")) {
        bonus.tiers = static_cast<std::uint8_t>(bonus.tiers | (tier < 8 ? 1U << tier : 0U));
      }
    } else if (word == "category") {
      is(program::BonusKind::kCategory);
      bonus.categories = has_value ? categories_of(words[++i]) : std::vector<std::uint32_t>{};
    } else if (word == "birthday") {
      is(program::BonusKind::kBirthday);
      const std::string window = has_value ? words[++i] : "";
      bonus.birthday = window == "day"     ? program::BirthdayWindow::kDay
                       : window == "week"  ? program::BirthdayWindow::kWeek
                       : window == "month" ? program::BirthdayWindow::kMonth
                                           : program::BirthdayWindow::kNone;
    } else if (word == "first") {
      is(program::BonusKind::kFirstPurchase);
      bonus.first_purchase = true;
    } else if (word == "time") {
      is(program::BonusKind::kTime);
    } else if (weekday_of(word.substr(0, 3))) {
      for (const std::string& name : parts_of(word, ",")) {
        bonus.weekdays = static_cast<std::uint8_t>(bonus.weekdays | 1U << weekday_of(name).value());
      }
    } else {
      const auto hours = parts_of(word, "-");
      CHECK_TRUE_TEXT(hours.size() == 2, word.c_str());
      bonus.from_hour = static_cast<std::uint8_t>(whole_number(hours[0]));
      bonus.until_hour = static_cast<std::uint8_t>(whole_number(hours[1]));
    }
  }
  bonus.kind = kind.value();
  return bonus;
}

/// "GIFT20: +20 points from 50.00 2026-11-01 to 2026-11-30 many times", without the first word.
inline program::Coupon coupon_of(const std::vector<std::string>& words) {
  program::Coupon coupon;
  coupon.code = words[1].substr(0, words[1].size() - 1);
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i].ends_with('%')) {
      coupon.extra_percent = static_cast<std::int32_t>(whole_number(words[i]));
    } else if (words[i].starts_with('+')) {
      coupon.extra_points = Points{whole_number(words[i++])};
    } else if (words[i] == "from") {
      coupon.bill_at_least = money_of(words[++i]);
    } else if (words[i] == "many") {
      coupon.once = false;
      ++i;
    } else if (words[i].find('.') != std::string::npos) {
      coupon.money_off = money_of(words[i++]);
    } else {
      coupon.first_day = day_of(words[i]);
      coupon.last_day = day_of(words[i + 2]);
      i += 2;
    }
  }
  return coupon;
}

inline program::Threshold threshold_of(const std::vector<std::string>& words) {
  program::Threshold threshold;
  threshold.at_least = money_of(words[1].substr(0, words[1].size() - 1));
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i].ends_with('%')) {
      threshold.extra_percent = static_cast<std::int32_t>(whole_number(words[i]));
    } else {
      threshold.extra_points = Points{whole_number(words[i++])};
    }
  }
  return threshold;
}

/// "redeem 10 points for 0.10, at least 50, at most 50%".
inline void set_redemption(program::Program& rules, const std::string& clause) {
  const auto parts = parts_of(clause, ", ");
  const auto rate = parts_of(parts.at(0), " ");
  rules.redeem_step = Points{whole_number(rate.at(1))};
  rules.redeem_step_worth = money_of(rate.at(4));
  rules.redeem_min = Points{whole_number(parts.at(1).substr(9))};
  rules.bill_share_percent = static_cast<std::int32_t>(whole_number(parts.at(2).substr(8)));
}

inline void set_clause(program::Program& rules, const std::string& clause) {
  const auto words = parts_of(clause, " ");
  const auto number = [&words](std::size_t i) { return whole_number(words.at(i)); };
  const auto days = [&](std::size_t i) { return static_cast<std::int32_t>(number(i)); };
  if (words[0].starts_with('+')) {
    rules.bonuses.push_back(bonus_of(words));
  } else if (words[0] == "spend") {
    rules.thresholds.push_back(threshold_of(words));
  } else if (words[0] == "coupon") {
    rules.coupons.push_back(coupon_of(words));
  } else if (words[0] == "redeem") {
    set_redemption(rules, clause);
  } else if (words[0] == "from") {
    rules.earn_from = money_of(words.at(1));
  } else if (words[0] == "largest") {
    rules.bill_max = money_of(words.at(2));
  } else if (words[0] == "nothing") {
    rules.excluded_categories = categories_of(words.at(3));
  } else if (clause.starts_with("at most ")) {
    (words.at(4) == "sale" ? rules.sale_points_max : rules.day_points_max) = Points{number(2)};
  } else if (words[0] == "round") {
    rules.rounding = clause == "round up"        ? program::Rounding::kUp
                     : clause == "round half up" ? program::Rounding::kHalfUp
                                                 : program::Rounding::kDown;
  } else if (words[0] == "tiers") {
    for (const std::string& amount : parts_of(words.at(2), ",")) {
      rules.tiers.push_back({money_of(amount)});
    }
  } else if (clause.starts_with("tier period")) {
    rules.tier_period_days = days(2);
  } else if (clause.starts_with("tier kept")) {
    rules.tier_kept_days = days(2);
  } else if (clause.starts_with("tier falls")) {
    rules.tier_falls_one_at_a_time = words.at(2) == "one";
  } else if (clause.starts_with("points wait")) {
    rules.pending_days = days(2);
  } else if (clause.starts_with("points live")) {
    rules.lot_life_days = days(2);
    rules.expiry_at = words.back() == "year"      ? program::PeriodEnd::kYear
                      : words.back() == "quarter" ? program::PeriodEnd::kQuarter
                                                  : program::PeriodEnd::kMonth;
  } else {
    CHECK_TRUE_TEXT(words.size() > 3 && words[2] == "per", clause.c_str());
    rules.earn_points = Points{number(0)};
    rules.step_count = words[3] == "full" ? program::StepCount::kWhole : program::StepCount::kParts;
    rules.earn_step = money_of(words.back());
  }
}

inline program::Program rules_of(const std::string& text) {
  program::Program rules;
  for (const std::string& clause : parts_of(text, "; ")) {
    set_clause(rules, clause);
  }
  return rules;
}

/// A sale with what it borrows.
struct SaleText {
  /// Columns: paid, goods, when, member, coupon.
  explicit SaleText(const std::vector<std::string>& cells) : coupon(cells.at(5)) {
    sale.bill = money_of(cells.at(1));
    if (cells.at(2) != "-") {
      for (const std::string& line : parts_of(cells.at(2), ",")) {
        const auto parts = parts_of(line, ":");
        lines.push_back({static_cast<std::uint32_t>(whole_number(parts.at(0))),
                         money_of(parts.at(1)).minor_units});
      }
    }
    const auto when = parts_of(cells.at(3), " ");
    if (when[0] != "-") {
      sale.day = day_of(when[0]);
      LONGLONGS_EQUAL(weekday_of(when.at(1)).value(), (sale.day->days + 3) % 7);
    }
    if (when.size() > 2) {
      sale.hour = static_cast<std::uint8_t>(whole_number(when[2]));
    }
    for (const std::string& fact : parts_of(cells.at(4), ", ")) {
      set_fact(fact);
    }
    sale.lines = lines;
    if (coupon != "-") {
      sale.coupon = coupon;
    }
  }
  SaleText(const SaleText&) = delete;
  SaleText& operator=(const SaleText&) = delete;

  program::Sale sale;
  program::MemberFacts member;

 private:
  void set_fact(const std::string& fact) {
    const auto words = parts_of(fact, " ");
    if (words[0] == "tier") {
      member.tier = static_cast<std::uint32_t>(whole_number(words.at(1)));
    } else if (words[0] == "birthday") {
      const auto date = parts_of(words.at(1), "-");
      member.birthday = {static_cast<std::uint8_t>(whole_number(date.at(0))),
                         static_cast<std::uint8_t>(whole_number(date.at(1)))};
    } else if (words[0] == "earned") {
      member.earned_today = Points{whole_number(words.at(1))};
    } else if (words[0] == "first") {
      member.first_purchase = true;
    } else {
      STRCMP_EQUAL("-", fact.c_str());
    }
  }

  std::string coupon;
  std::vector<program::SaleLine> lines;
};

}  // namespace tally::test
