// A disk in memory under SQLite, with the faults real disks have. Everything opened below its
// directory lives here; everything else goes to the real file system. Writes stay in a cache until
// synced. A sync that fails marks its pages clean without having written them, as Linux does. A
// power cut makes every open file useless; what the cache held is then dropped, kept, or kept in
// part, in 512-byte sectors. Method: sqlite.org/testing.html and LevelDB's fault_injection_test.
//
// Safe for several threads. Opening and closing databases while a FaultyDisk is being made or
// destroyed is not.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/bytes.hpp"

#include "tests/support/disk_image.hpp"

namespace tally::tests {

enum class DiskFault : std::uint8_t {
  kIoError,   ///< EIO.
  kFull,      ///< ENOSPC.
  kPowerCut,  ///< As power_cut(), before the operation takes place.
};

/// What is about to take place when on_operation() is called.
enum class DiskOperation : std::uint8_t { kWrite, kTruncate, kSync };

/// What becomes of data written but not synced when the power comes back.
enum class Unsynced : std::uint8_t {
  kDropped,
  kSome,  ///< Each sector by a coin thrown from the seed.
  kKept,  ///< As after kill -9, when only the process died.
};

class FaultyDisk {
 public:
  /// Takes over paths that start with `directory` + "/". The directory must exist for real.
  explicit FaultyDisk(const std::string& directory);
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;
  /// Every database on it must be closed.
  ~FaultyDisk();

  /// Writes, truncations and syncs so far.
  std::uint64_t operations() const;

  /// Makes operation number `at` (as counted by operations(), the next one being operations())
  /// fail, and, when `lasting`, all after it.
  void fail_at(std::uint64_t at, DiskFault fault, bool lasting = false);
  void clear_fault();
  /// The next sync of this file fails, once.
  void fail_next_sync(const std::string& path);
  /// How many writes, truncations and syncs of this file have failed.
  std::uint64_t failures(const std::string& path) const;
  /// Whether the planned fault has happened.
  bool fault_happened() const;

  /// Calls `what` before each operation takes place; it may plan a fault for it.
  void on_operation(std::function<void(DiskOperation)> what);

  /// From here on syncs succeed and do nothing: a disk that lies, or a database that does not sync.
  void lie(bool lies);

  /// The whole disk as it is now; names are below the directory.
  DiskImage image() const;
  /// Puts other files in the place of all. Every database on the disk must be closed.
  void load(const DiskContent& content);

  /// From here on every operation on an open file fails, until power_on().
  void power_cut();
  bool powered() const;
  /// Every database on the disk must be closed. Files open again as the disk kept them.
  void power_on(Unsynced unsynced, std::uint64_t seed = 0);

  /// The bytes of a file as a reader would see them now; empty when there is none.
  Bytes content(const std::string& path) const;
  /// Flips the bits of one byte, in cache and on the platter: a fault of the medium.
  void damage(const std::string& path, std::size_t offset);

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace tally::tests
