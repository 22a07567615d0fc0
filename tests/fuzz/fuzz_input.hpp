// What the fuzzers share: the entry point libFuzzer calls, an input that is taken apart bit by bit,
// and text views. A fuzzer ends the process when something that must hold does not.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tally::fuzz {

/// Takes an input from the front. What is not there reads as zero.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  bool empty() const { return rest_.empty(); }

  std::uint8_t byte() {
    const ByteView one = take(1);
    return one.empty() ? 0 : one[0];
  }

  /// At most `count` bytes.
  ByteView take(std::size_t count) {
    const ByteView taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  /// A length (2 bytes, big endian) and that many bytes.
  ByteView chunk() {
    const std::size_t high = byte();
    return take(high << 8 | byte());
  }

 private:
  ByteView rest_;
};

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace tally::fuzz
