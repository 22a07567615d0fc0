// Frames cut into chunks of any size: the decoder gives the same payloads as for one piece, and an
// error at the latest with the last one.
#include "core/link/frame.hpp"

#include <vector>

#include "tests/fuzz/fuzz_input.hpp"

using namespace tally;

namespace {

struct Outcome {
  std::vector<Bytes> payloads;
  bool failed = false;
};

void collect(link::FrameDecoder& decoder, ByteView bytes, Outcome& outcome) {
  if (outcome.failed) {
    return;
  }
  outcome.failed = !decoder.feed(bytes).has_value();
  while (const auto payload = outcome.failed ? std::nullopt : decoder.next()) {
    TALLY_ASSERT(!payload->empty() && payload->size() <= link::kFramePayloadBytesMax);
    outcome.payloads.emplace_back(payload->begin(), payload->end());
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t step = input.byte() + std::size_t{1};
  const ByteView stream = input.take(size);

  Outcome in_steps;
  link::FrameDecoder decoder;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    collect(decoder, stream.subspan(at, std::min(step, stream.size() - at)), in_steps);
  }
  Outcome by_byte;
  link::FrameDecoder other;
  for (std::size_t at = 0; at < stream.size(); ++at) {
    collect(other, stream.subspan(at, 1), by_byte);
  }
  // A bad length behind good frames in one chunk may fail the chunk as a whole.
  TALLY_ASSERT(in_steps.failed == by_byte.failed);
  TALLY_ASSERT(in_steps.payloads.size() <= by_byte.payloads.size());
  TALLY_ASSERT(in_steps.failed || in_steps.payloads == by_byte.payloads);
  for (const Bytes& payload : in_steps.payloads) {
    link::FrameDecoder again;
    TALLY_ASSERT(again.feed(link::make_frame(payload)).has_value());
    const auto back = again.next();
    TALLY_ASSERT(back && std::equal(back->begin(), back->end(), payload.begin(), payload.end()));
  }
  return 0;
}
