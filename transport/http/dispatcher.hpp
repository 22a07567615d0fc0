// From a parsed request to its answer: host check, routes, guards, static files, pending replies
// with their deadlines, security headers. Knows nothing of RESTinio; all on the server's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include "transport/http/event_channel.hpp"
#include "transport/http/mailbox.hpp"
#include "transport/http/server.hpp"
#include "transport/http/static_files.hpp"

namespace tally::transport::http {

/// One request's way back to the client. Implemented over RESTinio.
class Wire {
 public:
  Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  virtual ~Wire() = default;
  /// Sends the whole answer; `head.body` is unused. To a HEAD request the body itself is left out.
  /// Called at most once.
  virtual void send(const Response& head, SharedText body, bool close) = 0;
  /// Starts an endless answer with `head`. Called at most once, instead of send().
  virtual std::shared_ptr<EventSink> stream(const Response& head) = 0;
};

class Dispatcher : public std::enable_shared_from_this<Dispatcher> {
 public:
  Dispatcher(asio::io_context& loop,
             std::shared_ptr<Mailbox> mailbox,
             const Options& options,
             std::vector<Routes::Route> routes,
             std::vector<Routes::Guarded> guards,
             StaticFiles files);

  /// Connects event streams and starts their heartbeat.
  void open();
  /// Drops what is pending. Nothing is called afterwards.
  void close();

  /// `request.path` is the raw target's path on entry. `is_crowded`: more connections than wanted.
  void handle(Request request, std::unique_ptr<Wire> wire, bool is_crowded);

  /// Answers one pending reply; does nothing when it was answered already.
  void answer(std::uint64_t id, Response response);

  struct Counters;
  const std::shared_ptr<Counters>& counters() const { return counters_; }

 private:
  enum class Match { kNone, kOtherMethod, kFound };

  Match find_route(Request& request, const Routes::Route*& found, std::string& allowed) const;
  std::optional<Response> ask_guards(Request& request) const;
  bool host_is_ours(const Request& request, Response& refusal) const;
  void serve_unrouted(Request request, std::unique_ptr<Wire> wire);
  void start_events(EventStream::Channel& channel, std::unique_ptr<Wire> wire);
  void start_handler(const Handler& handler, Request request, std::unique_ptr<Wire> wire);
  void refuse(Wire& wire, Response response, bool close = false);
  void arm_deadline();
  void arm_heartbeat();

  std::shared_ptr<Mailbox> mailbox_;
  Options options_;
  std::vector<Routes::Route> routes_;
  std::vector<Routes::Guarded> guards_;
  StaticFiles files_;
  std::shared_ptr<Counters> counters_;
  std::uint64_t next_id_ = 1;
  std::unordered_map<std::uint64_t, std::unique_ptr<Wire>> pending_;  ///< At most one a connection.
  struct Deadline {
    asio::steady_timer::time_point at;
    std::uint64_t id = 0;
  };
  std::deque<Deadline> deadlines_;  ///< Oldest first: all replies have the same time.
  bool deadline_armed_ = false;
  asio::steady_timer deadline_timer_;
  asio::steady_timer heartbeat_timer_;
};

/// Counters behind ServerCounts: written on the server's thread, read from any.
struct Dispatcher::Counters {
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> replies_late{0};
  std::atomic<std::uint64_t> events_dropped{0};
  std::atomic<std::uint64_t> connections_open{0};
};

/// "name" of "name:port" or "[v6]:port"; empty when malformed.
std::string_view host_without_port(std::string_view host);

/// Splits "/a/b" into "a", "b", percent-decoded. nullopt for what never names anything of ours: not
/// starting with '/', a bad escape, a control character, '/' or '\' inside a part, "." or "..".
std::optional<std::vector<std::string>> path_parts(std::string_view raw);

}  // namespace tally::transport::http
