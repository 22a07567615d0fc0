// The limits of a redemption that nobody at the OA judges, after EMV's offline risk management: by
// sale, by member, by day, by how many went without the OA before, and by what the member showed.
// And the answer itself: whoever spends under a right, gateway or terminal, says which limit it was
// and how much would be allowed, so that a cashier knows what to do. Pure functions and values.
#pragma once

#include <cstdint>

#include "core/base/amount.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/record/record.hpp"

namespace tally::right {

/// In order of precedence. Values are those of logs and metrics.
enum class SpendOutcome : std::uint8_t {
  kApproved = 1,
  kAmountOutOfRange = 2,
  kSaleMismatch = 3,     ///< The sale id was asked before with other contents.
  kSaleClosed = 4,       ///< A record already settled this sale id.
  kFrozen = 5,           ///< The gateway started and the OA has not confirmed its disk yet.
  kFull = 6,             ///< Too much waits to be told to the OA.
  kNoRight = 7,          ///< No lease of this member, no budget, no slice.
  kPastDeadline = 8,     ///< There is one, but it may not be spent any more.
  kGoOnline = 9,         ///< Chosen at random: ask the OA while there is a line.
  kTooManyOffline = 10,  ///< One redemption of this terminal has to go online first.
  kTooManyToday = 11,    ///< Sales of this member today.
  kAboveTxnMax = 12,
  kAboveDayMax = 13,
  kAboveMemberCap = 14,
  kNotEnough = 15,  ///< The right does not hold as much.
};

struct SpendVerdict {
  SpendOutcome outcome = SpendOutcome::kNoRight;
  Points allowed;          ///< The most that would be approved now; 0 when nothing would be.
  record::FundingLeg leg;  ///< When approved.

  bool approved() const { return outcome == SpendOutcome::kApproved; }
};

/// What the member showed.
enum class CodeStrength : std::uint8_t {
  kStatic = 1,    ///< A number anybody may have copied: a claim, not a proof.
  kRotating = 2,  ///< Good for a short time.
  kSigned = 3,    ///< Made by a chip or by the OA for this moment.
};

struct OfflineLimits {
  Points txn_points_max{2'000};
  Points member_points_max{2'000};  ///< In one epoch, out of budgets.
  Points member_day_points_max{2'000};
  std::uint32_t member_day_sales_max = 5;
  std::uint32_t in_a_row_max = 20;      ///< Redemptions of one terminal without the OA.
  std::uint32_t online_per_mille = 50;  ///< Of the sales that could go either way.
};

/// One redemption somebody wants to approve without the OA.
struct Attempt {
  MemberId member;
  Points points;
  CodeStrength code = CodeStrength::kStatic;
  bool clock_anchored = false;  ///< Else every code counts as static: nobody knows how old it is.
  bool line_exists = false;     ///< The OA could be asked.
  std::uint32_t random = 0;     ///< Evenly spread and not to be guessed; decides kGoOnline.
  std::uint32_t in_a_row = 0;   ///< Redemptions of this terminal since its last one online.
  BusinessDay today;
};

/// What the member was let spend before.
struct MemberSoFar {
  Points under_cap;  ///< Out of budgets of this epoch.
  Points today;
  std::uint32_t sales_today = 0;
};

/// A static code is good for a tenth of every limit in points, rounded down.
inline constexpr std::int64_t kStaticDivisor = 10;

/// Judges the attempt; when it is approved, `allowed` is at least what was wanted.
SpendVerdict check_limits(const OfflineLimits& limits,
                          const Attempt& attempt,
                          const MemberSoFar& so_far);

/// The same verdict, for a right that holds `points`.
SpendVerdict within(SpendVerdict verdict, Points points, Points wanted);

}  // namespace tally::right
