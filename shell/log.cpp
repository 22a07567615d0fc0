#include "shell/log.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tally::shell {
namespace {

constexpr std::size_t kValueBytesMax = 512;

struct LevelName {
  LogLevel level;
  std::string_view name;
  spdlog::level::level_enum spdlog_level;
  std::string_view journal_mark;  ///< sd-daemon(3).
};
constexpr std::array<LevelName, 4> kLevels{{
    {LogLevel::kDebug, "debug", spdlog::level::debug, "<7>"},
    {LogLevel::kInfo, "info", spdlog::level::info, "<6>"},
    {LogLevel::kWarning, "warning", spdlog::level::warn, "<4>"},
    {LogLevel::kError, "error", spdlog::level::err, "<3>"},
}};

const LevelName& name_of(LogLevel level) {
  return kLevels[static_cast<std::size_t>(level)];
}

/// systemd.exec(5): JOURNAL_STREAM is "device:inode" of the journal's end of standard error.
bool stderr_is_the_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  return stream != nullptr && ::fstat(STDERR_FILENO, &status) == 0 &&
         stream == std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

/// Standard error, or what set_log_sink() gave.
class LineSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void call_instead(std::function<void(std::string_view)> call) {
    const std::lock_guard lock(mutex_);
    call_ = std::move(call);
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string_view line(message.payload.data(), message.payload.size());
    if (call_) {
      return call_(line);
    }
    // One write a line: the lines of two processes do not mix.
    const std::string text = std::string(line) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
  void flush_() override { std::fflush(stderr); }

 private:
  std::function<void(std::string_view)> call_;
};

struct State {
  bool is_journal = stderr_is_the_journal();
  std::shared_ptr<LineSink> sink = std::make_shared<LineSink>();
  spdlog::logger logger{"tally", sink};

  State() {
    logger.set_level(spdlog::level::info);
    logger.flush_on(spdlog::level::debug);
  }
};

State& state() {
  static State* const instance = new State;  // Never destroyed: threads may log until the end.
  return *instance;
}

/// Made before main(), so that no test seems to leak it.
[[maybe_unused]] const State& kMadeEarly = state();

bool is_utf8_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

std::string now_text() {
  using namespace std::chrono;
  const auto now = floor<milliseconds>(system_clock::now());
  const auto second = floor<seconds>(now);
  const std::time_t since_1970 = system_clock::to_time_t(second);
  std::tm utc{};
  ::gmtime_r(&since_1970, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                     utc.tm_year + 1900,
                     utc.tm_mon + 1,
                     utc.tm_mday,
                     utc.tm_hour,
                     utc.tm_min,
                     utc.tm_sec,
                     (now - second).count());
}

}  // namespace

std::string log_value(std::string_view value) {
  std::string_view kept = value.substr(0, kValueBytesMax);
  while (kept.size() < value.size() && !kept.empty() && is_utf8_continuation(value[kept.size()])) {
    kept.remove_suffix(1);  // Never half a character.
  }
  std::string out;
  bool needs_quotes = kept.empty();
  for (const char c : kept) {
    const auto byte = static_cast<unsigned char>(c);
    needs_quotes |= byte <= 0x20 || byte == 0x7f || c == '"' || c == '\\' || c == '=';
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += byte < 0x20 || byte == 0x7f ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
    }
  }
  if (kept.size() < value.size()) {
    out += "...";
  }
  return needs_quotes ? '"' + out + '"' : out;
}

Field::Field(std::string_view key, std::string_view value) : key_(key), value_(log_value(value)) {}

Field::Field(std::string_view key, const Error& error) : Field(key, describe(error)) {}

void Log::debug(std::string_view event, LogFields fields) const {
  write(LogLevel::kDebug, event, fields);
}
void Log::info(std::string_view event, LogFields fields) const {
  write(LogLevel::kInfo, event, fields);
}
void Log::warning(std::string_view event, LogFields fields) const {
  write(LogLevel::kWarning, event, fields);
}
void Log::error(std::string_view event, LogFields fields) const {
  write(LogLevel::kError, event, fields);
}

void Log::write(LogLevel level, std::string_view event, LogFields fields) const {
  const LevelName& name = name_of(level);
  spdlog::logger& logger = state().logger;
  if (!logger.should_log(name.spdlog_level)) {
    return;
  }
  std::string line =
      state().is_journal ? std::string(name.journal_mark) : "time=" + now_text() + " ";
  line += fmt::format("level={} part={} event={}", name.name, part_, event);
  for (const Field& field : fields) {
    line += fmt::format(" {}={}", field.key(), field.value());
  }
  logger.log(name.spdlog_level, spdlog::string_view_t(line));
}

void set_log_level(LogLevel level) {
  state().logger.set_level(name_of(level).spdlog_level);
}

LogLevel log_level() {
  const auto level = state().logger.level();
  for (const LevelName& name : kLevels) {
    if (name.spdlog_level == level) {
      return name.level;
    }
  }
  return LogLevel::kInfo;
}

LogLevel log_level_from(std::string_view text) {
  for (const LevelName& name : kLevels) {
    if (name.name == text) {
      return name.level;
    }
  }
  return LogLevel::kInfo;
}

void set_log_sink(std::function<void(std::string_view)> sink) {
  state().sink->call_instead(std::move(sink));
}

}  // namespace tally::shell
