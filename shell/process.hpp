// What every program does around its loops: read the command line and the configuration, restrict
// itself, own its data directory, tell systemd, stop cleanly. Used from main() on one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

#include "shell/config.hpp"
#include "transport/asio_loop.hpp"

namespace tally::shell {

/// Now, by the operating system's clocks.
Instant system_now();

/// "0.1.0 (gcc 12.2.0, release)": what --version prints after the program's name.
std::string build_version(std::string_view version);

/// The options that all programs share, and a program's own.
///
///   CommandLine line("tally-gateway", TALLY_VERSION, "The gateway of a store.");
///   line.flag("--new-link", new_link, "Print a fresh one-time link and stop.");
///   if (const std::optional<int> code = line.read(argc, argv, keys)) { return *code; }
class CommandLine {
 public:
  CommandLine(std::string program, std::string_view version, std::string purpose);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// A program's own options; the variables must outlive read().
  void flag(const std::string& name, bool& variable, const std::string& help);
  void option(const std::string& name, std::string& variable, const std::string& help);
  void option(const std::string& name, std::int64_t& variable, const std::string& help);

  /// Reads `--config FILE --data DIR --help --version --print-config` and the program's own, then
  /// the configuration into the fields of `keys`. nullopt: go on. Otherwise the exit code to
  /// return: 0 after --help, --version and --print-config (on standard output), 2 after saying what
  /// is wrong (on standard error). Without --data the directory is $STATE_DIRECTORY, if systemd
  /// set it.
  std::optional<int> read(int argc, const char* const* argv, ConfigReader& keys);

  const std::filesystem::path& config_file() const;
  /// Empty when none was given.
  const std::filesystem::path& data_directory() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Files made from here on are for their owner alone (umask 077), and a peer that goes away is an
/// error of that write and not the end of the process (SIGPIPE).
void restrict_process();

/// A data directory that no other process uses.
class DataDirectory {
 public:
  /// Makes the directory (0700) when it is missing and locks it. Errors: kInvalid (no path given),
  /// kConflict (another process has it), kDenied, kUnavailable.
  static Result<DataDirectory> open(const std::filesystem::path& path);
  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  const std::filesystem::path& path() const { return path_; }

 private:
  DataDirectory(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::filesystem::path path_;
  int lock_ = -1;
};

/// Calls `stop` once on the loop of `io` at SIGTERM or SIGINT; a second signal ends the process at
/// once. Lives until destroyed.
class StopSignals {
 public:
  StopSignals(asio::io_context& io, std::function<void()> stop);

 private:
  void wait();
  asio::signal_set signals_;
  std::function<void()> stop_;
};

/// Tells systemd (Type=notify) how the program is; does nothing when not started by systemd.
class ServiceNotifier {
 public:
  /// `is_alive` is asked on the loop of `io` at half the watchdog's interval (WatchdogSec); as long
  /// as it says yes systemd is told so. A loop that hangs is never asked, which is the point.
  ServiceNotifier(asio::io_context& io, std::function<bool()> is_alive);

  void ready();
  /// One line for `systemctl status`; no personal data.
  void status(const std::string& text);
  void stopping();

 private:
  void arm();
  asio::steady_timer timer_;
  std::function<bool()> is_alive_;
  std::uint64_t interval_us_ = 0;  ///< 0: no watchdog.
};

}  // namespace tally::shell
