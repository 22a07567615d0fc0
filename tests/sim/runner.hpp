// Runs seeds, each in a process of its own: one that ends itself by an assertion costs its seed and
// no other, and several run at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tests/sim/fleet.hpp"
#include "tests/sim/report.hpp"

namespace tally::sim {

/// Runs one seed in this process. `setup.folder` is chosen and removed here.
SeedReport run_seed(FleetSetup setup);

/// Runs one seed in a child process. A child that died gives a report with one violation, "died".
SeedReport run_seed_apart(const FleetSetup& setup);

/// Runs seeds first … last, at most `jobs` at a time, and calls `done` in their order.
void run_seeds(const FleetSetup& setup,
               std::uint64_t first,
               std::uint64_t last,
               unsigned jobs,
               const std::function<void(const SeedReport&)>& done);

}  // namespace tally::sim
