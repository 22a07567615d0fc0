#include "gateway/uplink.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "shell/log.hpp"

namespace tally::gateway {
namespace {

constexpr shell::Log kLog("uplink");

}  // namespace

// One connection, with its own handler: the last bytes of an old one may still be on their way when
// the next is being made.
class Uplink::Attempt : public transport::LinkHandler {
 public:
  explicit Attempt(Uplink& uplink)
      : uplink_(uplink),
        connection_(transport::connect_link(
            uplink.io_, uplink.context_, uplink.options_.target, uplink.options_.link, *this)) {}
  ~Attempt() override { connection_->abort(); }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  void on_open(const crypto::DeviceIdentity& peer) override {
    if (is_current()) {
      uplink_.on_open(peer);
    }
  }
  void on_bytes(ByteView bytes) override {
    if (is_current()) {
      uplink_.on_bytes(bytes);
    }
  }
  void on_drained() override {
    if (is_current()) {
      uplink_.on_drained();
    }
  }
  void on_closed(const Error& cause) override {
    // This object goes at the end of the scope, whichever list it stood in.
    std::unique_ptr<Attempt> self;
    if (is_current()) {
      self = std::move(uplink_.current_);
      uplink_.on_closed(cause);
      return;
    }
    auto& closing = uplink_.closing_;
    const auto at = std::find_if(
        closing.begin(), closing.end(), [this](const auto& a) { return a.get() == this; });
    self = std::move(*at);
    closing.erase(at);
  }

  transport::LinkConnection& connection() { return *connection_; }

 private:
  bool is_current() const { return uplink_.current_.get() == this; }

  Uplink& uplink_;
  std::shared_ptr<transport::LinkConnection> connection_;
};

Uplink::Uplink(Options options,
               transport::Loop& io,
               std::shared_ptr<transport::TlsContext> context,
               crypto::RandomSource& random,
               Callbacks callbacks)
    : options_(std::move(options)),
      io_(io),
      context_(std::move(context)),
      random_(random),
      callbacks_(std::move(callbacks)),
      timer_(io),
      pause_(options_.pause_min) {}

Uplink::~Uplink() = default;

void Uplink::start() {
  status_.since = callbacks_.now().wall;
  if (options_.target.host.empty()) {
    change_state(UplinkState::kNotConfigured);
    return;
  }
  status_.target = options_.target.host + ":" + std::to_string(options_.target.port);
  connect();
}

void Uplink::use_target(transport::LinkTarget target) {
  if (stopped_) {
    return;
  }
  options_.target = std::move(target);
  lose(uplink_reason(link::CloseReason::kShutdown), "another office was chosen", {});
  timer_.cancel();
  pause_ = options_.pause_min;
  start();
}

void Uplink::connect() {
  change_state(status_.reason ? UplinkState::kDown : UplinkState::kConnecting);
  told_.reset();
  said_something_ = false;
  current_ = std::make_unique<Attempt>(*this);
}

void Uplink::on_open(const crypto::DeviceIdentity& peer) {
  if (peer.role != Role::kOa) {
    lose(uplink_reason(link::CloseReason::kIdentityMismatch), "the peer is not an OA", {});
    return;
  }
  session_.emplace(link::Side::kClient,
                   link::PeerIdentity{peer.role, peer.node, peer.incarnation},
                   options_.times,
                   0,
                   callbacks_.now().boot);
}

void Uplink::on_bytes(ByteView bytes) {
  std::vector<link::Message> messages;
  const auto failure = session_->receive(bytes, callbacks_.now().boot, messages);
  for (const link::Message& message : messages) {
    if (const auto* close = std::get_if<link::Close>(&message)) {
      told_ = *close;
    }
    if (std::holds_alternative<link::Welcome>(message)) {
      pause_ = options_.pause_min;
      status_.reason.reset();
      change_state(UplinkState::kUp);
      kLog.info("uplink_up",
                {{"oa", status_.target}, {"resumed", current_->connection().resumed()}});
    }
    said_something_ = true;
    callbacks_.message(message);
    if (!session_) {
      return;
    }
  }
  for (Bytes& frame : session_->take_replies()) {
    transmit(std::move(frame));
  }
  if (failure) {
    drop(failure->reason, failure->text);
  }
}

void Uplink::on_drained() {
  while (!waiting_.empty()) {
    Bytes frame = waiting_.front();
    if (!current_->connection().send(std::move(frame))) {
      return;
    }
    waiting_.pop_front();
  }
  callbacks_.drained();
}

void Uplink::on_closed(const Error& cause) {
  if (told_) {
    lose(uplink_reason(told_->reason), told_->text, told_->retry_after);
  } else {
    lose(uplink_reason(cause), describe(cause), {});
  }
}

void Uplink::send(const link::Message& message) {
  if (session_) {
    transmit(session_->send(message, callbacks_.now().boot));
  }
}

void Uplink::transmit(Bytes frame) {
  if (!waiting_.empty()) {
    waiting_.push_back(std::move(frame));
    return;
  }
  // A refused send leaves nothing queued, so the frame has to be kept here.
  Bytes kept = frame;
  if (const tally::Status sent = current_->connection().send(std::move(frame));
      !sent && sent.error().code == Errc::kExhausted) {
    waiting_.push_back(std::move(kept));
  }
}

void Uplink::drop(link::CloseReason reason, const std::string& text) {
  if (session_ && current_) {
    static_cast<void>(current_->connection().send(session_->close_frame(reason, text)));
  }
  lose(uplink_reason(reason), text, {});
}

void Uplink::lose(const Reason& reason, const std::string& text, Duration at_least) {
  if (current_) {
    current_->connection().close_after_flush();
    closing_.push_back(std::move(current_));
  }
  session_.reset();
  waiting_.clear();
  if (stopped_) {
    return;
  }
  callbacks_.ended(reason.code);
  kLog.warning("uplink_down", {{"oa", status_.target}, {"reason", reason.code}, {"text", text}});
  status_.reason = reason;
  change_state(UplinkState::kDown);
  if (std::exchange(said_something_, false)) {
    callbacks_.down();
  }
  retry(at_least);
}

void Uplink::retry(Duration at_least) {
  // Half of the pause is chance, so that a whole chain of stores does not come back at once.
  ByteArray<2> dice{};
  random_.fill(dice);
  const std::int64_t half = std::max<std::int64_t>(pause_.ms / 2, 1);
  const std::int64_t wait_ms =
      std::max(at_least.ms, half + load_be<std::uint16_t>(dice.data()) % half);
  pause_ = Duration{std::min(pause_.ms * 2, options_.pause_max.ms)};
  timer_.expires_after(std::chrono::milliseconds(std::min<std::int64_t>(wait_ms, 300'000)));
  timer_.async_wait([this](const std::error_code& cancelled) {
    if (!cancelled && !stopped_ && !options_.target.host.empty()) {
      connect();
    }
  });
}

void Uplink::tick() {
  if (!session_) {
    return;
  }
  if (const auto failure = session_->tick(callbacks_.now().boot)) {
    drop(failure->reason, failure->text);
    return;
  }
  for (Bytes& frame : session_->take_replies()) {
    transmit(std::move(frame));
  }
}

void Uplink::shut_down() {
  stopped_ = true;
  timer_.cancel();
  drop(link::CloseReason::kShutdown, "the gateway stops");
}

void Uplink::change_state(UplinkState state) {
  if (status_.state != state) {
    status_.state = state;
    status_.since = callbacks_.now().wall;
  }
}

}  // namespace tally::gateway
