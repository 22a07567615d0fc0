// Everybody the fleet enrolled, as the OA's machine asks for it.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/node/oa_registry.hpp"

namespace tally::sim {

class FleetRegistry : public node::OaRegistry {
 public:
  void add_terminal(StreamId stream, StoreId store, const crypto::Key256& key) {
    terminals_[stream] = {store, key};
  }
  void add_gateway(GatewayId gateway, Incarnation incarnation) { gateways_[gateway] = incarnation; }
  /// The stores' keys are others from now on; the OA reads them when it starts.
  void replace_directory_keys() { ++directory_keys_; }

  std::optional<StoreId> store_of(Role role,
                                  std::uint32_t number,
                                  Incarnation incarnation) override;
  Incarnation newest(Role role, std::uint32_t number) override;
  std::optional<crypto::Key256> record_key(StreamId stream, std::uint16_t key_version) override;
  std::optional<crypto::Key256> directory_key(StoreId store) override;
  std::vector<StreamId> terminals_of(StoreId store) override;

 private:
  std::map<StreamId, std::pair<StoreId, crypto::Key256>> terminals_;
  std::map<GatewayId, Incarnation> gateways_;
  std::uint8_t directory_keys_ = 1;  ///< How many there have been.
};

}  // namespace tally::sim
