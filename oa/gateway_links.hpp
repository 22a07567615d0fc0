// The gateways' connections: listener, TLS, sessions. Turns bytes into events for the OA's machine
// and its answers into bytes; whatever a peer does wrong ends that one connection, with a named
// reason in log and counters. On the link loop only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string_view>

#include "core/crypto/random_source.hpp"
#include "core/link/session.hpp"
#include "core/node/oa_node.hpp"

#include "transport/link_listener.hpp"

namespace tally::oa {

class GatewayLinks {
 public:
  struct Options {
    transport::ListenOptions listen;
    link::SessionTimes times;
  };

  struct Callbacks {
    /// Calls of one connection come in order; nothing follows its GatewayClosed.
    std::function<void(node::OaEvent)> event;
    /// For counters: why a connection ended.
    std::function<void(std::string_view code)> ended;
    std::function<Instant()> now;
  };

  GatewayLinks(Options options, crypto::RandomSource& random, Callbacks callbacks);
  GatewayLinks(const GatewayLinks&) = delete;
  GatewayLinks& operator=(const GatewayLinks&) = delete;
  ~GatewayLinks();

  /// Listens. Errors: those of LinkListener::open().
  Status open(transport::Loop& io, std::shared_ptr<transport::TlsContext> context);

  /// Sends or closes; nothing happens when the connection has ended.
  void carry_out(const node::OaAction& action);
  /// The ledger refuses to write: everybody is told and disconnected; `Closed` is not reported.
  void drop_all(link::CloseReason reason, const std::string& text, Duration retry_after);
  /// Back-pressure: nothing is read from anybody until resume().
  void pause();
  void resume();
  /// Deadlines; to be called every second or so.
  void tick();
  /// Stops listening, tells everybody.
  void shut_down();

  std::uint16_t port() const { return listener_ ? listener_->port() : 0; }
  std::size_t live() const { return peers_.size(); }

 private:
  class Peer;

  void accept(std::shared_ptr<transport::LinkConnection> connection);
  void end(Peer& peer,
           link::CloseReason reason,
           const std::string& text,
           Duration retry_after,
           bool report);

  Options options_;
  crypto::RandomSource& random_;
  Callbacks callbacks_;
  std::unique_ptr<transport::LinkListener> listener_;
  std::uint64_t connection_count_ = 0;
  std::map<node::ConnectionId, std::unique_ptr<Peer>> peers_;
  bool paused_ = false;
};

}  // namespace tally::oa
