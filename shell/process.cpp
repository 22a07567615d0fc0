#include "shell/process.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <utility>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

namespace tally::shell {

Instant system_now() {
  using namespace std::chrono;
  timespec boot{};
  ::clock_gettime(CLOCK_BOOTTIME, &boot);
  return {{duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()},
          {boot.tv_sec * 1000 + boot.tv_nsec / 1'000'000}};
}

std::string build_version(std::string_view version) {
#ifdef __OPTIMIZE__
  constexpr const char* kKind = "release";
#else
  constexpr const char* kKind = "debug";
#endif
  return std::string(version) + " (gcc " __VERSION__ ", " + kKind + ")";
}

struct CommandLine::Impl {
  std::string program;
  std::string version;
  CLI::App app;
  std::filesystem::path config_file;
  std::filesystem::path data_directory;
  bool print_config = false;
};

CommandLine::CommandLine(std::string program, std::string_view version, std::string purpose)
    : impl_(std::make_unique<Impl>()) {
  impl_->version = program + " " + build_version(version);
  impl_->program = std::move(program);
  CLI::App& app = impl_->app;
  app.name(impl_->program);
  app.description(std::move(purpose));
  app.set_help_flag("--help,-h", "Show this and stop.");
  app.set_version_flag("--version", impl_->version, "Show the version and stop.");
  app.add_option("--config", impl_->config_file, "Read this configuration file.")
      ->type_name("FILE");
  app.add_option("--data", impl_->data_directory, "Keep databases and keys in this directory.")
      ->type_name("DIR");
  app.add_flag("--print-config", impl_->print_config, "Show every key with its default and stop.");
}

CommandLine::~CommandLine() = default;

void CommandLine::flag(const std::string& name, bool& variable, const std::string& help) {
  impl_->app.add_flag(name, variable, help);
}

void CommandLine::option(const std::string& name, std::string& variable, const std::string& help) {
  impl_->app.add_option(name, variable, help)->type_name("TEXT");
}

void CommandLine::option(const std::string& name, std::int64_t& variable, const std::string& help) {
  impl_->app.add_option(name, variable, help)->type_name("NUMBER");
}

std::optional<int> CommandLine::read(int argc, const char* const* argv, ConfigReader& keys) {
  try {
    impl_->app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = impl_->app.exit(error, std::cout, std::cerr);
    return code == 0 ? 0 : 2;
  }
  if (impl_->print_config) {
    std::cout << keys.default_file();
    return 0;
  }
  if (impl_->data_directory.empty()) {
    const char* state = std::getenv("STATE_DIRECTORY");
    impl_->data_directory = state == nullptr ? "" : state;
  }
  const std::vector<std::string> problems =
      impl_->config_file.empty() ? keys.read_nothing() : keys.read_file(impl_->config_file);
  for (const std::string& problem : problems) {
    std::cerr << impl_->program << ": " << problem << "\n";
  }
  return problems.empty() ? std::nullopt : std::optional(2);
}

const std::filesystem::path& CommandLine::config_file() const {
  return impl_->config_file;
}
const std::filesystem::path& CommandLine::data_directory() const {
  return impl_->data_directory;
}

void restrict_process() {
  ::umask(077);
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): cannot fail for these arguments.
}

Result<DataDirectory> DataDirectory::open(const std::filesystem::path& path) {
  if (path.empty()) {
    return make_error(Errc::kInvalid, "no data directory was given (--data DIR)");
  }
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return make_error(errno == EACCES || errno == EPERM ? Errc::kDenied : Errc::kUnavailable,
                      "the data directory cannot be made",
                      errno);
  }
  const int lock = ::open((path / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) {
    return make_error(errno == EACCES || errno == EPERM ? Errc::kDenied : Errc::kUnavailable,
                      "the data directory cannot be used",
                      errno);
  }
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    ::close(lock);
    return make_error(Errc::kConflict, "another process uses the data directory", code);
  }
  return DataDirectory(path, lock);
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) {
    ::close(lock_);
  }
}

StopSignals::StopSignals(asio::io_context& io, std::function<void()> stop)
    : signals_(io, SIGTERM, SIGINT), stop_(std::move(stop)) {
  wait();
}

void StopSignals::wait() {
  signals_.async_wait([this](const std::error_code& error, int) {
    if (error) {
      return;
    }
    if (!stop_) {
      std::_Exit(1);
    }
    wait();
    std::exchange(stop_, nullptr)();
  });
}

ServiceNotifier::ServiceNotifier(asio::io_context& io, std::function<bool()> is_alive)
    : timer_(io), is_alive_(std::move(is_alive)) {
  std::uint64_t watchdog_us = 0;
  if (::sd_watchdog_enabled(0, &watchdog_us) > 0) {
    interval_us_ = watchdog_us / 2;
    arm();
  }
}

void ServiceNotifier::arm() {
  timer_.expires_after(std::chrono::microseconds(interval_us_));
  timer_.async_wait([this](const std::error_code& error) {
    if (error) {
      return;
    }
    if (is_alive_()) {
      ::sd_notify(0, "WATCHDOG=1");
    }
    arm();
  });
}

void ServiceNotifier::ready() {
  ::sd_notify(0, "READY=1");
}

void ServiceNotifier::status(const std::string& text) {
  ::sd_notify(0, ("STATUS=" + text.substr(0, text.find('\n'))).c_str());
}

void ServiceNotifier::stopping() {
  ::sd_notify(0, "STOPPING=1");
}

}  // namespace tally::shell
