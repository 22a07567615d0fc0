// Reads a database and its log as bytes, without SQLite, and finds what was changed there. The
// log's format: sqlite.org/fileformat2.html, "The Write-Ahead Log".
#include <algorithm>
#include <set>

#include <sqlite3.h>

#include "core/base/bytes.hpp"
#include "core/base/try.hpp"

#include "storage/log_scan.hpp"
#include "storage/page_check.hpp"
#include "storage/page_sum.hpp"
#include "storage/raw_file.hpp"

namespace tally::storage {
namespace {

constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kPageSizeAt = 16;
constexpr std::size_t kReservedAt = 20;
/// A page that is being written right now is read again.
constexpr int kReadsMax = 3;

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
