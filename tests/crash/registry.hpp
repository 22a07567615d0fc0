// Who is enrolled in the crash tests' one store.
#pragma once

#include "core/node/oa_registry.hpp"

#include "tests/crash/world.hpp"

namespace tally::crash {

class World::Registry final : public node::OaRegistry {
 public:
  std::optional<StoreId> store_of(Role, std::uint32_t, Incarnation) override { return kStore; }
  Incarnation newest(Role, std::uint32_t) override { return Incarnation{1}; }
  std::optional<crypto::Key256> record_key(StreamId stream, std::uint16_t) override {
    return key_of(stream.terminal);
  }
  std::optional<crypto::Key256> directory_key(StoreId) override { return std::nullopt; }
  std::vector<StreamId> terminals_of(StoreId) override {
    return {{kTerminal, Incarnation{1}}, {kSecondTill, Incarnation{1}}};
  }
};

}  // namespace tally::crash
