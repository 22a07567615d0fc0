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
#include "tests/sim/report.hpp"
#include "tests/sim/terminal_host.hpp"

namespace tally::sim {

struct FleetSetup {
  std::uint64_t seed = 1;
  std::int64_t hours = 10;
  int gateways = 3;
  int terminals = 9;  ///< In all, spread over the gateways.
  int members = 8;
  std::filesystem::path folder;  ///< Empty and ours alone.
};

class Fleet {
 public:
  explicit Fleet(FleetSetup setup);

  /// Opens the shops, lets trouble happen, closes them, heals everything, waits for the queues to
  /// drain, then asks the oracle.
  SeedReport run();

 private:
  void trouble();
  void heal();
  bool drained() const;
  void judge(SeedReport& report);

  FleetSetup setup_;
  Clockwork clockwork_;
  Network network_;
  OaHost oa_;
  std::vector<std::string> cards_;
  std::vector<std::unique_ptr<GatewayHost>> gateways_;
  std::vector<std::unique_ptr<TerminalHost>> terminals_;
  bool healed_ = false;
  SeedReport report_;
};

}  // namespace tally::sim
