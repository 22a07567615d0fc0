#include "tests/sim/runner.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <utility>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/assert.hpp"

#include "tests/sim/mutants.hpp"

namespace tally::sim {
namespace {

/// A seed on its way in a child process.
struct Child {
  pid_t pid = -1;
  int pipe = -1;
  std::uint64_t seed = 0;
  std::string packed;
};

std::filesystem::path scratch_folder() {
  std::error_code ignored;
  const bool memory = std::filesystem::is_directory("/dev/shm", ignored);
  return (memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path()) /
         ("tally-sim-" + std::to_string(::getpid()));
}

void write_all(int fd, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t count = ::write(fd, text.data() + at, text.size() - at);
    if (count <= 0) {
      return;
    }
    at += static_cast<std::size_t>(count);
  }
}

Child start(const FleetSetup& setup) {
  std::array<int, 2> ends{};
  TALLY_ASSERT(::pipe(ends.data()) == 0);
  std::fflush(stdout);
  std::fflush(stderr);
  const pid_t pid = ::fork();
  TALLY_ASSERT(pid >= 0);
  if (pid == 0) {
    ::close(ends[0]);
    write_all(ends[1], pack_report(run_seed(setup)));
    ::close(ends[1]);
    std::fflush(stderr);
    ::_exit(0);
  }
  ::close(ends[1]);
  return {pid, ends[0], setup.seed, {}};
}

/// Takes what the child wrote; true at its end.
bool read_some(Child& child) {
  std::array<char, 65536> buffer{};
  const ssize_t count = ::read(child.pipe, buffer.data(), buffer.size());
  if (count > 0) {
    child.packed.append(buffer.data(), static_cast<std::size_t>(count));
    return false;
  }
  return true;
}

SeedReport finish(Child& child) {
  ::close(child.pipe);
  int status = 0;
  ::waitpid(child.pid, &status, 0);
  // A child that died has not cleaned up behind itself.
  std::error_code ignored;
  std::filesystem::remove_all(
      scratch_folder().parent_path() / ("tally-sim-" + std::to_string(child.pid)), ignored);
  SeedReport report;
  if (!unpack_report(child.packed, report)) {
    report.seed = child.seed;
    report.violations.push_back(
        {"died",
         0,
         0,
         WIFSIGNALED(status) ? "the seed's process ended by signal " +
                                   std::to_string(WTERMSIG(status)) + "; what it said is above"
                             : "the seed's process ended before its report"});
  }
  return report;
}

}  // namespace

SeedReport run_seed(FleetSetup setup) {
  const auto started = std::chrono::steady_clock::now();
  const std::filesystem::path folder = scratch_folder();
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  std::filesystem::create_directories(folder);
  setup.folder = folder;
  SeedReport report = Fleet(setup).run();
  report.mutant_reached = mutant_reached();
  std::filesystem::remove_all(folder, ignored);
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return report;
}

SeedReport run_seed_apart(const FleetSetup& setup) {
  Child child = start(setup);
  while (!read_some(child)) {
  }
  return finish(child);
}

void run_seeds(const FleetSetup& setup,
               std::uint64_t first,
               std::uint64_t last,
               unsigned jobs,
               const std::function<void(const SeedReport&)>& done) {
  std::vector<Child> running;
  std::map<std::uint64_t, SeedReport> finished;  // Of seeds behind one that still runs.
  std::uint64_t next = first;
  std::uint64_t reported = first;
  while (next <= last || !running.empty()) {
    while (next <= last && running.size() < jobs) {
      FleetSetup one = setup;
      one.seed = next++;
      running.push_back(start(one));
    }
    std::vector<pollfd> waits;
    for (const Child& child : running) {
      waits.push_back({child.pipe, POLLIN, 0});
    }
    ::poll(waits.data(), waits.size(), -1);
    for (std::size_t i = waits.size(); i-- > 0;) {
      if (waits[i].revents != 0 && read_some(running[i])) {
        SeedReport report = finish(running[i]);
        finished.emplace(report.seed, std::move(report));
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    for (auto at = finished.find(reported); at != finished.end(); at = finished.find(reported)) {
      done(at->second);
      finished.erase(at);
      ++reported;
    }
  }
}

}  // namespace tally::sim
