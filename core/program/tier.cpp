#include "core/program/tier.hpp"

#include <algorithm>

namespace tally::program {

std::uint32_t tier_for(const Program& program, Money spent) {
  const auto above =
      std::find_if(program.tiers.begin(), program.tiers.end(), [spent](const Tier& tier) {
        return tier.spent_at_least.minor_units > spent.minor_units;
      });
  return static_cast<std::uint32_t>(above - program.tiers.begin());
}

TierState tier_after(const Program& program, TierState state, Money spent, BusinessDay today) {
  const std::uint32_t reached = tier_for(program, spent);
  const bool is_kept = state.tier == 0 || today <= state.kept_until;
  if (reached <= state.tier && is_kept) {
    return state;
  }
  std::uint32_t tier = reached;
  if (reached < state.tier && program.tier_falls_one_at_a_time) {
    tier = state.tier - 1;
  }
  // A newer program may have fewer tiers than the member's.
  tier = std::min(tier, static_cast<std::uint32_t>(program.tiers.size()));
  return {tier, tier == 0 ? BusinessDay{} : BusinessDay{today.days + program.tier_kept_days}};
}

}  // namespace tally::program
