// Tiers: a pure function of what a member spent in the program's period. Up at once; down only when
// the time a tier is kept is over (docs/adr/0025-bonuses-add-up.md).
#pragma once

#include <cstdint>

#include "core/program/program.hpp"

namespace tally::program {

struct TierState {
  std::uint32_t tier = 0;
  BusinessDay kept_until;  ///< The last day on which it cannot fall; tier 0 has none.
  bool operator==(const TierState&) const = default;
};

/// The highest tier that the spending of one period reaches.
std::uint32_t tier_for(const Program& program, Money spent);

/// The state on `today`, `spent` being what was spent in the `tier_period_days` that end today.
/// Higher spending lifts at once and begins a new time; until that is over nothing falls. Then the
/// tier becomes what the spending says, but at most one lower when the program says so, and a new
/// time begins. Repeating it on the same day with the same spending changes nothing.
TierState tier_after(const Program& program, TierState state, Money spent, BusinessDay today);

}  // namespace tally::program
