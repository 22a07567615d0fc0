// Time, chance and order of the simulated world: an event queue and one seeded generator. A run is
// its seed: nothing here reads a clock or the machine's randomness.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/time.hpp"

#include "tests/sim/trace.hpp"

namespace tally::sim {

class Clockwork {
 public:
  explicit Clockwork(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15U + 1) {}

  /// Calls `what` after `delay_ms`; events of one moment run in the order they were made.
  void after(std::int64_t delay_ms, std::function<void()> what);

  /// Runs events until `until_ms`, or until none is left, or until stop().
  void run_until(std::int64_t until_ms);
  /// Ends run_until() after the present event.
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }

  std::int64_t now_ms() const { return now_ms_; }
  std::uint64_t events() const { return events_; }

  /// The next number of this seed. One draw in an argument list at most: compilers differ in the
  /// order in which they work arguments out.
  std::uint64_t random();
  /// lo … hi, both included.
  std::int64_t between(std::int64_t lo, std::int64_t hi);
  /// 0 … count − 1.
  std::size_t index(std::size_t count);
  /// True in `percent` of the cases.
  bool chance(std::int64_t percent) { return between(1, 100) <= percent; }
  /// True in `permille` of 1,000 cases.
  bool rarely(std::int64_t permille) { return between(1, 1'000) <= permille; }

  Trace& trace() { return trace_; }
  const Trace& trace() const { return trace_; }
  /// Puts one line into the trace, at the present event and time.
  void note(std::string text) { trace_.note(events_, now_ms_, std::move(text)); }

 private:
  struct Event {
    std::int64_t at_ms = 0;
    std::uint64_t order = 0;
    std::function<void()> what;
  };
  static bool later(const Event& a, const Event& b) {
    return a.at_ms != b.at_ms ? a.at_ms > b.at_ms : a.order > b.order;
  }

  std::uint64_t state_;
  std::int64_t now_ms_ = 0;
  std::uint64_t order_ = 0;
  std::uint64_t events_ = 0;
  bool stopped_ = false;
  std::vector<Event> queue_;  ///< A heap, the next event at its front.
  Trace trace_;
};

}  // namespace tally::sim
