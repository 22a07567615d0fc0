// The faults of lines: cut, in one direction only, flapping, stalled, slow, and what was said on
// them said again by somebody else.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tests/sim/oa_host.hpp"

namespace tally::sim {

class LineTroubles {
 public:
  struct Way {
    const Endpoint* client;
    const Endpoint* server;
  };

  LineTroubles(World& world,
               OaHost& oa,
               std::vector<std::unique_ptr<GatewayHost>>& gateways,
               std::vector<std::unique_ptr<TerminalHost>>& terminals)
      : world_(world), oa_(oa), gateways_(gateways), terminals_(terminals) {}

  /// False when the fault is none of a line, or there was nothing for it to happen to.
  bool happen(Fault fault);

  /// `late_ms`: how much later than the end of the cut what waited arrives.
  void cut(Way way, Network::Cut how, std::int64_t for_ms, std::int64_t late_ms = 0);
  /// All uplinks are slow.
  void thin(std::int64_t for_ms);

 private:
  Way some_way();
  void flap(Way way, int times);
  bool replay();
  std::int64_t between(std::int64_t lo, std::int64_t hi) {
    return world_.clockwork.between(lo, hi);
  }

  World& world_;
  OaHost& oa_;
  std::vector<std::unique_ptr<GatewayHost>>& gateways_;
  std::vector<std::unique_ptr<TerminalHost>>& terminals_;
};

}  // namespace tally::sim
