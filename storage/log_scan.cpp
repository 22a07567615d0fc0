#include "storage/log_scan.hpp"

#include <utility>

#include "core/base/try.hpp"

namespace tally::storage {
namespace {

constexpr std::size_t kFrameHeaderBytes = 24;
constexpr std::uint32_t kLogMagic = 0x377f0682;  ///< One more: check sums in big endian.
constexpr std::size_t kSummedBytes = 8;          ///< Of a frame's header: page, pages then.

}  // namespace

LogScan::LogScan(RawFile& file, Bytes header) : file_(file), header_(std::move(header)) {
  big_endian_ = (word(header_, 0) & 1U) != 0;
  page_bytes_ = word(header_, 8);
}

bool LogScan::header_is_whole() const {
  return (word(header_, 0) & ~1U) == kLogMagic && page_bytes_ >= 512 && page_bytes_ <= 65'536 &&
         add({}, ByteView(header_).first(24)) == Sum{word(header_, 24), word(header_, 28)};
}

LogScan::Sum LogScan::add(Sum sum, ByteView bytes) const {
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

Result<std::uint64_t> LogScan::first_break() {
  Sum running{word(header_, 24), word(header_, 28)};
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
    const Sum sum =
        add(add(running, ByteView(frame).first(8)), ByteView(frame).subspan(kFrameHeaderBytes));
    const Sum stored{word(frame, 16), word(frame, 20)};
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

Result<std::vector<LogFrame>> LogScan::frames(std::uint32_t page_bytes) {
  const bool whole = header_is_whole();
  page_bytes_ = page_bytes;
  TALLY_TRY_ASSIGN(std::vector<LogFrame> found, walk());
  if (!whole && found.empty()) {
    big_endian_ = !big_endian_;  // The bit that says so may be the damage.
    return walk();
  }
  return found;
}

Result<std::vector<LogFrame>> LogScan::walk() {
  std::vector<LogFrame> frames;
  std::size_t complete = 0;
  Sum stored_before{word(header_, 24), word(header_, 28)};
  Sum worked_out_before = stored_before;
  Bytes bytes(kFrameHeaderBytes + page_bytes_);
  for (std::uint64_t number = 0, misses = 0; misses < 3; ++number) {
    const std::uint64_t at = kLogHeaderBytes + number * bytes.size();
    TALLY_TRY_ASSIGN(const bool there, file_.read(at, bytes));
    if (!there) {
      break;
    }
    const auto sum_from = [&](Sum before) {
      return add(add(before, ByteView(bytes).first(kSummedBytes)),
                 ByteView(bytes).subspan(kFrameHeaderBytes));
    };
    const Sum stored{word(bytes, 16), word(bytes, 20)};
    LogFrame frame{0, at + kFrameHeaderBytes, sum_from(stored_before) == stored, 0};
    if (!frame.fits && sum_from(worked_out_before) == stored) {
      // Of the frame before only the sum is damaged.
      frame.fits = true;
      if (!frames.empty()) {
        frames.back().fits = true;
      }
    }
    for (std::size_t bit = 0; !frame.fits && bit < 8 * kSummedBytes; ++bit) {
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      frame.fits = sum_from(stored_before) == stored;
      if (!frame.fits) {
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      }
    }
    frame.page = word(bytes, 0);
    frame.pages_then = word(bytes, 4);
    misses = frame.fits ? 0 : misses + 1;
    worked_out_before = sum_from(stored_before);
    stored_before = stored;
    frames.push_back(frame);
    if (frame.fits && frame.pages_then != 0) {
      complete = frames.size();
    }
  }
  frames.resize(complete);
  return frames;
}

}  // namespace tally::storage
