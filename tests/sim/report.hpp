// What one seed gave, and the JSON line that says so (issue 3: the keys of `tally sim --json`).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace tally::sim {

/// A broken invariant: its name (I1 … I13), the event that showed it, one sentence.
struct Violation {
  std::string invariant;
  std::uint64_t event = 0;
  std::int64_t at_ms = 0;
  std::string text;
};

struct SeedReport {
  std::uint64_t seed = 0;
  std::uint64_t events = 0;
  std::uint64_t sales = 0;  ///< Approved in front of a customer, with and without redemption.
  std::uint64_t redemptions = 0;
  std::uint64_t offline_redemptions = 0;
  std::map<std::string, std::uint64_t> faults;
  std::uint64_t crashes = 0;
  std::uint64_t restores = 0;
  std::uint64_t messages = 0;
  std::uint64_t dropped = 0;
  std::int64_t exposure_bound = 0;    ///< Points that the faults of this run could overspend.
  std::int64_t exposure_reached = 0;  ///< Points that were overspent at the worst moment.
  double terminal_hours = 0;
  double wall_s = 0;
  std::uint64_t trace_hash = 0;
  std::uint64_t mutant_reached =
      0;  ///< How often the seeded bug was come by; no other build has any.
  std::vector<Violation> violations;
  std::vector<std::string> last_events;  ///< Before the first violation.

  /// Adds the counts of another seed; hashes are combined in the order of the calls.
  void add(const SeedReport& other);
};

/// The line of --json for one seed.
nlohmann::ordered_json line_of(const SeedReport& report);
/// The last line of --json: the same figures over all seeds.
nlohmann::ordered_json line_of_sums(const SeedReport& sums, std::uint64_t seeds);

/// Everything, for the way from one process to another.
std::string pack_report(const SeedReport& report);
/// Empty text or half a report gives false.
bool unpack_report(const std::string& packed, SeedReport& report);

}  // namespace tally::sim
