#include "tests/sim/report.hpp"

#include <array>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "tests/sim/mutants.hpp"
#include "tests/sim/trace.hpp"

namespace tally::sim {
namespace {

using Json = nlohmann::ordered_json;

std::string hex(std::uint64_t value) {
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

void add_figures(Json& line, const SeedReport& report) {
  line["version"] = TALLY_VERSION;
  line["events"] = report.events;
  line["sales"] = report.sales;
  line["redemptions"] = report.redemptions;
  line["offline_redemptions"] = report.offline_redemptions;
  line["faults"] = Json::object();
  for (const auto& [name, count] : report.faults) {
    line["faults"][name] = count;
  }
  line["crashes"] = report.crashes;
  line["restores"] = report.restores;
  line["messages"] = report.messages;
  line["dropped"] = report.dropped;
  line["violations"] = report.violations.size();
  line["exposure_bound"] = report.exposure_bound;
  line["exposure_reached"] = report.exposure_reached;
  line["terminal_hours"] = report.terminal_hours;
  line["wall_s"] = report.wall_s;
  line["trace_hash"] = hex(report.trace_hash);
  if (!all_mutants().empty()) {
    line["mutant_reached"] = report.mutant_reached;
  }
}

}  // namespace

void SeedReport::add(const SeedReport& other) {
  events += other.events;
  sales += other.sales;
  redemptions += other.redemptions;
  offline_redemptions += other.offline_redemptions;
  for (const auto& [name, count] : other.faults) {
    faults[name] += count;
  }
  crashes += other.crashes;
  restores += other.restores;
  messages += other.messages;
  dropped += other.dropped;
  exposure_bound += other.exposure_bound;
  exposure_reached += other.exposure_reached;
  terminal_hours += other.terminal_hours;
  mutant_reached += other.mutant_reached;
  violations.insert(violations.end(), other.violations.begin(), other.violations.end());
  Trace combined;
  combined.mix(trace_hash);
  combined.mix(other.trace_hash);
  trace_hash = combined.hash();
}

Json line_of(const SeedReport& report) {
  Json line;
  line["seed"] = report.seed;
  add_figures(line, report);
  return line;
}

Json line_of_sums(const SeedReport& sums, std::uint64_t seeds) {
  Json line;
  line["seeds"] = seeds;
  add_figures(line, sums);
  return line;
}

std::string pack_report(const SeedReport& report) {
  Json all = line_of(report);
  all["hash"] = report.trace_hash;
  all["reached"] = report.mutant_reached;
  all["found"] = Json::array();
  for (const Violation& violation : report.violations) {
    all["found"].push_back({violation.invariant, violation.event, violation.at_ms, violation.text});
  }
  all["last_events"] = report.last_events;
  return all.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool unpack_report(const std::string& packed, SeedReport& report) {
  const Json all = Json::parse(packed, nullptr, false);
  if (all.is_discarded() || !all.contains("last_events")) {
    return false;
  }
  report.seed = all["seed"];
  report.events = all["events"];
  report.sales = all["sales"];
  report.redemptions = all["redemptions"];
  report.offline_redemptions = all["offline_redemptions"];
  report.faults = all["faults"].get<std::map<std::string, std::uint64_t>>();
  report.crashes = all["crashes"];
  report.restores = all["restores"];
  report.messages = all["messages"];
  report.dropped = all["dropped"];
  report.exposure_bound = all["exposure_bound"];
  report.exposure_reached = all["exposure_reached"];
  report.terminal_hours = all["terminal_hours"];
  report.wall_s = all["wall_s"];
  report.trace_hash = all["hash"];
  report.mutant_reached = all["reached"];
  for (const Json& found : all["found"]) {
    report.violations.push_back({found[0], found[1], found[2], found[3]});
  }
  report.last_events = all["last_events"].get<std::vector<std::string>>();
  return true;
}

}  // namespace tally::sim
