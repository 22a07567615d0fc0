// The whole simulated fleet of one seed: an OA, stores with a gateway each, terminals, members, and
// the troubles of the day. run() gives what went wrong, as lines a person can read.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/gateway_host.hpp"
#include "tests/sim/oa_host.hpp"
#include "tests/sim/oracle.hpp"
#include "tests/sim/terminal_host.hpp"

namespace tally::sim {

struct FleetSetup {
  std::uint64_t seed = 1;
  std::int64_t hours = 2;
  int gateways = 2;
  int terminals_per_gateway = 2;
  int members = 8;
  std::filesystem::path folder;  ///< Empty and ours alone.
};

struct FleetReport {
  std::vector<std::string> breaches;
  std::uint64_t records = 0;
  std::uint64_t sales_seen = 0;
  std::uint64_t kills = 0;
  std::uint64_t cuts = 0;
  std::uint64_t events = 0;
};

class Fleet {
 public:
  explicit Fleet(FleetSetup setup);

  /// Opens the shops, lets trouble happen, closes them, heals everything, waits for the queues to
  /// drain, then asks the oracle.
  FleetReport run();

 private:
  void trouble();
  void heal();
  bool drained() const;
  void judge(FleetReport& report);

  FleetSetup setup_;
  Clockwork clockwork_;
  Network network_;
  OaHost oa_;
  std::vector<std::string> cards_;
  std::vector<std::unique_ptr<GatewayHost>> gateways_;
  std::vector<std::unique_ptr<TerminalHost>> terminals_;
  bool healed_ = false;
  FleetReport report_;
};

}  // namespace tally::sim
