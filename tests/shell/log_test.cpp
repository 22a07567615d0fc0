#include "shell/log.hpp"

#include <string>
#include <vector>

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::shell;

TEST_GROUP(ShellLog) {
  std::vector<std::string> lines;

  void setup() override {
    set_log_level(LogLevel::kInfo);
    set_log_sink([this](std::string_view line) { lines.emplace_back(line); });
  }
  void teardown() override {
    set_log_sink(nullptr);
    set_log_level(LogLevel::kInfo);
    lines = {};
  }
};

TEST(ShellLog, Event_WithFields_IsOneKeyValueLine) {
  Log("link").info("terminal_connected",
                   {{"terminal", 101}, {"peer", "127.0.0.1:5"}, {"resumed", true}});
  LONGS_EQUAL(1, lines.size());
  CHECK(lines[0].starts_with("time=20"));
  CHECK(
      lines[0].ends_with("Z level=info part=link event=terminal_connected terminal=101 "
                         "peer=127.0.0.1:5 resumed=yes"));
}

TEST(ShellLog, Level_BelowTheSetOne_IsNotWritten) {
  const Log log("a");
  log.debug("quiet");
  set_log_level(LogLevel::kError);
  log.warning("quiet");
  log.error("loud");
  LONGS_EQUAL(1, lines.size());
  set_log_level(log_level_from("debug"));
  log.debug("loud");
  LONGS_EQUAL(2, lines.size());
  CHECK(log_level() == LogLevel::kDebug);
  CHECK(log_level_from("nonsense") == LogLevel::kInfo);
}

TEST(ShellLog, HostileValue_CannotForgeALineOrAField) {
  STRCMP_EQUAL("plain", log_value("plain").c_str());
  STRCMP_EQUAL("\"\"", log_value("").c_str());
  STRCMP_EQUAL("\"a b\"", log_value("a b").c_str());
  STRCMP_EQUAL("\"x level=error\"", log_value("x level=error").c_str());
  STRCMP_EQUAL("\"a\\n\\\"b\\\\\\x1b\\x00\"",
               log_value(std::string_view("a\n\"b\\\x1b\0", 7)).c_str());
}

TEST(ShellLog, LongValue_IsCutBetweenCharacters) {
  const std::string text = log_value(std::string(511, 'x') + "\xe5\xbc\xa0");
  STRCMP_EQUAL((std::string(511, 'x') + "...").c_str(), text.c_str());
}

TEST(ShellLog, Error_AsField_SaysCauseAndPlace) {
  Log("a").error("failed", {{"error", make_error(Errc::kCorrupt, "row is damaged", 7)}});
  CHECK(lines[0].find("error=\"corrupt: row is damaged (detail 7) at ") != std::string::npos);
}
