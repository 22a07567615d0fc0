// Hexadecimal literals of published test vectors.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"
#include "core/crypto/random_source.hpp"

namespace tally::test {

/// The bytes of a hexadecimal literal; spaces are ignored.
inline Bytes hex(std::string_view text) {
  std::string digits;
  std::copy_if(
      text.begin(), text.end(), std::back_inserter(digits), [](char c) { return c != ' '; });
  auto bytes = from_hex(digits);
  TALLY_ASSERT(bytes);
  return *bytes;
}

template <std::size_t N>
ByteArray<N> hex_array(std::string_view text) {
  const Bytes bytes = hex(text);
  TALLY_ASSERT(bytes.size() == N);
  ByteArray<N> array;
  std::copy(bytes.begin(), bytes.end(), array.begin());
  return array;
}

/// Repeatable "random" bytes from a seed (SplitMix64): tests only.
class SeededRandom : public crypto::RandomSource {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) {
      state_ += 0x9e3779b97f4a7c15;
      std::uint64_t z = state_;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      byte = static_cast<std::uint8_t>(z >> 56);
    }
  }

 private:
  std::uint64_t state_;
};

}  // namespace tally::test
