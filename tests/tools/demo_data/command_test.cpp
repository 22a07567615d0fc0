// `tally demo-data` as it is called: arguments refused by name, made once, nothing overwritten,
// nothing half done that looks finished.
#include "tools/demo_data/command.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "shell/process.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tools/demo_data/shelf.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::tools;
using nlohmann::json;

namespace fs = std::filesystem;

TEST_GROUP(DemoCommand) {
  tests::TemporaryDirectory directory{tests::TemporaryDirectory::in_memory()};
  std::string out = directory.file("demo");
  std::string said;   ///< On standard output.
  std::string wrong;  ///< On standard error, or by the refusal.

  /// The exit code.
  int run(std::vector<std::string> arguments) {
    CLI::App app;
    add_demo_data_command(app);
    std::ostringstream output;
    std::ostringstream errors;
    std::streambuf* const cout_before = std::cout.rdbuf(output.rdbuf());
    std::streambuf* const cerr_before = std::cerr.rdbuf(errors.rdbuf());
    int code = 0;
    std::string refusal;
    try {
      arguments.insert(arguments.begin(), "demo-data");
      std::reverse(arguments.begin(), arguments.end());
      app.parse(arguments);
    } catch (const CLI::RuntimeError& ended) {
      code = ended.get_exit_code();
    } catch (const CLI::ParseError& refused) {
      code = refused.get_exit_code();
      refusal = refused.what();
    }
    std::cout.rdbuf(cout_before);
    std::cerr.rdbuf(cerr_before);
    said = output.str();
    wrong = errors.str() + refusal;
    return code;
  }
  int make(const std::string& seed) {
    return run({"--members",
                "20",
                "--days",
                "5",
                "--seed",
                seed,
                "--stores",
                "2",
                "--until",
                "2026-03-01",
                "--out",
                out,
                "--json"});
  }
  void refuses(const std::string& option, const std::string& value, const std::string& range) {
    std::vector<std::string> arguments = {
        "--members", "20", "--days", "5", "--seed", "1", "--out", out};
    arguments.insert(arguments.end(), {option, value});
    CHECK_TRUE(run(arguments) != 0);
    CHECK_TRUE_TEXT(wrong.find(option) != std::string::npos, wrong.c_str());
    CHECK_TRUE_TEXT(wrong.find(range) != std::string::npos, wrong.c_str());
    CHECK_FALSE(fs::exists(out));
  }
};

TEST(DemoCommand, ArgumentsOutOfRange_AreNamedWithTheRange) {
  refuses("--stores", "0", "1 to 200");
  refuses("--stores", "201", "1 to 200");
  refuses("--until", "2026-02-30", "2000-01-01 to 2099-12-31");
  refuses("--until", "1999-12-31", "2000-01-01 to 2099-12-31");
  CHECK_TRUE(run({"--members", "0", "--days", "5", "--seed", "1"}) != 0);
  CHECK_TRUE_TEXT(wrong.find("--members: '0' is not a whole number from 1 to 1000000") == 0,
                  wrong.c_str());
  CHECK_TRUE(run({"--members", "5", "--days", "1097", "--seed", "1"}) != 0);
  CHECK_TRUE_TEXT(wrong.find("--days: '1097' is not a whole number from 1 to 1096") == 0,
                  wrong.c_str());
  CHECK_TRUE(run({"--members", "5", "--days", "1", "--seed", "18446744073709551616"}) != 0);
  CHECK_TRUE_TEXT(wrong.find("--seed") == 0, wrong.c_str());
  CHECK_TRUE(run({"--members", "5", "--days", "1"}) != 0);
  CHECK_TRUE_TEXT(wrong.find("--seed") == 0, wrong.c_str());
}

TEST(DemoCommand, SecondCall_FindsWhatTheFirstMade) {
  CHECK_EQUAL(0, make("3"));
  const json first = json::parse(said);
  CHECK_TRUE(first.at("made_now"));
  CHECK_EQUAL(20, first.at("members").get<int>());
  STRCMP_EQUAL(out.c_str(), first.at("directory").get<std::string>().c_str());
  const auto made_at = fs::last_write_time(out + "/ledger.db");
  CHECK_EQUAL(0, make("3"));
  json second = json::parse(said);
  CHECK_FALSE(second.at("made_now"));
  CHECK_TRUE(fs::last_write_time(out + "/ledger.db") == made_at);
  second["made_now"] = true;
  CHECK_TRUE(first == second);
  CHECK_FALSE(fs::exists(out + ".partial"));
  CHECK_FALSE(fs::exists(out + "/demo-data.unfinished"));
  CHECK_TRUE(fs::exists(out + "/tally-oa.toml"));
}

TEST(DemoCommand, PlaceOfAnotherDemoOrOfSomethingElse_IsLeftAlone) {
  CHECK_EQUAL(0, make("3"));
  CHECK_EQUAL(2, make("4"));
  CHECK_TRUE_TEXT(wrong.find("other arguments") != std::string::npos, wrong.c_str());
  CHECK_EQUAL(0, make("3"));
  fs::remove_all(out);
  fs::create_directory(out);
  std::ofstream(out + "/ledger.db") << "somebody's";
  CHECK_EQUAL(2, make("3"));
  CHECK_TRUE_TEXT(wrong.find("nothing is overwritten") != std::string::npos, wrong.c_str());
  CHECK_EQUAL(10, static_cast<int>(fs::file_size(out + "/ledger.db")));
  fs::remove_all(out);
  std::ofstream{out};
  CHECK_EQUAL(2, make("3"));
}

TEST(DemoCommand, UnfinishedRun_IsStartedAnewAndSaidSo) {
  fs::create_directory(out + ".partial");
  std::ofstream(out + ".partial/demo-data.unfinished") << "x";
  std::ofstream(out + ".partial/ledger.db") << "half a ledger";
  CHECK_EQUAL(0, make("3"));
  CHECK_TRUE_TEXT(wrong.find("starting anew") != std::string::npos, wrong.c_str());
  CHECK_TRUE(json::parse(said).at("made_now"));
  CHECK_FALSE(fs::exists(out + ".partial"));
}

TEST(DemoCommand, PartialOfSomebodyElseOrInUse_IsLeftAlone) {
  fs::create_directory(out + ".partial");
  std::ofstream(out + ".partial/letter.txt") << "dear";
  CHECK_EQUAL(2, make("3"));
  CHECK_TRUE(fs::exists(out + ".partial/letter.txt"));
  fs::remove_all(out + ".partial");
  const auto running = shell::DataDirectory::open(out + ".partial");
  CHECK_TRUE(running.has_value());
  CHECK_EQUAL(2, make("3"));
  CHECK_FALSE(fs::exists(out));
}

TEST(DemoCommand, DirectoryThatCannotBeMade_IsNamedAndNothingIsLeft) {
  std::ofstream(directory.file("file")) << "x";
  out = directory.file("file") + "/demo";
  CHECK_EQUAL(1, make("3"));
  CHECK_TRUE_TEXT(wrong.find(out) != std::string::npos, wrong.c_str());
}

TEST(DemoCommand, DraftThatIsNotFinished_LeavesNothing) {
  {
    auto draft = demo::Draft::begin(out);
    CHECK_TRUE(draft.has_value());
    CHECK_FALSE(draft->anew());
    std::ofstream(draft->path() / "ledger.db") << "half";
    CHECK_TRUE(fs::exists(out + ".partial/ledger.db"));
  }
  CHECK_FALSE(fs::exists(out + ".partial"));
  CHECK_FALSE(fs::exists(out));
}

TEST(DemoCommand, UsualDirectory_NamesEveryArgument) {
  ::setenv("XDG_CACHE_HOME", "/somewhere", 1);
  STRCMP_EQUAL("/somewhere/tallystick/demo-v1-m20-d5-s3-k2-2026-10-31",
               demo::usual_directory({20, 5, 3, 2}).c_str());
  ::unsetenv("XDG_CACHE_HOME");
}
