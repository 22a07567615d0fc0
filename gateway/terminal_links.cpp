#include "gateway/terminal_links.hpp"

#include <utility>

#include "core/base/try.hpp"

#include "shell/log.hpp"

namespace tally::gateway {
namespace {

constexpr shell::Log kLog("link");
constexpr Duration kRefusedRetry{30'000};

bool is_trouble(link::CloseReason reason) {
  return reason != link::CloseReason::kShutdown && reason != link::CloseReason::kIdleTimeout;
}

}  // namespace

class TerminalLinks::Peer : public transport::LinkHandler {
 public:
  Peer(TerminalLinks& links,
       node::ConnectionId id,
       std::shared_ptr<transport::LinkConnection> connection)
      : links_(links), id_(id), connection_(std::move(connection)) {}
  ~Peer() override { connection_->abort(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void on_open(const crypto::DeviceIdentity& peer) override {
    identity_ = peer;
    const Instant now = links_.callbacks_.now();
    ByteArray<8> nonce{};
    links_.random_.fill(nonce);
    session_.emplace(link::Side::kServer,
                     link::PeerIdentity{peer.role, peer.node, peer.incarnation},
                     links_.options_.times,
                     load_be<std::uint64_t>(nonce.data()),
                     now.boot);
    if (peer.role != Role::kTerminal || peer.store != links_.options_.store) {
      links_.end(*this,
                 link::CloseReason::kIdentityMismatch,
                 peer.role != Role::kTerminal ? "not a terminal" : "a terminal of another store",
                 kRefusedRetry);
      return;
    }
    kLog.info("terminal_connected",
              {{"terminal", peer.node},
               {"incarnation", peer.incarnation.value},
               {"peer", connection_->peer_address()},
               {"resumed", connection_->resumed()}});
    transmit(session_->start());
  }

  void on_bytes(ByteView bytes) override {
    std::vector<link::Message> messages;
    const auto failure = session_->receive(bytes, links_.callbacks_.now().boot, messages);
    for (const link::Message& message : messages) {
      note(message);
      said_something_ = true;
      links_.callbacks_.message(id_, message);
      if (ended_) {
        return;
      }
    }
    send_replies();
    if (failure && !ended_) {
      links_.end(*this, failure->reason, failure->text, kRefusedRetry);
    }
  }

  void on_closed(const Error& cause) override {
    // The map's entry goes first, this object at the end of the scope.
    const auto self = links_.peers_.extract(id_);
    if (!ended_ && !session_) {
      const Reason reason = handshake_reason(cause);
      links_.note_end(*this, reason, describe(cause));
      links_.refusals_.add(
          links_.callbacks_.now().wall, connection_->peer_address(), std::nullopt, reason);
    } else if (!ended_) {
      links_.note_end(
          *this,
          {farewell_ ? std::string_view("left") : std::string_view("lost"), {}, {}, {}, {}},
          cause.what);
      forget();
    }
  }

  void tick(BootTime now) {
    if (!session_ || ended_) {
      return;
    }
    if (const auto failure = session_->tick(now)) {
      links_.end(*this, failure->reason, failure->text, {});
      return;
    }
    send_replies();
  }

  void send(const link::Message& message) {
    transmit(session_->send(message, links_.callbacks_.now().boot));
  }

  // The peer is told, the machine (unless it said so itself) right away: what is still on its way
  // out no longer matters to it.
  void finish(link::CloseReason reason, const std::string& text, Duration retry_after) {
    static_cast<void>(connection_->send(session_->close_frame(reason, text, retry_after)));
    connection_->close_after_flush();
    forget();
  }

  void forget() {
    if (std::exchange(ended_, true) || !session_) {
      return;
    }
    const auto contact = links_.contacts_.find(terminal());
    if (said_something_ && contact != links_.contacts_.end()) {
      contact->second.connected_since.reset();
    }
    if (said_something_) {
      links_.callbacks_.closed(id_);
    }
  }

  void forget_silently() {
    said_something_ = false;
    forget();
  }

  bool open() const { return session_.has_value() && !ended_; }
  TerminalId terminal() const { return TerminalId{identity_.node}; }
  std::optional<TerminalId> known_terminal() const {
    return session_ && identity_.role == Role::kTerminal ? std::optional(terminal()) : std::nullopt;
  }
  const std::string& address() const { return connection_->peer_address(); }

 private:
  void note(const link::Message& message) {
    if (const auto* hello = std::get_if<link::Hello>(&message)) {
      Contact& contact = links_.contacts_[terminal()];
      contact.connected_since = links_.callbacks_.now().wall;
      contact.oldest_unsynced_age =
          hello->unsynced_records > 0 ? std::optional(hello->oldest_unsynced_age) : std::nullopt;
    }
    farewell_ = farewell_ || std::holds_alternative<link::Close>(message);
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
    if (const Status sent = connection_->send(std::move(frame));
        !sent && sent.error().code == Errc::kExhausted) {
      links_.end(*this,
                 link::CloseReason::kOverloaded,
                 "the terminal does not take its answers",
                 kRefusedRetry);
    }
  }

  TerminalLinks& links_;
  node::ConnectionId id_;
  std::shared_ptr<transport::LinkConnection> connection_;
  crypto::DeviceIdentity identity_;
  std::optional<link::Session> session_;
  bool said_something_ = false;  ///< The machine knows this connection.
  bool farewell_ = false;
  bool ended_ = false;
};

TerminalLinks::TerminalLinks(Options options, crypto::RandomSource& random, Callbacks callbacks)
    : options_(std::move(options)), random_(random), callbacks_(std::move(callbacks)) {}

TerminalLinks::~TerminalLinks() = default;

Status TerminalLinks::open(transport::Loop& io, std::shared_ptr<transport::TlsContext> context) {
  TALLY_TRY_ASSIGN(
      listener_,
      transport::LinkListener::open(
          io,
          std::move(context),
          options_.listen,
          [this](std::shared_ptr<transport::LinkConnection> c) { accept(std::move(c)); }));
  return {};
}

void TerminalLinks::accept(std::shared_ptr<transport::LinkConnection> connection) {
  const node::ConnectionId id{++connection_count_};
  transport::LinkConnection& started = *connection;
  const auto at =
      peers_.emplace(id, std::make_unique<Peer>(*this, id, std::move(connection))).first;
  started.start(*at->second);
}

void TerminalLinks::note_end(const Peer& peer, const Reason& reason, const std::string& text) {
  callbacks_.ended(reason.code);
  const auto terminal = peer.known_terminal();
  kLog.info("terminal_gone",
            {{"reason", reason.code},
             {"terminal", terminal ? terminal->value : 0U},
             {"peer", peer.address()},
             {"text", text}});
}

void TerminalLinks::end(Peer& peer,
                        link::CloseReason reason,
                        const std::string& text,
                        Duration retry_after) {
  if (!peer.open()) {
    return;
  }
  note_end(peer, terminal_reason(reason), text);
  if (is_trouble(reason)) {
    refusals_.add(
        callbacks_.now().wall, peer.address(), peer.known_terminal(), terminal_reason(reason));
  }
  peer.finish(reason, text, retry_after);
}

void TerminalLinks::send(node::ConnectionId connection, const link::Message& message) {
  const auto at = peers_.find(connection);
  if (at != peers_.end() && at->second->open()) {
    at->second->send(message);
  }
}

void TerminalLinks::close(node::ConnectionId connection,
                          link::CloseReason reason,
                          const std::string& text,
                          Duration retry_after) {
  const auto at = peers_.find(connection);
  if (at != peers_.end() && at->second->open()) {
    end(*at->second, reason, text, retry_after);
  }
}

void TerminalLinks::tick() {
  const BootTime now = callbacks_.now().boot;
  // Ending a peer keeps it in the map until its last bytes are out.
  for (const auto& [id, peer] : peers_) {
    peer->tick(now);
  }
}

void TerminalLinks::shut_down() {
  listener_.reset();
  for (const auto& [id, peer] : peers_) {
    if (peer->open()) {
      peer->forget_silently();
      peer->finish(link::CloseReason::kShutdown, "the gateway stops", Duration{1'000});
    }
  }
}

std::optional<transport::ListenCounts> TerminalLinks::listen_counts() const {
  return listener_ ? std::optional(listener_->counts()) : std::nullopt;
}

TerminalLinks::Contact TerminalLinks::contact(TerminalId terminal) const {
  const auto at = contacts_.find(terminal);
  return at == contacts_.end() ? Contact{} : at->second;
}

}  // namespace tally::gateway
