#include "firmware/program.hpp"

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/temporary_directory.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;

namespace {

struct Outcome {
  int code = -1;
  std::string said;  ///< On standard error.
};

/// Runs the program as far as it gets; only for command lines that end before it runs.
Outcome start(const std::vector<std::string>& words) {
  std::vector<const char*> argv = {"tally-terminal"};
  for (const std::string& word : words) {
    argv.push_back(word.c_str());
  }
  std::ostringstream caught;
  std::streambuf* const before = std::cerr.rdbuf(caught.rdbuf());
  Outcome outcome;
  outcome.code = firmware::run_terminal(static_cast<int>(argv.size()), argv.data(), "0.0.0");
  std::cerr.rdbuf(before);
  outcome.said = caught.str();
  return outcome;
}

}  // namespace

struct ProgramTest : Utest {
  tests::TemporaryDirectory folder;

  std::string write_config(const std::string& text) {
    const std::string file = folder.file("terminal.toml");
    std::ofstream(file) << text;
    return file;
  }
  void refuse(const std::vector<std::string>& words, int code, const std::string& part) {
    const Outcome outcome = start(words);
    LONGS_EQUAL(code, outcome.code);
    CHECK_TEXT(outcome.said.find(part) != std::string::npos, outcome.said.c_str());
  }
};

TEST_GROUP_BASE(Program, ProgramTest){};

TEST(Program, UnknownKey_IsRefusedWithFileAndLine) {
  const std::string file = write_config("store_name = \"x\"\nbogus = 1\n");
  refuse({"--config", file, "--data", folder.path()}, 2, file + ":2:");
}

TEST(Program, ValueOutOfRange_IsRefusedWithFileAndLine) {
  const std::string file = write_config("[display]\nwidth = 17\n");
  refuse({"--config", file, "--data", folder.path()}, 2, file + ":2:");
}

TEST(Program, PaperThatIsNoMultipleOf8_IsRefused) {
  const std::string file = write_config("[printer]\ndots_per_line = 381\n");
  refuse({"--config", file, "--data", folder.path()}, 2, "multiple of 8");
}

TEST(Program, UnknownDevices_AreRefused) {
  refuse({"--hal", "imagined", "--data", folder.path()}, 2, "--hal sim");
}

TEST(Program, MissingIdentity_SaysWhatToDo) {
  const std::string file = write_config("");
  refuse({"--config", file, "--data", folder.path()}, 2, "tally provision");
}

TEST(Program, MissingFonts_SayWhatToDo) {
  const std::string file = write_config("[display]\nfonts = \"/nowhere\"\n");
  refuse({"--config", file, "--data", folder.path()}, 2, "tally_fonts");
}

TEST(Program, NoDataDirectory_IsRefused) {
  refuse({"--no-page"}, 2, "--data");
}
