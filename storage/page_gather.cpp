#include "storage/page_gather.hpp"

#include <cstdio>
#include <map>

#include <sqlite3.h>

#include "core/base/bytes.hpp"
#include "core/base/try.hpp"

#include "storage/log_scan.hpp"
#include "storage/page_check.hpp"
#include "storage/page_sum.hpp"
#include "storage/raw_file.hpp"

namespace tally::storage {
namespace {

constexpr std::uint32_t kPageBytes = 4'096;  ///< Of every database of ours.
constexpr std::size_t kWriteVersionAt = 18;  ///< And the read version behind it: 1 without a log.
constexpr std::size_t kReservedAt = 20;
constexpr std::size_t kPageCountAt = 28;

Result<std::vector<LogFrame>> frames_of(const std::string& log, RawFile& file) {
  sqlite3_vfs* layer = sqlite3_vfs_find(nullptr);
  int exists = 0;
  if (layer->xAccess(layer, log.c_str(), SQLITE_ACCESS_EXISTS, &exists) != SQLITE_OK ||
      exists == 0) {
    return std::vector<LogFrame>{};
  }
  TALLY_TRY(file.open(log, SQLITE_OPEN_WAL));
  Bytes header(kLogHeaderBytes);
  TALLY_TRY_ASSIGN(const bool there, file.read(0, header));
  return there ? LogScan(file, std::move(header)).frames(kPageBytes)
               : Result<std::vector<LogFrame>>(std::vector<LogFrame>{});
}

Result<Bytes> first_page_of(const std::string& path) {
  RawFile file;
  Bytes page(kPageBytes);
  TALLY_TRY(file.open(path, SQLITE_OPEN_MAIN_DB));
  TALLY_TRY(file.read(0, page));
  return page;
}

class Output {
 public:
  explicit Output(const std::string& path) : file_(std::fopen(path.c_str(), "wb")) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    if (file_ != nullptr) {
      std::fclose(file_);
    }
  }
  Status write(const Bytes& page) {
    if (file_ == nullptr || std::fwrite(page.data(), 1, page.size(), file_) != page.size()) {
      return make_error(Errc::kExhausted, "pages of a damaged database cannot be written");
    }
    return {};
  }
  Status flush() {
    return file_ != nullptr && std::fflush(file_) == 0
               ? Status{}
               : make_error(Errc::kExhausted, "pages of a damaged database cannot be written");
  }

 private:
  std::FILE* file_;
};

}  // namespace

Result<bool> gather_pages(const std::string& path,
                          const std::string& model,
                          const std::string& to) {
  RawFile database;
  TALLY_TRY(database.open(path, SQLITE_OPEN_MAIN_DB));
  TALLY_TRY_ASSIGN(const std::uint64_t bytes, database.size());
  auto count = static_cast<std::uint32_t>(bytes / kPageBytes);
  RawFile log;
  TALLY_TRY_ASSIGN(const std::vector<LogFrame> frames, frames_of(path + "-wal", log));
  std::map<std::uint32_t, LogFrame> newest;
  for (const LogFrame& frame : frames) {
    newest[frame.page] = frame;
    count = std::max(count, frame.pages_then);
  }
  Output out(to);
  bool own_first_page = true;
  for (std::uint32_t number = 1; number <= count; ++number) {
    Bytes page(kPageBytes);
    const auto in_log = newest.find(number);
    bool sound = false;
    if (in_log != newest.end()) {
      TALLY_TRY(log.read(in_log->second.at, page));
      sound = in_log->second.fits;
    } else {
      TALLY_TRY(database.read((number - 1) * std::uint64_t{kPageBytes}, page));
      sound = page_matches(page, number);
    }
    if (number == 1 && !sound) {
      own_first_page = false;
      TALLY_TRY_ASSIGN(page, first_page_of(model));
    }
    if (number == 1) {
      page[kWriteVersionAt] = page[kWriteVersionAt + 1] = 1;
      page[kReservedAt] = kPageCheckBytes;
      store_be(count, page.data() + kPageCountAt);
    }
    if (sound || number == 1) {
      seal_page(page, number);
    } else {
      page[kPageBytes - 1] = static_cast<std::uint8_t>(~number);  // No page's number.
    }
    TALLY_TRY(out.write(page));
  }
  TALLY_TRY(out.flush());
  return own_first_page;
}

}  // namespace tally::storage
