// tally-sim: runs the simulated fleet over a range of seeds and says what broke, if anything.
// Exit code: 0 nothing broke, 1 an invariant was violated, 2 wrong usage.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <malloc.h>
#include <nlohmann/json.hpp>

#include "tests/sim/mutants.hpp"
#include "tests/sim/runner.hpp"
#include "tests/sim/shrink.hpp"
#include "tests/sim/trace.hpp"

namespace {

using tally::sim::FleetSetup;
using tally::sim::SeedReport;

struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t last = 0;
};

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole ? std::optional(value) : std::nullopt;
}

// "17..20": seeds 17 to 20; "20": seeds 1 to 20.
std::optional<Seeds> seeds_of(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto first = dots == std::string_view::npos ? std::optional<std::uint64_t>(1)
                                                    : number_of(text.substr(0, dots));
  const auto last = number_of(dots == std::string_view::npos ? text : text.substr(dots + 2));
  if (!first || !last || *last < *first) {
    return std::nullopt;
  }
  return Seeds{*first, *last};
}

void print_violations(const SeedReport& report) {
  const auto seed = static_cast<unsigned long long>(report.seed);
  for (const tally::sim::Violation& found : report.violations) {
    std::fprintf(stderr,
                 "seed %llu: %s violated at event %llu (%s): %s\n",
                 seed,
                 found.invariant.c_str(),
                 static_cast<unsigned long long>(found.event),
                 tally::sim::format_sim_time(found.at_ms).c_str(),
                 found.text.c_str());
  }
  for (const std::string& line : report.last_events) {
    std::fprintf(stderr, "seed %llu:   %s\n", seed, line.c_str());
  }
}

void shrink_and_tell(FleetSetup setup, const SeedReport& report) {
  setup.seed = report.seed;
  const tally::sim::Shrunk small = tally::sim::shrink(setup, report);
  std::fprintf(stderr,
               "seed %llu: smallest of %d runs: tally sim %s\n",
               static_cast<unsigned long long>(report.seed),
               small.runs,
               tally::sim::command_line(small.setup).c_str());
  print_violations(small.report);
}

void print_sums(const SeedReport& sums, std::uint64_t seeds, std::uint64_t failed) {
  std::printf(
      "%llu seeds, %llu failed, %zu violations; %llu sales, %llu redemptions, %llu crashes, "
      "%llu restores, %llu messages (%llu dropped), %llu events, %.0f terminal-hours, %.1f s\n",
      static_cast<unsigned long long>(seeds),
      static_cast<unsigned long long>(failed),
      sums.violations.size(),
      static_cast<unsigned long long>(sums.sales),
      static_cast<unsigned long long>(sums.redemptions),
      static_cast<unsigned long long>(sums.crashes),
      static_cast<unsigned long long>(sums.restores),
      static_cast<unsigned long long>(sums.messages),
      static_cast<unsigned long long>(sums.dropped),
      static_cast<unsigned long long>(sums.events),
      sums.terminal_hours,
      sums.wall_s);
}

}  // namespace

int main(int argc, char** argv) {
  // The disks in memory grow by doubling: what they let go of stays with the process, which would
  // otherwise have the same pages cleared for it again and again.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  FleetSetup setup;
  std::string seeds_text = "20";
  unsigned jobs = 1;
  bool json = false;
  std::vector<std::string> without;
  bool calm = false;
  bool want_small = false;
  std::string mutant;
  bool list_mutants = false;
  CLI::App app{"Simulates a fleet that everything happens to; every run is its seed."};
  app.add_option("--seeds", seeds_text, "Seeds A..B, both included, or how many from 1 on");
  app.add_option("--jobs", jobs, "Seeds at a time, each in a process of its own")
      ->check(CLI::Range(1, 256));
  app.add_option(
         "--hours", setup.hours, "Simulated hours of each seed; a day opens with 10 of them")
      ->check(CLI::Range(1, 24 * 366));
  app.add_option("--terminals", setup.terminals, "Terminals in all")->check(CLI::Range(1, 900));
  app.add_option("--gateways", setup.gateways, "Gateways, each a store")->check(CLI::Range(1, 90));
  app.add_flag("--json", json, "A line of JSON for each seed and one with the sums");
  app.add_option("--without", without, "Faults to switch off, by their names in the report")
      ->delimiter(',');
  app.add_option("--faults", setup.faults_max, "After so many faults no more happen")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--shrink", want_small, "Makes each failing seed small and says how to run it");
  app.add_flag("--calm", calm, "No faults at all");
  app.add_option(
      "--mutant", mutant, "A seeded bug to switch on; only a build of preset mutants has any");
  app.add_flag(
      "--list-mutants", list_mutants, "Name, what is broken and invariant of each, then end");
  CLI11_PARSE(app, argc, argv);
  if (list_mutants) {
    for (const tally::sim::Mutant& one : tally::sim::all_mutants()) {
      std::printf("%s\t%s\t%s\n", one.name.data(), one.invariant.data(), one.broken.data());
    }
    return 0;
  }
  if (!mutant.empty() && !tally::sim::choose_mutant(mutant)) {
    std::fprintf(stderr,
                 "tally-sim: this build has no mutant \"%s\"%s\n",
                 mutant.c_str(),
                 tally::sim::all_mutants().empty() ? " (nor any: build preset mutants)" : "");
    return 2;
  }
  for (const std::string& name : without) {
    const auto fault = tally::sim::fault_named(name);
    if (!fault) {
      std::fprintf(stderr, "tally-sim: there is no fault \"%s\"\n", name.c_str());
      return 2;
    }
    setup.faults_off |= tally::sim::bit_of(*fault);
  }
  setup.profile = calm ? tally::sim::Profile::kCalm : tally::sim::Profile::kSwarm;
  const auto seeds = seeds_of(seeds_text);
  if (!seeds) {
    std::fprintf(
        stderr, "tally-sim: --seeds takes A..B or a count, not \"%s\"\n", seeds_text.c_str());
    return 2;
  }

  std::uint64_t failed = 0;
  SeedReport sums;
  const auto started = std::chrono::steady_clock::now();
  tally::sim::run_seeds(setup, seeds->first, seeds->last, jobs, [&](const SeedReport& report) {
    sums.add(report);
    failed += report.violations.empty() ? 0U : 1U;
    print_violations(report);
    if (want_small && !report.violations.empty()) {
      shrink_and_tell(setup, report);
    }
    if (json) {
      std::printf("%s\n", line_of(report).dump().c_str());
      std::fflush(stdout);
    }
  });
  sums.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  const std::uint64_t count = seeds->last - seeds->first + 1;
  if (json) {
    std::printf("%s\n", line_of_sums(sums, count).dump().c_str());
  } else {
    print_sums(sums, count, failed);
  }
  return failed == 0 ? 0 : 1;
}
