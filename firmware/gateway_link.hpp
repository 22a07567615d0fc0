// The terminal's end of the link: keeps one connection to the gateway, feeds its bytes through
// core/link's session, tells the owner about messages and about the end, connects again after a
// jittered, growing pause. Main loop only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/time.hpp"
#include "core/crypto/random_source.hpp"
#include "core/link/session.hpp"
#include "core/node/terminal_node.hpp"

#include "transport/asio_loop.hpp"
#include "transport/link_connection.hpp"
#include "transport/tls_context.hpp"

namespace tally::firmware {

/// The pauses between tries: from `min` on they double up to `max`, each shortened by up to half
/// at random, so that the tills of a store do not come back all at once.
class Backoff {
 public:
  Backoff(Duration min, Duration max, crypto::RandomSource& random)
      : min_(min), max_(max), random_(random), next_(min) {}
  Duration next();
  void reset() { next_ = min_; }

 private:
  Duration min_;
  Duration max_;
  crypto::RandomSource& random_;
  Duration next_;
};

class GatewayLink final : private transport::LinkHandler {
 public:
  struct Options {
    transport::LinkTarget target;
    transport::LinkOptions connection;
    link::SessionTimes times;
    Duration reconnect_min{200};
    Duration reconnect_max{10'000};
  };

  struct Callbacks {
    std::function<void(const link::Message&)> message;
    std::function<void(node::LinkFault)> down;
    std::function<Instant()> now;
  };

  GatewayLink(asio::io_context& loop,
              std::shared_ptr<transport::TlsContext> tls,
              crypto::RandomSource& random,
              Options options,
              Callbacks callbacks);
  ~GatewayLink() override;

  /// Begins to connect, and goes on until stop().
  void start();
  /// Says goodbye and ends the connection; no callback afterwards.
  void stop();

  /// Sends a message of an open session; a connection that cannot take it is ended.
  void send(const link::Message& message);
  /// Ends the present connection for a reason told to the gateway; a new try follows.
  void drop(link::CloseReason reason, const std::string& text);

  /// Connections made since start.
  std::uint64_t connections() const { return connections_; }

 private:
  void on_open(const crypto::DeviceIdentity& peer) override;
  void on_bytes(ByteView plaintext) override;
  void on_closed(const Error& cause) override;

  void connect();
  void connect_later();
  void tick();
  void flush_replies();
  void end_session(const link::SessionFailure& failure);
  void report_down(node::LinkFault fault);

  asio::io_context& loop_;
  std::shared_ptr<transport::TlsContext> tls_;
  Options options_;
  Callbacks callbacks_;
  Backoff backoff_;
  std::shared_ptr<transport::LinkConnection> connection_;
  std::optional<link::Session> session_;
  bool told_down_ = true;
  bool stopped_ = false;
  Duration retry_after_{0};  ///< Asked for by the gateway's Close.
  Errc last_cause_ = Errc::kInternal;
  std::uint64_t connections_ = 0;
  asio::steady_timer retry_timer_;
  asio::steady_timer tick_timer_;
};

}  // namespace tally::firmware
