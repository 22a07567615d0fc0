#include "tests/crash/sweep.hpp"

#include <filesystem>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/assert.hpp"

#include "tests/crash/opened.hpp"
#include "tests/crash/subsets.hpp"

namespace tally::crash {
namespace {

constexpr int kStepsAfter = 4;      ///< Of the day, after a recovery.
constexpr int kStepsWhileFull = 2;  ///< Before there is room again.
constexpr unsigned kCopySecondsMax = 120;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = a * 0x9e3779b97f4a7c15U + b;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  return z ^ (z >> 31);
}

/// The lock of a database belongs to the open file, which a copied process shares with the
/// original: the copy lets go of it, because it will open the database again.
void let_go_of_locks() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry.path(), gone).string();
    if (target.ends_with("-lock")) {
      ::flock(std::stoi(entry.path().filename().string()), LOCK_UN);
    }
  }
}

/// A copy that met a write error noted it beside the database; the original did not meet it.
void forget_write_error(const std::string& path) {
  if (const int fd = ::open((path + "-lock").c_str(), O_WRONLY | O_CLOEXEC); fd >= 0) {
    TALLY_ASSERT(::pwrite(fd, "v", 1, 0) == 1);
    ::close(fd);
  }
}

}  // namespace

const char* name_of(Fault fault) {
  constexpr std::array kNames{"power-cut", "sync-error", "disk-full"};
  return kNames[static_cast<std::size_t>(fault)];
}

Sweep::Sweep(SweepSetup setup, Score& score) : setup_(std::move(setup)), score_(score) {}

void Sweep::run() {
  rehearse();
  perform();
}

void Sweep::rehearse() {
  const std::string directory = setup_.directory + "/rehearsal";
  std::filesystem::create_directory(directory);
  Mistakes mistakes;
  mistakes.gateway_restarts_stream = setup_.mistakes.gateway_restarts_stream;
  World world(directory, Day::cards(), mistakes);
  world.on_change = [&](Part part) {
    if (part == setup_.part) {
      prints_.resize(world.commits(part) + 1);
      prints_.back() = fingerprint(world.path_of(part));
      commit_of_print_.emplace(prints_.back(), prints_.size() - 1);
    }
  };
  Day day(world);
  day.open();
  day.run();
  places_ = world.disk(setup_.part).operations();
  const bool rests = day.close();
  const Verdict verdict = judge(world);
  score_.counts().stuck += rests ? 0U : 1U;
  score_.counts().lost += verdict.lost;
  score_.counts().doubled += verdict.doubled;
  score_.counts().corrupt += verdict.corrupt;
  for (const std::string& text : verdict.texts) {
    score_.say("without any fault: " + text);
  }
}

void Sweep::perform() {
  const std::string directory = setup_.directory + "/day";
  std::filesystem::create_directory(directory);
  for (const char* name : {"/scratch", "/after"}) {
    std::filesystem::create_directory(setup_.directory + name);
  }
  tests::FaultyDisk scratch(setup_.directory + "/scratch");
  scratch_ = &scratch;
  World world(directory, Day::cards(), setup_.mistakes);
  world_ = &world;
  Day day(world);
  day_ = &day;
  world.disk(setup_.part).on_operation([this](tests::DiskOperation operation) {
    on_operation(operation);
  });
  day.open();
  day.run();
  TALLY_ASSERT(!is_copy_);
}

void Sweep::on_operation(tests::DiskOperation operation) {
  const std::uint64_t place = world_->disk(setup_.part).operations();
  const bool fits =
      setup_.fault == Fault::kPowerCut ||
      (setup_.fault == Fault::kSyncError) == (operation == tests::DiskOperation::kSync);
  if (is_copy_ || !fits || fitting_++ % setup_.every != setup_.first) {
    return;
  }
  ++score_.counts().points;
  if (setup_.fault == Fault::kPowerCut) {
    in_copy(place, [&] { cut_power(place); });
  } else {
    // The copy goes on from here, into the fault, and ends in end_day().
    in_copy(place, [] {});
    if (is_copy_) {
      break_disk(place);
    } else {
      forget_write_error(world_->path_of(setup_.part));
    }
  }
  if (setup_.progress && !is_copy_) {
    setup_.progress(place, places_);
  }
}

void Sweep::in_copy(std::uint64_t place, const std::function<void()>& what) {
  const pid_t copy = ::fork();
  TALLY_ASSERT(copy >= 0);
  if (copy == 0) {
    is_copy_ = true;
    ::alarm(kCopySecondsMax);
    let_go_of_locks();
    if (setup_.fault != Fault::kPowerCut) {
      return;
    }
    what();
    ::_exit(0);
  }
  int status = 0;
  TALLY_ASSERT(::waitpid(copy, &status, 0) == copy);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    ++score_.counts().aborted;
    score_.say(place_text(place) + "the process ended by itself");
  }
}

std::string Sweep::place_text(std::uint64_t place) const {
  return std::string(name_of(setup_.part)) + ", " + name_of(setup_.fault) + " at operation " +
         std::to_string(place) + " (step " + std::to_string(day_->current()) + "): ";
}

void Sweep::cut_power(std::uint64_t place) {
  const tests::DiskImage image = world_->disk(setup_.part).image();
  const std::vector<tests::UnsyncedPart> parts = tests::unsynced_parts(image);
  const auto all = subsets(parts.size(), mix(setup_.seed, place));
  score_.counts().subsets += all.size();
  score_.counts().whole += parts.size() <= kSectorsWhole ? 1U : 0U;
  for (std::size_t n = 0; n < all.size(); ++n) {
    tests::DiskContent content = tests::after_power_cut(image, parts, all[n]);
    if (setup_.damages_disks) {
      for (auto& [name, bytes] : content) {
        if (!bytes.empty()) {
          bytes[mix(place, n) % bytes.size()] ^= 0x40;
        }
      }
    }
    look_at(place, content, n % 8 == 0);
  }
}

void Sweep::look_at(std::uint64_t place, const tests::DiskContent& content, bool adds_commit) {
  scratch_->load(content);
  ++score_.counts().recoveries;
  std::uint64_t print = 0;
  {
    Opened opened;
    if (const Status done = opened.open(setup_.part, scratch_path()); !done) {
      ++score_.counts().corrupt;
      score_.say(place_text(place) + "does not open again: " + done.error().what);
      return;
    }
    print = fingerprint(scratch_path());
    check_print(place, print);
    if (adds_commit && !opened.commit()) {
      ++score_.counts().corrupt;
      score_.say(place_text(place) + "takes no more commits");
    }
  }
  if (adds_commit) {
    check_next_commit(place, print);
  }
  const bool begins = world_->commits(setup_.part) == 0;
  const std::uint64_t moment =
      mix(world_->commits(setup_.part),
          begins ? place : static_cast<std::uint64_t>(world_->phase(setup_.part)));
  if (score_.is_new(mix(moment, print))) {
    in_copy(place, [&] { go_on(place, content); });
  }
}

void Sweep::check_print(std::uint64_t place, std::uint64_t print) {
  const std::uint64_t done = world_->commits(setup_.part);
  const Phase phase = world_->phase(setup_.part);
  const bool begins = done == 0 && phase == Phase::kOpening;
  const auto commit = commit_of_print_.find(print);
  const std::size_t newest = done + (phase == Phase::kCommit ? 1 : 0);
  if (!begins && commit == commit_of_print_.end()) {
    ++score_.counts().corrupt;
    score_.say(place_text(place) + "the database is none that there ever was");
  } else if (!begins && (commit->second < done || commit->second > newest)) {
    // Two commits may leave the same pages; the map then knows the first.
    if (print != prints_.at(done) && (newest >= prints_.size() || print != prints_[newest])) {
      ++score_.counts().lost;
      score_.say(place_text(place) + "is back at commit " + std::to_string(commit->second) +
                 " of " + std::to_string(done));
    }
  }
  if (score_.is_new(mix(print, 0x1d))) {
    if (const std::string damage = find_damage(scratch_path()); !damage.empty()) {
      ++score_.counts().corrupt;
      score_.say(place_text(place) + damage);
    }
  }
}

// What is written behind a torn end must be found again, too.
void Sweep::check_next_commit(std::uint64_t place, std::uint64_t print) {
  const tests::DiskImage image = scratch_->image();
  const auto parts = tests::unsynced_parts(image);
  const std::vector<tests::SectorFate> none(parts.size(), tests::SectorFate::kDropped);
  scratch_->load(tests::after_power_cut(image, parts, none));
  ++score_.counts().recoveries;
  Opened opened;
  if (!opened.open(setup_.part, scratch_path()) || fingerprint(scratch_path()) == print) {
    ++score_.counts().lost;
    score_.say(place_text(place) + "the commit after the recovery is lost");
  }
}

void Sweep::go_on(std::uint64_t place, const tests::DiskContent& content) {
  // A database of an earlier recovery may have noted a write error there; this one has not.
  std::error_code ignored;
  std::filesystem::remove_all(setup_.directory + "/after", ignored);
  std::filesystem::create_directory(setup_.directory + "/after");
  world_->restart(setup_.part, setup_.directory + "/after", content);
  if (day_->current() < 0) {
    day_->open();
  }
  const int last = day_->current() + kStepsAfter;
  day_->after_step = [last](int step) { return step >= last; };
  world_->pass(1'000);
  day_->run();
  end_day(place);
}

void Sweep::break_disk(std::uint64_t place) {
  tests::FaultyDisk& disk = world_->disk(setup_.part);
  const bool is_full = setup_.fault == Fault::kDiskFull;
  disk.fail_at(
      disk.operations(), is_full ? tests::DiskFault::kFull : tests::DiskFault::kIoError, is_full);
  const int begun = day_->current();
  day_->after_step = [this, place, begun](int step) {
    if (step >= begun + kStepsWhileFull) {
      world_->disk(setup_.part).clear_fault();
    }
    if (step >= begun + kStepsWhileFull + kStepsAfter || step == Day::kSteps - 1) {
      world_->disk(setup_.part).clear_fault();
      end_day(place);
      ::_exit(0);
    }
    return false;
  };
}

void Sweep::end_day(std::uint64_t place) {
  ++score_.counts().days;
  score_.counts().refused += world_->refused();
  if (!day_->close()) {
    ++score_.counts().stuck;
    score_.say(place_text(place) + "does not come to rest: " + world_->waits_for());
    return;
  }
  const Verdict verdict = judge(*world_);
  score_.counts().lost += verdict.lost;
  score_.counts().doubled += verdict.doubled;
  score_.counts().corrupt += verdict.corrupt;
  for (const std::string& text : verdict.texts) {
    score_.say(place_text(place) + text);
  }
}

}  // namespace tally::crash
