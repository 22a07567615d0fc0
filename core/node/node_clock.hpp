// A node's idea of the time: never below max(build time, last anchor, last record), corrected
// by the gateway's anchors, with a quality that every record carries. Fed with readings; reads no
// clock itself.
#pragma once

#include <optional>

#include "core/base/time.hpp"
#include "core/link/messages.hpp"

namespace tally::node {

/// What a business instant can lie between; judged against certificates and expiry.
struct TimeBracket {
  WallTime lo;
  WallTime hi;
};

class NodeClock {
 public:
  /// `floor` is the latest time known to have passed: build time or the journal's time floor.
  NodeClock(WallTime floor, std::int32_t utc_offset_s);

  /// Takes the time of the node above as read at `now`; gives the skew of the machine's clock in
  /// seconds.
  std::int64_t anchor(const link::TimeAnchor& anchor, Instant now);

  /// The best wall time for a record made at `now`, never below the floor, which it raises.
  WallTime stamp(Instant now);

  /// The same without raising the floor, for display.
  WallTime read(Instant now) const;

  BusinessDay business_day(WallTime at) const;
  ClockQuality quality() const {
    return anchored_ ? ClockQuality::kAnchored : ClockQuality::kUnknown;
  }
  std::optional<std::int64_t> skew_s() const { return skew_s_; }
  WallTime floor() const { return floor_; }

  /// From the floor to the best guess when anchored; open to the future otherwise.
  TimeBracket bracket(Instant now) const;

 private:
  struct Anchored {
    WallTime wall;
    BootTime at;
    std::int64_t uncertainty_us = 0;
  };

  WallTime floor_;
  std::int32_t utc_offset_s_;
  std::optional<Anchored> anchored_;
  std::optional<std::int64_t> skew_s_;
};

}  // namespace tally::node
