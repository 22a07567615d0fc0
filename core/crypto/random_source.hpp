// Where core/ gets random bytes from: passed in, so that tests and the simulator stay repeatable.
// transport/os_random.hpp is the real one. One thread at a time.
#pragma once

#include <cstdint>
#include <span>

namespace tally::crypto {

class RandomSource {
 public:
  virtual ~RandomSource() = default;

  /// Fills all of `out` with bytes nobody can guess. Cannot fail: an implementation that finds its
  /// source dead ends the process.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

}  // namespace tally::crypto
