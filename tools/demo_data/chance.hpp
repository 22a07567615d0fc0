// The demo's chance: the same numbers for the same seed in every build (SplitMix64, Steele, Lea and
// Flood 2014). Not for keys of anything real: who knows the seed knows what comes.
#pragma once

#include <cstdint>
#include <iterator>
#include <span>

#include "core/crypto/random_source.hpp"

namespace tally::tools::demo {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  /// A stream of its own for one purpose (and one day, one member …).
  Chance(std::uint64_t seed, std::uint64_t purpose, std::uint64_t number)
      : state_(mix(mix(seed ^ mix(purpose)) + number)) {}

  std::uint64_t next() {
    state_ += kStep;
    return mix(state_);
  }
  /// 0 … count − 1. Requires count > 0.
  std::int64_t below(std::int64_t count) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(count));
  }
  /// Both ends included.
  std::int64_t between(std::int64_t first, std::int64_t last) {
    return first + below(last - first + 1);
  }
  bool permille(std::int64_t of_thousand) { return below(1'000) < of_thousand; }
  template <class Table>
  const auto& pick(const Table& table) {
    return table[static_cast<std::size_t>(below(static_cast<std::int64_t>(std::size(table))))];
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;
  static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111eb;
    return z ^ (z >> 31U);
  }
  std::uint64_t state_;
};

/// Keys and nonces out of the seed, so that the same arguments give the same ledger to the byte.
/// Nobody's secret: a demo only.
class SeededRandom final : public crypto::RandomSource {
 public:
  explicit SeededRandom(std::uint64_t seed) : chance_(seed, 0x6b657973, 0) {}
  void fill(std::span<std::uint8_t> out) override {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      word = i % 8 == 0 ? chance_.next() : word >> 8U;
      out[i] = static_cast<std::uint8_t>(word);
    }
  }

 private:
  Chance chance_;
};

}  // namespace tally::tools::demo
