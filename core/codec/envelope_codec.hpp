// Link messages to and from the bytes of one Envelope (proto/link.proto). Decoding uses one scratch
// structure a codec, so a codec belongs to one connection or one thread. The only folder that sees
// pb.h.
#pragma once

#include <memory>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/link/messages.hpp"

namespace tally::codec {

class EnvelopeCodec {
 public:
  EnvelopeCodec();
  ~EnvelopeCodec();
  EnvelopeCodec(EnvelopeCodec&&) noexcept;
  EnvelopeCodec& operator=(EnvelopeCodec&&) noexcept;

  /// Encodes a message; strings longer than the schema's bound are cut, too many elements are a
  /// programming error.
  Bytes encode(const link::Message& message);

  /// Decodes one payload. Unknown fields are ignored. Errors: kInvalid when it is not an Envelope,
  /// a bound of the schema is exceeded, an enum or a fixed-size field has a wrong value;
  /// kUnsupported when the message kind is unknown to, or not used by, this build.
  Result<link::Message> decode(ByteView payload);

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace tally::codec
