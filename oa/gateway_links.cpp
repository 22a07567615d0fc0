#include "oa/gateway_links.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "core/base/try.hpp"

#include "shell/log.hpp"

namespace tally::oa {
namespace {

constexpr shell::Log kLog("link");
constexpr Duration kRefusedRetry{30'000};

// Logs and counters of both servers use the same words (gateway/reasons.hpp).
std::string code_of(link::CloseReason reason) {
  std::string code{link::name_of(reason)};
  std::replace(code.begin(), code.end(), '-', '_');
  return code;
}

std::string_view handshake_code(const Error& cause) {
  switch (cause.code) {
    case Errc::kDenied:
      return "certificate_refused";
    case Errc::kInvalid:
      return "not_tls";
    case Errc::kUnsupported:
      return "unsupported_tls";
    default:
      return "handshake_failed";
  }
}

}  // namespace

class GatewayLinks::Peer : public transport::LinkHandler {
 public:
  Peer(GatewayLinks& links,
       node::ConnectionId id,
       std::shared_ptr<transport::LinkConnection> connection)
      : links_(links), id_(id), connection_(std::move(connection)) {}
  ~Peer() override { connection_->abort(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void on_open(const crypto::DeviceIdentity& peer) override {
    ByteArray<8> nonce{};
    links_.random_.fill(nonce);
    identity_ = {peer.role, peer.node, peer.incarnation};
    session_.emplace(link::Side::kServer,
                     identity_,
                     links_.options_.times,
                     load_be<std::uint64_t>(nonce.data()),
                     links_.callbacks_.now().boot);
    kLog.info("peer_connected",
              {{"role", crypto::name_of(peer.role)},
               {"node", peer.node},
               {"incarnation", peer.incarnation.value},
               {"peer", connection_->peer_address()},
               {"resumed", connection_->resumed()}});
    transmit(session_->start());
  }

  void on_bytes(ByteView bytes) override {
    std::vector<link::Message> messages;
    const auto failure = session_->receive(bytes, links_.callbacks_.now().boot, messages);
    for (link::Message& message : messages) {
      farewell_ = farewell_ || std::holds_alternative<link::Close>(message);
      said_something_ = true;
      links_.callbacks_.event(node::GatewayMessage{id_, identity_, std::move(message)});
      if (ended_) {
        return;
      }
    }
    send_replies();
    if (failure && !ended_) {
      links_.end(*this, failure->reason, failure->text, kRefusedRetry, true);
    }
  }

  void on_closed(const Error& cause) override {
    // The map's entry goes first, this object at the end of the scope.
    const auto self = links_.peers_.extract(id_);
    if (ended_) {
      return;
    }
    const std::string_view code = !session_ ? handshake_code(cause) : farewell_ ? "left" : "lost";
    links_.callbacks_.ended(code);
    kLog.info("peer_gone",
              {{"reason", code},
               {"node", identity_.node},
               {"peer", connection_->peer_address()},
               {"error", cause}});
    forget(true);
  }

  void tick(BootTime now) {
    if (!open()) {
      return;
    }
    if (const auto failure = session_->tick(now)) {
      links_.end(*this, failure->reason, failure->text, {}, true);
      return;
    }
    send_replies();
  }

  void send(const link::Message& message) {
    transmit(session_->send(message, links_.callbacks_.now().boot));
  }

  void finish(link::CloseReason reason,
              const std::string& text,
              Duration retry_after,
              bool report) {
    static_cast<void>(connection_->send(session_->close_frame(reason, text, retry_after)));
    connection_->close_after_flush();
    forget(report);
  }

  void pause(bool paused) {
    if (!open()) {
      return;
    }
    if (paused) {
      connection_->pause_reading();
    } else {
      connection_->resume_reading();
    }
  }

  bool open() const { return session_.has_value() && !ended_; }
  std::uint32_t node() const { return identity_.node; }
  const std::string& address() const { return connection_->peer_address(); }

 private:
  void forget(bool report) {
    if (!std::exchange(ended_, true) && said_something_ && report) {
      links_.callbacks_.event(node::GatewayClosed{id_});
    }
  }

  void send_replies() {
    for (Bytes& frame : session_->take_replies()) {
      transmit(std::move(frame));
    }
  }

  void transmit(Bytes frame) {
    if (ended_) {
      return;
    }
    const Status sent = connection_->send(std::move(frame));
    if (!sent && sent.error().code == Errc::kExhausted) {
      links_.end(*this,
                 link::CloseReason::kOverloaded,
                 "the gateway does not take its answers",
                 kRefusedRetry,
                 true);
    }
  }

  GatewayLinks& links_;
  node::ConnectionId id_;
  std::shared_ptr<transport::LinkConnection> connection_;
  link::PeerIdentity identity_;
  std::optional<link::Session> session_;
  bool said_something_ = false;  ///< The machine knows this connection.
  bool farewell_ = false;
  bool ended_ = false;
};

GatewayLinks::GatewayLinks(Options options, crypto::RandomSource& random, Callbacks callbacks)
    : options_(std::move(options)), random_(random), callbacks_(std::move(callbacks)) {}

GatewayLinks::~GatewayLinks() = default;

Status GatewayLinks::open(transport::Loop& io, std::shared_ptr<transport::TlsContext> context) {
  TALLY_TRY_ASSIGN(
      listener_,
      transport::LinkListener::open(
          io,
          std::move(context),
          options_.listen,
          [this](std::shared_ptr<transport::LinkConnection> c) { accept(std::move(c)); }));
  return {};
}

void GatewayLinks::accept(std::shared_ptr<transport::LinkConnection> connection) {
  const node::ConnectionId id{++connection_count_};
  transport::LinkConnection& started = *connection;
  const auto at =
      peers_.emplace(id, std::make_unique<Peer>(*this, id, std::move(connection))).first;
  started.start(*at->second);
  if (paused_) {
    started.pause_reading();
  }
}

void GatewayLinks::end(Peer& peer,
                       link::CloseReason reason,
                       const std::string& text,
                       Duration retry_after,
                       bool report) {
  if (!peer.open()) {
    return;
  }
  const std::string code = code_of(reason);
  callbacks_.ended(code);
  kLog.info("peer_gone",
            {{"reason", code}, {"node", peer.node()}, {"peer", peer.address()}, {"text", text}});
  peer.finish(reason, text, retry_after, report);
}

void GatewayLinks::carry_out(const node::OaAction& action) {
  if (const auto* send = std::get_if<node::SendToGateway>(&action)) {
    const auto at = peers_.find(send->connection);
    if (at != peers_.end() && at->second->open()) {
      at->second->send(send->message);
    }
    return;
  }
  const auto& close = std::get<node::CloseGateway>(action);
  const auto at = peers_.find(close.connection);
  if (at != peers_.end()) {
    end(*at->second, close.reason, close.text, close.retry_after, true);
  }
}

void GatewayLinks::drop_all(link::CloseReason reason,
                            const std::string& text,
                            Duration retry_after) {
  // Ending a peer keeps it in the map until its last bytes are out.
  for (const auto& [id, peer] : peers_) {
    end(*peer, reason, text, retry_after, false);
  }
}

void GatewayLinks::pause() {
  if (!std::exchange(paused_, true)) {
    for (const auto& [id, peer] : peers_) {
      peer->pause(true);
    }
  }
}

void GatewayLinks::resume() {
  if (std::exchange(paused_, false)) {
    for (const auto& [id, peer] : peers_) {
      peer->pause(false);
    }
  }
}

void GatewayLinks::tick() {
  const BootTime now = callbacks_.now().boot;
  for (const auto& [id, peer] : peers_) {
    peer->tick(now);
  }
}

void GatewayLinks::shut_down() {
  listener_.reset();
  drop_all(link::CloseReason::kShutdown, "the OA stops", Duration{1'000});
}

}  // namespace tally::oa
