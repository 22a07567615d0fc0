#include "hal/linux/linux_clock.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::hal;

struct LinuxClockTest : Utest {
  LinuxClock clock;
};

TEST_GROUP_BASE(LinuxClock, LinuxClockTest){};

TEST(LinuxClock, ReadTwice_NeverGoesBack) {
  const auto first = clock.boot_us();
  const auto second = clock.boot_us();
  CHECK(second >= first);
  CHECK(clock.boot().ms >= first / 1000);
  const auto earlier = monotonic_us();
  CHECK(monotonic_us() >= earlier);
}

TEST(LinuxClock, WallTime_IsAfterThisWasWritten) {
  CHECK(clock.wall().us > 1'700'000'000'000'000);
}
