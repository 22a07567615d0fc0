// Contract of the source of randomness for boot ids and keys. Safe from any thread.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/result.hpp"

namespace tally::hal {

class Entropy {
 public:
  Entropy() = default;
  Entropy(const Entropy&) = delete;
  Entropy& operator=(const Entropy&) = delete;
  virtual ~Entropy() = default;

  /// Fills `out` with bytes fit for keys.
  /// Errors: kUnavailable when the source is not seeded or failed; `out` must not be used then.
  virtual Status fill(std::span<std::uint8_t> out) = 0;
};

}  // namespace tally::hal
