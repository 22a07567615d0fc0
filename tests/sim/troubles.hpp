// The faults of a run: draws one after the other at the swarm's rate and lets them happen to the
// machines, the network and the clocks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/line_troubles.hpp"
#include "tests/sim/oa_host.hpp"

namespace tally::sim {

class Troubles {
 public:
  Troubles(World& world,
           OaHost& oa,
           std::vector<std::unique_ptr<GatewayHost>>& gateways,
           std::vector<std::unique_ptr<TerminalHost>>& terminals)
      : world_(world),
        oa_(oa),
        gateways_(gateways),
        terminals_(terminals),
        lines_(world, oa, gateways, terminals) {}

  void begin();
  /// Ends everything that is still going on.
  void heal();

 private:
  void next();
  bool happen(Fault fault);
  bool to_terminal(Fault fault, TerminalHost& terminal);
  bool to_gateway(Fault fault, GatewayHost& gateway);
  bool to_oa(Fault fault);
  bool to_clock(Fault fault);
  void set_clock_wrong(TerminalHost& terminal);
  bool restore_oa();
  bool restore_disk(TerminalHost& terminal);
  void sell_on_beside(TerminalHost& terminal);
  void enrol_anew_later(TerminalHost& terminal);
  bool swap_disks(TerminalHost& terminal);
  TerminalHost::Box replace(TerminalHost& terminal);
  bool replace_and_plug_in_again(TerminalHost& terminal);
  void plug_in(const TerminalHost::Setup& at, const TerminalHost::Box& box);
  bool to_office(Fault fault);
  bool replace(GatewayHost& gateway);
  void lose_records(GatewayHost& gateway);
  Machine& some_box();
  Machine& some_machine();
  std::int64_t between(std::int64_t lo, std::int64_t hi) {
    return world_.clockwork.between(lo, hi);
  }

  World& world_;
  OaHost& oa_;
  std::vector<std::unique_ptr<GatewayHost>>& gateways_;
  std::vector<std::unique_ptr<TerminalHost>>& terminals_;
  LineTroubles lines_;
  std::vector<std::unique_ptr<TerminalHost>> old_boxes_;  ///< Replaced, and on the network again.
  std::int64_t happened_ = 0;
};

}  // namespace tally::sim
