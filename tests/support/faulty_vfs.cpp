#include "tests/support/faulty_vfs.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include "core/base/assert.hpp"

namespace tally::tests {
namespace {

using State = FaultyDisk::State;
using File = State::File;
using Pending = State::Pending;

// Disks in use; the one whose prefix fits takes the path.
std::mutex g_disks_mutex;
std::vector<std::shared_ptr<State>> g_disks;
sqlite3_vfs g_vfs{};
sqlite3_vfs* g_real = nullptr;
thread_local int t_last_errno = 0;

std::shared_ptr<State> disk_of(const char* path) {
  if (path == nullptr) {
    return nullptr;
  }
  const std::lock_guard guard(g_disks_mutex);
  for (const auto& disk : g_disks) {
    if (std::string_view(path).starts_with(disk->prefix)) {
      return disk;
    }
  }
  return nullptr;
}

struct Handle {
  std::shared_ptr<State> disk;
  std::shared_ptr<File> file;
  int lock = SQLITE_LOCK_NONE;
  unsigned region_shared = 0;
  unsigned region_exclusive = 0;
};

struct SqliteFile {
  sqlite3_file base;
  Handle* handle;
};

Handle& handle_of(sqlite3_file* file) {
  return *reinterpret_cast<SqliteFile*>(file)->handle;
}

// Without the lock held: who listens may fork, and a copied process does not own its locks.
void announce(const Handle& h, DiskOperation what) {
  std::function<void(DiskOperation)> listener;
  {
    const std::lock_guard guard(h.disk->mutex);
    if (h.disk->powered) {
      listener = h.disk->on_operation;
    }
  }
  if (listener) {
    listener(what);
  }
}

int failed(Handle& h, int code) {
  ++h.file->failures;
  t_last_errno = h.disk->last_errno;
  return code;
}

int read(sqlite3_file* f, void* out, int count, sqlite3_int64 at) {
  Handle& h = handle_of(f);
  const std::lock_guard guard(h.disk->mutex);
  if (!h.disk->powered) {
    h.disk->last_errno = EIO;
    return failed(h, SQLITE_IOERR_READ);
  }
  const auto offset = static_cast<std::size_t>(at);
  const auto wanted = static_cast<std::size_t>(count);
  const Bytes& bytes = h.file->cached;
  const std::size_t there = offset >= bytes.size() ? 0 : std::min(wanted, bytes.size() - offset);
  if (there > 0) {  // An empty file has no bytes to point at.
    std::memcpy(out, bytes.data() + offset, there);
  }
  std::memset(static_cast<std::uint8_t*>(out) + there, 0, wanted - there);
  return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* f, const void* data, int count, sqlite3_int64 at) {
  Handle& h = handle_of(f);
  announce(h, DiskOperation::kWrite);
  const std::lock_guard guard(h.disk->mutex);
  if (h.disk->next_fails()) {
    return failed(h, h.disk->last_errno == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE);
  }
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  Pending change{static_cast<std::size_t>(at), Bytes(bytes, bytes + count)};
  change.put_into(h.file->cached);
  h.file->pending.push_back(std::move(change));
  return SQLITE_OK;
}

int truncate(sqlite3_file* f, sqlite3_int64 size) {
  Handle& h = handle_of(f);
  announce(h, DiskOperation::kTruncate);
  const std::lock_guard guard(h.disk->mutex);
  if (h.disk->next_fails()) {
    return failed(h, SQLITE_IOERR_TRUNCATE);
  }
  Pending change{static_cast<std::size_t>(size), {}};
  change.put_into(h.file->cached);
  h.file->pending.push_back(std::move(change));
  return SQLITE_OK;
}

int sync(sqlite3_file* f, int) {
  Handle& h = handle_of(f);
  announce(h, DiskOperation::kSync);
  const std::lock_guard guard(h.disk->mutex);
  const bool planned = h.disk->powered && std::exchange(h.file->sync_fails, false);
  if (h.disk->next_fails() || planned) {
    h.disk->last_errno = planned ? EIO : h.disk->last_errno;
    if (h.disk->powered) {
      h.file->pending.clear();  // The pages count as clean now and will never be written.
    }
    return failed(h, SQLITE_IOERR_FSYNC);
  }
  if (h.disk->lies) {
    return SQLITE_OK;
  }
  for (const Pending& change : h.file->pending) {
    change.put_into(h.file->platter);
  }
  h.file->pending.clear();
  h.file->on_platter = true;
  return SQLITE_OK;
}

int file_size(sqlite3_file* f, sqlite3_int64* size) {
  Handle& h = handle_of(f);
  const std::lock_guard guard(h.disk->mutex);
  *size = static_cast<sqlite3_int64>(h.file->cached.size());
  return SQLITE_OK;
}

int unlock(sqlite3_file* f, int level) {
  Handle& h = handle_of(f);
  const std::lock_guard guard(h.disk->mutex);
  if (h.file->exclusive == &h) {
    h.file->exclusive = nullptr;
  }
  if (h.file->reserved == &h) {
    h.file->reserved = nullptr;
  }
  if (level == SQLITE_LOCK_NONE && h.lock >= SQLITE_LOCK_SHARED) {
    --h.file->shared;
  }
  h.lock = std::min(h.lock, level);
  return SQLITE_OK;
}

int lock(sqlite3_file* f, int level) {
  Handle& h = handle_of(f);
  const std::lock_guard guard(h.disk->mutex);
  const auto taken_by_other = [&](const void* owner) { return owner != nullptr && owner != &h; };
  if (taken_by_other(h.file->exclusive)) {
    return SQLITE_BUSY;
  }
  if (h.lock < SQLITE_LOCK_SHARED) {
    ++h.file->shared;
    h.lock = SQLITE_LOCK_SHARED;
  }
  if (level >= SQLITE_LOCK_RESERVED) {
    if (taken_by_other(h.file->reserved)) {
      return SQLITE_BUSY;
    }
    h.file->reserved = &h;
  }
  if (level == SQLITE_LOCK_EXCLUSIVE) {
    if (h.file->shared > 1) {
      return SQLITE_BUSY;
    }
    h.file->exclusive = &h;
  }
  h.lock = std::max(h.lock, level);
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* f, int* result) {
  Handle& h = handle_of(f);
  const std::lock_guard guard(h.disk->mutex);
  *result = h.file->reserved != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
  return static_cast<int>(kSectorBytes);
}
int device_characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int shm_map(sqlite3_file* f, int region, int bytes, int extend, volatile void** out) {
  Handle& h = handle_of(f);
  const std::lock_guard guard(h.disk->mutex);
  TALLY_ASSERT(bytes == 32768);
  auto& regions = h.file->regions;
  const auto index = static_cast<std::size_t>(region);
  while (extend != 0 && regions.size() <= index) {
    regions.push_back(std::make_unique<ByteArray<32768>>());
    regions.back()->fill(0);
  }
  *out = index < regions.size() ? regions[index]->data() : nullptr;
  return SQLITE_OK;
}

int shm_lock(sqlite3_file* f, int offset, int count, int flags) {
  Handle& h = handle_of(f);
  const std::lock_guard guard(h.disk->mutex);
  File& file = *h.file;
  const auto first = static_cast<std::size_t>(offset);
  const auto last = first + static_cast<std::size_t>(count);
  const bool is_shared = (flags & SQLITE_SHM_SHARED) != 0;
  for (std::size_t i = first; i < last && (flags & SQLITE_SHM_LOCK) != 0; ++i) {
    const bool mine = ((h.region_shared >> i) & 1U) != 0;
    const bool others_share = file.region_shared[i] > (mine ? 1 : 0);
    const bool other_owns = file.region_exclusive[i] != nullptr && file.region_exclusive[i] != &h;
    if (other_owns || (!is_shared && others_share)) {
      return SQLITE_BUSY;
    }
  }
  for (std::size_t i = first; i < last; ++i) {
    const unsigned bit = 1U << i;
    if ((h.region_shared & bit) != 0) {
      --file.region_shared[i];
      h.region_shared &= ~bit;
    }
    if ((h.region_exclusive & bit) != 0) {
      file.region_exclusive[i] = nullptr;
      h.region_exclusive &= ~bit;
    }
    if ((flags & SQLITE_SHM_LOCK) != 0 && is_shared) {
      ++file.region_shared[i];
      h.region_shared |= bit;
    } else if ((flags & SQLITE_SHM_LOCK) != 0) {
      file.region_exclusive[i] = &h;
      h.region_exclusive |= bit;
    }
  }
  return SQLITE_OK;
}

void shm_barrier(sqlite3_file*) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

int shm_unmap(sqlite3_file* f, int) {
  return shm_lock(f, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED);
}

int close(sqlite3_file* f) {
  Handle* h = &handle_of(f);
  unlock(f, SQLITE_LOCK_NONE);
  shm_unmap(f, 0);
  {
    const std::lock_guard guard(h->disk->mutex);
    if (--h->file->opened == 0) {
      h->file->regions.clear();
    }
  }
  delete h;
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {2,
                                         close,
                                         read,
                                         write,
                                         truncate,
                                         sync,
                                         file_size,
                                         lock,
                                         unlock,
                                         check_reserved_lock,
                                         file_control,
                                         sector_size,
                                         device_characteristics,
                                         shm_map,
                                         shm_lock,
                                         shm_barrier,
                                         shm_unmap,
                                         nullptr,
                                         nullptr};

int open(sqlite3_vfs*, const char* name, sqlite3_file* out, int flags, int* flags_out) {
  const std::shared_ptr<State> disk = disk_of(name);
  if (!disk) {
    return g_real->xOpen(g_real, name, out, flags, flags_out);
  }
  auto& opened = *reinterpret_cast<SqliteFile*>(out);
  opened.base.pMethods = nullptr;
  const std::lock_guard guard(disk->mutex);
  auto found = disk->files.find(name);
  if (!disk->powered || (found == disk->files.end() && (flags & SQLITE_OPEN_CREATE) == 0)) {
    return SQLITE_CANTOPEN;
  }
  if (found == disk->files.end()) {
    found = disk->files.emplace(name, std::make_shared<File>()).first;
  }
  ++found->second->opened;
  opened.handle = new Handle{disk, found->second};
  opened.base.pMethods = &kMethods;
  if (flags_out != nullptr) {
    *flags_out = flags;
  }
  return SQLITE_OK;
}

int remove(sqlite3_vfs*, const char* name, int sync_directory) {
  const std::shared_ptr<State> disk = disk_of(name);
  if (!disk) {
    return g_real->xDelete(g_real, name, sync_directory);
  }
  const std::lock_guard guard(disk->mutex);
  if (!disk->powered) {
    return SQLITE_IOERR_DELETE;
  }
  return disk->files.erase(name) != 0 ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
}

int access(sqlite3_vfs*, const char* name, int flags, int* result) {
  const std::shared_ptr<State> disk = disk_of(name);
  if (!disk) {
    return g_real->xAccess(g_real, name, flags, result);
  }
  const std::lock_guard guard(disk->mutex);
  const auto found = disk->files.find(name);
  // As the real layer: an empty file does not count as existing.
  *result = found != disk->files.end() && !found->second->cached.empty() ? 1 : 0;
  return SQLITE_OK;
}

int full_path_name(sqlite3_vfs*, const char* name, int size, char* out) {
  return g_real->xFullPathname(g_real, name, size, out);
}

int last_error(sqlite3_vfs*, int, char*) {
  return t_last_errno;
}

void use_as_default() {
  g_real = sqlite3_vfs_find(nullptr);
  g_vfs = *g_real;
  g_vfs.pNext = nullptr;
  g_vfs.zName = "tally-faulty";
  g_vfs.szOsFile = std::max(g_real->szOsFile, static_cast<int>(sizeof(SqliteFile)));
  g_vfs.xOpen = open;
  g_vfs.xDelete = remove;
  g_vfs.xAccess = access;
  g_vfs.xFullPathname = full_path_name;
  g_vfs.xGetLastError = last_error;
  TALLY_ASSERT(sqlite3_vfs_register(&g_vfs, 1) == SQLITE_OK);
}

}  // namespace

void mount(const std::shared_ptr<FaultyDisk::State>& disk) {
  const std::lock_guard guard(g_disks_mutex);
  if (g_disks.empty()) {
    use_as_default();
  }
  g_disks.push_back(disk);
}

void unmount(const std::shared_ptr<FaultyDisk::State>& disk) {
  const std::lock_guard guard(g_disks_mutex);
  std::erase(g_disks, disk);
  if (g_disks.empty()) {
    g_disks.shrink_to_fit();
    sqlite3_vfs_unregister(&g_vfs);
    sqlite3_vfs_register(g_real, 1);
  }
}

}  // namespace tally::tests
