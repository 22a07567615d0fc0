// The whole simulated fleet of one seed: an OA, stores with a gateway each, terminals, members, and
// the troubles of the day. run() gives what went wrong, with the events before it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/sim/oa_host.hpp"
#include "tests/sim/troubles.hpp"
#include "tests/sim/world.hpp"

namespace tally::sim {

class Fleet {
 public:
  explicit Fleet(const FleetSetup& setup);

  /// Opens the shops, lets trouble happen, closes them, heals everything, waits for the queues to
  /// drain, then asks the oracle for the last time. A violation ends the run where it is found.
  SeedReport run();

 private:
  void make_machines();
  void enrol_members();
  void recount_daily();
  void compare_directories();
  void check_directories();
  void settle();
  bool drained() const;
  std::string who_has_not_drained() const;
  void fill_in(SeedReport& report) const;

  World world_;
  OaHost oa_;
  std::vector<std::unique_ptr<GatewayHost>> gateways_;
  std::vector<std::unique_ptr<TerminalHost>> terminals_;
  Troubles troubles_;
};

}  // namespace tally::sim
