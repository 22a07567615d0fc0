// tally-crash: stops the day of one store at every write (docs/testing.md, "Crash enumeration").
#include <array>
#include <cstdio>
#include <iostream>
#include <memory>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/crash/sweep.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tally::crash {
namespace {

constexpr std::array kFaults{Fault::kPowerCut, Fault::kSyncError, Fault::kDiskFull};

struct Arguments {
  std::vector<std::string> parts;
  std::vector<std::string> faults;
  std::uint64_t every = 1;
  std::uint64_t seed = 1;
  unsigned jobs = 1;
  bool json = false;
  bool progress = false;
  bool self_test = false;
};

struct Row {
  Part part = Part::kTerminal;
  Fault fault = Fault::kPowerCut;
  Score::Counts counts;
};

void show_progress(const SweepSetup& setup, std::uint64_t done, std::uint64_t all) {
  constexpr std::uint64_t kWidth = 40;
  static std::uint64_t shown = ~std::uint64_t{0};
  const std::uint64_t permille = all == 0 ? 1'000 : done * 1'000 / all;
  if (permille != shown) {
    shown = permille;
    const auto filled = static_cast<int>(permille * kWidth / 1'000);
    std::fprintf(stderr,
                 "\r%-8s %-10s [%.*s%*s] %3u.%u %%",
                 name_of(setup.part),
                 name_of(setup.fault),
                 filled,
                 "########################################",
                 static_cast<int>(kWidth) - filled,
                 "",
                 static_cast<unsigned>(permille / 10),
                 static_cast<unsigned>(permille % 10));
  }
}

/// One sweep in `jobs` processes that share its places.
Score::Counts sweep(const SweepSetup& wanted, unsigned jobs, std::vector<std::string>& texts) {
  std::vector<std::unique_ptr<Score>> scores;
  std::vector<std::unique_ptr<tests::TemporaryDirectory>> directories;
  std::vector<pid_t> workers;
  for (unsigned job = 0; job < jobs; ++job) {
    scores.push_back(std::make_unique<Score>());
    directories.push_back(std::make_unique<tests::TemporaryDirectory>());
    SweepSetup setup = wanted;
    setup.directory = directories.back()->path();
    setup.every = wanted.every * jobs;
    setup.first = wanted.first + job * wanted.every;
    if (job > 0) {
      setup.progress = nullptr;
    }
    const pid_t worker = ::fork();
    if (worker == 0) {
      Sweep(setup, *scores.back()).run();
      ::_exit(0);
    }
    workers.push_back(worker);
  }
  Score::Counts sum;
  for (unsigned job = 0; job < jobs; ++job) {
    int status = 0;
    ::waitpid(workers[job], &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      ++scores[job]->counts().aborted;
      scores[job]->say("the sweep itself ended early");
    }
    sum = sum + scores[job]->counts();
    for (const std::string& text : scores[job]->texts()) {
      texts.push_back(text);
    }
  }
  return sum;
}

bool clean(const Score::Counts& c) {
  return c.lost + c.doubled + c.corrupt + c.stuck + c.aborted == 0;
}

nlohmann::json json_of(const Score::Counts& c) {
  return {{"write_points", c.points},
          {"points_with_every_subset", c.whole},
          {"subsets", c.subsets},
          {"recoveries", c.recoveries},
          {"days_finished", c.days},
          {"sales_refused", c.refused},
          {"lost", c.lost},
          {"doubled", c.doubled},
          {"corrupt", c.corrupt},
          {"stuck", c.stuck},
          {"aborted", c.aborted}};
}

void print_row(const std::string& what, const Score::Counts& c) {
  std::printf(
      "%-20s %7llu write points (%llu with every subset), %llu subsets, %llu recoveries, "
      "%llu days finished, %llu sales refused: %llu lost, %llu doubled, %llu corrupt, %llu stuck, "
      "%llu aborted\n",
      what.c_str(),
      static_cast<unsigned long long>(c.points),
      static_cast<unsigned long long>(c.whole),
      static_cast<unsigned long long>(c.subsets),
      static_cast<unsigned long long>(c.recoveries),
      static_cast<unsigned long long>(c.days),
      static_cast<unsigned long long>(c.refused),
      static_cast<unsigned long long>(c.lost),
      static_cast<unsigned long long>(c.doubled),
      static_cast<unsigned long long>(c.corrupt),
      static_cast<unsigned long long>(c.stuck),
      static_cast<unsigned long long>(c.aborted));
}

int run_all(const Arguments& arguments) {
  std::vector<Row> rows;
  std::vector<std::string> texts;
  Score::Counts sum;
  for (const Part part : kParts) {
    for (const Fault fault : kFaults) {
      const auto wanted = [](const std::vector<std::string>& names, const char* name) {
        return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
      };
      if (!wanted(arguments.parts, name_of(part)) || !wanted(arguments.faults, name_of(fault))) {
        continue;
      }
      SweepSetup setup;
      setup.part = part;
      setup.fault = fault;
      setup.every = arguments.every;
      setup.seed = arguments.seed;
      if (arguments.progress) {
        setup.progress = [&setup](std::uint64_t done, std::uint64_t all) {
          show_progress(setup, done, all);
        };
      }
      rows.push_back({part, fault, sweep(setup, arguments.jobs, texts)});
      sum = sum + rows.back().counts;
      if (arguments.progress) {
        std::fprintf(stderr, "\r\033[K");
      }
      if (!arguments.json) {
        print_row(std::string(name_of(part)) + " " + name_of(fault), rows.back().counts);
      }
    }
  }
  if (arguments.json) {
    nlohmann::json json = json_of(sum);
    json["ok"] = clean(sum);
    json["findings"] = texts;
    for (const Row& row : rows) {
      nlohmann::json one = json_of(row.counts);
      one["store"] = name_of(row.part);
      one["fault"] = name_of(row.fault);
      json["sweeps"].push_back(std::move(one));
    }
    std::cout << json.dump(2) << "\n";
  } else {
    for (const std::string& text : texts) {
      std::printf("%s\n", text.c_str());
    }
    print_row("all", sum);
  }
  return clean(sum) && sum.points > 0 ? 0 : 1;
}

/// Seeds mistakes one by one; each must be noticed, and as what it is.
int run_self_test() {
  struct Seeded {
    const char* name;
    SweepSetup setup;
    std::uint64_t Score::Counts::*noticed_as;
  };
  std::vector<Seeded> all;
  for (const Part part : kParts) {
    SweepSetup lying;
    lying.part = part;
    lying.every = 401;
    lying.mistakes.disks_lie = true;
    all.push_back({"no sync at all", lying, &Score::Counts::lost});
    SweepSetup damaged;
    damaged.part = part;
    damaged.every = 1'201;
    damaged.damages_disks = true;
    all.push_back({"one byte changed", damaged, &Score::Counts::corrupt});
  }
  SweepSetup early;
  early.every = 151;
  early.mistakes.acknowledges_early = true;
  all.push_back({"acknowledged before the commit", early, &Score::Counts::lost});
  SweepSetup doubled;
  doubled.every = 100'003;
  doubled.mistakes.gateway_restarts_stream = true;
  all.push_back({"sent again under new ids", doubled, &Score::Counts::doubled});

  int missed = 0;
  for (const Seeded& seeded : all) {
    std::vector<std::string> texts;
    const Score::Counts counts = sweep(seeded.setup, 1, texts);
    const bool noticed = counts.*seeded.noticed_as > 0;
    missed += noticed ? 0 : 1;
    std::printf("%-8s %-32s %s: %s\n",
                name_of(seeded.setup.part),
                seeded.name,
                noticed ? "noticed" : "NOT NOTICED",
                texts.empty() ? "nothing was found" : texts.front().c_str());
  }
  return missed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tally::crash

int main(int argc, char** argv) {
  using namespace tally::crash;
  CLI::App app("Stops the day of one store at every write of every database");
  Arguments arguments;
  app.add_option("--store", arguments.parts, "terminal, gateway, oa; all unless said")
      ->check(CLI::IsMember({"terminal", "gateway", "oa"}));
  app.add_option("--fault", arguments.faults, "power-cut, sync-error, disk-full; all unless said")
      ->check(CLI::IsMember({"power-cut", "sync-error", "disk-full"}));
  app.add_option("--every", arguments.every, "One write of so many; 1 is the full enumeration")
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", arguments.seed, "Of the sampled subsets");
  app.add_option("--jobs", arguments.jobs, "Processes")->check(CLI::Range(1, 64));
  app.add_flag("--json", arguments.json, "One JSON object");
  app.add_flag("--progress", arguments.progress, "A bar on standard error");
  app.add_flag("--self-test", arguments.self_test, "Seeds mistakes that must be noticed");
  CLI11_PARSE(app, argc, argv);
  return arguments.self_test ? run_self_test() : run_all(arguments);
}
