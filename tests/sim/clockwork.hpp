// Time, chance and order of the simulated world: an event queue and one seeded generator. A run is
// its seed: nothing here reads a clock or the machine's randomness.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "core/base/time.hpp"

namespace tally::sim {

class Clockwork {
 public:
  explicit Clockwork(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15U + 1) {}

  /// Calls `what` after `delay_ms`; events of one moment run in the order they were made.
  void after(std::int64_t delay_ms, std::function<void()> what);

  /// Runs events until `until_ms`, or until none is left.
  void run_until(std::int64_t until_ms);

  std::int64_t now_ms() const { return now_ms_; }
  std::uint64_t events() const { return events_; }

  std::uint64_t random();
  /// lo … hi, both included.
  std::int64_t between(std::int64_t lo, std::int64_t hi);
  /// True in `percent` of the cases.
  bool chance(std::int64_t percent) { return between(1, 100) <= percent; }

 private:
  struct Event {
    std::int64_t at_ms;
    std::uint64_t order;
    std::function<void()> what;
    bool operator<(const Event& other) const {
      return at_ms != other.at_ms ? at_ms > other.at_ms : order > other.order;
    }
  };

  std::uint64_t state_;
  std::int64_t now_ms_ = 0;
  std::uint64_t order_ = 0;
  std::uint64_t events_ = 0;
  std::priority_queue<Event> queue_;
};

}  // namespace tally::sim
