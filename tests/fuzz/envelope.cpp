// Every message of the link: what decodes, encodes to bytes that decode to the same again.
#include "core/codec/envelope_codec.hpp"

#include "tests/fuzz/fuzz_input.hpp"

using namespace tally;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static codec::EnvelopeCodec codec;
  const auto message = codec.decode(ByteView(data, size));
  if (!message) {
    return 0;
  }
  const Bytes encoded = codec.encode(*message);
  const auto again = codec.decode(encoded);
  TALLY_ASSERT(again.has_value());
  TALLY_ASSERT(again->index() == message->index());
  TALLY_ASSERT(codec.encode(*again) == encoded);
  return 0;
}
