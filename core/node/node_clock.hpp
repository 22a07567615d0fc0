// A node's idea of the time. Machines are wrong about it: clocks drift, die, and jump by years;
// what tells them the time may be wrong as well. So the time is a bracket: from the anchors of the
// node above, widened by how long an answer was on its way and by the drift since; between anchors
// it runs on boot time, which never jumps. After a restart the clock chip carries it on (kHeld) as
// long as what it says can follow from the last anchor. Without either, only bounds are known.
//
// Two floors: what has certainly passed (build, anchors), against which anchors and certificates
// are judged, and the last stamp given, below which no later one lies. A stamp made while the time
// was unknown may lie in the future; it must not make true anchors look wrong.
//
// Fed with readings; reads no clock itself.
#pragma once

#include <algorithm>
#include <optional>

#include "core/base/time.hpp"
#include "core/link/messages.hpp"

namespace tally::node {

/// What a business instant can lie between; judged against certificates and expiry.
struct TimeBracket {
  WallTime lo;
  WallTime hi;
};

/// What a restart needs of an anchor: the time then, and how far the clock chip was ahead of it.
struct HeldAnchor {
  WallTime wall;
  std::int64_t chip_ahead_us = 0;
  std::int64_t uncertainty_us = 0;
  bool operator==(const HeldAnchor&) const = default;
};

enum class AnchorVerdict : std::uint8_t {
  kTaken,
  kOfUnknownTime,  ///< The node above does not know the time itself.
  kDisputed,       ///< It contradicts what is known; believed when it keeps coming for hours.
};

class NodeClock {
 public:
  /// `passed` is the latest time that has certainly passed: build or an anchor.
  NodeClock(WallTime passed, std::int32_t utc_offset_s);

  /// After a restart: `last_stamp` as kept, and the last anchor when there was one.
  void start(WallTime last_stamp, const std::optional<HeldAnchor>& held, Instant now);

  /// Takes the time of the node above, which heard of `now` at most `delay` ago.
  AnchorVerdict anchor(const link::TimeAnchor& anchor, Duration delay, Instant now);

  /// The wall time for a record made at `now`, never below the one before.
  WallTime stamp(Instant now);
  /// The same without effect, for display.
  WallTime read(Instant now) const;
  /// How far read() can be trusted; kUnknown also when the last stamp lies beyond the bracket.
  ClockQuality quality(Instant now) const;
  /// Whether the bracket is closed: anchored, or held from before the last start.
  bool knows_time() const { return known_.has_value(); }

  BusinessDay business_day(WallTime at) const;

  /// Open to the future while the time is unknown.
  TimeBracket bracket(Instant now) const;
  /// Half the bracket's width; none while the time is unknown.
  std::optional<std::int64_t> uncertainty_us(Instant now) const;

  /// How far the machine's own clock is ahead of the time, as far as it was told in this boot.
  std::optional<std::int64_t> skew_s(Instant now) const;
  /// Anchors of this boot that contradicted what was known.
  std::uint32_t disputed() const { return disputed_; }

  /// What no later stamp lies below, to be kept.
  WallTime floor() const { return std::max(last_stamp_, passed_); }
  /// What a restart can go on from; none before the first anchor of this boot.
  std::optional<HeldAnchor> to_hold(Instant now) const;

 private:
  /// A time known at one moment of this boot.
  struct Known {
    WallTime wall;
    BootTime at;
    std::int64_t uncertainty_us = 0;

    WallTime now(Instant now) const { return {wall.us + (now.boot - at).ms * 1'000}; }
    std::int64_t uncertainty(Instant now) const;
  };

  AnchorVerdict dispute(const Known& told, Instant now);
  bool contradicts(const Known& told, Instant now) const;

  WallTime passed_;
  WallTime last_stamp_;
  std::int32_t utc_offset_s_;
  std::optional<Known> known_;  ///< Anchored or held.
  bool anchored_ = false;       ///< In this boot.
  std::optional<Known> guess_;  ///< While nothing is known: from the machine's clock at start.
  std::optional<Known> told_;   ///< The last anchor, taken or not: what skew is measured against.
  std::optional<Known> doubt_;  ///< The first of the disputed anchors that agree.
  std::uint32_t doubts_ = 0;    ///< How many of them, an hour or more apart.
  std::uint32_t disputed_ = 0;
};

}  // namespace tally::node
