// The connection to the OA: made, kept, made again with a jittered pause. Turns bytes into messages
// for the machine and back, and holds back what the line does not take. On the link loop only.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/crypto/random_source.hpp"
#include "core/link/session.hpp"

#include "gateway/reasons.hpp"
#include "transport/asio_loop.hpp"
#include "transport/link_connection.hpp"

namespace tally::gateway {

enum class UplinkState : std::uint8_t { kNotConfigured, kConnecting, kUp, kDown };

class Uplink {
 public:
  struct Options {
    transport::LinkTarget target;  ///< An empty host: not configured.
    transport::LinkOptions link;
    link::SessionTimes times;
    Duration pause_min{500};
    Duration pause_max{30'000};
  };

  struct Callbacks {
    std::function<void(const link::Message&)> message;
    std::function<void()> down;     ///< A connection that had brought a message ended.
    std::function<void()> drained;  ///< congested() is false again.
    std::function<void(std::string_view code)> ended;
    std::function<Instant()> now;
  };

  struct Status {
    UplinkState state = UplinkState::kNotConfigured;
    WallTime since;
    std::optional<Reason> reason;  ///< Why it is down.
    std::string target;            ///< "host:port".
  };

  Uplink(Options options,
         transport::Loop& io,
         std::shared_ptr<transport::TlsContext> context,
         crypto::RandomSource& random,
         Callbacks callbacks);
  Uplink(const Uplink&) = delete;
  Uplink& operator=(const Uplink&) = delete;
  ~Uplink();

  void start();
  /// Another office from now on.
  void use_target(transport::LinkTarget target);
  /// In order. What the line does not take waits here; nothing happens when there is no session.
  void send(const link::Message& message);
  /// Something waits: read nothing more for the line until `drained`.
  bool congested() const { return !waiting_.empty(); }
  /// Says why, closes, tries again after a pause.
  void drop(link::CloseReason reason, const std::string& text);
  /// To be called every second or so.
  void tick();
  /// Says good-bye; nothing is called back and nothing tried again.
  void shut_down();

  const Status& status() const { return status_; }

 private:
  class Attempt;

  void on_open(const crypto::DeviceIdentity& peer);
  void on_bytes(ByteView bytes);
  void on_drained();
  void on_closed(const Error& cause);

  void connect();
  void retry(Duration at_least);
  void lose(const Reason& reason, const std::string& text, Duration at_least);
  void transmit(Bytes frame);
  void change_state(UplinkState state);

  Options options_;
  transport::Loop& io_;
  std::shared_ptr<transport::TlsContext> context_;
  crypto::RandomSource& random_;
  Callbacks callbacks_;
  asio::steady_timer timer_;

  std::unique_ptr<Attempt> current_;
  std::vector<std::unique_ptr<Attempt>> closing_;  ///< Their last bytes are on their way out.
  std::optional<link::Session> session_;
  std::deque<Bytes> waiting_;
  std::optional<link::Close> told_;  ///< The office's reason, when it closed.
  bool said_something_ = false;
  bool stopped_ = false;
  Duration pause_;
  Status status_;
};

}  // namespace tally::gateway
