// Log lines for people and machines: key=value pairs on standard error, one line an event.
//
//   time=2026-11-22T01:30:00.123Z level=info part=link event=terminal_connected terminal=101
//
// Rule: no personal data and no secrets. Members appear as ids, never names, phone numbers, codes
// or card numbers; requests as route and status, never bodies; keys and tokens not at all. Any
// thread may log. Under systemd the time is left out (the journal has it) and each line starts with
// the journal's level mark.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace tally::shell {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

/// One `key=value` of a line. Values are escaped and cut at 512 bytes.
class Field {
 public:
  Field(std::string_view key, std::string_view value);
  Field(std::string_view key, const char* value) : Field(key, std::string_view(value)) {}
  Field(std::string_view key, const std::string& value) : Field(key, std::string_view(value)) {}
  Field(std::string_view key, bool value) : Field(key, value ? "yes" : "no") {}
  template <std::integral T>
  Field(std::string_view key, T value) : key_(key), value_(std::to_string(value)) {}
  /// The cause's name, what was wrong, the library's code and where.
  Field(std::string_view key, const Error& error);

  std::string_view key() const { return key_; }
  /// Ready to print: quoted when it must be.
  const std::string& value() const { return value_; }

 private:
  std::string_view key_;
  std::string value_;
};

using LogFields = std::initializer_list<Field>;

/// The log of one part of a program ("link", "pages", "journal"). Cheap to make and copy.
class Log {
 public:
  /// `part` must be a literal.
  explicit constexpr Log(const char* part) : part_(part) {}

  /// `event` is a word in snake_case that never changes: people search for it.
  void debug(std::string_view event, LogFields fields = {}) const;
  void info(std::string_view event, LogFields fields = {}) const;
  void warning(std::string_view event, LogFields fields = {}) const;
  void error(std::string_view event, LogFields fields = {}) const;

 private:
  void write(LogLevel level, std::string_view event, LogFields fields) const;

  const char* part_;
};

/// Lines below `level` are not written. May be called at any time; starts at kInfo.
void set_log_level(LogLevel level);
LogLevel log_level();
/// "debug", "info", "warning" or "error"; kInfo for anything else.
LogLevel log_level_from(std::string_view name);

/// Sends lines (without line break) to `sink` in place of standard error, for tests; nullptr
/// undoes.
void set_log_sink(std::function<void(std::string_view)> sink);

/// How a value is written: as it is, or quoted with \" \\ \n \t \xNN escapes.
std::string log_value(std::string_view value);

}  // namespace tally::shell
