// What a terminal, a gateway and the OA have in common as machines: a disk with faults, a clock of
// their own, a power plug, a process that can be stopped for a while, and ticks as often as there
// is something to wait for.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/time.hpp"
#include "core/link/session.hpp"

#include "tests/sim/network.hpp"
#include "tests/sim/world.hpp"
#include "tests/support/faulty_disk.hpp"

namespace tally::sim {

/// A clock chip: set wrong, too fast or too slow, or dead, so that each boot begins in 2001.
class WallClock {
 public:
  WallTime read(std::int64_t now_ms) const;
  void jump(std::int64_t by_us) { offset_us_ += by_us; }
  void drift(std::int64_t ppm, std::int64_t now_ms);
  void die() { dead_ = true; }
  void on_boot(std::int64_t now_ms);

 private:
  std::int64_t offset_us_ = 0;
  std::int64_t drift_ppm_ = 0;
  std::int64_t drift_since_ms_ = 0;
  bool dead_ = false;
};

class Machine : public Endpoint {
 public:
  Machine(World& world, int number, std::string name);

  virtual void power_on() = 0;
  virtual bool running() const = 0;

  /// Ends the process at once and starts it again after `down_ms`. What was written and not synced
  /// is then as `unsynced` says.
  void die(tests::Unsynced unsynced, std::int64_t down_ms);
  /// Ends it for good.
  void unplug();
  /// The power goes at one of the next writes.
  void cut_power_soon();
  /// For a while every sync fails, or every write finds the disk full.
  void fail_disk(tests::DiskFault fault, std::int64_t for_ms);
  /// The next checkpoint of its database cannot sync what it moved.
  void fail_checkpoint_soon() { disk_.fail_next_sync(path_of(database())); }
  /// Nothing runs for so long; then everything that waited does.
  void pause(std::int64_t for_ms);
  /// Ends what was done to disk and process, at the end of a run.
  void heal();

  void on_bytes(std::uint64_t connection, const Bytes& bytes) final;
  void on_broken(std::uint64_t connection) final;

  WallClock& clock() { return clock_; }
  /// A copy of its disk, made now.
  tests::DiskContent copy_disk() const;
  const std::string& name() const { return name_; }

 protected:
  virtual void take_bytes(std::uint64_t connection, const Bytes& bytes) = 0;
  virtual void take_broken(std::uint64_t connection) = 0;
  /// The file of the database whose commits it acknowledges.
  virtual const char* database() const = 0;
  /// Drops everything the process had in memory and closes its database.
  virtual void lose_process() = 0;
  /// Returns whether nothing is waited for but heartbeats.
  virtual bool tick() = 0;

  Instant now() const;
  std::string path_of(const std::string& file) const { return folder_ + "/" + file; }
  /// Calls `what` after a delay unless the process ended meanwhile.
  void later(std::int64_t delay_ms, std::function<void()> what);
  /// Something happened: tick again soon.
  void wake();
  /// Begins a boot: clock, boot time, ticks.
  void boot();
  /// After an error of the disk: true when it was the power that went, and all has ended.
  bool lost_power();
  /// Puts another disk in; its database must be closed.
  void put_disk(const tests::DiskContent& content) { disk_.load(content); }
  /// An open that failed although nothing is wrong with the disk now.
  void judge_open_failure(const Error& error);
  /// The database was opened: what failed on its disk before no longer counts.
  void trust_disk() { failures_before_ = failures(); }
  /// A commit succeeded: since the opening no operation on its disk may have failed.
  void judge_commit();
  /// A commit failed: since the opening some operation on its disk must have failed.
  void judge_commit_failure(const Error& error);

  link::SessionTimes session_times() const;
  std::int64_t between(std::int64_t lo, std::int64_t hi) {
    return world_.clockwork.between(lo, hi);
  }
  void note(const std::string& text) { world_.clockwork.note(name_ + " " + text); }

  World& world_;

 private:
  void end_process(tests::Unsynced unsynced);
  void run(std::uint64_t generation, const std::function<void()>& what);
  void schedule_tick(std::int64_t gap_ms);
  std::uint64_t failures() const;

  std::string name_;
  std::string folder_;
  tests::FaultyDisk disk_;
  WallClock clock_;
  std::uint64_t generation_ = 0;
  std::int64_t started_ms_ = 0;
  std::int64_t paused_until_ms_ = 0;
  std::optional<std::int64_t> tick_at_ms_;
  std::uint64_t tick_number_ = 0;
  std::uint64_t disk_fault_number_ = 0;
  std::uint64_t failures_before_ = 0;
  bool disk_fails_ = false;
};

}  // namespace tally::sim
