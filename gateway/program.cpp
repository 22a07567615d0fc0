#include "gateway/program.hpp"

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/try.hpp"

#include "gateway/link_metrics.hpp"
#include "gateway/pages.hpp"
#include "gateway/runtime.hpp"
#include "gateway/settings.hpp"
#include "gateway/setup.hpp"
#include "shell/log.hpp"
#include "shell/page_json.hpp"
#include "shell/process.hpp"
#include "transport/identity_files.hpp"
#include "transport/os_random.hpp"

namespace tally::gateway {
namespace {

constexpr shell::Log kLog("gateway");

class Program {
 public:
  Program(Settings settings, std::filesystem::path data_dir, std::string version)
      : settings_(std::move(settings)),
        data_dir_(std::move(data_dir)),
        version_(std::move(version)),
        identity_dir_(settings_.identity_dir.empty() ? data_dir_ / "identity"
                                                     : settings_.identity_dir) {}

  /// Starts everything that can be started. Errors: those of the parts.
  Status start();
  /// Until SIGTERM or SIGINT.
  void run();
  void stop();

 private:
  Status start_runtime();
  void restart_runtime();
  Status start_pages();
  Status announce();
  void show(const std::function<void(std::string, std::string)>& take);

  Settings settings_;
  std::filesystem::path data_dir_;
  std::string version_;
  std::filesystem::path identity_dir_;
  transport::OsRandom random_;
  shell::Metrics metrics_;
  LinkMetrics link_metrics_{metrics_};
  PageFacts facts_;

  asio::io_context main_;
  std::optional<SetupChoices> choices_;
  std::unique_ptr<Setup> setup_;
  std::unique_ptr<Runtime> runtime_;  ///< None until enrolled. Touched on the main thread only.
  std::unique_ptr<Pages> pages_;
};

Status Program::start() {
  const transport::TlsLibrary library = transport::tls_library();
  facts_ = {settings_.store_name, version_, library.name, library.maintained};
  if (!library.maintained) {
    kLog.warning("tls_library_unmaintained", {{"library", library.name}});
  }
  TALLY_TRY_ASSIGN(choices_, load_setup(data_dir_, settings_, random_));
  if (const Status started = start_runtime(); !started) {
    if (started.error().code != Errc::kNotFound) {
      return started;
    }
    kLog.warning("not_enrolled", {{"error", started.error()}, {"serial", choices_->serial}});
  }
  TALLY_TRY(start_pages());
  return announce();
}

Status Program::start_runtime() {
  Runtime::Options options;
  options.settings = settings_;
  options.data_dir = data_dir_;
  options.software = version_;
  TALLY_TRY_ASSIGN(options.identity, transport::load_tls_identity(identity_dir_, random_));
  if (const auto oa = chosen_oa(*choices_, settings_)) {
    options.oa = {oa->host, oa->port, oa->server_name};
  }
  TALLY_TRY_ASSIGN(runtime_, Runtime::open(std::move(options), link_metrics_));
  runtime_->start();
  const crypto::DeviceIdentity& self = runtime_->self();
  kLog.info("started",
            {{"gateway", self.node},
             {"incarnation", self.incarnation.value},
             {"store", self.store.value},
             {"link_port", runtime_->link_port()},
             {"software", version_}});
  return {};
}

void Program::restart_runtime() {
  runtime_.reset();
  if (const Status started = start_runtime(); !started) {
    kLog.error("not_started", {{"error", started.error()}});
  } else if (const Status announced = announce(); !announced) {
    kLog.error("not_announced", {{"error", announced.error()}});
  }
}

Status Program::start_pages() {
  Setup::Callbacks callbacks;
  callbacks.oa_chosen = [this](const OaAddress& oa) {
    asio::post(main_, [this, oa] {
      choices_->oa = oa;
      if (runtime_) {
        runtime_->use_oa({oa.host, oa.port, oa.server_name});
      }
    });
  };
  callbacks.enrolled = [this] { asio::post(main_, [this] { restart_runtime(); }); };
  callbacks.now = [] { return shell::system_now().wall; };
  setup_ = std::make_unique<Setup>(Setup::Options{settings_, data_dir_, identity_dir_},
                                   *choices_,
                                   random_,
                                   std::move(callbacks));
  Pages::Options options;
  options.settings = settings_;
  options.data_dir = data_dir_;
  options.software = version_;
  options.node =
      runtime_ ? "gateway " + std::to_string(runtime_->self().node) : "gateway " + choices_->serial;
  options.language = choices_->language.value_or(settings_.language);
  options.facts = facts_;
  TALLY_TRY_ASSIGN(pages_,
                   Pages::start(
                       std::move(options),
                       [this](const std::function<void(std::string, std::string)>& take) {
                         asio::post(main_, [this, take] { show(take); });
                       },
                       *setup_,
                       metrics_,
                       random_));
  return {};
}

void Program::show(const std::function<void(std::string, std::string)>& take) {
  if (runtime_) {
    runtime_->view([facts = facts_, take](const GatewayView& view) {
      take(overview_json(view, facts), terminals_json(view));
    });
    return;
  }
  const WallTime now = shell::system_now().wall;
  take(unenrolled_overview_json(now, settings_.utc_offset_minutes * 60, facts_),
       unenrolled_terminals_json(now));
}

// One line for whoever started this program: where it listens, and the one-time link if it is the
// first start. The link is a secret and goes nowhere else.
Status Program::announce() {
  TALLY_TRY_ASSIGN(const std::optional<std::string> link, pages_->first_link());
  const nlohmann::json line = {
      {"event", "listening"},
      {"link_port", runtime_ ? nlohmann::json(runtime_->link_port()) : nlohmann::json(nullptr)},
      {"page_port", pages_->port()},
      {"page_link", link ? nlohmann::json(*link) : nlohmann::json(nullptr)}};
  std::cout << shell::page_json_text(line) << std::endl;
  return {};
}

void Program::run() {
  const auto work = asio::make_work_guard(main_);
  shell::StopSignals signals(main_, [this] { main_.stop(); });
  shell::ServiceNotifier notifier(main_, [this] { return !runtime_ || runtime_->is_alive(); });
  notifier.ready();
  main_.run();
  notifier.stopping();
}

void Program::stop() {
  if (pages_) {
    pages_->stop();
  }
  if (runtime_) {
    runtime_->stop();
  }
  kLog.info("stopped");
}

int print_new_link(const std::filesystem::path& data_dir, const Settings& settings) {
  transport::OsRandom random;
  const auto link =
      shell::PageAccess::new_link(data_dir, random, shell::system_now, settings.page_port);
  if (!link) {
    std::cerr << "tally-gateway: " << describe(link.error()) << "\n";
    return 1;
  }
  std::cout << *link << "\n";
  return 0;
}

}  // namespace

int run_gateway(int argc, const char* const* argv, std::string_view version) {
  Settings settings;
  shell::ConfigReader keys("tally-gateway");
  declare_settings(keys, settings);
  shell::CommandLine line("tally-gateway", version, "The gateway of a store.");
  bool new_link = false;
  line.flag("--new-link", new_link, "Print a fresh one-time link for the page and stop.");
  if (const std::optional<int> code = line.read(argc, argv, keys)) {
    return *code;
  }
  shell::restrict_process();
  shell::set_log_level(shell::log_level_from(settings.log_level));
  if (new_link) {
    return print_new_link(line.data_directory(), settings);
  }
  const auto data = shell::DataDirectory::open(line.data_directory());
  if (!data) {
    std::cerr << "tally-gateway: " << describe(data.error()) << "\n";
    return data.error().code == Errc::kInvalid ? 2 : 1;
  }
  Program program(std::move(settings), data->path(), std::string(version));
  if (const Status started = program.start(); !started) {
    kLog.error("not_started", {{"error", started.error()}});
    std::cerr << "tally-gateway: " << describe(started.error()) << "\n";
    program.stop();
    return 1;
  }
  program.run();
  program.stop();
  return 0;
}

}  // namespace tally::gateway
