#include "shell/process.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include <sys/stat.h>

// Last: the harness redefines new, which standard headers do not bear.
#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::shell;

TEST_GROUP(Process) {
  std::filesystem::path folder;
  std::stringstream out;
  std::stringstream err;
  std::uint16_t port = 8443;
  bool new_link = false;
  std::filesystem::path data;

  void setup() override {
    char name[] = "/tmp/tally-process-XXXXXX";
    folder = ::mkdtemp(name);
    ::unsetenv("STATE_DIRECTORY");
  }
  void teardown() override {
    std::filesystem::remove_all(folder);
  }

  std::optional<int> read(std::vector<const char*> arguments) {
    ConfigReader keys("tally-test");
    keys.section("pages", "Pages.").integer("port", port, {0, 65535}, "Port.");
    CommandLine line("tally-test", "1.2.3", "For tests.");
    line.flag("--new-link", new_link, "Print a link.");
    arguments.insert(arguments.begin(), "tally-test");
    std::streambuf* const old_out = std::cout.rdbuf(out.rdbuf());
    std::streambuf* const old_err = std::cerr.rdbuf(err.rdbuf());
    const std::optional<int> code =
        line.read(static_cast<int>(arguments.size()), arguments.data(), keys);
    std::cout.rdbuf(old_out);
    std::cerr.rdbuf(old_err);
    data = line.data_directory();
    return code;
  }
};

TEST(Process, Options_AreRead) {
  std::ofstream(folder / "c.toml") << "[pages]\nport = 1\n";
  const std::string file = (folder / "c.toml").string();
  CHECK(read({"--config", file.c_str(), "--data", "/d", "--new-link"}) == std::nullopt);
  LONGS_EQUAL(1, port);
  CHECK_TRUE(new_link);
  CHECK(data == "/d");
}

TEST(Process, DataDirectory_FromSystemd_IsTheDefault) {
  ::setenv("STATE_DIRECTORY", "/var/lib/tally-test", 1);
  CHECK(read({}) == std::nullopt);
  CHECK(data == "/var/lib/tally-test");
}

TEST(Process, HelpVersionAndDefaults_GoToStandardOutput) {
  CHECK(read({"--version"}) == 0);
  CHECK(out.str().starts_with("tally-test 1.2.3 (gcc "));
  CHECK(read({"--help"}) == 0);
  CHECK(out.str().find("--print-config") != std::string::npos);
  CHECK(out.str().find("--new-link") != std::string::npos);
  CHECK(read({"--print-config"}) == 0);
  CHECK(out.str().find("port = 8443") != std::string::npos);
  CHECK(err.str().empty());
}

TEST(Process, WrongUse_IsExitCodeTwo) {
  CHECK(read({"--nonsense"}) == 2);
  CHECK(read({"--config"}) == 2);
  CHECK(read({"extra"}) == 2);
  CHECK(read({"--config", "/nonexistent"}) == 2);
  std::ofstream(folder / "c.toml") << "[pages]\nprot = 1\n";
  const std::string file = (folder / "c.toml").string();
  CHECK(read({"--config", file.c_str()}) == 2);
  CHECK(err.str().find(file + ":2:1: unknown key 'pages.prot'; did you mean 'pages.port'?") !=
        std::string::npos);
}

TEST(Process, DataDirectory_InUse_IsRefused) {
  {
    const auto mine = DataDirectory::open(folder / "data");
    CHECK(mine.has_value());
    struct stat status {};
    ::stat((folder / "data").c_str(), &status);
    LONGS_EQUAL(0700, status.st_mode & 0777);
    CHECK(DataDirectory::open(folder / "data").error().code == Errc::kConflict);
  }
  CHECK(DataDirectory::open(folder / "data").has_value());
  CHECK(DataDirectory::open("").error().code == Errc::kInvalid);
  CHECK(DataDirectory::open(folder / "a" / "b").error().code == Errc::kUnavailable);
  std::ofstream(folder / "file");
  CHECK(DataDirectory::open(folder / "file").error().code == Errc::kUnavailable);
}

TEST(Process, StopSignal_IsHandledOnTheLoop) {
  asio::io_context io;
  int stops = 0;
  const StopSignals signals(io, [&] {
    ++stops;
    io.stop();
  });
  std::raise(SIGTERM);
  io.run();
  LONGS_EQUAL(1, stops);
}

TEST(Process, ServiceNotifier_WithoutSystemd_DoesNothing) {
  asio::io_context io;
  ServiceNotifier notifier(io, [] { return true; });
  notifier.ready();
  notifier.status("serving\nsecond line");
  notifier.stopping();
  LONGS_EQUAL(0, io.run());
}
