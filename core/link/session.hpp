// One connection of the link, sans-I/O: deframes, decodes, enforces who may say what when, keeps
// the deadlines. The shell feeds it bytes and time and sends what it returns; the node machines see
// only messages. Server: Challenge → Hello → Welcome; client: the mirror of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "core/codec/envelope_codec.hpp"
#include "core/link/frame.hpp"
#include "core/link/messages.hpp"

namespace tally::link {

enum class Side : std::uint8_t { kServer, kClient };

/// Who the certificate of this connection says the peer is.
struct PeerIdentity {
  Role role = Role::kTerminal;
  std::uint32_t node = 0;
  Incarnation incarnation;
};

struct SessionTimes {
  Duration handshake{5'000};  ///< From open to Welcome.
  Duration heartbeat{5'000};  ///< Silence after which a Ping is sent.
  Duration idle{15'000};      ///< Silence after which the peer is gone.
};

/// Why a session ended by itself.
struct SessionFailure {
  CloseReason reason = CloseReason::kShutdown;
  std::string text;  ///< For the log and the Close message; names what was wrong.
};

class Session {
 public:
  /// `nonce` (server only) must be random and never repeat.
  Session(Side side, PeerIdentity peer, SessionTimes times, std::uint64_t nonce, BootTime now);

  /// Server: the Challenge frame to send first.
  Bytes start();

  /// Takes bytes that arrived; whole messages are appended to `out` (Ping and Pong are answered
  /// inside and left in take_replies()). A failure means: send close_frame(), close, forget the
  /// session.
  std::optional<SessionFailure> receive(ByteView bytes, BootTime now, std::vector<Message>& out);

  /// Frames the session itself wants sent (Pong, Ping); empty most of the time.
  std::vector<Bytes> take_replies();

  /// Encodes a message of the node. Welcome opens a server session.
  Bytes send(const Message& message, BootTime now);

  /// To be called every second or so.
  std::optional<SessionFailure> tick(BootTime now);

  /// The Close frame for a reason.
  Bytes close_frame(CloseReason reason, const std::string& text, Duration retry_after = {});

  bool open() const { return state_ == State::kOpen; }
  const PeerIdentity& peer() const { return peer_; }
  std::uint64_t nonce() const { return nonce_; }

 private:
  enum class State : std::uint8_t {
    kAwaitChallenge,
    kAwaitHello,
    kAwaitDecision,
    kAwaitWelcome,
    kOpen
  };

  std::optional<SessionFailure> accept(Message&& message, std::vector<Message>& out);
  std::optional<SessionFailure> check_hello(const Hello& hello) const;

  Side side_;
  PeerIdentity peer_;
  SessionTimes times_;
  std::uint64_t nonce_;
  State state_;
  BootTime opened_at_;
  BootTime heard_at_;
  BootTime pinged_at_;
  FrameDecoder decoder_;
  codec::EnvelopeCodec codec_;
  std::vector<Bytes> replies_;
};

}  // namespace tally::link
