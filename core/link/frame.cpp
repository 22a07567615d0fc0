#include "core/link/frame.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"

namespace tally::link {

Bytes make_frame(ByteView payload) {
  TALLY_ASSERT(!payload.empty() && payload.size() <= kFramePayloadBytesMax);
  Bytes frame(kFramePrefixBytes + payload.size());
  store_be(static_cast<std::uint32_t>(payload.size()), frame.data());
  std::copy(payload.begin(), payload.end(), frame.begin() + kFramePrefixBytes);
  return frame;
}

Status FrameDecoder::feed(ByteView bytes) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken_));
  taken_ = 0;
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  return check_length();
}

std::optional<ByteView> FrameDecoder::next() {
  const std::size_t have = buffer_.size() - taken_;
  if (have < kFramePrefixBytes) {
    return std::nullopt;
  }
  const std::size_t length = load_be<std::uint32_t>(buffer_.data() + taken_);
  if (length > kFramePayloadBytesMax || length == 0 || have - kFramePrefixBytes < length) {
    return std::nullopt;
  }
  const ByteView payload{buffer_.data() + taken_ + kFramePrefixBytes, length};
  taken_ += kFramePrefixBytes + length;
  return payload;
}

Status FrameDecoder::check_length() {
  // Every whole or started frame in the buffer is judged now, so that a hostile length is refused
  // before any of its bytes are waited for.
  for (std::size_t at = 0; buffer_.size() - at >= kFramePrefixBytes;) {
    const std::size_t length = load_be<std::uint32_t>(buffer_.data() + at);
    if (length > kFramePayloadBytesMax) {
      return make_error(Errc::kExhausted,
                        "frame announces more than 16384 bytes",
                        static_cast<std::int32_t>(std::min<std::size_t>(length, INT32_MAX)));
    }
    if (length == 0) {
      return make_error(Errc::kInvalid, "frame announces no bytes");
    }
    if (buffer_.size() - at - kFramePrefixBytes < length) {
      break;
    }
    at += kFramePrefixBytes + length;
  }
  return {};
}

}  // namespace tally::link
