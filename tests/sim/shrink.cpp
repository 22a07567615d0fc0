#include "tests/sim/shrink.hpp"

#include <algorithm>

#include "tests/sim/runner.hpp"

namespace tally::sim {
namespace {

/// Takes a smaller setup when it breaks the same invariant.
bool take_if_it_fails(Shrunk& best, const FleetSetup& smaller) {
  ++best.runs;
  SeedReport report = run_seed_apart(smaller);
  const bool same = !report.violations.empty() &&
                    report.violations.front().invariant == best.report.violations.front().invariant;
  if (same) {
    best.setup = smaller;
    best.report = std::move(report);
  }
  return same;
}

/// Halves a number as long as that still fails, then takes smaller steps.
template <class Value, class Set>
void make_smaller(Shrunk& best, Value now, Value least, Set set) {
  for (Value step = (now - least + 1) / 2; step > 0; step = step / 2) {
    while (now - step >= least) {
      FleetSetup smaller = best.setup;
      set(smaller, now - step);
      if (!take_if_it_fails(best, smaller)) {
        break;
      }
      now -= step;
    }
  }
}

}  // namespace

Shrunk shrink(const FleetSetup& setup, const SeedReport& failed) {
  Shrunk best{setup, failed, 0};
  make_smaller(best, setup.hours, std::int64_t{1}, [](FleetSetup& smaller, std::int64_t hours) {
    smaller.hours = hours;
  });
  for (std::size_t i = 0; i < kFaults; ++i) {
    FleetSetup smaller = best.setup;
    smaller.faults_off |= bit_of(static_cast<Fault>(i));
    if (smaller.faults_off != best.setup.faults_off) {
      take_if_it_fails(best, smaller);
    }
  }
  std::int64_t faults = 0;
  for (const auto& [name, count] : best.report.faults) {
    faults += fault_named(name) ? static_cast<std::int64_t>(count) : 0;
  }
  make_smaller(best, faults, std::int64_t{0}, [](FleetSetup& smaller, std::int64_t most) {
    smaller.faults_max = most;
  });
  make_smaller(best, best.setup.terminals, 1, [](FleetSetup& smaller, int terminals) {
    smaller.terminals = terminals;
    smaller.gateways = std::min(smaller.gateways, terminals);
  });
  return best;
}

std::string command_line(const FleetSetup& setup) {
  std::string text = "--seeds " + std::to_string(setup.seed) + ".." + std::to_string(setup.seed) +
                     " --hours " + std::to_string(setup.hours) + " --terminals " +
                     std::to_string(setup.terminals) + " --gateways " +
                     std::to_string(setup.gateways);
  if (setup.faults_max != INT64_MAX) {
    text += " --faults " + std::to_string(setup.faults_max);
  }
  std::string without;
  for (std::size_t i = 0; i < kFaults; ++i) {
    const auto fault = static_cast<Fault>(i);
    if ((setup.faults_off & bit_of(fault)) != 0) {
      without.append(without.empty() ? "" : ",").append(name_of(fault));
    }
  }
  return without.empty() ? text : text + " --without " + without;
}

}  // namespace tally::sim
