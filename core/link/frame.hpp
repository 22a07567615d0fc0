// Frames of the link, sans-I/O: a length (4 bytes, big endian) and that many bytes of one Envelope
// (docs/formats/link.md). The decoder owns one bounded buffer; what does not fit is refused, not
// stored.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace tally::link {

inline constexpr std::size_t kFramePrefixBytes = 4;
inline constexpr std::size_t kFramePayloadBytesMax = 16 * 1024;

/// Puts the length before a payload. Requires 1 … kFramePayloadBytesMax bytes.
Bytes make_frame(ByteView payload);

class FrameDecoder {
 public:
  /// Takes any number of bytes as they arrived. Errors: kExhausted when a frame announces more than
  /// kFramePayloadBytesMax, kInvalid when it announces nothing; the decoder is then of no more use.
  Status feed(ByteView bytes);

  /// The next whole payload, or none yet; the view is valid until the next feed().
  std::optional<ByteView> next();

 private:
  Status check_length();

  Bytes buffer_;
  std::size_t taken_ = 0;  ///< Bytes of buffer_ already handed out.
};

}  // namespace tally::link
