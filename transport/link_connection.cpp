#include "transport/link_connection.hpp"

#include <algorithm>
#include <utility>

#include <asio/post.hpp>
#include <asio/write.hpp>

#include "core/base/assert.hpp"

#include "transport/tls_engine.hpp"

namespace tally::transport {

namespace {

Error socket_error(const asio::error_code& error) {
  if (error == asio::error::connection_reset || error == asio::error::broken_pipe) {
    return make_error(Errc::kUnavailable, "connection was reset by the peer", error.value());
  }
  return make_error(Errc::kUnavailable, "connection was lost", error.value());
}

std::string address_of(const Tcp::socket& socket) {
  asio::error_code error;
  const Tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) {
    return {};
  }
  const std::string address = peer.address().to_string();
  const std::string port = std::to_string(peer.port());
  return peer.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace

LinkConnection::LinkConnection(Loop& loop, Tcp::socket socket, const LinkOptions& options)
    : loop_(loop),
      socket_(std::move(socket)),
      resolver_(loop),
      timer_(loop),
      options_(options),
      received_(kTlsRecordBytesMax),
      plaintext_(kTlsRecordBytesMax) {}

LinkConnection::~LinkConnection() = default;

void LinkConnection::start(LinkHandler& handler) {
  TALLY_ASSERT(state_ == State::kNew);
  handler_ = &handler;
  auto engine = TlsEngine::accepting(context_);
  if (!engine) {
    state_ = State::kFlushing;
    cause_ = engine.error();
    schedule_pump();
    return;
  }
  engine_ = std::move(*engine);
  begin_handshake();
}

void LinkConnection::begin_handshake() {
  peer_address_ = address_of(socket_);
  asio::error_code ignored;
  static_cast<void>(socket_.set_option(Tcp::no_delay{true}, ignored));
  state_ = State::kHandshaking;
  arm(options_.handshake_timeout, "TLS handshake was not done in time");
  schedule_pump();
}

Status LinkConnection::send(Bytes bytes) {
  if (state_ != State::kOpen) {
    return make_error(Errc::kUnavailable, "connection is not open");
  }
  if (bytes.size() > options_.send_queue_bytes_max - queued_bytes_) {
    refused_send_ = true;
    return make_error(Errc::kExhausted, "send queue is full");
  }
  if (!bytes.empty()) {
    queued_bytes_ += bytes.size();
    queue_.push_back(std::move(bytes));
    schedule_pump();
  }
  return {};
}

void LinkConnection::pause_reading() {
  paused_ = true;
}

void LinkConnection::resume_reading() {
  paused_ = false;
  schedule_pump();
}

void LinkConnection::close_after_flush() {
  if (state_ == State::kOpen) {
    state_ = State::kFlushing;
    cause_ = make_error(Errc::kUnavailable, "connection was closed on this side");
  } else if (state_ == State::kNew || state_ == State::kConnecting ||
             state_ == State::kHandshaking) {
    state_ = State::kFlushing;
    cause_ = make_error(Errc::kUnavailable, "connection was closed on this side before it opened");
    engine_.reset();
  }
  schedule_pump();
}

void LinkConnection::abort() {
  handler_ = nullptr;
  shut(Error{});
}

bool LinkConnection::resumed() const {
  return engine_ != nullptr && engine_->resumed();
}

// Runs the pump from the loop, never from inside a caller: the stack stays flat whatever a handler
// does.
void LinkConnection::schedule_pump() {
  if (pump_scheduled_ || state_ == State::kClosed) {
    return;
  }
  pump_scheduled_ = true;
  asio::post(loop_, [self = shared_from_this()] {
    self->pump_scheduled_ = false;
    self->pump();
  });
}

void LinkConnection::pump() {
  if (state_ == State::kFlushing && engine_ == nullptr) {
    shut(cause_);
    return;
  }
  if (state_ == State::kHandshaking) {
    pump_handshake();
  }
  if (state_ == State::kOpen) {
    pump_plaintext();
  }
  if (state_ == State::kOpen || state_ == State::kFlushing) {
    fill_record();
  }
  if (state_ == State::kOpen && refused_send_ && queue_.empty()) {
    refused_send_ = false;
    handler_->on_drained();
  }
  if (state_ == State::kFlushing) {
    pump_end();
  }
  start_write();
  start_read();
}

void LinkConnection::pump_handshake() {
  const auto done = engine_->handshake();
  if (!done) {
    fail(done.error());
    return;
  }
  if (*done) {
    disarm();
    state_ = State::kOpen;
    handler_->on_open(engine_->peer());
  }
}

// Hands out what has arrived: at most what one read of the socket brought.
void LinkConnection::pump_plaintext() {
  while (state_ == State::kOpen && !paused_) {
    const auto size = engine_->read(plaintext_);
    if (!size) {
      fail(size.error());
      return;
    }
    if (*size == 0) {
      return;
    }
    handler_->on_bytes({plaintext_.data(), *size});
  }
}

// Once everything is out: say goodbye, shut our side, and wait a little for the peer's end.
void LinkConnection::pump_end() {
  if (writing_ || !queue_.empty() || engine_->has_out()) {
    return;
  }
  if (!goodbye_said_) {
    goodbye_said_ = true;
    engine_->close_notify();
    if (engine_->has_out()) {
      return;
    }
  }
  state_ = State::kLingering;
  asio::error_code ignored;
  static_cast<void>(socket_.shutdown(Tcp::socket::shutdown_send, ignored));
  arm(options_.linger_timeout, "");
  notify_closed(cause_);
  if (read_ended_) {
    shut(cause_);
  }
}

// One record at a time: what is queued meanwhile goes into the next one together.
void LinkConnection::fill_record() {
  if (writing_ || engine_ == nullptr || engine_->has_out() || queue_.empty()) {
    return;
  }
  Bytes record;
  record.reserve(std::min(queued_bytes_, kTlsRecordBytesMax));
  while (!queue_.empty() && record.size() < kTlsRecordBytesMax) {
    const Bytes& front = queue_.front();
    const std::size_t take =
        std::min(front.size() - queue_head_at_, kTlsRecordBytesMax - record.size());
    const auto from = front.begin() + static_cast<std::ptrdiff_t>(queue_head_at_);
    record.insert(record.end(), from, from + static_cast<std::ptrdiff_t>(take));
    queue_head_at_ += take;
    if (queue_head_at_ == front.size()) {
      queue_.pop_front();
      queue_head_at_ = 0;
    }
  }
  queued_bytes_ -= record.size();
  const Status written = engine_->write(record);
  if (!written && state_ == State::kOpen) {
    fail(written.error());
  }
}

void LinkConnection::start_write() {
  if (writing_ || engine_ == nullptr || !engine_->has_out() || state_ == State::kLingering ||
      state_ == State::kClosed) {
    return;
  }
  writing_ = true;
  out_ = engine_->take_out();
  if (state_ != State::kHandshaking) {
    arm(options_.write_timeout, "peer did not take bytes in time");
  }
  asio::async_write(socket_,
                    asio::buffer(out_),
                    [self = shared_from_this()](const asio::error_code& error, std::size_t) {
                      self->writing_ = false;
                      self->on_written(error);
                    });
}

void LinkConnection::on_written(const asio::error_code& error) {
  if (state_ == State::kClosed) {
    return;
  }
  if (error) {
    shut(socket_error(error));
    return;
  }
  if (state_ != State::kHandshaking) {
    disarm();
  }
  pump();
}

void LinkConnection::start_read() {
  const bool wanted = state_ == State::kHandshaking || (state_ == State::kOpen && !paused_) ||
                      state_ == State::kFlushing || state_ == State::kLingering;
  if (reading_ || read_ended_ || !wanted) {
    return;
  }
  reading_ = true;
  socket_.async_read_some(
      asio::buffer(received_),
      [self = shared_from_this()](const asio::error_code& error, std::size_t size) {
        self->reading_ = false;
        self->on_received(error, size);
      });
}

void LinkConnection::on_received(const asio::error_code& error, std::size_t size) {
  if (state_ == State::kClosed) {
    return;
  }
  read_ended_ = static_cast<bool>(error);
  if (state_ == State::kHandshaking || state_ == State::kOpen) {
    if (!error) {
      engine_->feed({received_.data(), size});
    } else if (error == asio::error::eof) {
      engine_->feed_end();
    } else {
      shut(socket_error(error));
      return;
    }
    pump();
  } else if (state_ == State::kLingering && error) {
    shut(cause_);
  } else {
    start_read();
  }
}

void LinkConnection::arm(Duration timeout, const char* what) {
  const std::uint64_t round = ++timer_round_;
  timer_.expires_after(to_chrono(timeout));
  timer_.async_wait([self = shared_from_this(), round, what](const asio::error_code& error) {
    // A timer that fired while it was being disarmed brings no error: the round tells.
    if (!error && round == self->timer_round_) {
      self->on_deadline(what);
    }
  });
}

void LinkConnection::disarm() {
  ++timer_round_;
  timer_.cancel();
}

void LinkConnection::on_deadline(const char* what) {
  if (state_ != State::kClosed) {
    shut(state_ == State::kLingering ? cause_ : make_error(Errc::kTimeout, what));
  }
}

// Ends a connection whose socket still works: the alert that says why goes out first, and stands
// for the goodbye.
void LinkConnection::fail(const Error& cause) {
  queue_.clear();
  queue_head_at_ = 0;
  queued_bytes_ = 0;
  goodbye_said_ = true;
  state_ = State::kFlushing;
  cause_ = cause;
  disarm();
  notify_closed(cause);
}

void LinkConnection::shut(const Error& cause) {
  if (state_ == State::kClosed) {
    return;
  }
  state_ = State::kClosed;
  disarm();
  resolver_.cancel();
  asio::error_code ignored;
  static_cast<void>(socket_.close(ignored));
  slot_.reset();
  queue_.clear();
  queued_bytes_ = 0;
  notify_closed(cause);
}

void LinkConnection::notify_closed(const Error& cause) {
  if (handler_ != nullptr) {
    LinkHandler* const handler = std::exchange(handler_, nullptr);
    handler->on_closed(cause);
  }
}

}  // namespace tally::transport
