#include "shell/config.hpp"

#include <filesystem>
#include <fstream>

#include <CppUTest/TestHarness.h>

using namespace tally::shell;

namespace {

struct Settings {
  std::string level = "info";
  bool is_demo = false;
  std::uint16_t port = 8443;
  std::int32_t heartbeat_ms = 5000;
  std::filesystem::path files = "/usr/share/tally";
  std::vector<std::string> hosts{"a", "b\"c"};
  std::string server_name;
};

}  // namespace

TEST_GROUP(Config) {
  Settings settings;
  ConfigReader keys{"tally-test"};

  void setup() override {
    keys.choice("level", settings.level, {"debug", "info"}, "How much is logged.");
    keys.section("pages", "Pages in a browser.");
    keys.integer("port", settings.port, {0, 65535}, "Port of the pages.");
    keys.flag("demo", settings.is_demo, "Says so on the page.");
    keys.path("files", settings.files, "Folder of the built pages.");
    keys.texts("host_names", settings.hosts, "Names of a reverse proxy.");
    keys.section("link.oa", "The office.");
    keys.integer("heartbeat_ms", settings.heartbeat_ms, {100, 60'000}, "Between signs of life.");
    keys.text("server_name", settings.server_name, "Name in the OA's certificate.");
  }
  std::string only_problem(const std::string& text) {
    const std::vector<std::string> problems = keys.read(text, "f.toml");
    LONGS_EQUAL(1, problems.size());
    return problems.empty() ? "" : problems.front();
  }
};

TEST(Config, EveryKey_GivenInAFile_IsRead) {
  CHECK(keys.read("level = 'debug'\n[pages]\nport = 0\ndemo = true\nfiles = '/x'\n"
                  "host_names = ['q']\n[link.oa]\nheartbeat_ms = 100\nserver_name = '张'\n",
                  "f")
            .empty());
  STRCMP_EQUAL("debug", settings.level.c_str());
  LONGS_EQUAL(0, settings.port);
  CHECK_TRUE(settings.is_demo);
  CHECK(settings.files == "/x");
  LONGS_EQUAL(1, settings.hosts.size());
  LONGS_EQUAL(100, settings.heartbeat_ms);
  STRCMP_EQUAL("张", settings.server_name.c_str());
}

TEST(Config, EmptyFile_KeepsDefaults) {
  CHECK(keys.read_nothing().empty());
  LONGS_EQUAL(8443, settings.port);
}

TEST(Config, DefaultFile_ReadBack_GivesTheDefaults) {
  const std::string text = keys.default_file();
  Settings other;
  std::swap(other, settings);
  settings = Settings{};
  settings.port = 1;
  settings.hosts = {};
  CHECK(keys.read(text, "f").empty());
  LONGS_EQUAL(8443, settings.port);
  LONGS_EQUAL(2, settings.hosts.size());
  STRCMP_EQUAL("b\"c", settings.hosts[1].c_str());
  CHECK(text.find("# Port of the pages.\n# 0 to 65535.\nport = 8443\n") != std::string::npos);
  CHECK(text.find("# One of [\"debug\", \"info\"].") != std::string::npos);
  CHECK(text.find("# The office.\n[link.oa]\n") != std::string::npos);
}

TEST(Config, UnknownKey_IsRefusedWithPlaceAndNearestName) {
  STRCMP_EQUAL(
      "f.toml:2:1: unknown key 'link.oa.hartbeat_ms'; did you mean 'link.oa.heartbeat_ms'?",
      only_problem("[link.oa]\nhartbeat_ms = 100\n").c_str());
  STRCMP_EQUAL("f.toml:1:1: unknown key 'port'; did you mean 'pages.port'?",
               only_problem("port = 1\n").c_str());
  STRCMP_EQUAL("f.toml:1:1: unknown key 'nothing_like_it'",
               only_problem("nothing_like_it = 1\n").c_str());
  CHECK(only_problem("[page]\nport = 1\n").find("unknown section 'page'; did you mean 'pages'?") !=
        std::string::npos);
}

TEST(Config, TextOnWhichTheParserGivesUp_IsRefusedWithItsLine) {
  using namespace std::string_literals;
  const std::string sentence =
      ":1: this line is not TOML: a name, a value or a [section] is not where it should be";
  STRCMP_EQUAL(("f.toml:1" + sentence).c_str(), only_problem("[#").c_str());
  STRCMP_EQUAL(("f.toml:1" + sentence).c_str(), only_problem("[\0"s).c_str());
  STRCMP_EQUAL(("f.toml:3" + sentence).c_str(),
               only_problem("level = 'info'\n[pages]\n[[#\nport = 1\n").c_str());
  STRCMP_EQUAL(("f.toml:2" + sentence).c_str(), only_problem("\n[!]").c_str());
}

TEST(Config, WrongType_IsRefused) {
  STRCMP_EQUAL("f.toml:2:8: 'pages.port' must be a whole number",
               only_problem("[pages]\nport = '1'\n").c_str());
  only_problem("[pages]\nport = 1.5\n");
  only_problem("[pages]\nport = true\n");
  only_problem("[pages]\nport = [1]\n");
  only_problem("[pages]\ndemo = 1\n");
  only_problem("[pages]\ndemo = 'true'\n");
  only_problem("level = 1\n");
  only_problem("[pages]\nhost_names = 'a'\n");
  only_problem("[pages]\nhost_names = ['a', 1]\n");
  only_problem("[pages.port]\nx = 1\n");
  only_problem("pages = 1\n");
}

TEST(Config, OutOfRange_IsRefused) {
  STRCMP_EQUAL("f.toml:2:8: 'pages.port' must be 0 to 65535",
               only_problem("[pages]\nport = 65536\n").c_str());
  only_problem("[pages]\nport = -1\n");
  only_problem("[link.oa]\nheartbeat_ms = 99\n");
  CHECK(only_problem("level = 'loud'\n").find("must be one of [\"debug\", \"info\"]") !=
        std::string::npos);
  only_problem("[link.oa]\nserver_name = '" + std::string(5000, 'x') + "'\n");
}

TEST(Config, BrokenToml_IsRefusedWithPlace) {
  CHECK(only_problem("level = 'info'\n[pages\n").starts_with("f.toml:2:"));
  only_problem("level = 'info'\nlevel = 'info'\n");
  only_problem("level = 'in\xff\xfe'\n");
  only_problem("a = " + std::string(100'000, '['));
}

TEST(Config, ManyProblems_AreAllNamedUpToTwenty) {
  std::string text;
  for (int i = 0; i < 30; ++i) {
    text += "unknown_" + std::to_string(i) + " = 1\n";
  }
  LONGS_EQUAL(20, keys.read(text, "f").size());
  LONGS_EQUAL(2, keys.read("x = 1\ny = 2\n", "f").size());
}

TEST(Config, RequiredKey_LeftOut_IsRefused) {
  std::string name;
  keys.text("store_name", name, "What the store is called.").required();
  LONGS_EQUAL(1, keys.read_nothing().size());
  CHECK(only_problem("").find("'link.oa.store_name' is missing") != std::string::npos);
  CHECK(keys.read("[link.oa]\nstore_name = 'x'\n", "f").empty());
  CHECK(keys.default_file().find("# store_name =\n") != std::string::npos);
}

TEST(Config, File_MissingOrTooLarge_IsRefused) {
  char name[] = "/tmp/tally-config-XXXXXX";
  const std::filesystem::path folder = ::mkdtemp(name);
  CHECK(keys.read_file(folder / "none").front().find("cannot be read") != std::string::npos);
  CHECK(keys.read_file(folder).front().find("cannot be read") != std::string::npos);
  std::ofstream(folder / "large") << std::string(ConfigReader::kFileBytesMax + 1, '\n');
  CHECK(keys.read_file(folder / "large").front().find("larger than") != std::string::npos);
  std::ofstream(folder / "good") << "level = 'debug'\n";
  CHECK(keys.read_file(folder / "good").empty());
  STRCMP_EQUAL("debug", settings.level.c_str());
  std::filesystem::remove_all(folder);
}
