// The HTTP server of the pages and APIs of all three programs: one thread, one io_context, bounded
// in connections, bytes and time. Plain HTTP, therefore loopback only. RESTinio stays inside
// server.cpp (it takes half a minute and 800 MB to compile).
//
//   Routes routes;
//   routes.guard("/api/", access.guard());
//   routes.on("GET", "/api/members/:id", handler);
//   routes.on_public("POST", "/api/session", handler);
//   routes.events("/api/events", stream);
//   TALLY_TRY_ASSIGN(auto server, Server::start(options, std::move(routes)));
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

#include "transport/http/event_stream.hpp"
#include "transport/http/message.hpp"

namespace tally::transport::http {

class Dispatcher;

/// What the server answers. Patterns are whole paths; a part `:name` takes any one non-empty part
/// of the path. Exact parts win over `:name` parts in the order of registration.
class Routes {
 public:
  /// Handles `method` (GET also serves HEAD) on `pattern`, behind the guards.
  Routes& on(std::string method, std::string pattern, Handler handler);
  /// Same, but not guarded: signing in, health.
  Routes& on_public(std::string method, std::string pattern, Handler handler);
  /// Server-sent events on `path`, behind the guards.
  Routes& events(std::string path, const EventStream& stream);
  /// Every request whose path starts with `prefix` must pass `guard`, also when no route matches;
  /// routes of on_public() and static files are exempt. All guards whose prefix fits are asked.
  Routes& guard(std::string prefix, Guard guard);

 private:
  friend class Server;
  friend class Dispatcher;
  struct Route {
    std::string method;
    std::vector<std::string> parts;
    bool guarded = true;
    Handler handler;
    std::shared_ptr<EventStream::Channel> events;
  };
  struct Guarded {
    std::string prefix;
    Guard guard;
  };
  std::vector<Route> routes_;
  std::vector<Guarded> guards_;
};

struct Options {
  std::string address = "127.0.0.1";  ///< "127.0.0.1", "::1" or "localhost"; others need TLS.
  std::uint16_t port = 0;             ///< 0 lets the system choose.
  std::size_t body_bytes_max = 1U << 20;
  std::size_t connections_max = 256;
  /// Files served for GET when no route matches; empty serves none. Read once at start.
  std::filesystem::path static_dir;
  /// Host names accepted beside the loopback names (a reverse proxy's, for example).
  std::vector<std::string> host_names;
  std::int64_t reply_deadline_ms = 10'000;  ///< A handler later than this: 503.
  std::int64_t read_deadline_ms = 15'000;   ///< A request not complete by then: closed.
  std::int64_t write_deadline_ms = 15'000;  ///< An answer not taken by then: closed.
};

/// Counts since start, for metrics; each may be read from any thread.
struct ServerCounts {
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;           ///< Answered by the server itself with 4xx or 5xx.
  std::uint64_t replies_late = 0;      ///< Answered 503 because the handler was late.
  std::uint64_t events_dropped = 0;    ///< Subscribers dropped because they were slow.
  std::uint64_t connections_open = 0;  ///< Now.
};

class Server {
 public:
  /// Listens, and serves on a thread of its own. Errors: kDenied when `address` is not a loopback
  /// address, kInvalid when it is no address or the static files exceed their bounds, kNotFound
  /// when `static_dir` has no index.html, kUnavailable when the port is taken.
  static Result<std::unique_ptr<Server>> start(Options options, Routes routes);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  std::uint16_t port() const;
  ServerCounts counts() const;
  /// Stops listening, drops what is in flight and joins the thread. Not from the server's thread.
  /// A second call does nothing.
  void stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::transport::http
