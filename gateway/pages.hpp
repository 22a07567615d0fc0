// The gateway's page: routes, live events, set-up. Handlers come on the HTTP server's thread and
// hand over to the link loop (what the store looks like) or to the set-up thread (files).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "gateway/setup.hpp"
#include "gateway/view_json.hpp"
#include "shell/loop.hpp"
#include "shell/metrics.hpp"
#include "shell/page_access.hpp"
#include "transport/http/server.hpp"

namespace tally::gateway {

class Pages {
 public:
  struct Options {
    Settings settings;
    std::filesystem::path data_dir;
    std::string software;
    std::string node;  ///< "gateway 11" or the serial number: the page's head.
    std::string language;
    PageFacts facts;
  };

  /// Gives the present overview and terminals to the callback, on any thread and any time later.
  using Source =
      std::function<void(std::function<void(std::string overview, std::string terminals)>)>;

  /// Starts the server. `source`, `setup` and `metrics` must outlive it. Errors: those of
  /// PageAccess::open() and Server::start().
  static Result<std::unique_ptr<Pages>> start(Options options,
                                              Source source,
                                              Setup& setup,
                                              const shell::Metrics& metrics,
                                              crypto::RandomSource& random);
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages();

  std::uint16_t port() const { return server_->port(); }
  /// The one-time link to print, when nobody has a password yet.
  Result<std::optional<std::string>> first_link() { return access_->first_link(port()); }
  void stop();

 private:
  Pages(Options options, Source source, Setup& setup);
  Status open(const shell::Metrics& metrics, crypto::RandomSource& random);
  void add_store_routes(transport::http::Routes& routes);
  void add_setup_routes(transport::http::Routes& routes);
  void tick();
  void publish(const std::string& overview, const std::string& terminals);

  Options options_;
  Source source_;
  Setup& setup_;
  std::unique_ptr<shell::PageAccess> access_;
  transport::http::EventStream events_;
  std::unique_ptr<transport::http::Server> server_;

  // On the set-up thread.
  shell::Loop loop_{"setup"};
  asio::steady_timer timer_{loop_.io()};
  std::string last_overview_;
  std::string last_terminals_;
  std::uint64_t ticks_ = 0;
};

}  // namespace tally::gateway
