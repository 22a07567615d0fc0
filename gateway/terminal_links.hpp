// The terminals' connections: listener, TLS, sessions. Turns bytes into messages for the machine
// and its answers into bytes; whatever a peer does wrong ends that one connection, with a named
// reason in log, counters and the page's list. On the link loop only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/crypto/random_source.hpp"
#include "core/link/session.hpp"
#include "core/node/gateway_node.hpp"

#include "gateway/refusal_list.hpp"
#include "transport/link_listener.hpp"

namespace tally::gateway {

class TerminalLinks {
 public:
  struct Options {
    transport::ListenOptions listen;
    link::SessionTimes times;
    StoreId store;  ///< Terminals of another store are refused.
  };

  /// Calls of one connection come in order; nothing follows `closed`.
  struct Callbacks {
    std::function<void(node::ConnectionId, const link::Message&)> message;
    std::function<void(node::ConnectionId)> closed;
    /// For counters: why a connection ended, by code.
    std::function<void(std::string_view code)> ended;
    std::function<Instant()> now;
  };

  /// What the page shows of a terminal's connection beyond what the machine knows.
  struct Contact {
    std::optional<WallTime> connected_since;
    std::optional<Duration> oldest_unsynced_age;
  };

  TerminalLinks(Options options, crypto::RandomSource& random, Callbacks callbacks);
  TerminalLinks(const TerminalLinks&) = delete;
  TerminalLinks& operator=(const TerminalLinks&) = delete;
  ~TerminalLinks();

  /// Listens. Errors: those of LinkListener::open().
  Status open(transport::Loop& io, std::shared_ptr<transport::TlsContext> context);

  /// Sends; a peer that does not take its answers is closed as overloaded. Nothing happens when
  /// the connection has ended.
  void send(node::ConnectionId connection, const link::Message& message);
  /// Says why and closes; `closed` is called from inside.
  void close(node::ConnectionId connection,
             link::CloseReason reason,
             const std::string& text,
             Duration retry_after);
  /// Deadlines; to be called every second or so.
  void tick();
  /// Stops listening, tells everybody; nothing is called back.
  void shut_down();

  std::uint16_t port() const { return listener_ ? listener_->port() : 0; }
  std::optional<transport::ListenCounts> listen_counts() const;
  const RefusalList& refusals() const { return refusals_; }
  Contact contact(TerminalId terminal) const;

 private:
  class Peer;

  void accept(std::shared_ptr<transport::LinkConnection> connection);
  void note_end(const Peer& peer, const Reason& reason, const std::string& text);
  void end(Peer& peer, link::CloseReason reason, const std::string& text, Duration retry_after);

  Options options_;
  crypto::RandomSource& random_;
  Callbacks callbacks_;
  std::unique_ptr<transport::LinkListener> listener_;
  std::uint64_t connection_count_ = 0;
  std::map<node::ConnectionId, std::unique_ptr<Peer>> peers_;
  std::map<TerminalId, Contact> contacts_;
  RefusalList refusals_;
};

}  // namespace tally::gateway
