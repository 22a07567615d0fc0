// The kernel's clocks: CLOCK_REALTIME and CLOCK_BOOTTIME.
#pragma once

#include "hal/clock.hpp"

namespace tally::hal {

class LinuxClock final : public Clock {
 public:
  WallTime wall() const override;
  std::int64_t boot_us() const override;
};

/// CLOCK_MONOTONIC in microseconds: comparable between programs on one machine, stands still while
/// the machine sleeps. For measurements only.
std::int64_t monotonic_us();

}  // namespace tally::hal
