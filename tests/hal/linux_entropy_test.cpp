#include "hal/linux/linux_entropy.hpp"

#include "core/base/bytes.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::hal;

struct LinuxEntropyTest : Utest {
  LinuxEntropy entropy;
};

TEST_GROUP_BASE(LinuxEntropy, LinuxEntropyTest){};

TEST(LinuxEntropy, TwoFills_Differ) {
  ByteArray<32> a{};
  ByteArray<32> b{};
  CHECK(entropy.fill(a).has_value());
  CHECK(entropy.fill(b).has_value());
  CHECK(a != b);
  CHECK(a != ByteArray<32>{});
}

TEST(LinuxEntropy, EmptySpan_IsFine) {
  CHECK(entropy.fill({}).has_value());
}
