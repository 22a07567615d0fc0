// Runs a terminal script: lines in, devices driven, JSON events out (docs/formats/script.md). A
// command has been carried out, drawn and reported before the next line is taken; only waits take
// time. Main loop only; its writes to standard output may block, which is the reader's choice.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "core/base/result.hpp"

#include "firmware/observer.hpp"
#include "firmware/script_command.hpp"
#include "firmware/sim_devices.hpp"
#include "firmware/terminal.hpp"
#include "transport/asio_loop.hpp"

namespace tally::firmware {

class ScriptRunner final : public Observer {
 public:
  static constexpr std::size_t kFileBytesMax = 1024 * 1024;

  struct Ready {
    std::int64_t start_ms = 0;
    TerminalId terminal;
    Incarnation incarnation;
    std::uint64_t records = 0;
    std::optional<std::string> page_link;
  };

  /// Opens the script: a path, or "-" for standard input. Events go to the descriptor `out`.
  /// `quit` is called once, when the script has ended. Errors: kNotFound, kExhausted (a file larger
  /// than kFileBytesMax).
  static Result<std::unique_ptr<ScriptRunner>> open(const std::string& source,
                                                    asio::io_context& main,
                                                    SimDevices& devices,
                                                    int out,
                                                    std::function<void()> quit);
  ScriptRunner(const ScriptRunner&) = delete;
  ScriptRunner& operator=(const ScriptRunner&) = delete;
  ~ScriptRunner() override;

  /// Says that the terminal takes keys and begins with the first line.
  void start(Terminal& terminal, const Ready& ready);
  /// The last event. Takes no line afterwards.
  void finish(int code);

  bool had_error() const { return had_error_; }

 private:
  ScriptRunner(asio::io_context& main, SimDevices& devices, int out, std::function<void()> quit);

  void on_view(const sale::CheckoutView& before,
               const sale::CheckoutView& now,
               std::int64_t t_us) override;
  void on_printed(const std::string& receipt_number,
                  const std::vector<std::string>& record_codes,
                  std::size_t job_bytes) override;
  void on_sound(hal::Sound sound) override;
  void on_device() override;
  void on_progress() override;

  void next();
  void post_next();
  void read_more();
  void take_line(std::string_view line);
  void end();

  /// A wait in progress.
  struct Wait {
    std::function<bool()> done;
    std::function<std::string()> describe;  ///< What is, in words, when the time is over.
    std::string command;
    std::uint64_t line = 0;
    std::int64_t since_us = 0;
    bool is_sleep = false;
  };
  void begin_wait(std::string command,
                  Duration timeout,
                  std::function<bool()> done,
                  std::function<std::string()> describe,
                  bool is_sleep = false);
  void wait_over(bool in_time);

  void carry_out(const script::PressKeys& command);
  void carry_out(const script::ScanText& command);
  void carry_out(const script::ScanPicture& command);
  void carry_out(const script::Tap& command);
  void carry_out(const script::WaitScreen& command);
  void carry_out(const script::WaitLink& command);
  void carry_out(const script::WaitSynced& command);
  void carry_out(const script::WaitApplied& command);
  void carry_out(const script::SetDevice& command);
  void carry_out(const script::Sleep& command);
  void carry_out(const script::TellState& command);
  void carry_out(const script::SavePicture& command);
  void carry_out(const script::SavePaper& command);
  void carry_out(const script::Note& command);
  void carry_out(const script::Quit& command);

  void tell_scan(const char* source, std::int64_t t_us, const Status& status);
  void save(const std::string& path, const Result<Bytes>& png);
  void fail(const char* error, const std::string& text);
  void tell_status(std::int64_t t_us);
  void emit(const char* event, std::int64_t t_us, nlohmann::ordered_json fields);
  nlohmann::ordered_json status_fields() const;

  asio::io_context& main_;
  SimDevices& devices_;
  int out_;
  std::function<void()> quit_;
  Terminal* terminal_ = nullptr;

  std::unique_ptr<asio::posix::stream_descriptor> input_;  ///< Standard input only.
  bool input_ended_ = false;
  bool next_posted_ = false;
  bool reading_ = false;
  std::string chunk_;
  std::string buffer_;  ///< Read, not yet taken.
  std::uint64_t line_ = 0;
  bool skipping_long_line_ = false;
  std::optional<Wait> wait_;
  asio::steady_timer wait_timer_;
  std::string told_status_;  ///< As JSON, so that nothing is said twice.
  bool running_ = false;
  bool ended_ = false;
  bool out_broken_ = false;
  bool had_error_ = false;
};

}  // namespace tally::firmware
