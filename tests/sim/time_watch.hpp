// The oracle at one terminal's clock: whoever was told the time knows it, what a node believes
// contains the true time, and a record says no other. Judged when a customer sees the result.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/link/messages.hpp"
#include "core/node/node_clock.hpp"

#include "tests/sim/truth.hpp"
#include "tests/sim/verdict.hpp"

namespace tally::sim {

class TimeWatch {
 public:
  TimeWatch(Verdict& verdict, std::string name) : verdict_(verdict), name_(std::move(name)) {}

  /// A new boot has heard nothing yet.
  void on_boot(WallTime true_time);
  /// What a gateway is about to tell; one that the OA has told the time must know it.
  void on_told(const link::TimeAnchor& anchor, bool gateway_was_told, WallTime true_time);
  /// The terminal takes this, of which it believes that it was on its way for so long at most.
  void on_heard(const link::TimeAnchor& anchor, Duration age_max, WallTime true_time);
  /// A customer sees what these records say; the terminal believes in `bracket`.
  void on_seen(const std::vector<const Fact*>& facts,
               const node::TimeBracket& bracket,
               WallTime true_time);

 private:
  void judge_record(const Fact& fact, const node::TimeBracket& bracket);

  Verdict& verdict_;
  std::string name_;
  WallTime booted_at_;
  bool heard_ = false;
  bool misled_ = false;       ///< What it heard was older than it could know.
  std::string wrong_anchor_;  ///< The first one a gateway told; empty when none was.
};

}  // namespace tally::sim
