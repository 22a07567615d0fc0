#include "core/node/node_clock.hpp"

#include <algorithm>
#include <limits>

#include "core/base/mutant.hpp"

namespace tally::node {
namespace {

constexpr std::int64_t kUsPerSecond = 1'000'000;
constexpr std::int64_t kUsPerDay = 86'400 * kUsPerSecond;

/// A cheap crystal over its whole range of temperature is within 500 ppm.
constexpr std::int64_t kDriftPerMillion = 500;
/// A clock chip is read in whole seconds.
constexpr std::int64_t kChipReadingUs = 2 * kUsPerSecond;
/// What the clock chip says is believed for so long after the last anchor.
constexpr std::int64_t kHeldMaxUs = 400 * kUsPerDay;
/// No device lies on a shelf for longer.
constexpr std::int64_t kAheadMaxUs = 3'653 * kUsPerDay;
/// A disputed time is believed when it was told so often, each time an hour or more after the last.
constexpr std::uint32_t kDoubtsToBelieve = 3;
constexpr Duration kDoubtSpacing{3'600'000};

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  const std::int64_t quotient = a / b;
  return a % b < 0 ? quotient - 1 : quotient;
}

/// Of a build that names no time nothing is known, so nothing is far from it.
bool is_far_ahead(std::int64_t us, WallTime passed) {
  return passed.us > 0 && us - passed.us > kAheadMaxUs;
}

std::int64_t drift(std::int64_t elapsed_us) {
  return elapsed_us / 1'000'000 * kDriftPerMillion;
}

}  // namespace

std::int64_t NodeClock::Known::uncertainty(Instant now) const {
  return uncertainty_us + drift((now.boot - at).ms * 1'000);
}

NodeClock::NodeClock(WallTime passed, std::int32_t utc_offset_s)
    : passed_(passed), last_stamp_(passed), utc_offset_s_(utc_offset_s) {}

void NodeClock::start(WallTime last_stamp, const std::optional<HeldAnchor>& held, Instant now) {
  last_stamp_ = std::max(last_stamp_, last_stamp);
  if (held) {
    passed_ = std::max(passed_, WallTime{held->wall.us - held->uncertainty_us});
    const WallTime said{now.wall.us - held->chip_ahead_us};
    const std::int64_t elapsed_us = said.us - held->wall.us;
    if (elapsed_us >= 0 && elapsed_us <= kHeldMaxUs && said >= passed_) {
      known_ = Known{said, now.boot, held->uncertainty_us + drift(elapsed_us) + kChipReadingUs};
      return;
    }
  }
  const bool plausible = now.wall >= last_stamp_ && !is_far_ahead(now.wall.us, last_stamp_);
  guess_ = Known{plausible ? now.wall : last_stamp_, now.boot, 0};
}

AnchorVerdict NodeClock::anchor(const link::TimeAnchor& anchor, Duration delay, Instant now) {
  // Somewhere on its way the answer aged by up to `delay`: the middle of what is possible.
  const std::int64_t half_us = std::max<std::int64_t>(delay.ms, 0) * 500;
  const Known told{WallTime{anchor.wall.us + half_us},
                   now.boot,
                   std::max<std::int64_t>(anchor.uncertainty_us, 0) + half_us};
  told_ = told;
  if (anchor.quality == ClockQuality::kUnknown) {
    return AnchorVerdict::kOfUnknownTime;
  }
  if (TALLY_MUTANT("time/anchor-ignored")) {
    return AnchorVerdict::kTaken;
  }
  if (contradicts(told, now)) {
    return dispute(told, now);
  }
  doubt_.reset();
  passed_ = std::max(passed_, WallTime{told.wall.us - told.uncertainty_us});
  if (!anchored_ || told.uncertainty_us <= known_->uncertainty(now)) {
    known_ = told;
    anchored_ = true;
  }
  return AnchorVerdict::kTaken;
}

bool NodeClock::contradicts(const Known& told, Instant now) const {
  const std::int64_t hi = told.wall.us + told.uncertainty_us;
  const std::int64_t lo = told.wall.us - told.uncertainty_us;
  if (hi < passed_.us || is_far_ahead(lo, passed_)) {
    return true;
  }
  if (!anchored_) {
    return false;  // The clock chip's word yields to an anchor.
  }
  const TimeBracket mine = bracket(now);
  return lo > mine.hi.us || hi < mine.lo.us;
}

AnchorVerdict NodeClock::dispute(const Known& told, Instant now) {
  ++disputed_;
  const bool agrees = doubt_ && std::abs(doubt_->now(now).us - told.wall.us) <=
                                    doubt_->uncertainty(now) + told.uncertainty_us;
  if (!agrees) {
    doubt_ = told;
    doubts_ = 1;
    return AnchorVerdict::kDisputed;
  }
  if (now.boot - doubt_->at < kDoubtSpacing) {
    return AnchorVerdict::kDisputed;
  }
  doubt_ = told;
  // What has certainly passed stays so; within that, what is told for hours is the time.
  if (++doubts_ < kDoubtsToBelieve || told.wall.us + told.uncertainty_us < passed_.us) {
    return AnchorVerdict::kDisputed;
  }
  doubt_.reset();
  known_ = told;
  anchored_ = true;
  return AnchorVerdict::kTaken;
}

WallTime NodeClock::read(Instant now) const {
  WallTime best = now.wall;
  if (known_) {
    best = known_->now(now);
  } else if (guess_) {
    best = guess_->now(now);
  }
  return std::max({best, last_stamp_, passed_});
}

WallTime NodeClock::stamp(Instant now) {
  if (TALLY_MUTANT("time/record-before-floor")) {
    return now.wall;
  }
  last_stamp_ = read(now);
  return last_stamp_;
}

ClockQuality NodeClock::quality(Instant now) const {
  if (!known_ || last_stamp_ > bracket(now).hi) {
    return ClockQuality::kUnknown;
  }
  return anchored_ ? ClockQuality::kAnchored : ClockQuality::kHeld;
}

BusinessDay NodeClock::business_day(WallTime at) const {
  return BusinessDay{static_cast<std::int32_t>(
      floor_divide(at.us + std::int64_t{utc_offset_s_} * kUsPerSecond, kUsPerDay))};
}

TimeBracket NodeClock::bracket(Instant now) const {
  if (!known_) {
    return {passed_, WallTime{std::numeric_limits<std::int64_t>::max()}};
  }
  const WallTime middle = known_->now(now);
  const std::int64_t half_us = known_->uncertainty(now);
  const WallTime lo = std::max(passed_, WallTime{middle.us - half_us});
  return {lo, std::max(lo, WallTime{middle.us + half_us})};
}

std::optional<std::int64_t> NodeClock::uncertainty_us(Instant now) const {
  return known_ ? std::optional(known_->uncertainty(now)) : std::nullopt;
}

std::optional<std::int64_t> NodeClock::skew_s(Instant now) const {
  if (!told_) {
    return std::nullopt;
  }
  return floor_divide(now.wall.us - told_->now(now).us, kUsPerSecond);
}

std::optional<HeldAnchor> NodeClock::to_hold(Instant now) const {
  if (!anchored_) {
    return std::nullopt;
  }
  const WallTime middle = known_->now(now);
  return HeldAnchor{middle, now.wall.us - middle.us, known_->uncertainty(now)};
}

}  // namespace tally::node
