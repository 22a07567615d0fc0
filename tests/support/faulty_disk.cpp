#include "tests/support/faulty_disk.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include "core/base/assert.hpp"

namespace tally::tests {
namespace {

// One change the cache holds back from the platter. Without bytes: a truncation to `offset`.
struct Pending {
  std::size_t offset = 0;
  Bytes bytes;
};

struct File {
  Bytes cached;
  Bytes platter;
  bool sync_fails = false;  // The next one.
  std::uint64_t failures = 0;
  bool on_platter = false;  // Synced at least once; else it is gone after a power cut.
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

void put(Bytes& bytes, const Pending& change, std::size_t from, std::size_t to) {
  if (change.bytes.empty()) {
    bytes.resize(change.offset);
    return;
  }
  bytes.resize(std::max(bytes.size(), change.offset + to));
  std::copy(change.bytes.begin() + static_cast<std::ptrdiff_t>(from),
            change.bytes.begin() + static_cast<std::ptrdiff_t>(to),
            bytes.begin() + static_cast<std::ptrdiff_t>(change.offset + from));
}

void put(Bytes& bytes, const Pending& change) {
  put(bytes, change, 0, change.bytes.size());
}

}  // namespace

struct FaultyDisk::State {
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

  // Whether the operation about to take place fails.
  bool next_fails() {
    const std::uint64_t number = operations++;
    if (!powered) {
      last_errno = EIO;
      return true;
    }
    if (number != fault_at && !(lasting && number > fault_at)) {
      return false;
    }
    happened = true;
    last_errno = fault == DiskFault::kFull ? ENOSPC : EIO;
    powered = fault != DiskFault::kPowerCut;
    return true;
  }
};

namespace {

using State = FaultyDisk::State;

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
  put(h.file->cached, change);
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
  put(h.file->cached, change);
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
    put(h.file->platter, change);
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

FaultyDisk::FaultyDisk(const std::string& directory) : state_(std::make_shared<State>()) {
  state_->prefix = directory + "/";
  const std::lock_guard guard(g_disks_mutex);
  if (g_disks.empty()) {
    use_as_default();
  }
  g_disks.push_back(state_);
}

FaultyDisk::~FaultyDisk() {
  const std::lock_guard guard(g_disks_mutex);
  std::erase(g_disks, state_);
  if (g_disks.empty()) {
    g_disks.shrink_to_fit();
    sqlite3_vfs_unregister(&g_vfs);
    sqlite3_vfs_register(g_real, 1);
  }
}

std::uint64_t FaultyDisk::operations() const {
  const std::lock_guard guard(state_->mutex);
  return state_->operations;
}

void FaultyDisk::fail_at(std::uint64_t at, DiskFault fault, bool lasting) {
  const std::lock_guard guard(state_->mutex);
  state_->fault_at = at;
  state_->fault = fault;
  state_->lasting = lasting;
  state_->happened = false;
}

void FaultyDisk::clear_fault() {
  fail_at(~std::uint64_t{0}, DiskFault::kIoError);
}

void FaultyDisk::fail_next_sync(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  if (const auto found = state_->files.find(path); found != state_->files.end()) {
    found->second->sync_fails = true;
  }
}

std::uint64_t FaultyDisk::failures(const std::string& path) const {
  const std::lock_guard guard(state_->mutex);
  const auto found = state_->files.find(path);
  return found == state_->files.end() ? 0 : found->second->failures;
}

bool FaultyDisk::fault_happened() const {
  const std::lock_guard guard(state_->mutex);
  return state_->happened;
}

void FaultyDisk::on_operation(std::function<void(DiskOperation)> what) {
  const std::lock_guard guard(state_->mutex);
  state_->on_operation = std::move(what);
}

void FaultyDisk::lie(bool lies) {
  const std::lock_guard guard(state_->mutex);
  state_->lies = lies;
}

DiskImage FaultyDisk::image() const {
  const std::lock_guard guard(state_->mutex);
  DiskImage image;
  for (const auto& [path, file] : state_->files) {
    image.files[path.substr(state_->prefix.size())] = {
        file->platter, file->cached, file->on_platter};
  }
  return image;
}

void FaultyDisk::load(const DiskContent& content) {
  const std::lock_guard guard(state_->mutex);
  for (const auto& [path, file] : state_->files) {
    TALLY_ASSERT(file->opened == 0);
  }
  state_->files.clear();
  for (const auto& [name, bytes] : content) {
    auto file = std::make_shared<File>();
    file->platter = bytes;
    file->cached = bytes;
    file->on_platter = true;
    state_->files.emplace(state_->prefix + name, std::move(file));
  }
  state_->powered = true;
}

void FaultyDisk::power_cut() {
  const std::lock_guard guard(state_->mutex);
  state_->powered = false;
}

bool FaultyDisk::powered() const {
  const std::lock_guard guard(state_->mutex);
  return state_->powered;
}

void FaultyDisk::power_on(Unsynced unsynced, std::uint64_t seed) {
  const std::lock_guard guard(state_->mutex);
  std::uint64_t random = seed * 0x9e3779b97f4a7c15U + 1;
  const auto coin = [&random] {  // xorshift64, Marsaglia 2003.
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    return (random & 0x10000U) != 0;
  };
  for (auto at = state_->files.begin(); at != state_->files.end();) {
    File& file = *at->second;
    TALLY_ASSERT(file.opened == 0);
    if (unsynced == Unsynced::kKept) {
      // The machine went on: its cache is still there, and still not on the platter.
      ++at;
      continue;
    }
    for (const Pending& change : file.pending) {
      for (std::size_t from = 0; unsynced == Unsynced::kSome && from <= change.bytes.size();
           from += kSectorBytes) {
        const std::size_t to = std::min(from + kSectorBytes, change.bytes.size());
        if ((from < to || change.bytes.empty()) && coin()) {
          put(file.platter, change, from, to);
          file.on_platter = true;
        }
      }
    }
    file.pending.clear();
    file.cached = file.platter;
    at = file.on_platter ? std::next(at) : state_->files.erase(at);
  }
  state_->powered = true;
}

Bytes FaultyDisk::content(const std::string& path) const {
  const std::lock_guard guard(state_->mutex);
  const auto found = state_->files.find(path);
  return found == state_->files.end() ? Bytes{} : found->second->cached;
}

void FaultyDisk::damage(const std::string& path, std::size_t offset) {
  const std::lock_guard guard(state_->mutex);
  File& file = *state_->files.at(path);
  TALLY_ASSERT(offset < file.cached.size() && offset < file.platter.size());
  file.cached[offset] = static_cast<std::uint8_t>(~file.cached[offset]);
  file.platter[offset] = file.cached[offset];
}

}  // namespace tally::tests
