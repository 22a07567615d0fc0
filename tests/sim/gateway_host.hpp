// One simulated gateway: the real machine on the real journal, sessions to its terminals and to the
// OA.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/link/session.hpp"
#include "core/node/gateway_node.hpp"

#include "storage/gateway_directory.hpp"
#include "storage/gateway_journal.hpp"
#include "tests/sim/network.hpp"

namespace tally::sim {

class GatewayHost : public Endpoint {
 public:
  struct Setup {
    GatewayId gateway;
    std::string journal_path;  ///< The member directory lies beside it.
  };

  GatewayHost(Clockwork& clockwork, Network& network, Setup setup);

  void add_terminal(TerminalId terminal, const Endpoint* host) { terminals_[host] = terminal; }
  void set_oa(Endpoint* oa) { oa_ = oa; }
  void power_on();
  void power_off();

  void on_bytes(std::uint64_t connection, const Bytes& bytes) override;
  void on_broken(std::uint64_t connection) override;

  bool running() const { return node_ != nullptr; }
  bool drained() const {
    return running() && node_->uplink().up && node_->uplink().queue_records == 0;
  }
  const Setup& setup() const { return setup_; }
  storage::GatewayJournal& journal() { return *journal_; }

 private:
  Instant now() const;
  void perform(node::GatewayActions actions);
  void commit(const node::GatewayCommit& commit);
  void read(const node::ReadStream& read);
  void open_directory();
  void commit_directory(const node::DirectoryCommit& commit);
  void look_up(const node::LookUpMember& wanted);
  void try_connect();
  void drop_uplink(bool tell_peer);
  void close_terminal(std::uint64_t connection, link::CloseReason reason, const std::string& text);
  void later(std::int64_t delay_ms, std::function<void()> what);

  Clockwork& clockwork_;
  Network& network_;
  Setup setup_;
  Endpoint* oa_ = nullptr;
  std::uint64_t generation_ = 0;
  std::int64_t started_ms_ = 0;

  std::optional<storage::GatewayJournal> journal_;
  std::optional<storage::GatewayDirectory> directory_;
  std::unique_ptr<node::GatewayNode> node_;
  std::map<const Endpoint*, TerminalId> terminals_;
  std::map<std::uint64_t, link::Session> sessions_;
  std::optional<link::Session> uplink_;
  std::uint64_t uplink_connection_ = 0;
};

}  // namespace tally::sim
