// The simulated OA: the real machine on the real ledger store; one call of handle() is one
// transaction. And its office, which enrols members, makes back-ups and restores the newest one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/node/oa_node.hpp"

#include "storage/ledger_backup.hpp"
#include "storage/ledger_store.hpp"
#include "tests/sim/fleet_registry.hpp"
#include "tests/sim/gateway_host.hpp"
#include "tests/sim/machine.hpp"
#include "tests/sim/refill_watch.hpp"

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

  /// Makes a back-up every so often, as `tally oa backup` does.
  void begin_backups();
  /// A gateway is gone for ever, and with it the second copy of what came since the last back-up:
  /// the office makes another one at once, as docs/operating.md asks.
  void on_gateway_gone(GatewayId gateway);
  /// Whether a gateway is the only place that has what the OA lost by a restore.
  bool depends_on(GatewayId gateway) const { return !refill_.has_all(gateway); }
  /// The machine burns down; another one goes on with the newest back-up, as `tally oa restore`
  /// makes it. False when there is none that may be used.
  bool restore();

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
  /// What the office does to one member, as it has it on paper.
  struct OfficeWork {
    Status (OaHost::*how)(const OfficeWork& work) = nullptr;
    std::string card;
    std::string new_card;  ///< In the place of the other.
  };

  bool open_ledger();
  void perform(node::OaActions actions);
  void handle();
  void tell_directory();
  bool sweep();
  void at_office(std::function<Status()> work);
  void do_at_office(OfficeWork work);
  Status enrol_now(const OfficeWork& work);
  Status erase_now(const OfficeWork& work);
  Status replace_card_now(const OfficeWork& work);
  void do_again(std::size_t at, std::uint64_t number);
  void send_directory(std::uint64_t connection, const link::DirectoryChunk& chunk);
  Status give_opening(MemberId member, const ledger::LedgerTime& time);
  void back_up();
  void back_up_soon();
  bool copy_ledger();
  void take_backup_notice();
  void ledger_failed(const Error& error);
  void reopen();
  void close_ledger();
  void end(std::uint64_t connection, link::CloseReason reason, const std::string& text);
  void open_session(std::uint64_t connection);

  FleetRegistry registry_;
  std::map<int, GatewayHost*> gateways_;  ///< By the host's number.

  std::vector<OfficeWork> book_;    ///< Everything done, in order.
  std::size_t book_in_ledger_ = 0;  ///< So much of it, except for what is being done again.
  std::size_t book_in_backup_ = 0;
  std::uint64_t done_again_ = 0;  ///< How often that was begun.

  std::string backup_;  ///< The newest; empty: none yet.
  std::uint64_t backups_made_ = 0;
  bool gateway_gone_ = false;                     ///< Since the newest back-up.
  bool just_restored_ = false;                    ///< From the newest back-up.
  std::optional<storage::BackupContent> notice_;  ///< Of a back-up, for the OA to take up.
  RefillWatch refill_;

  std::unique_ptr<storage::LedgerStore> store_;
  std::unique_ptr<node::OaNode> node_;
  std::map<std::uint64_t, link::Session> sessions_;
  std::vector<node::OaEvent> waiting_;
  bool busy_ = false;
};

}  // namespace tally::sim
