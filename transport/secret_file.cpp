#include "transport/secret_file.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/try.hpp"

namespace tally::transport {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

Error from_errno(int code,
                 const char* what,
                 std::source_location where = std::source_location::current()) {
  Errc errc = Errc::kUnavailable;
  if (code == ENOENT || code == ENOTDIR) {
    errc = Errc::kNotFound;
  } else if (code == EACCES || code == EPERM || code == EROFS) {
    errc = Errc::kDenied;
  } else if (code == ENOSPC || code == EDQUOT || code == EMFILE || code == ENFILE) {
    errc = Errc::kExhausted;
  }
  return make_error(errc, what, code, where);
}

Result<std::string> read_all(int fd) {
  std::string content;
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return from_errno(errno, "file could not be read");
    }
    if (got == 0) {
      return content;
    }
    content.append(buffer.data(), static_cast<std::size_t>(got));
    if (content.size() > kSmallFileBytesMax) {
      return make_error(Errc::kExhausted, "file is larger than 64 KiB");
    }
  }
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t put = ::write(fd, content.data(), content.size());
    if (put < 0 && errno != EINTR) {
      return false;
    }
    if (put > 0) {
      content.remove_prefix(static_cast<std::size_t>(put));
    }
  }
  return true;
}

Status sync_directory(const std::filesystem::path& directory) {
  const Descriptor fd{
      ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) {
    return from_errno(errno, "directory could not be synced");
  }
  return {};
}

}  // namespace

Result<std::string> read_small_file(const std::filesystem::path& path) {
  const Descriptor fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (fd.get() < 0) {
    return from_errno(errno, "file could not be opened");
  }
  return read_all(fd.get());
}

Result<std::string> read_secret_file(const std::filesystem::path& path) {
  // O_NONBLOCK: a pipe of that name must not hold us up.
  const Descriptor fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (fd.get() < 0) {
    return from_errno(errno, "secret file could not be opened");
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) {
    return from_errno(errno, "secret file could not be examined");
  }
  if (!S_ISREG(status.st_mode)) {
    return make_error(Errc::kDenied, "secret file is not a regular file");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return make_error(Errc::kDenied,
                      "secret file is open to other users: set its mode to 0600 and, if they "
                      "could have read it, replace the key");
  }
  return read_all(fd.get());
}

Status write_small_file(const std::filesystem::path& path,
                        std::string_view content,
                        FileMode mode,
                        FileSync sync) {
  std::filesystem::path temporary = path;
  temporary += ".new";
  ::unlink(temporary.c_str());
  Descriptor fd{::open(temporary.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                       mode == FileMode::kSecret ? 0600 : 0644)};
  if (fd.get() < 0) {
    return from_errno(errno, "file could not be created");
  }
  const bool synced = sync == FileSync::kSynced;
  if (!write_all(fd.get(), content) || (synced && ::fsync(fd.get()) != 0) || !fd.close() ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int code = errno;
    ::unlink(temporary.c_str());
    return from_errno(code, "file could not be written");
  }
  return synced ? sync_directory(path.parent_path()) : Status{};
}

}  // namespace tally::transport
