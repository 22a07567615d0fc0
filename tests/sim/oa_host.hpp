// The simulated OA: the real machine on the real ledger store; one call of handle() is one
// transaction.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/link/session.hpp"
#include "core/node/oa_node.hpp"

#include "storage/ledger_store.hpp"
#include "tests/sim/network.hpp"

namespace tally::sim {

/// Everybody the fleet enrolled.
class FleetRegistry : public node::OaRegistry {
 public:
  void add(TerminalId terminal, StoreId store, const crypto::Key256& key) {
    terminals_[terminal] = {store, key};
  }

  std::optional<StoreId> store_of(Role role, std::uint32_t node, Incarnation incarnation) override;
  Incarnation newest(Role role, std::uint32_t node) override;
  std::optional<crypto::Key256> record_key(StreamId stream, std::uint16_t key_version) override;
  std::optional<crypto::Key256> directory_key(StoreId store) override;
  std::vector<StreamId> terminals_of(StoreId store) override;

 private:
  std::map<TerminalId, std::pair<StoreId, crypto::Key256>> terminals_;
};

class OaHost : public Endpoint {
 public:
  OaHost(Clockwork& clockwork, Network& network, std::string ledger_path);

  FleetRegistry& registry() { return registry_; }
  void add_gateway(GatewayId gateway, const Endpoint* host) { gateways_[host] = gateway; }
  /// Makes a member with this card; the OA must be running.
  void enrol(const std::string& card);

  void power_on();
  void power_off();
  bool running() const { return node_ != nullptr; }

  void on_bytes(std::uint64_t connection, const Bytes& bytes) override;
  void on_broken(std::uint64_t connection) override;

  storage::LedgerStore& store() { return *store_; }
  const std::string& ledger_path() const { return ledger_path_; }

 private:
  Instant now() const;
  void perform(node::OaActions actions);
  void handle();
  void later(std::int64_t delay_ms, std::function<void()> what);
  void end(std::uint64_t connection, link::CloseReason reason, const std::string& text);

  Clockwork& clockwork_;
  Network& network_;
  std::string ledger_path_;
  FleetRegistry registry_;
  std::map<const Endpoint*, GatewayId> gateways_;
  std::uint64_t generation_ = 0;
  std::int64_t started_ms_ = 0;

  std::unique_ptr<storage::LedgerStore> store_;
  std::unique_ptr<node::OaNode> node_;
  std::map<std::uint64_t, link::Session> sessions_;
  std::vector<node::OaEvent> waiting_;
  bool busy_ = false;
};

}  // namespace tally::sim
