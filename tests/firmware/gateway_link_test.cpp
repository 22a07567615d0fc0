#include "firmware/gateway_link.hpp"

#include <cstdint>

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::firmware;

namespace {

class FixedBytes final : public crypto::RandomSource {
 public:
  explicit FixedBytes(std::uint8_t byte) : byte_(byte) {}
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      byte = byte_;
    }
  }

 private:
  std::uint8_t byte_;
};

}  // namespace

TEST_GROUP(Backoff){};

TEST(Backoff, Pauses_DoubleUpToTheMaximum) {
  FixedBytes none(0);
  Backoff backoff(Duration{200}, Duration{1000}, none);
  LONGS_EQUAL(200, backoff.next().ms);
  LONGS_EQUAL(400, backoff.next().ms);
  LONGS_EQUAL(800, backoff.next().ms);
  LONGS_EQUAL(1000, backoff.next().ms);
  LONGS_EQUAL(1000, backoff.next().ms);
}

TEST(Backoff, Jitter_TakesAtMostHalf) {
  FixedBytes most(255);
  Backoff backoff(Duration{200}, Duration{1000}, most);
  LONGS_EQUAL(100, backoff.next().ms);
  LONGS_EQUAL(200, backoff.next().ms);
}

TEST(Backoff, Reset_BeginsAgain) {
  FixedBytes none(0);
  Backoff backoff(Duration{200}, Duration{1000}, none);
  static_cast<void>(backoff.next());
  static_cast<void>(backoff.next());
  backoff.reset();
  LONGS_EQUAL(200, backoff.next().ms);
}

TEST(Backoff, ShortestPause_IsNeverNothing) {
  FixedBytes most(255);
  Backoff backoff(Duration{1}, Duration{1}, most);
  LONGS_EQUAL(1, backoff.next().ms);
}
