// Reads a database and its log as bytes, without SQLite, and finds what was changed there. The
// log's format: sqlite.org/fileformat2.html, "The Write-Ahead Log".
#include <algorithm>
#include <cstddef>
#include <memory>
#include <set>

#include <sqlite3.h>

#include "core/base/bytes.hpp"
#include "core/base/try.hpp"

#include "storage/page_check.hpp"
#include "storage/page_sum.hpp"
#include "storage/sqlite_error.hpp"

namespace tally::storage {
namespace {

constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kPageSizeAt = 16;
constexpr std::size_t kReservedAt = 20;
constexpr std::size_t kLogHeaderBytes = 32;
constexpr std::size_t kFrameHeaderBytes = 24;
constexpr std::uint32_t kLogMagic = 0x377f0682;  ///< One more: check sums in big endian.
/// A page that is being written right now is read again.
constexpr int kReadsMax = 3;

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

/// A header that denies check sums although the first page carries one.
Status scan_denial(RawFile& file, std::uint32_t page_bytes, std::vector<Damage>& found) {
  if (page_bytes < 512 || (page_bytes & (page_bytes - 1)) != 0) {
    return {};
  }
  Bytes page(page_bytes);
  TALLY_TRY_ASSIGN(const bool there, file.read(0, page));
  page[kReservedAt] = kPageCheckBytes;
  if (there && page_matches(page, 1)) {
    found.push_back({1, "denies that it has a check sum"});
  }
  return {};
}

/// A page that stands in the log may be half written here: a checkpoint was interrupted.
Status scan_pages(RawFile& file,
                  const std::set<std::uint32_t>& in_log,
                  std::size_t count_max,
                  std::vector<Damage>& found) {
  Bytes header(kHeaderBytes);
  TALLY_TRY_ASSIGN(const bool there, file.read(0, header));
  if (!there) {
    return {};
  }
  const std::uint32_t stated = load_be<std::uint16_t>(header.data() + kPageSizeAt);
  const std::uint32_t page_bytes = stated == 1 ? 65'536 : stated;
  if (header[kReservedAt] != kPageCheckBytes) {
    return scan_denial(file, page_bytes, found);
  }
  if (page_bytes < 512 || (page_bytes & (page_bytes - 1)) != 0) {
    found.push_back({1, "the header states an impossible page size"});
    return {};
  }
  TALLY_TRY_ASSIGN(const std::uint64_t bytes, file.size());
  Bytes page(page_bytes);
  for (std::uint64_t number = 1; number <= bytes / page_bytes; ++number) {
    bool matches = in_log.contains(static_cast<std::uint32_t>(number));
    for (int reads = 0; !matches && reads < kReadsMax; ++reads) {
      TALLY_TRY(file.read((number - 1) * page_bytes, page));
      matches = page_matches(page, static_cast<std::uint32_t>(number));
    }
    if (!matches && found.size() < count_max) {
      found.push_back({static_cast<std::uint32_t>(number), "does not match its check sum"});
    }
  }
  return {};
}

/// The log's running check sum.
struct LogSum {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  bool operator==(const LogSum&) const = default;
};

class LogScan {
 public:
  LogScan(RawFile& file, Bytes header) : file_(file), header_(std::move(header)) {
    big_endian_ = (word(header_, 0) & 1U) != 0;
    page_bytes_ = word(header_, 8);
  }

  bool header_is_whole() const {
    return (word(header_, 0) & ~1U) == kLogMagic && page_bytes_ >= 512 && page_bytes_ <= 65'536 &&
           add({}, ByteView(header_).first(24)) == LogSum{word(header_, 24), word(header_, 28)};
  }

  /// The number of the first frame that breaks the chain although a complete transaction and
  /// something after it stand behind it; 0 when there is none.
  Result<std::uint64_t> first_break() {
    LogSum running{word(header_, 24), word(header_, 28)};
    Bytes frame(kFrameHeaderBytes + page_bytes_);
    std::uint64_t broken = 0;
    bool complete_behind = false;
    bool proven = false;
    std::vector<std::uint32_t> transaction;
    for (std::uint64_t number = 1;; ++number) {
      TALLY_TRY_ASSIGN(const bool there,
                       file_.read(kLogHeaderBytes + (number - 1) * frame.size(), frame));
      if (!there) {
        break;
      }
      const bool ours = word(frame, 8) == word(header_, 16) && word(frame, 12) == word(header_, 20);
      const LogSum sum =
          add(add(running, ByteView(frame).first(8)), ByteView(frame).subspan(kFrameHeaderBytes));
      const LogSum stored{word(frame, 16), word(frame, 20)};
      const bool fits = ours && sum == stored;
      const bool completes = word(frame, 4) != 0;
      if (fits && broken == 0) {
        transaction.push_back(word(frame, 0));
        if (completes) {
          pages_.insert(transaction.begin(), transaction.end());
          transaction.clear();
        }
      }
      if (fits) {
        proven = proven || (broken != 0 && complete_behind);
        complete_behind = complete_behind || (broken != 0 && completes);
      } else if (broken == 0) {
        broken = number;
        complete_behind = completes;
      } else if (number == broken + 1) {
        complete_behind = false;  // The break may be in the sum on which this frame builds.
      } else {
        break;
      }
      running = stored;
    }
    // One transaction that breaks off was on its way to disk when the power went: nobody was told.
    return proven ? broken : std::uint64_t{0};
  }

  /// After first_break(): pages whose present content stands in the log.
  const std::set<std::uint32_t>& pages() const { return pages_; }

 private:
  static std::uint32_t word(ByteView bytes, std::size_t at) {
    return load_be<std::uint32_t>(bytes.data() + at);
  }

  LogSum add(LogSum sum, ByteView bytes) const {
    const auto take = [&](std::size_t at) {
      const std::uint32_t value = load_be<std::uint32_t>(bytes.data() + at);
      return big_endian_ ? value : __builtin_bswap32(value);
    };
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      sum.a += take(at) + sum.b;
      sum.b += take(at + 4) + sum.a;
    }
    return sum;
  }

  RawFile& file_;
  Bytes header_;
  bool big_endian_ = false;
  std::uint32_t page_bytes_ = 0;
  std::set<std::uint32_t> pages_;
};

Status scan_log(RawFile& file, std::vector<Damage>& found, std::set<std::uint32_t>& pages) {
  Bytes header(kLogHeaderBytes);
  TALLY_TRY_ASSIGN(const bool there, file.read(0, header));
  if (!there) {
    return {};
  }
  LogScan scan(file, header);
  if (!scan.header_is_whole()) {
    const bool blank =
        std::all_of(header.begin(), header.end(), [](auto byte) { return byte == 0; });
    if (!blank) {
      found.push_back({0, "the log's header does not match its check sum"});
    }
    return {};
  }
  TALLY_TRY_ASSIGN(const std::uint64_t broken, scan.first_break());
  pages = scan.pages();
  if (broken != 0) {
    found.push_back({0,
                     "the log breaks off at frame " + std::to_string(broken) +
                         " although complete transactions stand behind it"});
  }
  return {};
}

}  // namespace

Result<std::vector<Damage>> find_damage(const std::string& path, std::size_t count_max) {
  std::vector<Damage> found;
  std::set<std::uint32_t> in_log;
  sqlite3_vfs* layer = sqlite3_vfs_find(nullptr);
  const std::string log = path + "-wal";
  int exists = 0;
  if (layer->xAccess(layer, log.c_str(), SQLITE_ACCESS_EXISTS, &exists) == SQLITE_OK &&
      exists != 0) {
    RawFile file;
    TALLY_TRY(file.open(log, SQLITE_OPEN_WAL));
    TALLY_TRY(scan_log(file, found, in_log));
  }
  RawFile file;
  TALLY_TRY(file.open(path, SQLITE_OPEN_MAIN_DB));
  TALLY_TRY(scan_pages(file, in_log, count_max, found));
  return found;
}

}  // namespace tally::storage
