#include "storage/db_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/bytes.hpp"
#include "core/base/try.hpp"

#include "storage/sqlite_error.hpp"

namespace tally::storage {
namespace {

constexpr char kVerified = 'v';
constexpr char kUnverified = 'u';

Error errno_error(const char* what, std::source_location where = std::source_location::current()) {
  switch (errno) {
    case ENOSPC:
    case EDQUOT:
      return make_error(Errc::kExhausted, "disk is full", errno, where);
    case EACCES:
    case EPERM:
    case EROFS:
      return make_error(Errc::kDenied, what, errno, where);
    case EIO:
      return make_error(Errc::kCorrupt, "disk read, write or sync failed", errno, where);
    default:
      return make_error(Errc::kUnavailable, what, errno, where);
  }
}

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

Status sync_directory(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) {
    return errno_error("directory of the database cannot be synced");
  }
  return {};
}

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

Status make_directory(const std::string& path) {
  if (path.empty() || ::access(path.c_str(), F_OK) == 0) {
    return {};
  }
  const std::string parent = parent_of(path);
  TALLY_TRY(make_directory(parent));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return errno_error("directory of the database cannot be created");
  }
  return sync_directory(parent);
}

}  // namespace

Result<OwnerLock> OwnerLock::take(const std::string& path) {
  const std::string lock_path = path + "-lock";
  const int fd = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return errno_error("lock file of the database cannot be opened");
  }
  OwnerLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK
               ? make_error(Errc::kUnavailable, "database is in use by another process")
               : errno_error("database cannot be locked");
  }
  char mark = kVerified;
  const ssize_t count = ::pread(fd, &mark, 1, 0);
  if (count < 0) {
    return errno_error("lock file of the database cannot be read");
  }
  if (count == 0) {
    // Written now, so that the mark can be set later on a disk without a free block.
    lock.set_verification_due(false);
  }
  lock.verification_due_ = mark == kUnverified;
  return lock;
}

OwnerLock::OwnerLock(OwnerLock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), verification_due_(other.verification_due_) {}

OwnerLock::~OwnerLock() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

void OwnerLock::set_verification_due(bool due) {
  const char mark = due ? kUnverified : kVerified;
  if (::pwrite(fd_, &mark, 1, 0) == 1) {
    ::fsync(fd_);
  }
  verification_due_ = due;
}

Status prepare_database_file(const std::string& path) {
  const std::string directory = parent_of(path);
  TALLY_TRY(make_directory(directory));
  const bool is_new = ::access(path.c_str(), F_OK) != 0;
  const Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    return errno_error("database file cannot be opened");
  }
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return make_error(Errc::kInvalid, "database path is not a file");
  }
  if ((info.st_mode & 0077) != 0 && ::fchmod(fd.get(), 0600) != 0) {
    return errno_error("mode of the database file cannot be tightened");
  }
  return is_new ? sync_directory(directory) : Status{};
}

Status rewrite_write_ahead_log(const std::string& path) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  // SQLite wants the name of a log to end in two zero bytes and to stay alive while it is open.
  std::string log_path = path + "-wal";
  log_path.append(2, '\0');
  int exists = 0;
  if (vfs->xAccess(vfs, log_path.c_str(), SQLITE_ACCESS_EXISTS, &exists) != SQLITE_OK ||
      exists == 0) {
    return {};
  }
  const auto memory = std::make_unique<std::max_align_t[]>(
      static_cast<std::size_t>(vfs->szOsFile) / sizeof(std::max_align_t) + 1);
  auto* file = reinterpret_cast<sqlite3_file*>(memory.get());
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL;
  if (const int rc = vfs->xOpen(vfs, log_path.c_str(), file, flags, &flags); rc != SQLITE_OK) {
    return sqlite_error(rc);
  }
  const auto rewrite = [&]() -> int {
    sqlite3_int64 size = 0;
    if (const int rc = file->pMethods->xFileSize(file, &size); rc != SQLITE_OK) {
      return rc;
    }
    ByteArray<16384> block{};
    for (sqlite3_int64 at = 0; at < size;) {
      const int count = static_cast<int>(
          std::min<sqlite3_int64>(static_cast<sqlite3_int64>(block.size()), size - at));
      int rc = file->pMethods->xRead(file, block.data(), count, at);
      if (rc == SQLITE_OK) {
        rc = file->pMethods->xWrite(file, block.data(), count, at);
      }
      if (rc != SQLITE_OK) {
        return rc;
      }
      at += count;
    }
    return size == 0 ? SQLITE_OK : file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
  };
  const int rc = rewrite();
  file->pMethods->xClose(file);
  return rc == SQLITE_OK ? Status{} : Status{sqlite_error(rc)};
}

Status put_in_place(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return errno_error("file cannot be renamed");
  }
  return sync_directory(parent_of(to));
}

void remove_database(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal", "-lock"}) {
    ::unlink((path + suffix).c_str());
  }
}

}  // namespace tally::storage
