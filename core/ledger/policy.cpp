#include "core/ledger/policy.hpp"

#include <chrono>

#include "core/ledger/lot.hpp"

namespace tally::ledger {
namespace {

constexpr std::int32_t kLateUploadDaysMax = 400;
constexpr std::int32_t kAheadDaysMax = 1;

}  // namespace

BusinessDay expiry_of(BusinessDay earned_on, BusinessDay today, const Policy& policy) {
  if (policy.program.lot_life_days == 0) {
    return kNoExpiry;
  }
  const bool plausible = earned_on.days >= today.days - kLateUploadDaysMax &&
                         earned_on.days <= today.days + kAheadDaysMax;
  const std::chrono::sys_days end{
      std::chrono::days{(plausible ? earned_on.days : today.days) + policy.program.lot_life_days}};
  const std::chrono::year_month_day day{end};
  const std::chrono::sys_days last{day.year() / day.month() / std::chrono::last};
  return BusinessDay{static_cast<std::int32_t>(last.time_since_epoch().count())};
}

}  // namespace tally::ledger
