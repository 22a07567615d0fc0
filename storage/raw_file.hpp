// A database file or its log read as bytes, without SQLite. Internal to storage/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <sqlite3.h>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

#include "storage/sqlite_error.hpp"

namespace tally::storage {

/// One file, read through SQLite's default layer, so that tests can put a disk under it.
class RawFile {
 public:
  RawFile() = default;
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;
  ~RawFile() {
    if (open_) {
      file()->pMethods->xClose(file());
    }
  }

  Status open(const std::string& path, int kind) {
    sqlite3_vfs* layer = sqlite3_vfs_find(nullptr);
    name_ = path;
    name_.append(2, '\0');  // SQLite wants names to end in two zero bytes and to stay alive.
    memory_ = std::make_unique<std::max_align_t[]>(
        static_cast<std::size_t>(layer->szOsFile) / sizeof(std::max_align_t) + 1);
    int flags = SQLITE_OPEN_READONLY | kind;
    const int rc = layer->xOpen(layer, name_.c_str(), file(), flags, &flags);
    open_ = rc == SQLITE_OK;
    return open_ ? Status{} : Status{sqlite_error(rc)};
  }

  Result<std::uint64_t> size() {
    sqlite3_int64 bytes = 0;
    const int rc = file()->pMethods->xFileSize(file(), &bytes);
    return rc == SQLITE_OK ? Result<std::uint64_t>(static_cast<std::uint64_t>(bytes))
                           : Result<std::uint64_t>(sqlite_error(rc));
  }

  /// False at the end of the file.
  Result<bool> read(std::uint64_t at, Bytes& out) {
    const int rc = file()->pMethods->xRead(
        file(), out.data(), static_cast<int>(out.size()), static_cast<sqlite3_int64>(at));
    if (rc == SQLITE_IOERR_SHORT_READ) {
      return false;
    }
    return rc == SQLITE_OK ? Result<bool>(true) : Result<bool>(sqlite_error(rc));
  }

 private:
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.get()); }

  std::string name_;
  std::unique_ptr<std::max_align_t[]> memory_;
  bool open_ = false;
};

}  // namespace tally::storage
