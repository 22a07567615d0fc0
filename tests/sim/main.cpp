// tally-sim: runs the simulated fleet over a range of seeds and says what broke, if anything.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "tests/sim/fleet.hpp"

int main(int argc, char** argv) {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 20;
  std::int64_t hours = 1;
  bool json = false;
  CLI::App app{"Simulates a fleet with kills, cuts, delays and re-sends; every run is its seed."};
  app.add_option("--seeds", seeds, "How many seeds to run");
  app.add_option("--first-seed", first_seed, "The first seed");
  app.add_option("--hours", hours, "Simulated opening hours of each seed");
  app.add_flag("--json", json, "One line of JSON at the end");
  CLI11_PARSE(app, argc, argv);

  std::error_code ignored;
  const bool memory = std::filesystem::is_directory("/dev/shm", ignored);
  const std::filesystem::path base =
      (memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path()) /
      ("tally-sim-" + std::to_string(::getpid()));
  std::uint64_t failed = 0;
  tally::sim::FleetReport total;
  const auto started = std::chrono::steady_clock::now();
  for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
    std::filesystem::remove_all(base, ignored);
    std::filesystem::create_directories(base);
    tally::sim::FleetSetup setup;
    setup.seed = seed;
    setup.hours = hours;
    setup.folder = base;
    const tally::sim::FleetReport report = tally::sim::Fleet(setup).run();
    total.records += report.records;
    total.sales_seen += report.sales_seen;
    total.kills += report.kills;
    total.cuts += report.cuts;
    total.events += report.events;
    failed += report.breaches.empty() ? 0U : 1U;
    for (const std::string& breach : report.breaches) {
      std::fprintf(
          stderr, "seed %llu: %s\n", static_cast<unsigned long long>(seed), breach.c_str());
    }
  }
  std::filesystem::remove_all(base, ignored);
  const double wall_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::printf(
      json ? "{\"seeds\":%llu,\"failed\":%llu,\"records\":%llu,\"sales_seen\":%llu,\"kills\":%llu,"
             "\"cuts\":%llu,\"events\":%llu,\"wall_s\":%.1f}\n"
           : "%llu seeds, %llu failed; %llu records, %llu results seen, %llu kills, %llu cuts, "
             "%llu events, "
             "%.1f s\n",
      static_cast<unsigned long long>(seeds),
      static_cast<unsigned long long>(failed),
      static_cast<unsigned long long>(total.records),
      static_cast<unsigned long long>(total.sales_seen),
      static_cast<unsigned long long>(total.kills),
      static_cast<unsigned long long>(total.cuts),
      static_cast<unsigned long long>(total.events),
      wall_s);
  return failed == 0 ? 0 : 1;
}
