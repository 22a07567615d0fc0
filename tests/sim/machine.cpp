#include "tests/sim/machine.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace tally::sim {
namespace {

constexpr std::int64_t kTickMs = 250;
constexpr std::int64_t kIdleTickMaxMs = 30'000;
constexpr std::int64_t k2001Us = 978'307'200'000'000;

}  // namespace

WallTime WallClock::read(std::int64_t now_ms) const {
  const std::int64_t drifted_us = drift_ppm_ * (now_ms - drift_since_ms_) / 1'000;
  return WallTime{kWallAtStartUs + now_ms * 1'000 + offset_us_ + drifted_us};
}

void WallClock::drift(std::int64_t ppm, std::int64_t now_ms) {
  offset_us_ += drift_ppm_ * (now_ms - drift_since_ms_) / 1'000;
  drift_ppm_ = ppm;
  drift_since_ms_ = now_ms;
}

void WallClock::on_boot(std::int64_t now_ms) {
  if (dead_) {
    offset_us_ = k2001Us - kWallAtStartUs - now_ms * 1'000;
    drift_since_ms_ = now_ms;
  }
}

Machine::Machine(World& world, int number, std::string name)
    : Endpoint(number),
      world_(world),
      name_(std::move(name)),
      folder_((world.setup.folder / name_).string()),
      disk_(folder_) {
  std::filesystem::create_directories(folder_);
}

Instant Machine::now() const {
  const std::int64_t now_ms = world_.clockwork.now_ms();
  return {clock_.read(now_ms), BootTime{now_ms - started_ms_}};
}

link::SessionTimes Machine::session_times() const {
  link::SessionTimes times;
  times.heartbeat = Duration{world_.swarm.heartbeat_ms};
  times.idle = Duration{3 * world_.swarm.heartbeat_ms};
  return times;
}

void Machine::later(std::int64_t delay_ms, std::function<void()> what) {
  world_.clockwork.after(delay_ms, [this, generation = generation_, what = std::move(what)] {
    run(generation, what);
  });
}

void Machine::run(std::uint64_t generation, const std::function<void()>& what) {
  if (generation != generation_) {
    return;
  }
  const std::int64_t wait_ms = paused_until_ms_ - world_.clockwork.now_ms();
  if (wait_ms > 0) {
    world_.clockwork.after(wait_ms, [this, generation, what] { run(generation, what); });
    return;
  }
  what();
}

void Machine::on_bytes(std::uint64_t connection, const Bytes& bytes) {
  if (!running()) {
    return;
  }
  if (paused_until_ms_ > world_.clockwork.now_ms()) {
    later(0, [this, connection, bytes] { on_bytes(connection, bytes); });
    return;
  }
  take_bytes(connection, bytes);
  wake();
}

void Machine::on_broken(std::uint64_t connection) {
  if (!running()) {
    return;
  }
  if (paused_until_ms_ > world_.clockwork.now_ms()) {
    later(0, [this, connection] { on_broken(connection); });
    return;
  }
  take_broken(connection);
  wake();
}

void Machine::boot() {
  started_ms_ = world_.clockwork.now_ms();
  clock_.on_boot(started_ms_);
  tick_at_ms_.reset();
  schedule_tick(kTickMs);
}

void Machine::wake() {
  const std::int64_t at_ms = world_.clockwork.now_ms() + kTickMs;
  if (running() && (!tick_at_ms_ || *tick_at_ms_ > at_ms)) {
    schedule_tick(kTickMs);
  }
}

void Machine::schedule_tick(std::int64_t gap_ms) {
  tick_at_ms_ = world_.clockwork.now_ms() + gap_ms;
  later(gap_ms, [this, gap_ms, number = ++tick_number_] {
    if (number != tick_number_) {
      return;  // Something happened meanwhile and a nearer tick was set.
    }
    tick_at_ms_.reset();
    const std::uint64_t generation = generation_;
    const bool quiet = tick();
    if (generation != generation_ || tick_at_ms_) {
      return;
    }
    const std::int64_t idle_max = std::min(kIdleTickMaxMs, world_.swarm.heartbeat_ms / 4);
    schedule_tick(quiet ? std::min(2 * gap_ms, idle_max) : kTickMs);
  });
}

void Machine::die(tests::Unsynced unsynced, std::int64_t down_ms) {
  end_process(unsynced);
  world_.clockwork.after(down_ms, [this, generation = generation_] {
    if (generation == generation_) {
      power_on();
    }
  });
}

void Machine::unplug() {
  end_process(tests::Unsynced::kDropped);
}

void Machine::end_process(tests::Unsynced unsynced) {
  ++generation_;
  ++world_.report.crashes;
  paused_until_ms_ = 0;
  world_.network.host_died(this);
  if (unsynced != tests::Unsynced::kKept) {
    disk_.power_cut();
  }
  lose_process();
  if (unsynced != tests::Unsynced::kKept) {
    if (!disk_fails_) {
      disk_.clear_fault();
    }
    disk_.power_on(unsynced, world_.clockwork.random());
  }
  note("is down");
}

tests::DiskContent Machine::copy_disk() const {
  tests::DiskContent content;
  for (const auto& [name, file] : disk_.image().files) {
    if (file.on_platter) {
      content.emplace(name, file.platter);
    }
  }
  return content;
}

bool Machine::lost_power() {
  if (disk_.powered()) {
    return false;
  }
  const auto unsynced =
      world_.clockwork.chance(50) ? tests::Unsynced::kSome : tests::Unsynced::kDropped;
  die(unsynced, between(1'000, 90'000));
  return true;
}

void Machine::cut_power_soon() {
  const auto writes = static_cast<std::uint64_t>(between(0, 30));
  disk_.fail_at(disk_.operations() + writes, tests::DiskFault::kPowerCut);
}

void Machine::fail_disk(tests::DiskFault fault, std::int64_t for_ms) {
  const auto writes = static_cast<std::uint64_t>(between(0, 30));
  disk_.fail_at(disk_.operations() + writes, fault, for_ms > 0);
  disk_fails_ = true;
  world_.clockwork.after(for_ms, [this, number = ++disk_fault_number_] {
    if (number == disk_fault_number_) {
      disk_.clear_fault();
      disk_fails_ = false;
    }
  });
}

void Machine::pause(std::int64_t for_ms) {
  paused_until_ms_ = std::max(paused_until_ms_, world_.clockwork.now_ms() + for_ms);
}

void Machine::heal() {
  paused_until_ms_ = 0;
  ++disk_fault_number_;
  disk_fails_ = false;
  disk_.clear_fault();
  if (!running()) {
    ++generation_;  // Whatever it still waited for before it starts.
    later(between(1'000, 60'000), [this] { power_on(); });
  }
}

void Machine::judge_open_failure(const Error& error) {
  const bool failed_again = std::exchange(failures_before_, failures()) != failures();
  if (!disk_fails_ && !failed_again && disk_.powered()) {
    world_.verdict.violated("I5", name_ + " cannot open its database: " + error.what);
  }
}

std::uint64_t Machine::failures() const {
  const std::string path = path_of(database());
  return disk_.failures(path) + disk_.failures(path + "-wal");
}

void Machine::judge_commit() {
  if (failures() != failures_before_) {
    world_.verdict.violated("I5", name_ + " goes on with a database whose disk has failed it");
  }
}

void Machine::judge_commit_failure(const Error& error) {
  if (disk_.powered() && failures() == failures_before_) {
    world_.verdict.violated("I10",
                            name_ + " stops at what it was sent, its disk is well: " + error.what);
  }
}

}  // namespace tally::sim
