#include "firmware/gateway_link.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>
#include <vector>

#include "shell/log.hpp"

namespace tally::firmware {

namespace {

constexpr shell::Log kLog("link");
constexpr std::chrono::milliseconds kTick{1'000};

}  // namespace

Duration Backoff::next() {
  std::uint8_t byte = 0;
  random_.fill({&byte, 1});
  const std::int64_t pause = next_.ms - next_.ms / 2 * byte / 255;
  next_.ms = std::min(max_.ms, next_.ms * 2);
  return Duration{std::max<std::int64_t>(pause, 1)};
}

GatewayLink::GatewayLink(asio::io_context& loop,
                         std::shared_ptr<transport::TlsContext> tls,
                         crypto::RandomSource& random,
                         Options options,
                         Callbacks callbacks)
    : loop_(loop),
      tls_(std::move(tls)),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      backoff_(options_.reconnect_min, options_.reconnect_max, random),
      retry_timer_(loop),
      tick_timer_(loop) {}

GatewayLink::~GatewayLink() {
  if (connection_) {
    connection_->abort();
  }
}

void GatewayLink::start() {
  connect();
  tick();
}

void GatewayLink::stop() {
  stopped_ = true;
  retry_timer_.cancel();
  tick_timer_.cancel();
  if (connection_ && session_) {
    static_cast<void>(connection_->send(
        session_->close_frame(link::CloseReason::kShutdown, "the terminal is being stopped")));
    connection_->close_after_flush();
  } else if (connection_) {
    connection_->abort();
    connection_.reset();
  }
  session_.reset();
}

void GatewayLink::connect() {
  connection_ = transport::connect_link(loop_, tls_, options_.target, options_.connection, *this);
}

void GatewayLink::connect_later() {
  const std::int64_t pause_ms = std::max(backoff_.next().ms, std::exchange(retry_after_.ms, 0));
  retry_timer_.expires_after(std::chrono::milliseconds(pause_ms));
  retry_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (!cancelled) {
      connect();
    }
  });
}

void GatewayLink::on_open(const crypto::DeviceIdentity& peer) {
  ++connections_;
  told_down_ = false;
  session_.emplace(link::Side::kClient,
                   link::PeerIdentity{peer.role, peer.node, peer.incarnation},
                   options_.times,
                   0,
                   callbacks_.now().boot);
  kLog.info("gateway_connected",
            {{"gateway", peer.node},
             {"address", connection_->peer_address()},
             {"resumed", connection_->resumed()}});
}

void GatewayLink::on_bytes(ByteView plaintext) {
  if (!session_) {
    return;
  }
  std::vector<link::Message> messages;
  const auto failure = session_->receive(plaintext, callbacks_.now().boot, messages);
  for (const link::Message& message : messages) {
    if (!session_) {
      return;  // The owner ended the session at an earlier message.
    }
    if (std::holds_alternative<link::Welcome>(message)) {
      backoff_.reset();
      last_cause_ = Errc::kInternal;
    } else if (const auto* close = std::get_if<link::Close>(&message)) {
      retry_after_ = {std::clamp<std::int64_t>(close->retry_after.ms, 0, 600'000)};
      kLog.warning("gateway_closed",
                   {{"reason", link::name_of(close->reason)}, {"text", close->text}});
    }
    callbacks_.message(message);
  }
  if (failure && session_) {
    end_session(*failure);
    report_down(node::LinkFault::kClosedByPeer);
    return;
  }
  flush_replies();
}

void GatewayLink::on_closed(const Error& cause) {
  connection_.reset();
  session_.reset();
  if (stopped_) {
    return;
  }
  // A gateway that stays away is one line, not one a try.
  if (cause.code != last_cause_) {
    kLog.warning("gateway_unreachable", {{"error", cause}});
    last_cause_ = cause.code;
  }
  const bool had_session = !told_down_;
  const node::LinkFault fault = cause.code == Errc::kDenied ? node::LinkFault::kCertificateRefused
                                : had_session               ? node::LinkFault::kClosedByPeer
                                                            : node::LinkFault::kUnreachable;
  report_down(fault);
  connect_later();
}

void GatewayLink::send(const link::Message& message) {
  if (!session_ || !connection_) {
    return;  // It ended a moment ago: the machine hears of it by itself.
  }
  if (const Status queued = connection_->send(session_->send(message, callbacks_.now().boot));
      !queued) {
    kLog.warning("gateway_send_failed", {{"error", queued.error()}});
    // Not from inside the machine's own actions.
    asio::post(loop_, [this, alive = std::weak_ptr(connection_)] {
      if (alive.lock() == connection_ && connection_) {
        drop(link::CloseReason::kOverloaded, "the terminal could not send");
      }
    });
  }
}

void GatewayLink::drop(link::CloseReason reason, const std::string& text) {
  if (!session_ || !connection_) {
    return;
  }
  end_session({reason, text});
}

void GatewayLink::end_session(const link::SessionFailure& failure) {
  kLog.warning("session_ended",
               {{"reason", link::name_of(failure.reason)}, {"text", failure.text}});
  static_cast<void>(connection_->send(session_->close_frame(failure.reason, failure.text)));
  session_.reset();
  connection_->close_after_flush();  // on_closed() follows.
}

void GatewayLink::report_down(node::LinkFault fault) {
  told_down_ = true;
  callbacks_.down(fault);
}

void GatewayLink::flush_replies() {
  if (!session_ || !connection_) {
    return;
  }
  for (Bytes& reply : session_->take_replies()) {
    static_cast<void>(connection_->send(std::move(reply)));
  }
}

void GatewayLink::tick() {
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (cancelled) {
      return;
    }
    if (session_) {
      if (const auto failure = session_->tick(callbacks_.now().boot)) {
        end_session(*failure);
        report_down(node::LinkFault::kClosedByPeer);
      } else {
        flush_replies();
      }
    }
    tick();
  });
}

}  // namespace tally::firmware
