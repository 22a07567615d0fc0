// Accepts link connections, up to a bound. Runs on the thread of its loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "transport/link_connection.hpp"

namespace tally::transport {

struct ListenOptions {
  std::string address = "127.0.0.1";  ///< "0.0.0.0" or "::" for every interface.
  std::uint16_t port = 0;             ///< 0: any free one, see port().
  std::size_t connections_max = 256;  ///< In handshake or open; more are closed unheard.
  LinkOptions link;
};

/// Counts since the listener opened, for metrics.
struct ListenCounts {
  std::size_t live = 0;          ///< Now.
  std::uint64_t accepted = 0;    ///< TCP connections handed to the caller.
  std::uint64_t over_bound = 0;  ///< Closed because `connections_max` were live.
  std::uint64_t failed = 0;      ///< The kernel could not hand one over.
};

class LinkListener {
 public:
  /// Called for each TCP connection, before its handshake: give it a handler with start(), or drop
  /// it. Nobody is authenticated before on_open().
  using OnAccept = std::function<void(std::shared_ptr<LinkConnection>)>;

  /// Binds and listens. `context` must be a server's. Errors: kInvalid for an impossible address,
  /// kConflict when the port is taken, kDenied when it needs privileges, kUnavailable (`detail` is
  /// errno).
  static Result<std::unique_ptr<LinkListener>> open(Loop& loop,
                                                    std::shared_ptr<TlsContext> context,
                                                    const ListenOptions& options,
                                                    OnAccept on_accept);

  /// Stops accepting; open connections live on.
  ~LinkListener();
  LinkListener(const LinkListener&) = delete;
  LinkListener& operator=(const LinkListener&) = delete;

  /// The port it listens on.
  std::uint16_t port() const;
  ListenCounts counts() const;

  /// The settings for connections from now on: a renewed certificate.
  void use(std::shared_ptr<TlsContext> context);

 private:
  struct Shared;
  explicit LinkListener(std::shared_ptr<Shared> shared);
  static void accept_next(const std::shared_ptr<Shared>& shared);
  static void on_accepted(const std::shared_ptr<Shared>& shared, Tcp::socket socket);

  std::shared_ptr<Shared> shared_;
};

}  // namespace tally::transport
