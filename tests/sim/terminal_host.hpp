// One simulated terminal: the real machine on the real journal, and its end of the link.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/node/terminal_node.hpp"

#include "storage/terminal_journal.hpp"
#include "tests/sim/machine.hpp"
#include "tests/sim/send_watch.hpp"
#include "tests/sim/time_watch.hpp"

namespace tally::sim {

class Cashier;

class TerminalHost : public Machine {
 public:
  struct Setup {
    int number = 0;
    TerminalId terminal;
    GatewayId gateway;
    bool attended = true;  ///< Customers come to it.
  };
  /// What makes one box another than the next under the same number.
  struct Box {
    Incarnation incarnation{1};
    record::RecordKey key{};
    tests::DiskContent disk;
  };

  /// A box that is enrolled for the first time.
  TerminalHost(World& world, Setup setup);
  /// A box that was replaced, plugged in again.
  TerminalHost(World& world, Setup setup, const Box& box);
  ~TerminalHost() override;

  void set_gateway(Endpoint* gateway) { gateway_ = gateway; }
  const Endpoint* gateway() const { return gateway_; }

  void power_on() override;
  bool running() const override { return node_ != nullptr; }

  /// Another box takes its place, enrolled anew, on an empty disk, with a new key; the OA has to be
  /// told the key. Gives the box that was there.
  Box replace();
  /// Starts again from another image of a disk; see Truth::on_disk_rolled_back().
  void boot_from(const tests::DiskContent& image);
  /// Both get the other's disk for a while.
  void swap_disk_with(TerminalHost& other, std::int64_t for_ms);
  /// Ends a swap; nothing when there is none.
  void get_own_disk_back();
  /// Gives another terminal's name, changes the records it sends and repeats itself, for a while.
  void lie(std::int64_t for_ms);

  bool drained() const;
  /// What it waits for, for a person.
  std::string state() const;
  StreamId stream() const { return {setup_.terminal, incarnation_}; }
  StoreId store() const { return StoreId{setup_.gateway.value}; }
  const record::RecordKey& key() const { return key_; }
  const Setup& setup() const { return setup_; }
  TimeWatch& time_watch() { return time_watch_; }

  /// For the cashier.
  const sale::CheckoutView& view() const { return node_->view(); }
  void press(sale::Key key);
  void scan(const std::string& code);

 protected:
  void take_bytes(std::uint64_t connection, const Bytes& bytes) override;
  void take_broken(std::uint64_t connection) override;
  const char* database() const override;
  void lose_process() override;
  bool tick() override;

 private:
  std::optional<node::TerminalSnapshot> open_journal();
  void open_failed(const Error& error);
  void perform(node::TerminalActions actions);
  void commit(const node::TerminalCommit& commit);
  void do_commit(const node::TerminalCommit& commit);
  void check_applied(const StreamPosition& applied);
  bool lies() const { return world_.clockwork.now_ms() < lies_until_ms_; }
  void distort(link::Message& message);
  void journal_failed(const Error& error);
  void reopen();
  void read(const node::ReadRows& read);
  void note_time(const link::Message& message);
  void note_positions(const link::Message& message);
  void note_position(const StreamPosition& position);
  void look_at_screen();
  void keep_receipt(const node::ReceiptFacts& facts);
  void send(link::Message message);
  void try_connect();
  void drop_link(bool tell_peer);

  Setup setup_;
  Endpoint* gateway_ = nullptr;
  TimeWatch time_watch_;
  SendWatch sends_;
  Incarnation incarnation_{1};
  record::RecordKey key_{};
  std::int64_t lies_until_ms_ = 0;
  std::set<SaleId> sales_on_disk_;              ///< Every sale that was ever opened there.
  std::int64_t retry_after_ms_ = 0;             ///< Said by the gateway that closed the connection.
  bool gives_false_name_ = false;               ///< At its next Hello.
  std::optional<tests::DiskContent> own_disk_;  ///< Set aside while another one is in.

  std::optional<storage::TerminalJournal> journal_;
  std::unique_ptr<node::TerminalNode> node_;
  std::optional<link::Session> session_;
  std::uint64_t connection_ = 0;
  std::optional<BootTime> hello_at_;
  std::optional<sale::Screen> screen_seen_;
  std::unique_ptr<Cashier> cashier_;
};

}  // namespace tally::sim
