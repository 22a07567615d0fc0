#include "tools/demo_data/command.hpp"

#include <charconv>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "core/base/iso_day.hpp"

#include "shell/process.hpp"
#include "tools/demo_data/progress.hpp"
#include "tools/demo_data/shelf.hpp"
#include "tools/demo_data/year.hpp"

namespace tally::tools {
namespace {

namespace fs = std::filesystem;
using demo::Passed;
using demo::Size;
using demo::Summary;

constexpr int kStoppedExit = 130;  // As a shell says of a program ended by Ctrl-C.

volatile std::sig_atomic_t g_stop = 0;

/// The first signal ends the run after its day, the second the process.
void ask_to_stop(int signal) {
  g_stop = 1;
  std::signal(signal, SIG_DFL);
}

struct Arguments {
  Size size;
  std::string until;
  std::string out;
  bool json = false;
};

[[noreturn]] void give_up(const std::string& why, int exit_code) {
  std::cerr << "tally demo-data: " << why << "\n";
  throw CLI::RuntimeError(exit_code);
}

/// A whole number between two others, said in one sentence when it is not.
CLI::Validator whole_number(std::uint64_t min, std::uint64_t max) {
  const std::string range =
      "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  return CLI::Validator(
      [=](const std::string& text) {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool good = error == std::errc() && end == text.data() + text.size() &&
                          value >= min && value <= max;
        return good ? std::string() : "'" + text + "' is not " + range;
      },
      std::to_string(min) + ".." + std::to_string(max));
}

CLI::Validator day_of_this_century() {
  return CLI::Validator(
      [](const std::string& text) {
        const auto day = parse_iso_day(text);
        const bool good =
            day && *day >= *parse_iso_day("2000-01-01") && *day <= *parse_iso_day("2099-12-31");
        return good ? std::string() : "'" + text + "' is not a day from 2000-01-01 to 2099-12-31";
      },
      "2000-01-01..2099-12-31");
}

fs::path directory_of(const Arguments& arguments) {
  if (arguments.out.empty()) {
    const fs::path usual = demo::usual_directory(arguments.size);
    if (usual.empty()) {
      give_up(
          "there is neither $XDG_CACHE_HOME nor $HOME to keep it in: name a directory with "
          "--out DIR",
          2);
    }
    return usual;
  }
  const fs::path wanted = fs::absolute(arguments.out).lexically_normal();
  return wanted.has_filename() ? wanted : wanted.parent_path();
}

void show(const Arguments& arguments,
          const Summary& summary,
          const fs::path& directory,
          bool made_now) {
  std::cout << (arguments.json
                    ? demo::summary_json(arguments.size, summary, directory.string(), made_now) +
                          "\n"
                    : demo::summary_text(arguments.size, summary, directory.string(), made_now));
}

std::string say_why(const Error& error, const fs::path& directory) {
  if (error.code == Errc::kExhausted) {
    return "the disk is full at " + directory.parent_path().string() +
           "; what was made has been removed. A record takes about 1 KB: free some space, ask for "
           "fewer --members or --days, or name a larger disk with --out DIR";
  }
  return directory.string() + ": " + describe(error);
}

Summary make(const Arguments& arguments, const fs::path& directory) {
  auto draft = demo::Draft::begin(directory);
  if (!draft) {
    give_up(say_why(draft.error(), directory), draft.error().code == Errc::kConflict ? 2 : 1);
  }
  if (draft->anew()) {
    std::cerr << "An unfinished run was here; starting anew.\n";
  }
  std::signal(SIGINT, ask_to_stop);
  std::signal(SIGTERM, ask_to_stop);
  demo::Progress progress(arguments.size.days, ::isatty(STDERR_FILENO) == 1);
  const auto began = std::chrono::steady_clock::now();
  const auto elapsed_ms = [began] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 began)
        .count();
  };
  auto made = demo::make_year(draft->path(), arguments.size, [&](const Passed& passed) {
    std::cerr << progress.text(passed, elapsed_ms()) << std::flush;
    return g_stop == 0;
  });
  std::cerr << progress.end() << std::flush;
  if (!made) {
    give_up(say_why(made.error(), directory), 1);
  }
  if (!*made) {
    give_up("stopped; what was made has been removed", kStoppedExit);
  }
  Summary summary = **made;
  summary.seconds = elapsed_ms() / 1'000;
  if (const Status finished = draft->finish(arguments.size, summary); !finished) {
    give_up(say_why(finished.error(), directory), 1);
  }
  return summary;
}

void run_demo_data(const Arguments& arguments) {
  shell::restrict_process();
  const fs::path directory = directory_of(arguments);
  const demo::Shelved there = demo::look_at(directory, arguments.size);
  if (!there.refusal.empty()) {
    give_up("--out: " + directory.string() + " " + there.refusal, 2);
  }
  if (there.summary) {
    show(arguments, *there.summary, directory, false);
    return;
  }
  show(arguments, make(arguments, directory), directory, true);
}

}  // namespace

void add_demo_data_command(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  arguments->until = iso_day_text(arguments->size.until);
  CLI::App* command = app.add_subcommand(
      "demo-data",
      "Make a year of a points programme that never was: an OA's data directory for demos, screens "
      "and measurements");
  command->add_option("--members", arguments->size.members, "How many members")
      ->check(whole_number(1, demo::kMembersMax))
      ->required();
  command->add_option("--days", arguments->size.days, "How many days")
      ->check(whole_number(1, demo::kDaysMax))
      ->required();
  command->add_option("--seed", arguments->size.seed, "The same seed gives the same ledger")
      ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->required();
  command->add_option("--stores", arguments->size.stores, "How many stores")
      ->check(whole_number(1, demo::kStoresMax))
      ->capture_default_str();
  command->add_option("--until", arguments->until, "The last day")
      ->check(day_of_this_century())
      ->capture_default_str();
  command
      ->add_option("--out",
                   arguments->out,
                   "Where to make it; otherwise in the user's cache, by its arguments")
      ->type_name("DIR");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->footer(
      "Made once: the same arguments again say at once where it is. The people are made up and the "
      "keys come from the seed: never for real members.\n"
      "Exit code: 0 it is there, 1 it could not be made, 2 the place holds something else, 130 "
      "stopped.");
  command->callback([arguments] {
    arguments->size.until = *parse_iso_day(arguments->until);
    run_demo_data(*arguments);
  });
}

}  // namespace tally::tools
