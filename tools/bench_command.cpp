#include "tools/bench_command.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

namespace tally::tools {
namespace {

std::filesystem::path folder_of_program() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

// Replaces this process. Comes back only when the program is not there.
[[noreturn]] void become(const std::vector<std::string>& command, const char* what_to_do) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command) {
    arguments.push_back(const_cast<char*>(word.c_str()));  // NOLINT: execv's signature
  }
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  std::fprintf(stderr, "tally: cannot start %s: %s\n", command[0].c_str(), what_to_do);
  std::exit(2);
}

std::vector<std::string> with_rest(std::vector<std::string> command, const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining();
  command.insert(command.end(), rest.begin(), rest.end());
  return command;
}

}  // namespace

void add_bench_command(CLI::App& app) {
  CLI::App* bench =
      app.add_subcommand("bench", "Measure the real programs (needs the source tree)");
  bench->require_subcommand(1);
  CLI::App* terminal =
      bench->add_subcommand("terminal", "Scan to approved, start and memory: --sales N, --json");
  terminal->allow_extras();
  terminal->set_help_flag();
  terminal->callback([terminal] {
    const std::string script = std::string(TALLY_SOURCE_DIR) + "/tests/bench/terminal_bench.py";
    become(
        with_rest({"/usr/bin/python3", script, "--bin", folder_of_program().string()}, *terminal),
        "Python is missing: apt-get install python3");
  });
  CLI::App* directory = bench->add_subcommand(
      "directory", "Member directory of a gateway: --members N, --look-ups N, --json");
  directory->allow_extras();
  directory->set_help_flag();
  directory->callback([directory] {
    become(with_rest({(folder_of_program() / "tally-bench-directory").string()}, *directory),
           "build it first: cmake --build build --target tally-bench-directory");
  });
  CLI::App* program = bench->add_subcommand(
      "program", "Evaluations of a sale with every rule on: --evaluations N, --json");
  program->allow_extras();
  program->set_help_flag();
  program->callback([program] {
    become(with_rest({(folder_of_program() / "tally-bench-program").string()}, *program),
           "build it first: cmake --build build --target tally-bench-program");
  });
  CLI::App* sim = app.add_subcommand(
      "sim", "Simulate a fleet with faults: --seeds A..B, --hours H, --jobs J, --json, --help");
  sim->allow_extras();
  sim->set_help_flag();
  sim->callback([sim] {
    become(with_rest({(folder_of_program() / "tally-sim").string()}, *sim),
           "build it first: cmake --build build --target tally-sim");
  });
}

}  // namespace tally::tools
