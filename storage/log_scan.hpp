// Reads a write-ahead log as bytes, without SQLite, also behind a place where it is damaged. The
// format: sqlite.org/fileformat2.html, "The Write-Ahead Log". Internal to storage/.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

#include "storage/raw_file.hpp"

namespace tally::storage {

inline constexpr std::size_t kLogHeaderBytes = 32;

/// One page in the log.
struct LogFrame {
  std::uint32_t page = 0;
  std::uint64_t at = 0;  ///< Where its content stands in the log.
  bool fits = false;     ///< Its check sum follows from the frame before.
  std::uint32_t pages_then =
      0;  ///< Of the database, when a transaction is complete with it; else 0.
};

class LogScan {
 public:
  /// `header` is the log's, kLogHeaderBytes.
  LogScan(RawFile& file, Bytes header);

  bool header_is_whole() const;

  /// The number of the first frame that breaks the chain although a complete transaction and
  /// something after it stand behind it; 0 when there is none.
  Result<std::uint64_t> first_break();

  /// After first_break(): pages whose present content stands in the log.
  const std::set<std::uint32_t>& pages() const { return pages_; }

  /// All frames of this log up to the last complete transaction, those behind a break included. A
  /// header that is damaged is made good from the first frame.
  Result<std::vector<LogFrame>> frames(std::uint32_t page_bytes);

 private:
  struct Sum {
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    bool operator==(const Sum&) const = default;
  };

  static std::uint32_t word(ByteView bytes, std::size_t at) {
    return load_be<std::uint32_t>(bytes.data() + at);
  }
  Sum add(Sum sum, ByteView bytes) const;
  Result<std::vector<LogFrame>> walk();

  RawFile& file_;
  Bytes header_;
  bool big_endian_ = false;
  std::uint32_t page_bytes_ = 0;
  std::set<std::uint32_t> pages_;
};

}  // namespace tally::storage
