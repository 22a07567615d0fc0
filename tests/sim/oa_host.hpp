// The simulated OA: the real machine on the real ledger store; one call of handle() is one
// transaction. And its office, which enrols members.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/node/oa_node.hpp"

#include "storage/ledger_store.hpp"
#include "tests/sim/fleet_registry.hpp"
#include "tests/sim/gateway_host.hpp"
#include "tests/sim/machine.hpp"

namespace tally::sim {

class OaHost : public Machine {
 public:
  OaHost(World& world, int number);

  FleetRegistry& registry() { return registry_; }
  void add_gateway(GatewayHost* gateway);
  /// Makes a member with this card, as soon as the OA runs.
  void enrol(const std::string& card);
  /// Erases whoever has this card; gives it out anew under another number. Both as soon as the OA
  /// runs.
  void erase(const std::string& card);
  void replace_card(const std::string& card, const std::string& new_card);

  void power_on() override;
  bool running() const override { return node_ != nullptr; }

  storage::LedgerStore& store() { return *store_; }
  /// Works the ledger out a second time, when it is open.
  void check_rules();
  /// The same for the member directory.
  void check_directory_holders();
  void check_directory_of(GatewayHost& gateway);
  bool has_all_of_directory(GatewayHost& gateway) const;
  /// All of it when everything has settled. The ledger must be open.
  void check_end();

 protected:
  void take_bytes(std::uint64_t connection, const Bytes& bytes) override;
  void take_broken(std::uint64_t connection) override;
  const char* database() const override;
  void lose_process() override;
  bool tick() override;

 private:
  bool open_ledger();
  void perform(node::OaActions actions);
  void handle();
  void tell_directory();
  bool sweep();
  void at_office(std::function<Status()> work);
  Status enrol_now(const std::string& card);
  Status erase_now(const std::string& card);
  Status replace_card_now(const std::string& card, const std::string& new_card);
  void send_directory(std::uint64_t connection, const link::DirectoryChunk& chunk);
  Status give_opening(MemberId member, const ledger::LedgerTime& time);
  void ledger_failed(const Error& error);
  void reopen();
  void close_ledger();
  void end(std::uint64_t connection, link::CloseReason reason, const std::string& text);
  void open_session(std::uint64_t connection);

  FleetRegistry registry_;
  std::map<int, GatewayHost*> gateways_;  ///< By the host's number.

  std::unique_ptr<storage::LedgerStore> store_;
  std::unique_ptr<node::OaNode> node_;
  std::map<std::uint64_t, link::Session> sessions_;
  std::vector<node::OaEvent> waiting_;
  bool busy_ = false;
};

}  // namespace tally::sim
