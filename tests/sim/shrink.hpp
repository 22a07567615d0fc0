// Makes a failing seed small: fewer hours, fewer kinds of faults, fewer faults, fewer terminals, as
// long as the same invariant breaks.
#pragma once

#include <string>

#include "tests/sim/fleet.hpp"
#include "tests/sim/report.hpp"

namespace tally::sim {

struct Shrunk {
  FleetSetup setup;
  SeedReport report;  ///< Of `setup`: the violation and the events before it.
  int runs = 0;
};

/// `failed` is what `setup` gave, with at least one violation.
Shrunk shrink(const FleetSetup& setup, const SeedReport& failed);

/// The arguments that run a setup again.
std::string command_line(const FleetSetup& setup);

}  // namespace tally::sim
