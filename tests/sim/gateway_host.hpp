// One simulated gateway: the real machine on the real journal, sessions to its terminals and to the
// OA; and, while a fault makes it lie, what it says instead.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/node/gateway_node.hpp"

#include "storage/gateway_directory.hpp"
#include "storage/gateway_journal.hpp"
#include "tests/sim/gateway_watch.hpp"
#include "tests/sim/machine.hpp"
#include "tests/sim/send_watch.hpp"
#include "tests/sim/terminal_host.hpp"

namespace tally::sim {

class GatewayHost : public Machine {
 public:
  GatewayHost(World& world, int number, GatewayId gateway);

  void add_terminal(TerminalHost* terminal) { terminals_[terminal->number()] = terminal; }
  void set_oa(Endpoint* oa) { oa_ = oa; }
  const Endpoint* oa() const { return oa_; }

  void power_on() override;
  bool running() const override { return node_ != nullptr; }

  /// Gone for ever; another box with an empty disk takes its place.
  void replace();
  /// Loses what goes to the OA, or sends it twice, for a while; then it is started again.
  void lose_records(std::int64_t for_ms);
  /// Says what is not so, for a while.
  void lie(std::int64_t for_ms);

  bool drained() const;
  /// What it waits for, for a person.
  std::string state() const;
  GatewayId gateway() const { return gateway_; }
  Incarnation incarnation() const { return incarnation_; }
  GatewayWatch& watch() { return watch_; }
  const node::GatewayNode& node() const { return *node_; }
  /// Its member directory, when that is open.
  std::optional<DirectoryOnDisk> directory();

 protected:
  void take_bytes(std::uint64_t connection, const Bytes& bytes) override;
  void take_broken(std::uint64_t connection) override;
  const char* database() const override;
  void lose_process() override;
  bool tick() override;

 private:
  bool lies() const { return world_.clockwork.now_ms() < lies_until_ms_; }
  std::optional<node::GatewaySnapshot> open_journal();
  void perform(node::GatewayActions actions);
  void send_to_terminal(const node::SendToTerminal& send);
  void note_time(std::uint64_t connection, const link::Message& message);
  void note_from_oa(const link::Message& message);
  void send_records(const link::RecordBatch& batch);
  void check_forwarded();
  void send_to_oa(link::Message message);
  void lie_to_terminal(std::uint64_t connection, const link::Message& message);
  void say_to_terminal(std::uint64_t connection, const link::Message& message);
  void say_applied(std::uint64_t connection);
  bool lie_to_oa(link::Message& message);
  void commit(const node::GatewayCommit& commit);
  void journal_failed(const Error& error);
  void reopen();
  void read(const node::ReadStream& read);
  void open_directory();
  void commit_directory(const node::DirectoryCommit& commit);
  void look_up(const node::LookUpMember& wanted);
  void try_connect();
  void drop_uplink(bool tell_peer);
  void close_terminal(std::uint64_t connection, link::CloseReason reason, const std::string& text);
  void open_session(std::uint64_t connection);

  GatewayId gateway_;
  Incarnation incarnation_{1};
  Endpoint* oa_ = nullptr;
  GatewayWatch watch_;
  std::int64_t lies_until_ms_ = 0;
  std::int64_t loses_until_ms_ = 0;
  SendWatch sends_;
  bool was_told_time_ = false;        ///< In this boot, by the OA.
  std::uint64_t journal_number_ = 0;  ///< Rises when the journal failed: older reads are void.

  std::optional<storage::GatewayJournal> journal_;
  std::optional<storage::GatewayDirectory> directory_;
  node::DirectoryState directory_state_;  ///< On disk.
  std::unique_ptr<node::GatewayNode> node_;
  std::map<int, TerminalHost*> terminals_;  ///< By the host's number.
  std::map<std::uint64_t, link::Session> sessions_;
  std::optional<link::Session> uplink_;
  std::uint64_t uplink_connection_ = 0;
};

}  // namespace tally::sim
