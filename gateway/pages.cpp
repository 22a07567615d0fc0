#include "gateway/pages.hpp"

#include <chrono>
#include <utility>

#include "core/base/try.hpp"

#include "gateway/request_body.hpp"
#include "shell/page_text.hpp"
#include "shell/process.hpp"

namespace tally::gateway {

using transport::http::EventStream;
using transport::http::Reply;
using transport::http::Request;
using transport::http::Response;
using transport::http::Routes;

namespace {

constexpr std::chrono::seconds kTick{1};
constexpr std::uint64_t kTicksToRepeat = 5;
constexpr std::size_t kListenersMax = 8;

EventStream::Limits event_limits() {
  EventStream::Limits limits;
  limits.subscribers_max = kListenersMax;
  return limits;
}

// What of a view changes without anything having happened.
std::string without_now(std::string json) {
  const auto at = json.find("\"now_us\":");
  if (at != std::string::npos) {
    json.erase(at, json.find_first_of(",}", at) - at);
  }
  return json;
}

}  // namespace

Pages::Pages(Options options, Source source, Setup& setup)
    : options_(std::move(options)),
      source_(std::move(source)),
      setup_(setup),
      events_(event_limits()) {}

Pages::~Pages() {
  stop();
}

void Pages::stop() {
  if (server_) {
    server_->stop();
  }
  loop_.stop();
}

Result<std::unique_ptr<Pages>> Pages::start(Options options,
                                            Source source,
                                            Setup& setup,
                                            const shell::Metrics& metrics,
                                            crypto::RandomSource& random) {
  std::unique_ptr<Pages> pages(new Pages(std::move(options), std::move(source), setup));
  TALLY_TRY(pages->open(metrics, random));
  return pages;
}

Status Pages::open(const shell::Metrics& metrics, crypto::RandomSource& random) {
  shell::PageAccessOptions access;
  access.service = "gateway";
  access.node = options_.node;
  access.software = options_.software;
  access.language = options_.language;
  access.is_demo = options_.settings.demo;
  access.needs_manager = true;
  access.link_role = "setup";
  access.data_dir = options_.data_dir;
  TALLY_TRY_ASSIGN(access_, shell::PageAccess::open(std::move(access), random, shell::system_now));

  Routes routes;
  access_->add_to(routes);
  add_store_routes(routes);
  add_setup_routes(routes);
  routes.on_public("GET", "/metrics", metrics.handler());
  routes.events("/api/store/events", events_);

  transport::http::Options server;
  server.address = options_.settings.page_address;
  server.port = options_.settings.page_port;
  server.static_dir = options_.settings.page_files;
  server.body_bytes_max = 64 * 1024;
  TALLY_TRY_ASSIGN(server_, transport::http::Server::start(std::move(server), std::move(routes)));
  loop_.post([this] { tick(); });
  loop_.start();
  return {};
}

void Pages::add_store_routes(Routes& routes) {
  routes.on("GET", "/api/store/overview", [this](Request, Reply reply) {
    source_(
        [reply](std::string overview, std::string) { reply(Response::json(std::move(overview))); });
  });
  routes.on("GET", "/api/store/terminals", [this](Request, Reply reply) {
    source_([reply](std::string, std::string terminals) {
      reply(Response::json(std::move(terminals)));
    });
  });
}

void Pages::add_setup_routes(Routes& routes) {
  const auto on =
      [&](const char* method, const char* path, Response (Setup::*answer)(const std::string&)) {
        routes.on(method, path, [this, answer](Request request, Reply reply) {
          const bool taken = loop_.post([this, answer, body = std::move(request.body), reply] {
            reply((setup_.*answer)(body));
          });
          if (!taken) {
            reply(Response::error(503, shell::page_text::kBusy));
          }
        });
      };
  routes.on("GET", "/api/setup", [this](Request, Reply reply) {
    loop_.post([this, reply] { reply(setup_.state()); });
  });
  on("POST", "/api/setup/language", &Setup::set_language);
  on("POST", "/api/setup/network", &Setup::set_network);
  on("POST", "/api/setup/oa", &Setup::set_oa);
  on("POST", "/api/setup/enrolment/request", &Setup::make_request);
  on("POST", "/api/setup/enrolment/certificate", &Setup::install_certificate);
  on("POST", "/api/setup/finish", &Setup::finish);
  routes.on("POST", "/api/setup/manager", [this](Request request, Reply reply) {
    RequestBody fields(request.body);
    std::string name = fields.text("name", 1, 64);
    std::string password = fields.text("password", 10, 256);
    if (!fields.is_good()) {
      reply(Response::error(400, shell::page_text::kBadRequest));
      return;
    }
    access_->create_manager(request,
                            std::move(name),
                            std::move(password),
                            reply,
                            [this, reply](Result<transport::http::Fields> headers) {
                              if (!headers) {
                                reply(Setup::manager_refused(headers.error()));
                                return;
                              }
                              loop_.post([this, reply, headers = std::move(*headers)] {
                                Response response = setup_.state();
                                response.headers.insert(
                                    response.headers.end(), headers.begin(), headers.end());
                                reply(std::move(response));
                              });
                            });
  });
}

void Pages::tick() {
  source_([this](std::string overview, std::string terminals) {
    loop_.post([this, overview = std::move(overview), terminals = std::move(terminals)] {
      publish(overview, terminals);
    });
  });
  timer_.expires_after(kTick);
  timer_.async_wait([this](const std::error_code& cancelled) {
    if (!cancelled) {
      tick();
    }
  });
}

void Pages::publish(const std::string& overview, const std::string& terminals) {
  const bool repeat = ++ticks_ % kTicksToRepeat == 0;
  const auto offer = [&](const char* name, const std::string& json, std::string& last) {
    std::string now = without_now(json);
    if (repeat || now != last) {
      events_.publish(name, json);
      last = std::move(now);
    }
  };
  offer("overview", overview, last_overview_);
  offer("terminals", terminals, last_terminals_);
}

}  // namespace tally::gateway
