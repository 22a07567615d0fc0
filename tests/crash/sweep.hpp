// Plays the day and makes it fail at one place after the other. At each place the process forks:
// the copy has the fault, recovers, goes on with the day, is judged and ends; the original goes on
// as if nothing had been. So a place costs what its recovery costs, not another day from the
// morning.
//
// A first run of the day without faults notes what each database looks like after each commit.
// After a power cut it must look like the last commit or, while one was being made, like that one:
// to the byte, in every page a reader sees. Anything older was acknowledged and is lost; anything
// else is corrupt.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/crash/day.hpp"
#include "tests/crash/judge.hpp"
#include "tests/crash/score.hpp"
#include "tests/crash/world.hpp"

namespace tally::crash {

enum class Fault : std::uint8_t {
  kPowerCut,   ///< At each write, truncation and sync.
  kSyncError,  ///< At each sync: EIO once, its pages count as written and are not.
  kDiskFull,   ///< At each write, and all after it for some sales.
};
const char* name_of(Fault fault);

struct SweepSetup {
  std::string directory;  ///< Empty and ours alone.
  Part part = Part::kTerminal;
  Fault fault = Fault::kPowerCut;
  std::uint64_t every = 1;  ///< One place of so many, beginning with `first`.
  std::uint64_t first = 0;
  std::uint64_t seed = 1;
  Mistakes mistakes;
  bool damages_disks = false;  ///< A mistake, too: each disk comes back with one byte changed.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress;
};

class Sweep {
 public:
  Sweep(SweepSetup setup, Score& score);

  void run();

 private:
  void rehearse();
  void perform();
  void on_operation(tests::DiskOperation operation);

  // In a process of its own from here on.
  void cut_power(std::uint64_t place);
  void look_at(std::uint64_t place, const tests::DiskContent& content, bool adds_commit);
  void check_print(std::uint64_t place, std::uint64_t print);
  void check_next_commit(std::uint64_t place, std::uint64_t print);
  void go_on(std::uint64_t place, const tests::DiskContent& content);
  void break_disk(std::uint64_t place);
  void end_day(std::uint64_t place);

  /// Runs `what` in a copy of this process and waits for its end.
  void in_copy(std::uint64_t place, const std::function<void()>& what);
  std::string place_text(std::uint64_t place) const;
  std::string scratch_path() const {
    return setup_.directory + "/scratch/" + World::file_of(setup_.part);
  }

  SweepSetup setup_;
  Score& score_;
  std::vector<std::uint64_t>
      prints_;  ///< After each commit of the part, from its first opening on.
  std::unordered_map<std::uint64_t, std::size_t> commit_of_print_;
  std::uint64_t places_ = 0;   ///< Operations of the whole day.
  std::uint64_t fitting_ = 0;  ///< Operations so far that the fault can happen to.

  World* world_ = nullptr;
  Day* day_ = nullptr;
  tests::FaultyDisk* scratch_ = nullptr;
  bool is_copy_ = false;
};

}  // namespace tally::crash
