#include "shell/page_access.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "core/base/try.hpp"

#include "shell/log.hpp"
#include "shell/loop.hpp"
#include "shell/page_json.hpp"
#include "shell/page_session.hpp"
#include "shell/page_text.hpp"
#include "shell/page_users.hpp"

namespace tally::shell {
namespace {

using Json = nlohmann::json;
using transport::http::Fields;
using transport::http::Reply;
using transport::http::Request;
using transport::http::Response;

constexpr Log kLog{"pages"};
constexpr std::size_t kJobsMax = 8;
constexpr std::size_t kTriesMax = 5;
constexpr Duration kTryWindow{60'000};
constexpr Duration kLinkAge{24 * 3600 * 1000};
constexpr const char* kManagerRole = "manager";

/// The values of exactly these keys, all texts; nullopt when the body is anything else.
template <std::size_t N>
std::optional<std::array<std::string, N>> read_texts(const std::string& body,
                                                     const std::array<const char*, N>& keys) {
  const std::optional<Json> json = parse_page_json(body);
  if (!json || json->size() != N) {
    return std::nullopt;
  }
  std::array<std::string, N> values;
  for (std::size_t i = 0; i < N; ++i) {
    const auto it = json->find(keys[i]);
    if (it == json->end() || !it->is_string()) {
      return std::nullopt;
    }
    values[i] = it->template get<std::string>();
  }
  return values;
}

/// Only a page of ours can set X-Tally, and a browser names the page's origin by itself.
bool comes_from_our_page(const Request& request) {
  const std::optional<std::string> origin = request.header("Origin");
  const std::string host = request.header("Host").value_or("");
  const std::string site = request.header("Sec-Fetch-Site").value_or("same-origin");
  return request.header("X-Tally") == "1" && site == "same-origin" &&
         (!origin || *origin == "http://" + host || *origin == "https://" + host);
}

Response too_many(Duration wait) {
  Response response = Response::error(429, page_text::kTooManyAttempts);
  response.headers.emplace_back("Retry-After", std::to_string((wait.ms + 999) / 1000));
  return response;
}

Response refusal_of(LinkAnswer answer) {
  return Response::error(401,
                         answer == LinkAnswer::kUsed      ? page_text::kTokenUsed
                         : answer == LinkAnswer::kExpired ? page_text::kTokenExpired
                                                          : page_text::kTokenUnknown);
}

bool is_manager(const PageUser& user) {
  return user.role == kManagerRole;
}

std::string link_text(std::uint16_t port, const std::string& token) {
  return "http://127.0.0.1:" + std::to_string(port) + "/welcome#" + token;
}

}  // namespace

struct PageAccess::Impl {
  PageAccessOptions options;
  crypto::RandomSource& random;
  Clock clock;
  SessionTable sessions;
  TryLimiter tries_of_address{kTriesMax, kTryWindow};
  TryLimiter tries_of_name{kTriesMax, kTryWindow};
  bool has_manager = false;
  bool has_users = false;
  std::atomic<std::size_t> jobs{0};
  Loop worker{"page-access"};

  Impl(PageAccessOptions from, crypto::RandomSource& random_source, Clock now)
      : options(std::move(from)),
        random(random_source),
        clock(std::move(now)),
        sessions({options.sessions_max, options.session_idle, options.session_age_max}) {}

  BootTime boot_now() const { return clock().boot; }
  std::string cookie_name(const Request& request) const {
    return "tally_" + options.service + "_" + std::to_string(request.server_port);
  }
  std::string cookie_of(const Request& request) const {
    return request.cookie(cookie_name(request)).value_or("");
  }
  std::pair<std::string, std::string> set_cookie(const Request& request,
                                                 const std::string& token) const {
    return {"Set-Cookie",
            cookie_name(request) + "=" + token + "; HttpOnly; SameSite=Strict; Path=/" +
                (token.empty() ? "; Max-Age=0" : "")};
  }

  std::optional<Response> guard(Request& request);
  Response session_answer(const Session* session) const;
  Response signed_in_answer(const Request& request, std::string user, std::string role);
  bool start_job(const Reply& reply, std::function<void()> job);

  void take_link(const Request& request, const Reply& reply);
  void log_in(const Request& request, const Reply& reply);
  void log_out(const Request& request, const Reply& reply);
};

std::optional<Response> PageAccess::Impl::guard(Request& request) {
  const Session* session = sessions.find(cookie_of(request), boot_now());
  if (session == nullptr) {
    return Response::error(401, page_text::kSignedOut);
  }
  if (request.method != "GET" && !comes_from_our_page(request)) {
    return Response::error(403, page_text::kCsrf);
  }
  request.user = session->user;
  request.role = session->role;
  return std::nullopt;
}

Response PageAccess::Impl::session_answer(const Session* session) const {
  Json json{{"service", options.service},
            {"node", options.node},
            {"software", options.software},
            {"signed_in", session != nullptr},
            {"user", nullptr},
            {"setup_required", options.needs_manager && !has_manager},
            {"password_login", has_users},
            {"language", options.language},
            {"expires_us", nullptr},
            {"demo", options.is_demo}};
  if (session != nullptr) {
    const Instant now = clock();
    json["user"] = {{"name", session->user}, {"role", session->role}};
    json["expires_us"] = now.wall.us + (sessions.end_of(*session) - now.boot).ms * 1000;
  }
  return Response::json(page_json_text(json));
}

Response PageAccess::Impl::signed_in_answer(const Request& request,
                                            std::string user,
                                            std::string role) {
  sessions.close(cookie_of(request));
  const BootTime now = boot_now();
  const std::string token = sessions.open(std::move(user), std::move(role), now, random);
  Response response = session_answer(sessions.find(token, now));
  response.headers.push_back(set_cookie(request, token));
  return response;
}

bool PageAccess::Impl::start_job(const Reply& reply, std::function<void()> job) {
  const auto work = [this, job = std::move(job)] {
    job();
    --jobs;
  };
  if (++jobs <= kJobsMax && worker.post(work)) {
    return true;
  }
  --jobs;
  reply(Response::error(503, page_text::kBusy));
  return false;
}

void PageAccess::Impl::take_link(const Request& request, const Reply& reply) {
  if (!comes_from_our_page(request)) {
    return reply(Response::error(403, page_text::kCsrf));
  }
  const auto values = read_texts<1>(request.body, {"token"});
  if (!values) {
    return reply(Response::error(400, page_text::kBadRequest));
  }
  if (const auto wait = tries_of_address.begin(request.remote_address, boot_now())) {
    return reply(too_many(*wait));
  }
  const std::string& token = values->front();
  if (!has_token_form(token)) {
    return reply(refusal_of(LinkAnswer::kUnknown));
  }
  start_job(reply, [this, token, request, reply] {
    const Result<LinkAnswer> answer = use_link(options.data_dir, token, clock().wall);
    reply.resume([this, answer, request, reply] {
      if (!answer) {
        kLog.error("link_not_usable", {{"error", answer.error()}});
        return reply(Response::error(503, page_text::kStorageFailed));
      }
      if (*answer != LinkAnswer::kAccepted) {
        kLog.warning("link_refused", {{"peer", request.remote_address}});
        return reply(refusal_of(*answer));
      }
      tries_of_address.forgive(request.remote_address);
      const std::string role = has_manager ? kManagerRole : options.link_role;
      kLog.info("signed_in_by_link", {{"role", role}});
      reply(signed_in_answer(request, "", role));
    });
  });
}

void PageAccess::Impl::log_in(const Request& request, const Reply& reply) {
  if (!comes_from_our_page(request)) {
    return reply(Response::error(403, page_text::kCsrf));
  }
  const auto values = read_texts<2>(request.body, {"name", "password"});
  if (!values || (*values)[0].size() > kUserNameBytesMax ||
      (*values)[1].size() > kPasswordBytesMax) {
    return reply(Response::error(400, page_text::kBadRequest));
  }
  const auto& [name, password] = *values;
  // The address first: whoever tries many names is stopped before filling the table of names.
  if (const auto wait = tries_of_address.begin(request.remote_address, boot_now())) {
    return reply(too_many(*wait));
  }
  if (const auto wait = tries_of_name.begin(name, boot_now())) {
    return reply(too_many(*wait));
  }
  start_job(reply, [this, name = name, password = password, request, reply] {
    const Result<std::vector<PageUser>> users = load_users(options.data_dir);
    PageUser found;
    if (users) {
      const auto it = std::ranges::find(*users, name, &PageUser::name);
      found = it == users->end() ? PageUser{} : *it;
    }
    const bool fits = password_fits(found.password_hash, password);
    reply.resume([this, users, found, fits, name, request, reply] {
      if (!users) {
        kLog.error("users_not_readable", {{"error", users.error()}});
        return reply(Response::error(503, page_text::kStorageFailed));
      }
      if (!fits) {
        kLog.warning("login_refused", {{"peer", request.remote_address}});
        return reply(Response::error(401, page_text::kWrongPassword));
      }
      tries_of_address.forgive(request.remote_address);
      tries_of_name.forgive(name);
      kLog.info("signed_in_by_password", {{"role", found.role}});
      reply(signed_in_answer(request, found.name, found.role));
    });
  });
}

void PageAccess::Impl::log_out(const Request& request, const Reply& reply) {
  sessions.close(cookie_of(request));
  Response response = session_answer(nullptr);
  response.headers.push_back(set_cookie(request, ""));
  reply(std::move(response));
}

PageAccess::PageAccess(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PageAccess::~PageAccess() {
  impl_->worker.stop();
}

Result<std::unique_ptr<PageAccess>> PageAccess::open(PageAccessOptions options,
                                                     crypto::RandomSource& random,
                                                     Clock clock) {
  TALLY_TRY_ASSIGN(const std::vector<PageUser> users, load_users(options.data_dir));
  auto impl = std::make_unique<Impl>(std::move(options), random, std::move(clock));
  impl->has_users = !users.empty();
  impl->has_manager = std::ranges::any_of(users, is_manager);
  impl->worker.start();
  return std::unique_ptr<PageAccess>(new PageAccess(std::move(impl)));
}

void PageAccess::add_to(transport::http::Routes& routes) {
  Impl* const impl = impl_.get();
  routes.guard("/api/", [impl](Request& request) { return impl->guard(request); });
  routes.on_public("GET", "/api/session", [impl](const Request& request, const Reply& reply) {
    reply(impl->session_answer(impl->sessions.find(impl->cookie_of(request), impl->boot_now())));
  });
  routes.on_public("POST", "/api/session", [impl](const Request& request, const Reply& reply) {
    impl->take_link(request, reply);
  });
  routes.on_public("POST", "/api/login", [impl](const Request& request, const Reply& reply) {
    impl->log_in(request, reply);
  });
  routes.on("POST", "/api/logout", [impl](const Request& request, const Reply& reply) {
    impl->log_out(request, reply);
  });
}

Result<std::optional<std::string>> PageAccess::first_link(std::uint16_t port) {
  if (impl_->has_users) {
    return std::optional<std::string>();
  }
  TALLY_TRY_ASSIGN(std::string link,
                   new_link(impl_->options.data_dir, impl_->random, impl_->clock, port));
  return std::optional<std::string>(std::move(link));
}

Result<std::string> PageAccess::new_link(const std::filesystem::path& data_dir,
                                         crypto::RandomSource& random,
                                         const Clock& clock,
                                         std::uint16_t port) {
  const WallTime expires{clock().wall.us + kLinkAge.ms * 1000};
  TALLY_TRY_ASSIGN(const std::string token, make_link(data_dir, random, expires));
  return link_text(port, token);
}

void PageAccess::create_manager(const Request& request,
                                std::string name,
                                std::string password,
                                const Reply& reply,
                                std::function<void(Result<Fields>)> done) {
  if (!is_user_allowed(name, password)) {
    return done(make_error(Errc::kInvalid, "the manager's name or password has a wrong length"));
  }
  if (impl_->has_manager) {
    return done(make_error(Errc::kConflict, "there is a manager already"));
  }
  Impl* const impl = impl_.get();
  const auto create = [impl, name, password]() -> Status {
    TALLY_TRY_ASSIGN(std::vector<PageUser> users, load_users(impl->options.data_dir));
    if (std::ranges::any_of(users, is_manager)) {
      return make_error(Errc::kConflict, "there is a manager already");
    }
    TALLY_TRY_ASSIGN(const std::string hash, hash_password(password, impl->random));
    users.push_back({name, kManagerRole, hash});
    return save_users(impl->options.data_dir, users);
  };
  impl->start_job(reply, [impl, create, name, request, reply, done = std::move(done)] {
    const Status status = create();
    reply.resume([impl, status, name, request, done] {
      if (!status) {
        return done(status.error());
      }
      impl->has_manager = true;
      impl->has_users = true;
      kLog.info("manager_created");
      done(impl->signed_in_answer(request, name, kManagerRole).headers);
    });
  });
}

void PageAccess::end_all_sessions() {
  impl_->sessions.close_all();
}

}  // namespace tally::shell
