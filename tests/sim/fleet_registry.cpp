#include "tests/sim/fleet_registry.hpp"

namespace tally::sim {

std::optional<StoreId> FleetRegistry::store_of(Role role,
                                               std::uint32_t number,
                                               Incarnation incarnation) {
  if (role == Role::kGateway) {
    const auto at = gateways_.find(GatewayId{number});
    const bool known = at != gateways_.end() && incarnation <= at->second;
    return known ? std::optional(StoreId{number}) : std::nullopt;
  }
  const auto at = terminals_.find({TerminalId{number}, incarnation});
  return at == terminals_.end() ? std::nullopt : std::optional(at->second.first);
}

Incarnation FleetRegistry::newest(Role role, std::uint32_t number) {
  if (role == Role::kGateway) {
    return gateways_[GatewayId{number}];
  }
  Incarnation newest;
  for (auto at = terminals_.lower_bound({TerminalId{number}, Incarnation{}});
       at != terminals_.end() && at->first.terminal.value == number;
       ++at) {
    newest = at->first.incarnation;
  }
  return newest;
}

std::optional<crypto::Key256> FleetRegistry::record_key(StreamId stream, std::uint16_t) {
  const auto at = terminals_.find(stream);
  return at == terminals_.end() ? std::nullopt : std::optional(at->second.second);
}

std::optional<crypto::Key256> FleetRegistry::directory_key(StoreId store) {
  crypto::Key256 key{};
  store_be(store.value, key.data());
  key.back() = directory_keys_;
  return key;
}

std::vector<StreamId> FleetRegistry::terminals_of(StoreId store) {
  std::vector<StreamId> streams;
  for (const auto& [stream, entry] : terminals_) {
    if (entry.first == store) {
      streams.push_back(stream);
    }
  }
  return streams;
}

}  // namespace tally::sim
