#include "core/node/node_clock.hpp"

#include <algorithm>
#include <limits>

#include "core/base/mutant.hpp"

namespace tally::node {
namespace {

constexpr std::int64_t kUsPerSecond = 1'000'000;
constexpr std::int64_t kUsPerDay = 86'400 * kUsPerSecond;

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  const std::int64_t quotient = a / b;
  return a % b < 0 ? quotient - 1 : quotient;
}

}  // namespace

NodeClock::NodeClock(WallTime floor, std::int32_t utc_offset_s)
    : floor_(floor), utc_offset_s_(utc_offset_s) {}

std::int64_t NodeClock::anchor(const link::TimeAnchor& anchor, Instant now) {
  if (!TALLY_MUTANT("time/anchor-ignored")) {
    anchored_ = Anchored{anchor.wall, now.boot, anchor.uncertainty_us};
  }
  floor_ = std::max(floor_, WallTime{anchor.wall.us - anchor.uncertainty_us});
  skew_s_ = floor_divide(now.wall.us - anchor.wall.us, kUsPerSecond);
  return *skew_s_;
}

WallTime NodeClock::read(Instant now) const {
  WallTime guess = now.wall;
  if (anchored_) {
    guess.us = anchored_->wall.us + (now.boot - anchored_->at).ms * 1'000;
  }
  return std::max(guess, floor_);
}

WallTime NodeClock::stamp(Instant now) {
  if (TALLY_MUTANT("time/record-before-floor")) {
    return now.wall;
  }
  floor_ = std::max(floor_, read(now));
  return floor_;
}

BusinessDay NodeClock::business_day(WallTime at) const {
  return BusinessDay{static_cast<std::int32_t>(
      floor_divide(at.us + std::int64_t{utc_offset_s_} * kUsPerSecond, kUsPerDay))};
}

TimeBracket NodeClock::bracket(Instant now) const {
  if (!anchored_) {
    return {floor_, WallTime{std::numeric_limits<std::int64_t>::max()}};
  }
  return {floor_, WallTime{read(now).us + anchored_->uncertainty_us}};
}

}  // namespace tally::node
