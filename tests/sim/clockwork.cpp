#include "tests/sim/clockwork.hpp"

#include <utility>

namespace tally::sim {

void Clockwork::after(std::int64_t delay_ms, std::function<void()> what) {
  queue_.push({now_ms_ + delay_ms, order_++, std::move(what)});
}

void Clockwork::run_until(std::int64_t until_ms) {
  while (!queue_.empty() && queue_.top().at_ms <= until_ms) {
    const std::function<void()> what = queue_.top().what;
    now_ms_ = queue_.top().at_ms;
    queue_.pop();
    ++events_;
    what();
  }
  now_ms_ = until_ms;
}

// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
std::uint64_t Clockwork::random() {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

std::int64_t Clockwork::between(std::int64_t lo, std::int64_t hi) {
  return lo + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(hi - lo + 1));
}

}  // namespace tally::sim
