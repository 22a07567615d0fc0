// The only file that sees RESTinio.
#include "transport/http/server.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <unordered_set>
#include <utility>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/address.hpp>
#include <restinio/all.hpp>

#include "core/base/try.hpp"

#include "transport/http/dispatcher.hpp"

namespace tally::transport::http {
namespace {

constexpr std::size_t kLettersMax = 4096;
constexpr std::size_t kUrlBytesMax = 4096;
constexpr std::size_t kFieldNameBytesMax = 256;
constexpr std::size_t kFieldValueBytesMax = 8192;
constexpr std::size_t kFieldsMax = 64;
/// Connections beyond Options::connections_max that still get a 503; further ones wait unaccepted.
constexpr std::size_t kCrowdMax = 32;

const char* reason_of(int status) {
  static constexpr std::array<std::pair<int, const char*>, 24> kReasons{{
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {303, "See Other"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {409, "Conflict"},
      {410, "Gone"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {428, "Precondition Required"},
      {429, "Too Many Requests"},
      {500, "Internal Server Error"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {507, "Insufficient Storage"},
  }};
  for (const auto& [code, reason] : kReasons) {
    if (code == status) {
      return reason;
    }
  }
  return "Other";
}

/// Counts connections; called on the server's thread. By id, since RESTinio may report the close of
/// one connection more than once.
class ConnectionCounter {
 public:
  explicit ConnectionCounter(std::shared_ptr<Dispatcher::Counters> counters)
      : counters_(std::move(counters)) {}
  void state_changed(const restinio::connection_state::notice_t& notice) {
    if (restinio::holds_alternative<restinio::connection_state::accepted_t>(notice.cause())) {
      open_.insert(notice.connection_id());
    } else {
      open_.erase(notice.connection_id());
    }
    counters_->connections_open = open_.size();
  }

 private:
  std::shared_ptr<Dispatcher::Counters> counters_;
  std::unordered_set<restinio::connection_id_t> open_;
};

/// One thread runs everything, so no strand and no lock; the library's own log is off because it
/// would hold addresses and paths.
struct Traits : restinio::default_single_thread_traits_t {
  using connection_state_listener_t = ConnectionCounter;
  static constexpr bool use_connection_count_limiter = true;
};

restinio::http_status_line_t status_line(int status) {
  return {restinio::http_status_code_t{static_cast<std::uint16_t>(status)}, reason_of(status)};
}

template <class Builder>
void append_headers(Builder& builder, const Response& head) {
  for (const auto& [name, value] : head.headers) {
    builder.append_header(name, value);
  }
  builder.append_header_date_field();
}

class RestinioSink : public EventSink {
 public:
  using Builder = restinio::response_builder_t<restinio::chunked_output_t>;
  explicit RestinioSink(Builder builder) : builder_(std::move(builder)) {}

  void write(SharedText text, std::function<void(bool)> sent) override {
    if (!is_closed_) {
      builder_.append_chunk(std::move(text));
      builder_.flush([sent = std::move(sent)](const auto& error) { sent(!error); });
    }
  }

  void close() override {
    if (!std::exchange(is_closed_, true)) {
      builder_.done();
    }
  }

 private:
  Builder builder_;
  bool is_closed_ = false;
};

class RestinioWire : public Wire {
 public:
  explicit RestinioWire(restinio::request_handle_t request) : request_(std::move(request)) {}

  void send(const Response& head, SharedText body, bool close) override {
    if (request_->header().method() == restinio::http_method_head()) {
      auto builder =
          request_->create_response<restinio::user_controlled_output_t>(status_line(head.status));
      builder.set_content_length(body->size());
      finish(builder, head, close);
    } else {
      auto builder = request_->create_response(status_line(head.status));
      builder.set_body(std::move(body));
      finish(builder, head, close);
    }
  }

  std::shared_ptr<EventSink> stream(const Response& head) override {
    auto builder = request_->create_response<restinio::chunked_output_t>(status_line(head.status));
    append_headers(builder, head);
    builder.connection_close();
    return std::make_shared<RestinioSink>(std::move(builder));
  }

 private:
  template <class Builder>
  void finish(Builder& builder, const Response& head, bool close) {
    append_headers(builder, head);
    if (close) {
      builder.connection_close();
    }
    builder.done();
  }

  restinio::request_handle_t request_;
};

Request request_from(const restinio::request_handle_t& handle) {
  const restinio::http_request_header_t& header = handle->header();
  Request request;
  request.method = std::string(header.method().c_str());
  request.path = std::string(header.path());
  request.query = std::string(header.query());
  header.for_each_field(
      [&request](const auto& field) { request.headers.emplace_back(field.name(), field.value()); });
  request.body = std::move(const_cast<std::string&>(handle->body()));
  request.remote_address = handle->remote_endpoint().address().to_string();
  return request;
}

Result<asio::ip::address> loopback_address(const std::string& text) {
  std::error_code error;
  const asio::ip::address address =
      asio::ip::make_address(text == "localhost" ? "127.0.0.1" : text, error);
  if (error) {
    return make_error(Errc::kInvalid, "the address to listen on is not an IP address");
  }
  if (!address.is_loopback()) {
    return make_error(Errc::kDenied,
                      "pages are served without TLS and so only on a loopback address; use "
                      "127.0.0.1 and an SSH tunnel or a TLS reverse proxy to reach it from afar");
  }
  return address;
}

}  // namespace

struct Server::Impl {
  using Http = restinio::http_server_t<Traits>;

  // Connections hang on to the io_context, so it is destroyed last.
  std::unique_ptr<asio::io_context> io = std::make_unique<asio::io_context>(1);
  std::shared_ptr<Mailbox> mailbox;
  std::shared_ptr<Dispatcher> dispatcher;
  std::shared_ptr<Dispatcher::Counters> counters;
  std::unique_ptr<Http> http;
  std::thread thread;
  std::uint16_t port = 0;

  Impl(const Options& options, Routes routes, StaticFiles files)
      : mailbox(std::make_shared<Mailbox>(*io, kLettersMax)),
        dispatcher(std::make_shared<Dispatcher>(*io,
                                                mailbox,
                                                options,
                                                std::move(routes.routes_),
                                                std::move(routes.guards_),
                                                std::move(files))),
        counters(dispatcher->counters()) {}

  void open(const Options& options, const asio::ip::address& address);
};

void Server::Impl::open(const Options& options, const asio::ip::address& address) {
  using std::chrono::milliseconds;
  const auto on_request = [weak = std::weak_ptr(dispatcher),
                           counters = counters,
                           this,
                           connections_max =
                               options.connections_max](restinio::request_handle_t handle) {
    const auto target = weak.lock();
    if (!target) {
      return restinio::request_rejected();
    }
    Request request = request_from(handle);
    request.server_port = port;
    target->handle(std::move(request),
                   std::make_unique<RestinioWire>(std::move(handle)),
                   counters->connections_open > connections_max);
    return restinio::request_accepted();
  };
  http = std::make_unique<Http>(restinio::external_io_context(*io), [&](auto& settings) {
    settings.port(options.port)
        .address(address)
        .request_handler(on_request)
        .connection_state_listener(std::make_shared<ConnectionCounter>(counters))
        .max_parallel_connections(options.connections_max + kCrowdMax)
        .acceptor_post_bind_hook(
            [this](asio::ip::tcp::acceptor& acceptor) { port = acceptor.local_endpoint().port(); })
        // Twice the bound is still read, so that the client gets an answer and not a reset.
        .incoming_http_msg_limits(restinio::incoming_http_msg_limits_t{}
                                      .max_url_size(kUrlBytesMax)
                                      .max_field_name_size(kFieldNameBytesMax)
                                      .max_field_value_size(kFieldValueBytesMax)
                                      .max_field_count(kFieldsMax)
                                      .max_body_size(2 * options.body_bytes_max))
        .timer_manager(
            milliseconds(std::clamp<std::int64_t>(options.read_deadline_ms / 4, 1, 1000)))
        .read_next_http_message_timelimit(milliseconds(options.read_deadline_ms))
        .write_http_response_timelimit(milliseconds(options.write_deadline_ms))
        // The dispatcher keeps the deadline of replies; event streams have none.
        .handle_request_timeout(std::chrono::hours(24 * 365));
  });
  http->open_sync();
  dispatcher->open();
  thread = std::thread([this] {
    const auto work = asio::make_work_guard(*io);
    io->run();
  });
}

Result<std::unique_ptr<Server>> Server::start(Options options, Routes routes) {
  TALLY_TRY_ASSIGN(const asio::ip::address address, loopback_address(options.address));
  StaticFiles files;
  if (!options.static_dir.empty()) {
    TALLY_TRY_ASSIGN(files, StaticFiles::load(options.static_dir));
  }
  auto impl = std::make_unique<Impl>(options, std::move(routes), std::move(files));
  try {
    impl->open(options, address);
  } catch (const std::system_error& error) {
    return make_error(
        Errc::kUnavailable, "the port of the pages cannot be opened", error.code().value());
  } catch (const std::exception&) {
    return make_error(Errc::kInternal, "the HTTP server cannot start");
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  stop();
}

std::uint16_t Server::port() const {
  return impl_->port;
}

ServerCounts Server::counts() const {
  const Dispatcher::Counters& from = *impl_->counters;
  return {
      from.requests, from.refused, from.replies_late, from.events_dropped, from.connections_open};
}

void Server::stop() {
  if (!impl_->thread.joinable()) {
    return;
  }
  impl_->mailbox->close();
  impl_->io->stop();
  impl_->thread.join();
  // The loop no longer runs: this thread now owns what the loop owned.
  impl_->dispatcher->close();
  impl_->dispatcher.reset();
  impl_->http.reset();
  impl_->io.reset();
}

}  // namespace tally::transport::http
