#include "tests/sim/time_watch.hpp"

#include <cstdlib>
#include <limits>

namespace tally::sim {
namespace {

bool contains(const link::TimeAnchor& anchor, WallTime true_time, Duration age_max) {
  const std::int64_t ahead_us = anchor.wall.us - true_time.us;
  return ahead_us <= anchor.uncertainty_us &&
         -ahead_us <= anchor.uncertainty_us + age_max.ms * 1'000;
}

std::string seconds(std::int64_t us) {
  return std::to_string(us / 1'000'000) + " s";
}

}  // namespace

void TimeWatch::on_boot(WallTime true_time) {
  booted_at_ = true_time;
  heard_ = false;
  misled_ = false;
}

void TimeWatch::on_told(const link::TimeAnchor& anchor, bool gateway_was_told, WallTime true_time) {
  if (!gateway_was_told || !wrong_anchor_.empty()) {
    return;
  }
  if (anchor.quality == ClockQuality::kUnknown) {
    wrong_anchor_ = "knows no time";
  } else if (!contains(anchor, true_time, Duration{})) {
    wrong_anchor_ = "is " + seconds(anchor.wall.us - true_time.us) + " ahead and believes within " +
                    seconds(anchor.uncertainty_us);
  }
}

void TimeWatch::on_heard(const link::TimeAnchor& anchor, Duration age_max, WallTime true_time) {
  if (anchor.quality == ClockQuality::kUnknown) {
    return;
  }
  heard_ = true;
  misled_ = misled_ || !contains(anchor, true_time, age_max);
}

void TimeWatch::on_seen(const std::vector<const Fact*>& facts,
                        const node::TimeBracket& bracket,
                        WallTime true_time) {
  if (!wrong_anchor_.empty()) {
    verdict_.violated("I13",
                      "the gateway of " + name_ + ", which the OA has told, " + wrong_anchor_);
    return;
  }
  if (!heard_ || misled_) {
    return;
  }
  if (bracket.hi.us == std::numeric_limits<std::int64_t>::max()) {
    verdict_.violated("I13", name_ + " knows no time although its gateway told it");
  } else if (true_time < bracket.lo || true_time > bracket.hi) {
    verdict_.violated("I13",
                      name_ + " is sure that the time is another: by " +
                          seconds(true_time < bracket.lo ? bracket.lo.us - true_time.us
                                                         : bracket.hi.us - true_time.us));
  }
  for (const Fact* fact : facts) {
    judge_record(*fact, bracket);
  }
}

// A record of an anchored clock was made when it says, as exactly as the terminal knew.
void TimeWatch::judge_record(const Fact& fact, const node::TimeBracket& bracket) {
  if (fact.clock_quality != ClockQuality::kAnchored) {
    return;
  }
  const std::int64_t made_us = booted_at_.us + fact.boot_time.ms * 1'000;
  if (std::abs(fact.wall.us - made_us) > bracket.hi.us - bracket.lo.us) {
    verdict_.violated("I13",
                      name_of(fact.id) + " was made " + seconds(made_us - fact.wall.us) +
                          " after the time it says");
  }
}

}  // namespace tally::sim
