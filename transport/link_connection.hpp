// One TLS connection of the link as a mover of bytes: it knows nothing of frames or messages
// (core/link does). Accepting and connecting sides differ only in how they begin
// (link_listener.hpp, connect_link()). Everything runs on the thread of the loop; no call here
// blocks, and none calls a handler before it returns.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/crypto/certificate.hpp"

#include "transport/asio_types.hpp"
#include "transport/tls_context.hpp"

namespace tally::transport {

class TlsEngine;

/// What a connection tells its owner. Calls come one at a time; any call on the connection may be
/// made from inside, abort() included.
class LinkHandler {
 public:
  virtual ~LinkHandler() = default;

  /// The handshake is done and `peer` is who its certificate says. First call, at most once. Under
  /// TLS 1.3 a client is open before the server has judged the client's certificate: a refusal then
  /// comes as on_closed().
  virtual void on_open(const crypto::DeviceIdentity& peer) = 0;

  /// Bytes in order, up to 16 KiB; valid during the call.
  virtual void on_bytes(ByteView plaintext) = 0;

  /// The send queue is empty again after send() had said kExhausted.
  virtual void on_drained() {}

  /// Last call, once: nothing follows. Not called after abort(). The causes are those of
  /// tls_error.hpp, and kUnavailable for a connection that was refused, could not be made, was
  /// reset or closed by either side, kTimeout for a deadline that passed.
  virtual void on_closed(const Error& cause) = 0;
};

struct LinkOptions {
  Duration connect_timeout{5'000};    ///< Name look-up and TCP connection.
  Duration handshake_timeout{5'000};  ///< From TCP connection to on_open().
  Duration write_timeout{10'000};     ///< For one TLS record to be taken by the kernel.
  Duration linger_timeout{1'000};     ///< For the peer to notice the end, after the last byte.
  std::size_t send_queue_bytes_max = 1024 * 1024;
};

/// Where to connect and who must be there.
struct LinkTarget {
  std::string host;  ///< A name or an address.
  std::uint16_t port = 0;
  std::string server_name;  ///< "gateway-11", as in the server's certificate.
};

class LinkConnection : public std::enable_shared_from_this<LinkConnection> {
 public:
  ~LinkConnection();
  LinkConnection(const LinkConnection&) = delete;
  LinkConnection& operator=(const LinkConnection&) = delete;

  /// Begins the handshake of an accepted connection; connect_link() has begun already. `handler`
  /// must live until on_closed() or abort().
  void start(LinkHandler& handler);

  /// Queues bytes; they go out in order, several sends in one TLS record where they fit. Errors:
  /// kExhausted when the queue would exceed its bound (nothing of these bytes was queued: wait for
  /// on_drained()), kUnavailable when the connection is not open or is closing.
  Status send(Bytes bytes);
  std::size_t queued_bytes() const { return queued_bytes_; }

  /// Stops on_bytes(), and after the peer's window has filled, the peer; takes effect at once.
  void pause_reading();
  void resume_reading();

  /// Sends what is queued, then closes; on_bytes() is over at once, on_closed() follows.
  void close_after_flush();

  /// Closes now, without another call to the handler.
  void abort();

  bool is_open() const { return state_ == State::kOpen; }
  /// After on_open(): whether an earlier TLS session was resumed.
  bool resumed() const;
  /// "192.0.2.7:41022" for the log; empty before there is a peer.
  const std::string& peer_address() const { return peer_address_; }

 private:
  friend class LinkListener;
  friend std::shared_ptr<LinkConnection> connect_link(
      Loop&, std::shared_ptr<TlsContext>, const LinkTarget&, const LinkOptions&, LinkHandler&);

  // kFlushing: the last bytes (an alert, or what was queued) are on their way out.
  // kLingering: our side is shut; the peer's last bytes are read and dropped, for closing on
  // unread bytes would reset the connection and lose what we sent last.
  enum class State { kNew, kConnecting, kHandshaking, kOpen, kFlushing, kLingering, kClosed };

  LinkConnection(Loop& loop, Tcp::socket socket, const LinkOptions& options);

  void begin_connecting(std::shared_ptr<TlsContext> context, const LinkTarget& target);
  void connect_to(std::vector<Tcp::endpoint> endpoints);
  void begin_handshake();

  void schedule_pump();
  void pump();
  void pump_handshake();
  void pump_plaintext();
  void fill_record();
  void pump_end();
  void start_write();
  void start_read();
  void on_written(const asio::error_code& error);
  void on_received(const asio::error_code& error, std::size_t size);

  void arm(Duration timeout, const char* what);
  void disarm();
  void on_deadline(const char* what);

  void fail(const Error& cause);
  void shut(const Error& cause);
  void notify_closed(const Error& cause);

  Loop& loop_;
  Tcp::socket socket_;
  Tcp::resolver resolver_;
  Timer timer_;
  LinkOptions options_;
  LinkHandler* handler_ = nullptr;
  std::shared_ptr<TlsContext> context_;
  std::unique_ptr<TlsEngine> engine_;
  std::string peer_address_;
  std::shared_ptr<void> slot_;  ///< The listener's count of live connections.

  State state_ = State::kNew;
  Error cause_;  ///< Why the connection ends.
  std::uint64_t timer_round_ = 0;
  bool pump_scheduled_ = false;
  bool reading_ = false;
  bool read_ended_ = false;
  bool writing_ = false;
  bool paused_ = false;
  bool refused_send_ = false;
  bool goodbye_said_ = false;
  std::deque<Bytes> queue_;
  std::size_t queue_head_at_ = 0;  ///< Bytes of queue_.front() already encrypted.
  std::size_t queued_bytes_ = 0;
  Bytes out_;        ///< Ciphertext being written.
  Bytes received_;   ///< Ciphertext buffer of the read in flight.
  Bytes plaintext_;  ///< Buffer of on_bytes().
};

/// Connects; on_open() or on_closed() of `handler` tells how it went. `context` must be a client's.
/// Back-off between attempts is the caller's.
std::shared_ptr<LinkConnection> connect_link(Loop& loop,
                                             std::shared_ptr<TlsContext> context,
                                             const LinkTarget& target,
                                             const LinkOptions& options,
                                             LinkHandler& handler);

}  // namespace tally::transport
