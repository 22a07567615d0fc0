// What a FaultyDisk holds: its files as the cache and as the platter have them, the fault that is
// planned, and who listens. Internal to tests/support/faulty_disk.cpp, the disk, and to
// tests/support/faulty_vfs.cpp, SQLite's way to it; both hold the mutex while they touch it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "core/base/bytes.hpp"

#include "tests/support/faulty_disk.hpp"

namespace tally::tests {

struct FaultyDisk::State {
  /// One change the cache holds back from the platter. Without bytes: a truncation to `offset`.
  struct Pending {
    std::size_t offset = 0;
    Bytes bytes;

    void put_into(Bytes& file) const { put_into(file, 0, bytes.size()); }
    /// Only the bytes from `from` up to `to`.
    void put_into(Bytes& file, std::size_t from, std::size_t to) const;
  };

  struct File {
    Bytes cached;
    Bytes platter;
    bool sync_fails = false;  ///< The next one.
    std::uint64_t failures = 0;
    bool on_platter = false;  ///< Synced at least once; else it is gone after a power cut.
    std::vector<Pending> pending;
    int opened = 0;
    // Locks of the file itself (sqlite.org/lockingv3.html).
    int shared = 0;
    const void* reserved = nullptr;
    const void* exclusive = nullptr;
    // The index of a write-ahead log, shared between connections.
    std::vector<std::unique_ptr<ByteArray<32768>>> regions;
    std::array<int, SQLITE_SHM_NLOCK> region_shared{};
    std::array<const void*, SQLITE_SHM_NLOCK> region_exclusive{};
  };

  mutable std::recursive_mutex mutex;
  std::string prefix;
  std::map<std::string, std::shared_ptr<File>> files;
  std::uint64_t operations = 0;
  std::uint64_t fault_at = ~std::uint64_t{0};
  DiskFault fault = DiskFault::kIoError;
  bool lasting = false;
  bool happened = false;
  bool powered = true;
  bool lies = false;
  int last_errno = 0;
  std::function<void(DiskOperation)> on_operation;

  /// Whether the operation about to take place fails.
  bool next_fails();
};

}  // namespace tally::tests
