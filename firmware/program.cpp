#include "firmware/program.hpp"

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <malloc.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "core/base/try.hpp"
#include "core/crypto/record_key.hpp"

#include "firmware/names.hpp"
#include "firmware/page.hpp"
#include "firmware/process_memory.hpp"
#include "firmware/script_runner.hpp"
#include "firmware/settings.hpp"
#include "firmware/sim_devices.hpp"
#include "firmware/terminal.hpp"
#include "firmware/view_json.hpp"
#include "shell/log.hpp"
#include "shell/process.hpp"
#include "transport/identity_files.hpp"
#include "transport/os_random.hpp"

namespace tally::firmware {

namespace {

constexpr shell::Log kLog("terminal");
constexpr std::uint16_t kKeyVersion = 1;

/// When this build was configured (firmware/CMakeLists.txt): no clock can be right and earlier.
constexpr WallTime kBuildTime{std::int64_t{TALLY_BUILD_EPOCH_S} * 1'000'000};

struct Choices {
  std::string hal = "sim";
  std::string script;
  bool no_page = false;
  bool new_link = false;
};

/// Says what is wrong and what to do, and gives the exit code for it.
int refuse(const std::string& what,
           const Error& error,
           const std::string& what_to_do,
           int code = 2) {
  std::cerr << "tally-terminal: " << what << ": " << describe(error) << "\n"
            << "  " << what_to_do << "\n";
  return code;
}

/// Frames and print jobs come and go: as mappings of their own they leave no holes behind. glibc
/// would raise the threshold after the first one is freed, and keep one heap a thread.
void keep_memory_small() {
  constexpr int kThresholdBytes = 128 * 1024;
  static_cast<void>(mallopt(M_MMAP_THRESHOLD, kThresholdBytes));
  static_cast<void>(mallopt(M_TRIM_THRESHOLD, kThresholdBytes));
  static_cast<void>(mallopt(M_ARENA_MAX, 1));
}

class Program {
 public:
  Program(Settings settings, Choices choices, std::filesystem::path data_dir, std::string version)
      : settings_(std::move(settings)),
        choices_(std::move(choices)),
        data_dir_(std::move(data_dir)),
        version_(std::move(version)),
        identity_dir_(settings_.identity_dir.empty() ? data_dir_ / "identity"
                                                     : settings_.identity_dir),
        devices_(settings_.display_width, settings_.display_height, settings_.printer_dots) {}

  /// Prepares every part; an exit code when that is not possible.
  std::optional<int> prepare();
  /// Until SIGTERM, SIGINT or the end of the script; the exit code.
  int run();

 private:
  std::optional<int> load_identity();
  std::optional<int> open_screen();
  std::optional<int> open_journal();
  std::optional<int> open_page();
  std::optional<int> open_script();
  node::TerminalConfig terminal_config();
  GatewayLink::Options link_options() const;
  Status connect_parts();
  void announce();

  Settings settings_;
  Choices choices_;
  std::filesystem::path data_dir_;
  std::string version_;
  std::filesystem::path identity_dir_;

  transport::OsRandom random_;
  shell::Metrics metrics_;
  asio::io_context main_{1};
  SimDevices devices_;
  std::optional<ui::Renderer> renderer_;
  transport::TlsIdentity identity_;
  record::RecordKey record_key_{};
  crypto::PublicKey oa_key_{};
  std::unique_ptr<JournalThread> journal_;
  node::TerminalSnapshot snapshot_;
  std::uint64_t records_ = 0;
  std::unique_ptr<Page> page_;
  std::unique_ptr<ScriptRunner> script_;
  std::unique_ptr<Terminal> terminal_;
};

std::optional<int> Program::prepare() {
  // The picture first: a cashier sees within a moment that the device is alive.
  if (const auto code = open_screen()) {
    return code;
  }
  if (const auto code = load_identity()) {
    return code;
  }
  if (const auto code = open_journal()) {
    return code;
  }
  if (const auto code = open_page()) {
    return code;
  }
  return open_script();
}

std::optional<int> Program::open_screen() {
  std::filesystem::path fonts = settings_.font_dir;
  if (fonts.empty()) {
    std::error_code ignored;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    fonts = program.parent_path().parent_path() / "share" / "fonts";
  }
  auto renderer = ui::Renderer::open(
      settings_.display_width, settings_.display_height, fonts, settings_.utc_offset_minutes * 60);
  if (!renderer) {
    return refuse("the screen's fonts in " + fonts.string() + " cannot be used",
                  renderer.error(),
                  "Build the target tally_fonts, or name the folder as display.fonts.");
  }
  renderer_.emplace(std::move(*renderer));
  sale::CheckoutView starting;
  starting.language = language_of(settings_.language).value_or(sale::Language::kZhCn);
  starting.status.now = devices_.clock.wall();
  hal::Frame frame;
  renderer_->draw(starting, frame);
  if (const Status shown = devices_.display.present(frame); !shown) {
    kLog.error("display_failed", {{"error", shown.error()}});
  }
  return std::nullopt;
}

std::optional<int> Program::load_identity() {
  auto identity = transport::load_tls_identity(identity_dir_, random_);
  if (!identity) {
    return refuse("this terminal's identity in " + identity_dir_.string() + " cannot be used",
                  identity.error(),
                  "Enrol it with `tally provision`, or name its folder as identity.directory.");
  }
  identity_ = std::move(*identity);
  if (identity_.self.role != Role::kTerminal) {
    return refuse("the identity in " + identity_dir_.string() + " is not a terminal's",
                  make_error(Errc::kInvalid, "the certificate is of another role"),
                  "Give this program the folder that was made for a terminal.");
  }
  auto key = transport::record_key_from_identity(identity_dir_, kKeyVersion, random_);
  if (!key) {
    return refuse("the record key of the identity in " + identity_dir_.string() + " cannot be made",
                  key.error(),
                  "Put the OA's oa-record.pub there (`tally provision` does).");
  }
  record_key_ = *key;
  auto oa = transport::oa_record_key_of(identity_dir_);
  if (!oa) {
    return refuse("the OA's public record key in " + identity_dir_.string() + " cannot be read",
                  oa.error(),
                  "Put the OA's oa-record.pub there (`tally provision` does).");
  }
  oa_key_ = *oa;
  return std::nullopt;
}

std::optional<int> Program::open_journal() {
  JournalThread::Options options;
  options.file = data_dir_ / "journal.db";
  options.terminal = TerminalId{identity_.self.node};
  options.incarnation = identity_.self.incarnation;
  auto journal = JournalThread::open(options, main_, snapshot_);
  if (!journal) {
    return refuse("the journal " + options.file.string() + " cannot be opened",
                  journal.error(),
                  journal.error().code == Errc::kConflict
                      ? "It belongs to another terminal or enrolment: never delete it, its records "
                        "may not have been sent. Give this terminal its own data directory."
                      : "Never delete it, its records may not have been sent. Check the disk, then "
                        "call the technician.",
                  1);
  }
  journal_ = std::move(*journal);
  records_ = snapshot_.head.seq.value;
  return std::nullopt;
}

std::optional<int> Program::open_page() {
  if (choices_.no_page) {
    return std::nullopt;
  }
  Page::Options options;
  options.address = settings_.page_address;
  options.port = settings_.page_port;
  options.files = settings_.page_files;
  options.data_dir = data_dir_;
  options.language = settings_.language;
  options.version = version_;
  options.terminal = TerminalId{identity_.self.node};
  options.incarnation = identity_.self.incarnation;
  auto page = Page::start(std::move(options), devices_, random_, metrics_);
  if (!page) {
    return refuse("the page cannot be served on " + settings_.page_address + ":" +
                      std::to_string(settings_.page_port),
                  page.error(),
                  "Choose another page.port, correct page.files, or start with --no-page.",
                  1);
  }
  page_ = std::move(*page);
  return std::nullopt;
}

std::optional<int> Program::open_script() {
  if (choices_.script.empty()) {
    return std::nullopt;
  }
  auto script =
      ScriptRunner::open(choices_.script, main_, devices_, STDOUT_FILENO, [this] { main_.stop(); });
  if (!script) {
    return refuse("the script " + choices_.script + " cannot be run",
                  script.error(),
                  "Name a file of commands (docs/formats/script.md), or - for standard input.");
  }
  script_ = std::move(*script);
  return std::nullopt;
}

node::TerminalConfig Program::terminal_config() {
  node::TerminalConfig config;
  config.terminal = TerminalId{identity_.self.node};
  config.incarnation = identity_.self.incarnation;
  config.store = identity_.self.store;
  ByteArray<8> boot{};
  random_.fill(boot);
  config.boot = BootId{load_be<std::uint64_t>(boot.data()) | 1};  // Never none.
  config.key = record_key_;
  config.key_version = kKeyVersion;
  config.oa_key = oa_key_;
  config.random = &random_;
  config.software = version_.substr(0, 32);
  config.language = language_of(settings_.language).value_or(sale::Language::kZhCn);
  config.cashier = CashierId{settings_.cashier};
  config.utc_offset_s = settings_.utc_offset_minutes * 60;
  config.build_time = kBuildTime;
  config.lookup_deadline = Duration{settings_.lookup_deadline_ms};
  config.authorise_deadline = Duration{settings_.authorise_deadline_ms};
  return config;
}

GatewayLink::Options Program::link_options() const {
  GatewayLink::Options options;
  options.target = {settings_.gateway_host, settings_.gateway_port, settings_.gateway_server_name};
  options.reconnect_min = Duration{settings_.reconnect_min_ms};
  options.reconnect_max = Duration{settings_.reconnect_max_ms};
  return options;
}

Status Program::connect_parts() {
  Terminal::Parts parts{terminal_config(),
                        devices_.devices(),
                        std::move(*renderer_),
                        std::move(journal_),
                        std::move(snapshot_),
                        settings_.store_name};
  terminal_ = std::make_unique<Terminal>(main_, std::move(parts), metrics_);
  if (page_) {
    terminal_->add_observer(*page_);
  }
  if (script_) {
    terminal_->add_observer(*script_);
  }
  transport::ClientTlsOptions tls_options;
  tls_options.session_directory = data_dir_;
  TALLY_TRY_ASSIGN(auto tls,
                   transport::TlsContext::client(
                       identity_,
                       [this] {
                         const node::TimeBracket bracket = terminal_->time_bracket();
                         return transport::TimeBracket{bracket.lo, bracket.hi};
                       },
                       random_,
                       tls_options));
  terminal_->start(std::move(tls), random_, link_options());
  return {};
}

// One line for whoever started this program. The link is a secret and goes nowhere else.
void Program::announce() {
  const std::optional<std::string> link = page_ ? page_->link() : std::nullopt;
  if (script_) {
    script_->start(*terminal_,
                   {process_age_ms(),
                    TerminalId{identity_.self.node},
                    identity_.self.incarnation,
                    records_,
                    link});
    return;
  }
  using Json = nlohmann::ordered_json;
  std::cout << to_line({{"event", "listening"},
                        {"page_port", page_ ? Json(page_->port()) : Json(nullptr)},
                        {"page_link", link ? Json(*link) : Json(nullptr)}})
            << std::endl;
}

int Program::run() {
  auto work = std::make_optional(asio::make_work_guard(main_));
  if (const Status connected = connect_parts(); !connected) {
    return refuse("the link cannot be prepared",
                  connected.error(),
                  "Check the files of the identity; `tally provision` makes them anew.");
  }
  std::optional<shell::StopSignals> signals;
  signals.emplace(main_, [this] { main_.stop(); });
  std::optional<shell::ServiceNotifier> notifier;
  notifier.emplace(main_, [this] { return terminal_->is_alive(); });
  const transport::TlsLibrary library = transport::tls_library();
  kLog.info("started",
            {{"terminal", identity_.self.node},
             {"incarnation", identity_.self.incarnation.value},
             {"store", identity_.self.store.value},
             {"records", records_},
             {"tls", library.name},
             {"software", version_}});
  if (!library.maintained) {
    kLog.warning("tls_library_unmaintained", {{"library", library.name}});
  }
  announce();
  notifier->ready();
  main_.run();

  notifier->stopping();
  terminal_->stop();
  // The goodbye to the gateway still needs the loop: until nothing is left to do, but not for long.
  notifier.reset();
  signals.reset();
  work.reset();
  main_.restart();
  main_.run_for(std::chrono::milliseconds(200));
  page_.reset();
  const int code = script_ && script_->had_error() ? 3 : 0;
  if (script_) {
    script_->finish(code);
  }
  kLog.info("stopped");
  return code;
}

}  // namespace

int run_terminal(int argc, const char* const* argv, std::string_view version) {
  Settings settings;
  Choices choices;
  shell::ConfigReader keys("tally-terminal");
  declare_settings(keys, settings);
  shell::CommandLine line("tally-terminal", version, "The terminal at a till.");
  line.option("--hal", choices.hal, "Devices: sim (simulated) is what this build has.");
  line.option("--script",
              choices.script,
              "Run the commands of a file, or of standard input with -, and write events.");
  line.flag("--no-page", choices.no_page, "Do not serve the simulated devices' page.");
  line.flag("--new-link", choices.new_link, "Print a fresh one-time link for the page and stop.");
  if (const std::optional<int> code = line.read(argc, argv, keys)) {
    return *code;
  }
  if (choices.hal != "sim") {
    std::cerr << "tally-terminal: --hal " << choices.hal
              << ": this build has simulated devices only; use --hal sim\n";
    return 2;
  }
  if (settings.printer_dots % 8 != 0) {
    std::cerr << line.config_file().string()
              << ": printer.dots_per_line: must be a multiple of 8\n";
    return 2;
  }
  keep_memory_small();
  shell::restrict_process();
  shell::set_log_level(shell::log_level_from(settings.log_level));
  if (choices.new_link) {
    transport::OsRandom random;
    const auto link = shell::PageAccess::new_link(
        line.data_directory(), random, shell::system_now, settings.page_port);
    if (!link) {
      return refuse("no link can be made", link.error(), "Name the data directory with --data.");
    }
    std::cout << *link << "\n";
    return 0;
  }
  auto data = shell::DataDirectory::open(line.data_directory());
  if (!data) {
    return refuse("the data directory cannot be used",
                  data.error(),
                  data.error().code == Errc::kConflict
                      ? "Another tally-terminal runs with it: stop that one first."
                      : "Name a directory of its own with --data.",
                  data.error().code == Errc::kInvalid ? 2 : 1);
  }
  Program program(std::move(settings), std::move(choices), data->path(), std::string(version));
  if (const std::optional<int> code = program.prepare()) {
    return *code;
  }
  return program.run();
}

}  // namespace tally::firmware
