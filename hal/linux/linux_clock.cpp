#include "hal/linux/linux_clock.hpp"

#include <ctime>

#include "core/base/assert.hpp"

namespace tally::hal {

namespace {

std::int64_t read_us(clockid_t id) {
  timespec now{};
  TALLY_ASSERT(clock_gettime(id, &now) == 0);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

WallTime LinuxClock::wall() const {
  return WallTime{read_us(CLOCK_REALTIME)};
}
std::int64_t LinuxClock::boot_us() const {
  return read_us(CLOCK_BOOTTIME);
}
std::int64_t monotonic_us() {
  return read_us(CLOCK_MONOTONIC);
}

}  // namespace tally::hal
