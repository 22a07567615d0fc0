#include "oa/program.hpp"

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/try.hpp"

#include "oa/pages.hpp"
#include "oa/runtime.hpp"
#include "oa/settings.hpp"
#include "shell/log.hpp"
#include "shell/page_json.hpp"
#include "shell/page_users.hpp"
#include "shell/process.hpp"
#include "transport/os_random.hpp"

namespace tally::oa {
namespace {

constexpr shell::Log kLog("oa");

class Program {
 public:
  Program(Settings settings, std::filesystem::path data_dir, std::string version)
      : settings_(std::move(settings)),
        data_dir_(std::move(data_dir)),
        version_(std::move(version)) {}

  /// Errors: those of the parts; kNotFound when the OA is not provisioned.
  Status start();
  /// Until SIGTERM or SIGINT.
  void run();
  void stop();

 private:
  Status announce();

  Settings settings_;
  std::filesystem::path data_dir_;
  std::string version_;
  transport::OsRandom random_;
  shell::Metrics metrics_;
  OaMetrics oa_metrics_{metrics_};
  asio::io_context main_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<Pages> pages_;
};

Status Program::start() {
  const transport::TlsLibrary library = transport::tls_library();
  if (!library.maintained) {
    kLog.warning("tls_library_unmaintained", {{"library", library.name}});
  }
  const auto or_below = [this](const std::filesystem::path& chosen, const char* folder) {
    return chosen.empty() ? data_dir_ / folder : chosen;
  };
  const std::filesystem::path identity_dir = or_below(settings_.identity_dir, "identity");
  Runtime::Options options;
  options.settings = settings_;
  options.data_dir = data_dir_;
  options.registry_dir = or_below(settings_.registry_dir, "registry");
  TALLY_TRY_ASSIGN(options.identity, transport::load_tls_identity(identity_dir, random_));
  TALLY_TRY_ASSIGN(crypto::P256KeyPair record_key,
                   transport::load_oa_record_key(identity_dir, random_));
  const std::filesystem::path ledger_file = data_dir_ / "ledger.db";
  const bool is_first_start = !std::filesystem::exists(ledger_file);
  TALLY_TRY_ASSIGN(Vault vault, Vault::open(data_dir_ / "master.key", is_first_start, random_));
  TALLY_TRY_ASSIGN(
      runtime_,
      Runtime::open(std::move(options), vault, std::move(record_key), random_, oa_metrics_));
  runtime_->start();

  Pages::Options pages;
  pages.settings = settings_;
  pages.data_dir = data_dir_;
  pages.ledger_file = ledger_file;
  pages.software = version_;
  pages.facts.language = settings_.language;
  pages.facts.store_names = store_names_from(settings_.store_names);
  pages.facts.tls_library = library.name;
  pages.facts.tls_maintained = library.maintained;
  pages.facts.utc_offset_s = settings_.utc_offset_minutes * 60;
  TALLY_TRY_ASSIGN(pages_,
                   Pages::start(std::move(pages), runtime_->ledger(), vault, metrics_, random_));
  kLog.info("started", {{"link_port", runtime_->link_port()}, {"software", version_}});
  return announce();
}

// One line for whoever started this program: where it listens, and the one-time link if nobody has
// a password yet. The link is a secret and goes nowhere else.
Status Program::announce() {
  TALLY_TRY_ASSIGN(const std::optional<std::string> link, pages_->first_link());
  const nlohmann::json line = {
      {"event", "listening"},
      {"link_port", runtime_->link_port()},
      {"page_port", pages_->port()},
      {"page_link", link ? nlohmann::json(*link) : nlohmann::json(nullptr)}};
  std::cout << shell::page_json_text(line) << std::endl;
  return {};
}

void Program::run() {
  const auto work = asio::make_work_guard(main_);
  shell::StopSignals signals(main_, [this] { main_.stop(); });
  shell::ServiceNotifier notifier(main_, [this] { return runtime_->is_alive(); });
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
    std::cerr << "tally-oa: " << describe(link.error()) << "\n";
    return 1;
  }
  std::cout << *link << "\n";
  return 0;
}

int set_user(const std::filesystem::path& data_dir, const std::string& name) {
  std::string password;
  std::getline(std::cin, password);
  transport::OsRandom random;
  if (const Status set = shell::set_user(data_dir, name, "clerk", password, random); !set) {
    std::cerr << "tally-oa: " << describe(set.error()) << "\n";
    return set.error().code == Errc::kInvalid ? 2 : 1;
  }
  return 0;
}

}  // namespace

int run_oa(int argc, const char* const* argv, std::string_view version) {
  Settings settings;
  shell::ConfigReader keys("tally-oa");
  declare_settings(keys, settings);
  shell::CommandLine line("tally-oa", version, "The office's server: ledger, members, console.");
  bool new_link = false;
  line.flag("--new-link", new_link, "Print a fresh one-time link for the console and stop.");
  std::string user;
  line.option("--set-user",
              user,
              "Give this user of the console the password on standard input, and stop.");
  if (const std::optional<int> code = line.read(argc, argv, keys)) {
    return *code;
  }
  shell::restrict_process();
  shell::set_log_level(shell::log_level_from(settings.log_level));
  if (new_link) {
    return print_new_link(line.data_directory(), settings);
  }
  if (!user.empty()) {
    return set_user(line.data_directory(), user);
  }
  const auto data = shell::DataDirectory::open(line.data_directory());
  if (!data) {
    std::cerr << "tally-oa: " << describe(data.error()) << "\n";
    return data.error().code == Errc::kInvalid ? 2 : 1;
  }
  Program program(std::move(settings), data->path(), std::string(version));
  if (const Status started = program.start(); !started) {
    kLog.error("not_started", {{"error", started.error()}});
    std::cerr << "tally-oa: " << describe(started.error()) << "\n";
    program.stop();
    return 1;
  }
  program.run();
  program.stop();
  return 0;
}

}  // namespace tally::oa
