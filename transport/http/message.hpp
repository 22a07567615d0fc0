// What an HTTP handler gets and gives. Plain values: no RESTinio, no socket, no thread rule.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tally::transport::http {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// One request, already within the server's bounds.
struct Request {
  std::string method;  ///< "GET", "POST", … in capitals.
  std::string path;    ///< Percent-decoded, starts with '/', without the query.
  std::string query;   ///< As sent, without the '?'.
  Fields headers;
  std::string body;
  std::string remote_address;     ///< The peer's address without port.
  std::uint16_t server_port = 0;  ///< Where the server listens.
  Fields path_values;             ///< Decoded values of the `:name` parts of the route's pattern.
  std::string user;               ///< Who the guard found to be signed in; empty when nobody.
  std::string role;               ///< What they may do; empty when nobody.

  /// The first header of that name, whatever its case.
  std::optional<std::string> header(std::string_view name) const;
  /// The value of one cookie of the Cookie header.
  std::optional<std::string> cookie(std::string_view name) const;
  /// The decoded value of one `name=value` of the query; nullopt when absent or badly encoded.
  std::optional<std::string> query_value(std::string_view name) const;
  /// The value of the `:name` part of the route's pattern; empty when the pattern has no such part.
  std::string_view path_value(std::string_view name) const;
};

/// What a page shows about a refusal (docs/formats/api.md, "Errors"): a fixed code for programs and
/// sentences for people, without personal data.
struct ErrorText {
  std::string_view code;
  std::string_view message_zh;
  std::string_view message_en;
  std::string_view what_to_do_zh;
  std::string_view what_to_do_en;
};

/// One answer. Security headers are added by the server; `headers` may override Cache-Control.
struct Response {
  int status = 200;
  std::string content_type;
  std::string body;
  Fields headers;

  static Response json(std::string body, int status = 200);
  static Response text(std::string body, int status = 200);
  /// 303: the browser asks for `location` with GET.
  static Response redirect(std::string location);
  /// The JSON of `text` under "error".
  static Response error(int status, const ErrorText& text);
  static Response not_found();
};

/// Reads "%41" and, in a query, "+". nullopt on a bad escape or a NUL byte.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// The right to answer one request, once, from any thread. Copies are handles to the same right, so
/// it fits a std::function; the first answer wins and later ones are ignored. When the last copy
/// is dropped unanswered the client gets 500; after the server's deadline it gets 503. Harmless
/// after the server has stopped.
class Reply {
 public:
  class Port;
  explicit Reply(std::shared_ptr<Port> port) : port_(std::move(port)) {}

  void operator()(Response response) const;
  /// Runs `next` on the server's thread (never inside this call): for a handler that left that
  /// thread to do slow work and must go back to state owned there. Not run once the server stopped.
  void resume(std::function<void()> next) const;

 private:
  std::shared_ptr<Port> port_;
};

/// Called on the server's thread; must not block. May hand the Reply to another thread.
using Handler = std::function<void(Request, Reply)>;

/// Called on the server's thread before a handler. nullopt lets the request through and may set
/// Request::user and role; a response refuses it.
using Guard = std::function<std::optional<Response>(Request&)>;

/// How the server takes an answer; implemented by the server (and by tests).
class Reply::Port {
 public:
  Port() = default;
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  /// When called, or when destroyed unanswered, the client is served.
  virtual ~Port() = default;
  virtual void answer(Response response) = 0;
  virtual void resume(std::function<void()> next) = 0;
};

}  // namespace tally::transport::http
