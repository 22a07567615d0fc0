// Contract of the clocks: wall time, which may jump or be wrong, and boot time, which does not.
// Safe from any thread.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"

namespace tally::hal {

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  /// The machine's idea of now, as it is: floors and anchors are applied by core/node.
  virtual WallTime wall() const = 0;

  /// Microseconds since some moment of this boot; never goes back, goes on while the machine
  /// sleeps.
  virtual std::int64_t boot_us() const = 0;

  BootTime boot() const { return BootTime{boot_us() / 1000}; }
  Instant now() const { return Instant{wall(), boot()}; }
};

}  // namespace tally::hal
