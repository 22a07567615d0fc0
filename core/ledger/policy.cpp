#include "core/ledger/policy.hpp"

#include "core/base/mutant.hpp"

namespace tally::ledger {
namespace {

constexpr std::int32_t kLateUploadDaysMax = 400;
constexpr std::int32_t kAheadDaysMax = 1;

/// The day a record says, or today when its clock cannot be right.
BusinessDay plausible_day(BusinessDay earned_on, BusinessDay today) {
  const bool plausible = TALLY_MUTANT("time/wrong-day-believed") ||
                         (earned_on.days >= today.days - kLateUploadDaysMax &&
                          earned_on.days <= today.days + kAheadDaysMax);
  return plausible ? earned_on : today;
}

}  // namespace

BusinessDay expiry_of(BusinessDay earned_on, BusinessDay today, const Policy& policy) {
  return program::last_day_of_points(policy.program, plausible_day(earned_on, today))
      .value_or(kNoExpiry);
}

std::optional<BusinessDay> vests_on(BusinessDay earned_on,
                                    BusinessDay today,
                                    const Policy& policy) {
  const BusinessDay day{plausible_day(earned_on, today).days + policy.program.pending_days};
  return day > today ? std::optional(day) : std::nullopt;
}

LotRef returned_to(const LotRef& lot, BusinessDay today, const Policy& policy) {
  if (lot.expires_on >= today) {
    return lot;
  }
  return {BusinessDay{today.days + policy.program.refund_grace_days}, lot.issuer, LotId{}};
}

}  // namespace tally::ledger
