#include "transport/http/dispatcher.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tally::transport::http {
namespace {

constexpr ErrorText kNoAnswer{"internal",
                              "服务器没有完成这次请求。",
                              "The server did not finish this request.",
                              "请重试；再次出现时请联系技术人员。",
                              "Try again; if it happens again, call a technician."};
constexpr ErrorText kBusy{"busy",
                          "服务器正忙。",
                          "The server is busy.",
                          "请稍等片刻再试。",
                          "Wait a moment and try again."};
constexpr ErrorText kTooLarge{"too_large",
                              "提交的内容太大。",
                              "What was sent is too large.",
                              "请减少内容后重试。",
                              "Send less and try again."};
constexpr ErrorText kBadMethod{"method_not_allowed",
                               "这个地址不支持这种操作。",
                               "This address does not support that method.",
                               "请刷新页面后重试。",
                               "Reload the page and try again."};
constexpr ErrorText kHostUnknown{"host_unknown",
                                 "这个网址不属于本服务器。",
                                 "This address does not belong to this server.",
                                 "请使用程序启动时给出的网址。",
                                 "Use the address that the program printed at its start."};

using Clock = asio::steady_timer::clock_type;
constexpr std::chrono::seconds kHeartbeat{15};

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool matches(const std::vector<std::string>& pattern,
             const std::vector<std::string>& parts,
             Fields& values) {
  if (pattern.size() != parts.size()) {
    return false;
  }
  values.clear();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (pattern[i].starts_with(':')) {
      if (parts[i].empty()) {
        return false;
      }
      values.emplace_back(pattern[i].substr(1), parts[i]);
    } else if (pattern[i] != parts[i]) {
      return false;
    }
  }
  return true;
}

std::size_t names_in(const std::vector<std::string>& pattern) {
  return static_cast<std::size_t>(
      std::ranges::count_if(pattern, [](const std::string& p) { return p.starts_with(':'); }));
}

bool has_field(const Response& response, std::string_view name) {
  return std::ranges::any_of(response.headers, [&](const auto& f) { return f.first == name; });
}

/// The headers every answer carries, and nothing that could split the header block.
void finish_headers(Response& response) {
  std::erase_if(response.headers, [](const auto& field) {
    const auto is_control = [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    };
    return std::ranges::any_of(field.first, is_control) ||
           std::ranges::any_of(field.second, is_control);
  });
  if (!has_field(response, "Cache-Control")) {
    response.headers.emplace_back("Cache-Control", "no-store");
  }
  if (!response.content_type.empty()) {
    response.headers.emplace_back("Content-Type", response.content_type);
  }
  response.headers.emplace_back(
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; "
      "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; "
      "base-uri 'none'; frame-ancestors 'none'");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("X-Frame-Options", "DENY");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

void send(Wire& wire, Response response, bool close) {
  finish_headers(response);
  auto body = std::make_shared<const std::string>(std::move(response.body));
  wire.send(response, std::move(body), close);
}

/// A pending reply as the application sees it. Owns no part of the server, so it may outlive it.
class MailedReply : public Reply::Port {
 public:
  MailedReply(std::shared_ptr<Mailbox> mailbox,
              std::weak_ptr<Dispatcher> dispatcher,
              std::uint64_t id)
      : mailbox_(std::move(mailbox)), dispatcher_(std::move(dispatcher)), id_(id) {}
  MailedReply(const MailedReply&) = delete;
  MailedReply& operator=(const MailedReply&) = delete;
  ~MailedReply() override { answer(Response::error(500, kNoAnswer)); }

  void answer(Response response) override {
    if (!answered_.exchange(true)) {
      mailbox_->post(
          [dispatcher = dispatcher_, id = id_, response = std::move(response)]() mutable {
            if (const auto server = dispatcher.lock()) {
              server->answer(id, std::move(response));
            }
          });
    }
  }

  void resume(std::function<void()> next) override { mailbox_->post(std::move(next)); }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  std::weak_ptr<Dispatcher> dispatcher_;
  std::uint64_t id_;
  std::atomic<bool> answered_{false};
};

}  // namespace

std::string_view host_without_port(std::string_view host) {
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : 0;
  if (bracket == std::string_view::npos) {
    return {};
  }
  const std::size_t colon = host.find(':', bracket);
  const std::string_view port = host.substr(std::min(colon, host.size()));
  const bool port_is_digits =
      port.size() <= 6 && std::ranges::all_of(port.substr(port.empty() ? 0 : 1),
                                              [](char c) { return c >= '0' && c <= '9'; });
  return port_is_digits ? host.substr(0, std::min(colon, host.size())) : std::string_view();
}

std::optional<std::vector<std::string>> path_parts(std::string_view raw) {
  if (!raw.starts_with('/')) {
    return std::nullopt;
  }
  std::vector<std::string> parts;
  for (std::size_t from = 1; from <= raw.size();) {
    const std::size_t end = std::min(raw.find('/', from), raw.size());
    std::optional<std::string> part = percent_decode(raw.substr(from, end - from), false);
    const auto is_refused = [](char c) {
      return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    };
    if (!part || *part == "." || *part == ".." || std::ranges::any_of(*part, is_refused)) {
      return std::nullopt;
    }
    parts.push_back(std::move(*part));
    from = end + 1;
  }
  return parts;
}

Dispatcher::Dispatcher(asio::io_context& loop,
                       std::shared_ptr<Mailbox> mailbox,
                       const Options& options,
                       std::vector<Routes::Route> routes,
                       std::vector<Routes::Guarded> guards,
                       StaticFiles files)
    : mailbox_(std::move(mailbox)),
      options_(options),
      routes_(std::move(routes)),
      guards_(std::move(guards)),
      files_(std::move(files)),
      counters_(std::make_shared<Counters>()),
      deadline_timer_(loop),
      heartbeat_timer_(loop) {
  for (std::string& name : options_.host_names) {
    std::ranges::transform(name, name.begin(), to_lower);
  }
  std::ranges::stable_sort(routes_, {}, [](const Routes::Route& r) { return names_in(r.parts); });
}

void Dispatcher::open() {
  bool has_events = false;
  for (const Routes::Route& route : routes_) {
    if (route.events) {
      has_events = true;
      route.events->attach(mailbox_, [counters = counters_] { ++counters->events_dropped; });
    }
  }
  if (has_events) {
    arm_heartbeat();
  }
}

void Dispatcher::close() {
  for (const Routes::Route& route : routes_) {
    if (route.events) {
      route.events->detach();
    }
  }
  deadline_timer_.cancel();
  heartbeat_timer_.cancel();
  deadlines_.clear();
  pending_.clear();
}

void Dispatcher::handle(Request request, std::unique_ptr<Wire> wire, bool is_crowded) {
  ++counters_->requests;
  if (is_crowded) {
    return refuse(*wire, Response::error(503, kBusy), true);
  }
  if (Response refusal; !host_is_ours(request, refusal)) {
    return refuse(*wire, std::move(refusal), true);
  }
  if (request.body.size() > options_.body_bytes_max) {
    return refuse(*wire, Response::error(413, kTooLarge), true);
  }
  if (request.method == "HEAD") {
    request.method = "GET";
  }
  const Routes::Route* route = nullptr;
  std::string allowed;
  const Match match = find_route(request, route, allowed);
  if (match == Match::kNone) {
    return serve_unrouted(std::move(request), std::move(wire));
  }
  if (match == Match::kFound ? route->guarded : true) {
    if (std::optional<Response> refusal = ask_guards(request)) {
      return refuse(*wire, std::move(*refusal));
    }
  }
  if (match == Match::kOtherMethod) {
    Response refusal = Response::error(405, kBadMethod);
    refusal.headers.emplace_back("Allow", allowed);
    return refuse(*wire, std::move(refusal));
  }
  if (route->events) {
    return start_events(*route->events, std::move(wire));
  }
  start_handler(route->handler, std::move(request), std::move(wire));
}

Dispatcher::Match Dispatcher::find_route(Request& request,
                                         const Routes::Route*& found,
                                         std::string& allowed) const {
  const std::optional<std::vector<std::string>> parts = path_parts(request.path);
  if (!parts) {
    request.path.clear();
    return Match::kNone;
  }
  request.path.clear();
  for (const std::string& part : *parts) {
    request.path += "/" + part;
  }
  for (const Routes::Route& route : routes_) {
    if (!matches(route.parts, *parts, request.path_values)) {
      continue;
    }
    if (route.method == request.method) {
      found = &route;
      return Match::kFound;
    }
    allowed += (allowed.empty() ? "" : ", ") + route.method;
  }
  request.path_values.clear();
  return allowed.empty() ? Match::kNone : Match::kOtherMethod;
}

std::optional<Response> Dispatcher::ask_guards(Request& request) const {
  for (const Routes::Guarded& guarded : guards_) {
    if (request.path.starts_with(guarded.prefix)) {
      if (std::optional<Response> refusal = guarded.guard(request)) {
        return refusal;
      }
    }
  }
  return std::nullopt;
}

bool Dispatcher::host_is_ours(const Request& request, Response& refusal) const {
  std::string_view host;
  std::size_t hosts = 0;
  for (const auto& [name, value] : request.headers) {
    if (std::ranges::equal(name, std::string_view("host"), {}, to_lower)) {
      host = host_without_port(value);
      ++hosts;
    }
  }
  if (hosts != 1 || host.empty()) {
    refusal = Response::error(400, kHostUnknown);
    return false;
  }
  const auto is_same = [host](std::string_view name) {
    return std::ranges::equal(host, name, {}, to_lower);
  };
  if (is_same("127.0.0.1") || is_same("localhost") || is_same("[::1]") ||
      std::ranges::any_of(options_.host_names, is_same)) {
    return true;
  }
  refusal = Response::error(421, kHostUnknown);
  return false;
}

void Dispatcher::serve_unrouted(Request request, std::unique_ptr<Wire> wire) {
  if (request.path.empty()) {
    return refuse(*wire, Response::not_found());
  }
  if (std::optional<Response> refusal = ask_guards(request)) {
    return refuse(*wire, std::move(*refusal));
  }
  const bool is_api = request.path.starts_with("/api/") || request.path == "/api";
  const StaticFile* file = is_api || request.method != "GET" ? nullptr : files_.find(request.path);
  if (file == nullptr) {
    return refuse(*wire, Response::not_found());
  }
  Response head{200, file->content_type, "", {}};
  head.headers.emplace_back(
      "Cache-Control", file->is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
  finish_headers(head);
  wire->send(head, file->body, false);
}

void Dispatcher::start_events(EventStream::Channel& channel, std::unique_ptr<Wire> wire) {
  if (channel.is_full()) {
    return refuse(*wire, Response::error(503, kBusy));
  }
  Response head{200, "text/event-stream; charset=utf-8", "", {}};
  finish_headers(head);
  channel.subscribe(wire->stream(head));
}

void Dispatcher::start_handler(const Handler& handler,
                               Request request,
                               std::unique_ptr<Wire> wire) {
  const std::uint64_t id = next_id_++;
  pending_[id] = std::move(wire);
  deadlines_.push_back({Clock::now() + std::chrono::milliseconds(options_.reply_deadline_ms), id});
  if (!deadline_armed_) {
    arm_deadline();
  }
  try {
    handler(std::move(request),
            Reply(std::make_shared<MailedReply>(mailbox_, weak_from_this(), id)));
  } catch (const std::exception&) {
    // A library threw at what the client sent; the dropped Reply answers 500.
    ++counters_->refused;
  }
}

void Dispatcher::answer(std::uint64_t id, Response response) {
  const auto it = pending_.find(id);
  if (it == pending_.end()) {
    return;
  }
  const std::unique_ptr<Wire> wire = std::move(it->second);
  pending_.erase(it);
  while (!deadlines_.empty() && !pending_.contains(deadlines_.front().id)) {
    deadlines_.pop_front();
  }
  send(*wire, std::move(response), false);
}

void Dispatcher::refuse(Wire& wire, Response response, bool close) {
  ++counters_->refused;
  send(wire, std::move(response), close);
}

void Dispatcher::arm_deadline() {
  deadline_armed_ = true;
  deadline_timer_.expires_at(deadlines_.front().at);
  deadline_timer_.async_wait([weak = weak_from_this()](const std::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) {
      return;
    }
    self->deadline_armed_ = false;
    while (!self->deadlines_.empty() && self->deadlines_.front().at <= Clock::now()) {
      const std::uint64_t id = self->deadlines_.front().id;
      self->deadlines_.pop_front();
      if (self->pending_.contains(id)) {
        ++self->counters_->replies_late;
        self->answer(id, Response::error(503, kBusy));
      }
    }
    if (!self->deadlines_.empty()) {
      self->arm_deadline();
    }
  });
}

void Dispatcher::arm_heartbeat() {
  heartbeat_timer_.expires_after(kHeartbeat);
  heartbeat_timer_.async_wait([weak = weak_from_this()](const std::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) {
      return;
    }
    for (const Routes::Route& route : self->routes_) {
      if (route.events) {
        route.events->send_heartbeat();
      }
    }
    self->arm_heartbeat();
  });
}

}  // namespace tally::transport::http
