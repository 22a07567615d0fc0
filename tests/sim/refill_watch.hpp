// The oracle after a restore of the OA's ledger: until a gateway has sent again what it had, no
// till of its store may be granted anything.
#pragma once

#include <map>
#include <string>

#include "core/link/messages.hpp"

#include "tests/sim/ledger_watch.hpp"
#include "tests/sim/verdict.hpp"

namespace tally::sim {

class RefillWatch {
 public:
  using Positions = std::map<StreamId, StreamPosition>;
  using Ends = std::map<StreamId, Seq>;

  RefillWatch(Verdict& verdict, const LedgerWatch& ledger) : verdict_(verdict), ledger_(ledger) {}

  /// The ledger was put back; the gateway has this on its disk, and streams that end there in which
  /// some record may not be as its terminal made it.
  void on_restored(GatewayId gateway, const Positions& synced, const Ends& doubtful) {
    goals_[gateway] = synced;
    doubtful_[gateway] = doubtful;
  }
  /// Another box with an empty disk takes the gateway's place: it has nothing to send again.
  void on_replaced(GatewayId gateway) {
    goals_.erase(gateway);
    doubtful_.erase(gateway);
  }

  /// Whether the OA has what this gateway had at the last restore: else it is the only one.
  bool has_all(GatewayId gateway) const;

  /// What a gateway tells the OA: that all is there again must be so.
  void on_heard(GatewayId gateway, const link::Message& message);
  /// What the OA tells a gateway.
  void on_told(GatewayId gateway, const link::Message& message);

 private:
  std::string missing(const Positions& goals) const;

  Verdict& verdict_;
  const LedgerWatch& ledger_;
  std::map<GatewayId, Positions> goals_;
  std::map<GatewayId, Ends> doubtful_;
};

}  // namespace tally::sim
