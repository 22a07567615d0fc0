// The page of a simulated terminal (docs/formats/terminal-page.md): hands for keys, codes, cards
// and paper, eyes for the display. Handlers run on the HTTP server's thread and touch only the
// simulated devices, which may be filled from any thread; what belongs to the main loop is
// published from there.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "core/crypto/random_source.hpp"

#include "firmware/observer.hpp"
#include "firmware/sim_devices.hpp"
#include "shell/metrics.hpp"
#include "shell/page_access.hpp"
#include "transport/asio_loop.hpp"
#include "transport/http/server.hpp"

namespace tally::firmware {

class Page final : public Observer {
 public:
  struct Options {
    std::string address;
    std::uint16_t port = 0;
    std::filesystem::path files;
    std::filesystem::path data_dir;
    std::string language;
    std::string version;
    TerminalId terminal;
    Incarnation incarnation;
  };

  /// Listens. `devices`, `random` and `metrics` must outlive the page.
  /// Errors: those of PageAccess::open() and http::Server::start().
  static Result<std::unique_ptr<Page>> start(Options options,
                                             SimDevices& devices,
                                             crypto::RandomSource& random,
                                             const shell::Metrics& metrics);
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;
  ~Page() override;

  std::uint16_t port() const { return server_->port(); }
  const std::optional<std::string>& link() const { return link_; }

  void on_view(const sale::CheckoutView& before,
               const sale::CheckoutView& now,
               std::int64_t t_us) override;
  void on_printed(const std::string& receipt_number,
                  const std::vector<std::string>& record_codes,
                  std::size_t job_bytes) override;
  void on_sound(hal::Sound sound) override;
  void on_device() override;

 private:
  Page(Options options, SimDevices& devices);
  transport::http::Routes make_routes(const shell::Metrics& metrics);
  std::string devices_json() const;

  void get_info(transport::http::Request request, const transport::http::Reply& reply) const;
  void get_state(transport::http::Request request, const transport::http::Reply& reply) const;
  void get_display(const transport::http::Request& request,
                   const transport::http::Reply& reply) const;
  void get_paper(const transport::http::Request& request,
                 const transport::http::Reply& reply) const;
  void post_key(const transport::http::Request& request, const transport::http::Reply& reply);
  void post_scan(const transport::http::Request& request, const transport::http::Reply& reply);
  void post_tap(const transport::http::Request& request, const transport::http::Reply& reply);
  void post_device(const transport::http::Request& request, const transport::http::Reply& reply);
  void post_tear(const transport::http::Reply& reply);

  Options options_;
  SimDevices& devices_;
  transport::http::EventStream events_;
  std::atomic<std::shared_ptr<const std::string>> state_;  ///< Last `state` event.
  std::unique_ptr<shell::PageAccess> access_;
  std::unique_ptr<transport::http::Server> server_;
  std::optional<std::string> link_;
};

}  // namespace tally::firmware
