// Why a sale earns what it earns: the one evaluation that terminal, gateway, OA, `tally explain`
// and the receipt share. Pure, without allocation.
//
// Each rule counts the goods it applies to, all of the sale's together, and a percentage of what
// the base rate gives for them; base (100 %) and bonuses are added up exactly and rounded once, as
// the program says. Then come points by the piece, then caps. What is shown of each rule and of
// each line is a part of the result by the largest remainder, so parts always add up
// (docs/adr/0025-bonuses-add-up.md).
#pragma once

#include <array>
#include <span>

#include "core/program/program.hpp"
#include "core/program/sale.hpp"

namespace tally::program {

enum class StepKind : std::uint8_t {
  kBase,
  kBonus,            ///< `rule` is its place in bonuses.
  kThreshold,        ///< Its percentage; `rule` is its place in thresholds.
  kCoupon,           ///< Its percentage; `rule` is its place in coupons.
  kThresholdPoints,  ///< By the piece.
  kCouponPoints,     ///< By the piece.
  kSaleCap,          ///< Takes off what is above it.
  kDayCap,           ///< Takes off what is above it.
  kRecordCap,        ///< Takes off what no record can carry (kAmountMax).
  kBelowMinimum,     ///< The sale is below earn_from: nothing else counts.
};

struct Step {
  StepKind kind = StepKind::kBase;
  std::uint8_t rule = 0;
  std::int32_t percent = 0;        ///< Of the base rate; 0 for points by the piece and caps.
  std::int64_t amount_minor = 0;   ///< What was paid for the goods it applies to.
  std::int64_t counted_minor = 0;  ///< Of it, in whole earning steps when the program says so.
  Points points;                   ///< Its part; negative for a cap.
};

inline constexpr std::size_t kStepsMax = kBonusesMax + 8;

struct Evaluation {
  Points points;                    ///< The sum of the steps' points, and of the lines'.
  std::int64_t eligible_minor = 0;  ///< Paid for goods that earn.
  std::int64_t excluded_minor = 0;  ///< Paid for goods that do not; both add up to the bill.
  /// What base, bonuses, threshold and coupon gave together, before rounding, cut to a thousandth.
  std::int64_t exact_thousandths = 0;
  bool was_rounded = false;
  std::array<Points, kLinesMax> line_points{};
  Points rest_points;  ///< Of goods that no line names.

  std::span<const Step> steps() const { return {all_steps.data(), step_count}; }

  std::array<Step, kStepsMax> all_steps{};
  std::size_t step_count = 0;
};

/// Requires a program and a sale in which check() found nothing, but for the bill, which may go up
/// to kAmountMax.
Evaluation evaluate(const Program& program, const Sale& sale, const MemberFacts& member);

/// Whether a bonus's conditions of member and time hold; those of goods are asked line by line.
bool applies(const Bonus& bonus, const Sale& sale, const MemberFacts& member);

/// Whether a birthday falls into the window around a day.
bool is_birthday(Birthday birthday, BirthdayWindow window, BusinessDay day);

}  // namespace tally::program
