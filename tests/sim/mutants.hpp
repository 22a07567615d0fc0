// The seeded bugs a build of the preset `mutants` holds (docs/testing.md, "Mutation score"): their
// names, what is broken, and the invariant that must see it. In every other build there are none.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tally::sim {

struct Mutant {
  std::string_view name;       ///< "area/what", as in TALLY_MUTANT(name).
  std::string_view broken;     ///< One line.
  std::string_view invariant;  ///< The one that must see it: docs/invariants.md.
};

/// All of this build; empty in a build that may be shipped.
std::span<const Mutant> all_mutants();

/// Switches one on in this process; false when this build does not have it.
bool choose_mutant(std::string_view name);

/// How often the chosen mutant's code was reached in this process.
std::uint64_t mutant_reached();

}  // namespace tally::sim
