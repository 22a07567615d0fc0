#include "tools/program_words.hpp"

#include <cstdio>
#include <utility>

#include "tools/explain_words.hpp"

namespace tally::tools {

using program::BonusKind;
using program::Evaluation;
using program::Program;
using program::Rounding;
using program::Step;
using program::StepCount;
using program::StepKind;

namespace {

Sentence words_of(BonusKind kind) {
  switch (kind) {
    case BonusKind::kTier:
      return {"等级奖励", "tier bonus"};
    case BonusKind::kCategory:
      return {"品类奖励", "category bonus"};
    case BonusKind::kTime:
      return {"时段奖励", "time bonus"};
    case BonusKind::kBirthday:
      return {"生日奖励", "birthday bonus"};
    case BonusKind::kFirstPurchase:
      return {"首购奖励", "first purchase bonus"};
  }
  return {"奖励", "bonus"};
}

Sentence words_of(Rounding rounding) {
  switch (rounding) {
    case Rounding::kDown:
      return {"向下取整", "rounded down"};
    case Rounding::kHalfUp:
      return {"四舍五入", "rounded half up"};
    case Rounding::kUp:
      return {"向上取整", "rounded up"};
  }
  return {"取整", "rounded"};
}

std::string thousandths_text(std::int64_t thousandths) {
  char text[40];
  std::snprintf(text,
                sizeof text,
                "%lld.%03lld",
                static_cast<long long>(thousandths / 1'000),
                static_cast<long long>(thousandths % 1'000));
  return text;
}

/// Tells one evaluation.
class Teller {
 public:
  Teller(const Program& program, const Evaluation& evaluation)
      : program_(program), evaluation_(evaluation) {}

  std::vector<Sentence> tell();

 private:
  void say(std::string zh, std::string en) { told_.push_back({std::move(zh), std::move(en)}); }
  std::string money(std::int64_t minor) const {
    return money_text({minor, program_.earn_step.currency});
  }
  void tell_rate();
  void tell_base(const Step& step);
  void tell_step(const Step& step);
  void tell_rule(const Sentence& name, const Step& step);
  void tell_rounding();

  const Program& program_;
  const Evaluation& evaluation_;
  std::vector<Sentence> told_;
};

void Teller::tell_rate() {
  const std::string points = std::to_string(program_.earn_points.value);
  const std::string step = money_text(program_.earn_step);
  if (program_.step_count == StepCount::kWhole) {
    say("每满 " + step + " 积 " + points + " 分，不足一个整步不计（向下取整）",
        points + " for each whole " + step + ", rounded down");
  } else {
    const Sentence rounding = words_of(program_.rounding);
    say("每 " + step + " 积 " + points + " 分，不足部分按比例，最后" + rounding.zh,
        points + " for each " + step + ", parts count, " + rounding.en + " at the end");
  }
}

void Teller::tell_base(const Step& step) {
  const std::string points = std::to_string(program_.earn_points.value);
  const std::string given = std::to_string(step.points.value);
  if (program_.step_count == StepCount::kParts) {
    const std::string per = money_text(program_.earn_step);
    say("实付 " + money(step.amount_minor) + " ÷ " + per + " × " + points + "：" + given + " 分",
        "paid " + money(step.amount_minor) + " ÷ " + per + " × " + points + ": " + given +
            " points");
    return;
  }
  const std::string steps = std::to_string(step.counted_minor / program_.earn_step.minor_units);
  const std::string rest = money(step.amount_minor - step.counted_minor);
  say("实付 " + money(step.amount_minor) + " = " + steps + " 个整步，余 " + rest + " 舍去",
      "paid " + money(step.amount_minor) + " = " + steps + " whole steps, " + rest + " dropped");
  say(steps + " × " + points + " = " + given + " 分",
      steps + " × " + points + " = " + given + " points");
}

void Teller::tell_rule(const Sentence& name, const Step& step) {
  const std::string percent = std::to_string(step.percent);
  const std::string on = money(step.counted_minor);
  const std::string given = std::to_string(step.points.value);
  say(name.zh + " +" + percent + "%，计 " + on + "：" + given + " 分",
      name.en + " +" + percent + " % on " + on + ": " + given + " points");
}

void Teller::tell_step(const Step& step) {
  const std::string given = std::to_string(step.points.value);
  const std::string taken = std::to_string(-step.points.value);
  const auto cap = [&](Points most, const char* zh, const char* en) {
    const std::string text = std::to_string(most.value);
    say(std::string(zh) + " " + text + " 分：减 " + taken + " 分",
        std::string(en) + " of " + text + ": " + taken + " points less");
  };
  switch (step.kind) {
    case StepKind::kBase:
      tell_base(step);
      break;
    case StepKind::kBonus:
      tell_rule(words_of(program_.bonuses[step.rule].kind), step);
      break;
    case StepKind::kThreshold: {
      const std::string at = money_text(program_.thresholds[step.rule].at_least);
      tell_rule({"满 " + at + " 奖励", "for spending " + at + ":"}, step);
      break;
    }
    case StepKind::kCoupon: {
      const std::string& code = program_.coupons[step.rule].code;
      tell_rule({"优惠券 " + code, "coupon " + code + ":"}, step);
      break;
    }
    case StepKind::kThresholdPoints: {
      const std::string at = money_text(program_.thresholds[step.rule].at_least);
      say("满 " + at + " 送 " + given + " 分", "for spending " + at + ": " + given + " points");
      break;
    }
    case StepKind::kCouponPoints: {
      const std::string& code = program_.coupons[step.rule].code;
      say("优惠券 " + code + " 送 " + given + " 分", "coupon " + code + ": " + given + " points");
      break;
    }
    case StepKind::kSaleCap:
      cap(program_.sale_points_max, "单笔上限", "cap of a sale");
      break;
    case StepKind::kDayCap:
      cap(program_.day_points_max, "每日上限", "cap of a day");
      break;
    case StepKind::kRecordCap:
      cap(Points{kAmountMax}, "单条记录上限", "cap of a record");
      break;
    case StepKind::kBelowMinimum: {
      const std::string from = money_text(program_.earn_from);
      say("实付 " + money(step.amount_minor) + " 低于 " + from + "，不积分",
          "paid " + money(step.amount_minor) + ", below " + from + ": nothing is earned");
      break;
    }
  }
}

void Teller::tell_rounding() {
  if (evaluation_.was_rounded) {
    const std::string exact = thousandths_text(evaluation_.exact_thousandths);
    const Sentence rounding = words_of(program_.rounding);
    say("合计 " + exact + " 分，" + rounding.zh + "；各项所示为其份额",
        "together " + exact + " points, " + rounding.en + "; what is shown of each is its part");
  }
}

std::vector<Sentence> Teller::tell() {
  tell_rate();
  if (evaluation_.excluded_minor > 0) {
    const std::string excluded = money(evaluation_.excluded_minor);
    say("不积分商品 " + excluded + " 不计", excluded + " is for goods that earn nothing");
  }
  for (const Step& step : evaluation_.steps()) {
    tell_step(step);
  }
  tell_rounding();
  if (evaluation_.steps().size() > 1) {
    const std::string points = std::to_string(evaluation_.points.value);
    say("共 " + points + " 分", "in all " + points + " points");
  }
  return std::move(told_);
}

}  // namespace

std::vector<Sentence> tell_evaluation(const Program& program, const Evaluation& evaluation) {
  return Teller(program, evaluation).tell();
}

Sentence words_of(const program::Fault& fault) {
  std::string place{fault.field};
  if (!fault.list.empty()) {
    place = std::string(fault.list) + "[" + std::to_string(fault.entry) + "]." + place;
  }
  const std::string lowest = std::to_string(fault.lowest);
  const std::string zh = place + " 的值是 " + std::to_string(fault.value);
  return {fault.lowest == fault.highest
              ? zh + "，只能是 " + lowest
              : zh + "，应在 " + lowest + " 到 " + std::to_string(fault.highest) + " 之间",
          describe(fault)};
}

std::string name_of(StepKind kind) {
  switch (kind) {
    case StepKind::kBase:
      return "base";
    case StepKind::kBonus:
      return "bonus";
    case StepKind::kThreshold:
      return "threshold";
    case StepKind::kCoupon:
      return "coupon";
    case StepKind::kThresholdPoints:
      return "threshold_points";
    case StepKind::kCouponPoints:
      return "coupon_points";
    case StepKind::kSaleCap:
      return "sale_cap";
    case StepKind::kDayCap:
      return "day_cap";
    case StepKind::kRecordCap:
      return "record_cap";
    case StepKind::kBelowMinimum:
      return "below_minimum";
  }
  return "unknown";
}

}  // namespace tally::tools
