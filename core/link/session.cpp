#include "core/link/session.hpp"

#include <utility>

#include "core/base/assert.hpp"
#include "core/base/mutant.hpp"

namespace tally::link {
namespace {

SessionFailure failure(CloseReason reason, std::string text) {
  return SessionFailure{reason, std::move(text)};
}

SessionFailure failure_of(const Error& error) {
  switch (error.code) {
    case Errc::kExhausted:
      return failure(CloseReason::kFrameTooLarge, error.what);
    case Errc::kUnsupported:
      return failure(CloseReason::kUnknownMessage, error.what);
    default:
      return failure(CloseReason::kFrameMalformed, error.what);
  }
}

}  // namespace

Session::Session(
    Side side, PeerIdentity peer, SessionTimes times, std::uint64_t nonce, BootTime now)
    : side_(side),
      peer_(peer),
      times_(times),
      nonce_(TALLY_MUTANT("nonce/same-every-time") ? 1 : nonce),
      state_(side == Side::kServer ? State::kAwaitHello : State::kAwaitChallenge),
      opened_at_(now),
      heard_at_(now),
      pinged_at_(now) {}

Bytes Session::start() {
  TALLY_ASSERT(side_ == Side::kServer);
  return make_frame(codec_.encode(Challenge{nonce_}));
}

std::optional<SessionFailure> Session::receive(ByteView bytes,
                                               BootTime now,
                                               std::vector<Message>& out) {
  if (const Status fed = decoder_.feed(bytes); !fed) {
    return failure_of(fed.error());
  }
  heard_at_ = now;
  while (const auto payload = decoder_.next()) {
    Result<Message> message = codec_.decode(*payload);
    if (!message) {
      return failure_of(message.error());
    }
    if (auto failed = accept(std::move(*message), out)) {
      return failed;
    }
  }
  return std::nullopt;
}

std::optional<SessionFailure> Session::accept(Message&& message, std::vector<Message>& out) {
  if (std::holds_alternative<Close>(message)) {
    out.push_back(std::move(message));
    return std::nullopt;
  }
  switch (state_) {
    case State::kAwaitChallenge:
      if (const auto* challenge = std::get_if<Challenge>(&message)) {
        nonce_ = challenge->nonce;
        state_ = State::kAwaitWelcome;
        out.push_back(std::move(message));
        return std::nullopt;
      }
      break;
    case State::kAwaitHello:
      if (const auto* hello = std::get_if<Hello>(&message)) {
        if (auto failed = check_hello(*hello)) {
          return failed;
        }
        state_ = State::kAwaitDecision;
        out.push_back(std::move(message));
        return std::nullopt;
      }
      break;
    case State::kAwaitDecision:
      break;
    case State::kAwaitWelcome:
      if (const auto* welcome = std::get_if<Welcome>(&message)) {
        if (welcome->version < kVersionMin || welcome->version > kVersionMax) {
          return failure(CloseReason::kUnsupportedVersion,
                         "the peer chose a version this build does not speak");
        }
        state_ = State::kOpen;
        out.push_back(std::move(message));
        return std::nullopt;
      }
      break;
    case State::kOpen:
      if (const auto* ping = std::get_if<Ping>(&message)) {
        replies_.push_back(make_frame(codec_.encode(Pong{ping->token})));
        return std::nullopt;
      }
      if (!std::holds_alternative<Challenge>(message) && !std::holds_alternative<Hello>(message) &&
          !std::holds_alternative<Welcome>(message)) {
        out.push_back(std::move(message));
        return std::nullopt;
      }
      break;
  }
  return failure(CloseReason::kUnexpectedMessage,
                 "a message arrived that has no place at this point");
}

std::optional<SessionFailure> Session::check_hello(const Hello& hello) const {
  if (hello.nonce != nonce_ && !TALLY_MUTANT("nonce/unchecked")) {
    return failure(CloseReason::kUnexpectedMessage,
                   "the hello answers another connection's challenge");
  }
  if (hello.version_min > kVersionMax || hello.version_max < kVersionMin) {
    return failure(CloseReason::kUnsupportedVersion, "no protocol version in common");
  }
  if (!TALLY_MUTANT("nonce/identity-unchecked") &&
      (hello.role != peer_.role || hello.node != peer_.node ||
       hello.incarnation != peer_.incarnation)) {
    return failure(CloseReason::kIdentityMismatch,
                   "the hello names another node than the certificate");
  }
  if (!hello.boot) {
    return failure(CloseReason::kFrameMalformed, "the hello names no boot");
  }
  return std::nullopt;
}

std::vector<Bytes> Session::take_replies() {
  return std::exchange(replies_, {});
}

Bytes Session::send(const Message& message, BootTime now) {
  if (state_ == State::kAwaitDecision && std::holds_alternative<Welcome>(message)) {
    state_ = State::kOpen;
    heard_at_ = now;
  }
  return make_frame(codec_.encode(message));
}

std::optional<SessionFailure> Session::tick(BootTime now) {
  if (state_ != State::kOpen) {
    if (now >= opened_at_ + times_.handshake) {
      return failure(CloseReason::kHandshakeTimeout, "no hello and welcome within the deadline");
    }
    return std::nullopt;
  }
  if (now >= heard_at_ + times_.idle) {
    return failure(CloseReason::kIdleTimeout, "the peer has been silent for too long");
  }
  if (now >= heard_at_ + times_.heartbeat && now >= pinged_at_ + times_.heartbeat) {
    pinged_at_ = now;
    replies_.push_back(make_frame(codec_.encode(Ping{static_cast<std::uint64_t>(now.ms)})));
  }
  return std::nullopt;
}

Bytes Session::close_frame(CloseReason reason, const std::string& text, Duration retry_after) {
  return make_frame(codec_.encode(Close{reason, retry_after, text.substr(0, kCloseTextBytesMax)}));
}

}  // namespace tally::link
