#include "core/record/packed.hpp"

#include "core/base/assert.hpp"
#include "core/record/header.hpp"

namespace tally::record {

void append_packed(Bytes& packed, ByteView sealed) {
  TALLY_ASSERT(sealed.size() <= kRecordBytesMax);
  packed.push_back(static_cast<std::uint8_t>(sealed.size() >> 8));
  packed.push_back(static_cast<std::uint8_t>(sealed.size() & 0xff));
  packed.insert(packed.end(), sealed.begin(), sealed.end());
}

std::optional<ByteView> PackedReader::next() {
  if (rest_.empty()) {
    return std::nullopt;
  }
  const std::size_t length = rest_.size() < 2 ? SIZE_MAX : load_be<std::uint16_t>(rest_.data());
  if (rest_.size() < 2 || length > rest_.size() - 2) {
    truncated_ = true;
    rest_ = {};
    return std::nullopt;
  }
  const ByteView record = rest_.subspan(2, length);
  rest_ = rest_.subspan(2 + length);
  return record;
}

}  // namespace tally::record
