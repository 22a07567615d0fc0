#include "core/right/limits.hpp"

#include <algorithm>

namespace tally::right {
namespace {

bool must_go_online(const OfflineLimits& limits, const Attempt& attempt) {
  // Multiplied rather than divided by: every thousandth has the same share of the 2^32 numbers.
  const std::uint64_t drawn = (std::uint64_t{attempt.random} * 1'000) >> 32U;
  return attempt.line_exists && drawn < limits.online_per_mille;
}

/// A limit in points, for a code of this strength.
Points for_code(Points limit, const Attempt& attempt) {
  const bool is_proof = attempt.code != CodeStrength::kStatic && attempt.clock_anchored;
  return is_proof ? limit : Points{limit.value / kStaticDivisor};
}

Points rest(Points limit, Points used) {
  return std::max(Points{0}, limit - used);
}

}  // namespace

SpendVerdict check_limits(const OfflineLimits& limits,
                          const Attempt& attempt,
                          const MemberSoFar& so_far) {
  if (attempt.points <= Points{0} || attempt.points > Points{kAmountMax}) {
    return {SpendOutcome::kAmountOutOfRange, {}, {}};
  }
  if (must_go_online(limits, attempt)) {
    return {SpendOutcome::kGoOnline, {}, {}};
  }
  if (attempt.in_a_row >= limits.in_a_row_max) {
    return {SpendOutcome::kTooManyOffline, {}, {}};
  }
  if (so_far.sales_today >= limits.member_day_sales_max) {
    return {SpendOutcome::kTooManyToday, {}, {}};
  }
  const Points txn = for_code(limits.txn_points_max, attempt);
  const Points day = rest(for_code(limits.member_day_points_max, attempt), so_far.today);
  const Points cap = rest(for_code(limits.member_points_max, attempt), so_far.under_cap);
  const Points allowed = std::min({txn, day, cap});
  if (attempt.points > txn) {
    return {SpendOutcome::kAboveTxnMax, allowed, {}};
  }
  if (attempt.points > day) {
    return {SpendOutcome::kAboveDayMax, allowed, {}};
  }
  if (attempt.points > cap) {
    return {SpendOutcome::kAboveMemberCap, allowed, {}};
  }
  return {SpendOutcome::kApproved, allowed, {}};
}

SpendVerdict within(SpendVerdict verdict, Points points, Points wanted) {
  verdict.allowed = std::min(verdict.allowed, points);
  if (verdict.approved() && wanted > points) {
    verdict.outcome = SpendOutcome::kNotEnough;
  }
  return verdict;
}

}  // namespace tally::right
