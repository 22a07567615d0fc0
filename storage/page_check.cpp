#include "storage/page_check.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <new>

#include <sqlite3.h>

#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"

#include "storage/page_sum.hpp"
#include "storage/sqlite_error.hpp"

namespace tally::storage {
namespace {

constexpr const char* kLayerName = "tally-checked";
/// Header of a database file: where it says how much of each page is reserved.
constexpr int kReservedAt = 20;
constexpr int kPathBytesMax = 1024;

struct CheckedFile {
  sqlite3_file base{};  ///< First: SQLite sees this part only.
  sqlite3_file* real = nullptr;
  bool is_database = false;
  bool checked = false;  ///< Pages carry check sums.
  bool refuses = false;  ///< One that does not match is a read error.
};

CheckedFile& self(sqlite3_file* file) {
  return *reinterpret_cast<CheckedFile*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return self(file).real;
}

sqlite3_vfs* below() {
  return sqlite3_vfs_find(nullptr);
}

bool is_whole_page(int count, sqlite3_int64 at) {
  return count >= 512 && (count & (count - 1)) == 0 && at % count == 0;
}

/// The first page, or its header, says whether there are check sums.
void learn(CheckedFile& file, const std::uint8_t* bytes, int count, sqlite3_int64 at) {
  if (at == 0 && count > kReservedAt) {
    file.checked = bytes[kReservedAt] == kPageCheckBytes;
  }
}

int on_close(sqlite3_file* file) {
  sqlite3_file* underneath = real(file);
  const int rc = underneath->pMethods->xClose(underneath);
  sqlite3_free(underneath);
  self(file).real = nullptr;
  return rc;
}

int on_read(sqlite3_file* file, void* out, int count, sqlite3_int64 at) {
  CheckedFile& mine = self(file);
  const int rc = mine.real->pMethods->xRead(mine.real, out, count, at);
  if (rc != SQLITE_OK || !mine.is_database) {
    return rc;
  }
  const auto* bytes = static_cast<const std::uint8_t*>(out);
  learn(mine, bytes, count, at);
  if (!mine.refuses || !mine.checked || !is_whole_page(count, at)) {
    return rc;
  }
  const auto number = static_cast<std::uint32_t>(at / count + 1);
  return page_matches({bytes, static_cast<std::size_t>(count)}, number) ? SQLITE_OK
                                                                        : SQLITE_IOERR_DATA;
}

int on_write(sqlite3_file* file, const void* in, int count, sqlite3_int64 at) {
  CheckedFile& mine = self(file);
  const auto* bytes = static_cast<const std::uint8_t*>(in);
  if (mine.is_database) {
    learn(mine, bytes, count, at);
  }
  if (!mine.is_database || !mine.checked || !is_whole_page(count, at)) {
    return mine.real->pMethods->xWrite(mine.real, in, count, at);
  }
  Bytes page(bytes, bytes + count);
  seal_page(page, static_cast<std::uint32_t>(at / count + 1));
  return mine.real->pMethods->xWrite(mine.real, page.data(), count, at);
}

int on_truncate(sqlite3_file* file, sqlite3_int64 size) {
  return real(file)->pMethods->xTruncate(real(file), size);
}
int on_sync(sqlite3_file* file, int flags) {
  return real(file)->pMethods->xSync(real(file), flags);
}
int on_file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
int on_lock(sqlite3_file* file, int lock) {
  return real(file)->pMethods->xLock(real(file), lock);
}
int on_unlock(sqlite3_file* file, int lock) {
  return real(file)->pMethods->xUnlock(real(file), lock);
}
int on_check_lock(sqlite3_file* file, int* out) {
  return real(file)->pMethods->xCheckReservedLock(real(file), out);
}
int on_control(sqlite3_file* file, int operation, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int on_sector_size(sqlite3_file* file) {
  return real(file)->pMethods->xSectorSize(real(file));
}
int on_characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int on_shm_map(sqlite3_file* file, int region, int size, int extend, volatile void** out) {
  return real(file)->pMethods->xShmMap(real(file), region, size, extend, out);
}
int on_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void on_shm_barrier(sqlite3_file* file) {
  real(file)->pMethods->xShmBarrier(real(file));
}
int on_shm_unmap(sqlite3_file* file, int erase) {
  return real(file)->pMethods->xShmUnmap(real(file), erase);
}

/// Version 2: shared memory for the log, but no memory-mapped pages, which nobody could check.
constexpr sqlite3_io_methods kMethods = {
    2,
    on_close,
    on_read,
    on_write,
    on_truncate,
    on_sync,
    on_file_size,
    on_lock,
    on_unlock,
    on_check_lock,
    on_control,
    on_sector_size,
    on_characteristics,
    on_shm_map,
    on_shm_lock,
    on_shm_barrier,
    on_shm_unmap,
    nullptr,
    nullptr,
};

int on_open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* layer = below();
  auto* mine = new (file) CheckedFile;
  mine->real = static_cast<sqlite3_file*>(sqlite3_malloc(layer->szOsFile));
  if (mine->real == nullptr) {
    return SQLITE_NOMEM;
  }
  std::memset(mine->real, 0, static_cast<std::size_t>(layer->szOsFile));
  const int rc = layer->xOpen(layer, name, mine->real, flags, out_flags);
  if (rc != SQLITE_OK) {
    if (mine->real->pMethods != nullptr) {
      mine->real->pMethods->xClose(mine->real);
    }
    sqlite3_free(mine->real);
    return rc;
  }
  mine->is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
  mine->base.pMethods = &kMethods;
  return rc;
}

int on_delete(sqlite3_vfs*, const char* name, int sync_directory) {
  return below()->xDelete(below(), name, sync_directory);
}
int on_access(sqlite3_vfs*, const char* name, int flags, int* out) {
  return below()->xAccess(below(), name, flags, out);
}
int on_full_path(sqlite3_vfs*, const char* name, int bytes, char* out) {
  return below()->xFullPathname(below(), name, bytes, out);
}
int on_randomness(sqlite3_vfs*, int bytes, char* out) {
  return below()->xRandomness(below(), bytes, out);
}
int on_sleep(sqlite3_vfs*, int microseconds) {
  return below()->xSleep(below(), microseconds);
}
int on_time(sqlite3_vfs*, double* out) {
  return below()->xCurrentTime(below(), out);
}
int on_last_error(sqlite3_vfs*, int bytes, char* out) {
  return below()->xGetLastError(below(), bytes, out);
}
int on_time_ms(sqlite3_vfs*, sqlite3_int64* out) {
  return below()->xCurrentTimeInt64(below(), out);
}

sqlite3_vfs make_layer() {
  sqlite3_vfs layer{};
  layer.iVersion = 2;
  layer.szOsFile = static_cast<int>(sizeof(CheckedFile));
  layer.mxPathname = kPathBytesMax;
  layer.zName = kLayerName;
  layer.xOpen = on_open;
  layer.xDelete = on_delete;
  layer.xAccess = on_access;
  layer.xFullPathname = on_full_path;
  layer.xRandomness = on_randomness;
  layer.xSleep = on_sleep;
  layer.xCurrentTime = on_time;
  layer.xGetLastError = on_last_error;
  layer.xCurrentTimeInt64 = on_time_ms;
  return layer;
}

/// The open database's main file; nullptr when it is not one of this layer.
CheckedFile* main_file(sqlite3* database) {
  sqlite3_file* file = nullptr;
  const int rc =
      sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  return rc == SQLITE_OK && file != nullptr && file->pMethods == &kMethods ? &self(file) : nullptr;
}

}  // namespace

const char* checked_file_layer() {
  static sqlite3_vfs layer = make_layer();
  static std::once_flag registered;
  std::call_once(registered, [] { sqlite3_vfs_register(&layer, 0); });
  return kLayerName;
}

bool pages_are_checked(sqlite3* database) {
  const CheckedFile* file = main_file(database);
  return file != nullptr && file->checked;
}

void refuse_damaged_pages(sqlite3* database) {
  if (CheckedFile* file = main_file(database)) {
    file->refuses = true;
    sqlite3_db_release_memory(database);  // Pages read before, by a verification for one.
  }
}

Status carry_page_checks(sqlite3* from, sqlite3* to) {
  // Opening is lazy: the first read tells whether there are check sums.
  if (const int rc = sqlite3_exec(from, "PRAGMA schema_version", nullptr, nullptr, nullptr);
      rc != SQLITE_OK) {
    return sqlite_error(sqlite3_extended_errcode(from), sqlite3_system_errno(from));
  }
  refuse_damaged_pages(from);
  CheckedFile* target = main_file(to);
  if (target != nullptr && pages_are_checked(from)) {
    target->checked = true;
  }
  return {};
}

}  // namespace tally::storage
