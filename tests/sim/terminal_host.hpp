// One simulated terminal: the real machine on the real journal, a disk that takes time, a cashier
// who presses keys, and a power plug that can be pulled between any two of its steps.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/link/session.hpp"
#include "core/node/terminal_node.hpp"

#include "storage/terminal_journal.hpp"
#include "tests/sim/network.hpp"

namespace tally::sim {

/// What a customer saw approved, or voided, with the figures on the screen.
struct Seen {
  std::string receipt_number;
  Points earned;
  Points redeemed;
  bool voided = false;
};

class TerminalHost : public Endpoint {
 public:
  struct Setup {
    TerminalId terminal;
    GatewayId gateway;
    record::RecordKey key{};
    std::string journal_path;
    std::vector<std::string> cards;
    std::int64_t clock_skew_ms = 0;
  };

  TerminalHost(Clockwork& clockwork, Network& network, Setup setup);

  void set_gateway(Endpoint* gateway) { gateway_ = gateway; }
  void power_on();
  /// Ends at once; what the disk had not taken is gone. Comes back by itself after a while.
  void power_off();
  /// No new sales: the cashier goes home, the machine keeps syncing.
  void close_shop() { open_ = false; }

  void on_bytes(std::uint64_t connection, const Bytes& bytes) override;
  void on_broken(std::uint64_t connection) override;

  bool running() const { return node_ != nullptr; }
  bool drained() const;
  const std::vector<Seen>& seen() const { return seen_; }
  const Setup& setup() const { return setup_; }
  storage::TerminalJournal& journal() { return *journal_; }
  const node::TerminalNode& node() const { return *node_; }

 private:
  Instant now() const;
  void perform(node::TerminalActions actions);
  void commit(const node::TerminalCommit& commit);
  void read(const node::ReadRows& read);
  void look_at_screen();
  void cashier();
  void press(sale::Key key) { perform(node_->on_key(key, now())); }
  void try_connect();
  void drop_link(bool tell_peer);
  /// Calls `what` after a delay unless the machine died meanwhile.
  void later(std::int64_t delay_ms, std::function<void()> what);

  Clockwork& clockwork_;
  Network& network_;
  Setup setup_;
  Endpoint* gateway_ = nullptr;
  std::uint64_t generation_ = 0;
  std::int64_t started_ms_ = 0;
  bool open_ = true;

  std::optional<storage::TerminalJournal> journal_;
  std::unique_ptr<node::TerminalNode> node_;
  std::optional<link::Session> session_;
  std::uint64_t connection_ = 0;
  std::optional<sale::Screen> screen_seen_;
  std::vector<Seen> seen_;
};

}  // namespace tally::sim
