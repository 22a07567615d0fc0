#include "tests/sim/clockwork.hpp"

#include <algorithm>
#include <utility>

namespace tally::sim {

void Clockwork::after(std::int64_t delay_ms, std::function<void()> what) {
  queue_.push_back({now_ms_ + delay_ms, order_++, std::move(what)});
  std::push_heap(queue_.begin(), queue_.end(), later);
}

void Clockwork::run_until(std::int64_t until_ms) {
  while (!stopped_ && !queue_.empty() && queue_.front().at_ms <= until_ms) {
    std::pop_heap(queue_.begin(), queue_.end(), later);
    const Event event = std::move(queue_.back());
    queue_.pop_back();
    now_ms_ = event.at_ms;
    ++events_;
    trace_.mix(static_cast<std::uint64_t>(event.at_ms));
    trace_.mix(event.order);
    event.what();
  }
  if (!stopped_) {
    now_ms_ = until_ms;
  }
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

std::size_t Clockwork::index(std::size_t count) {
  return static_cast<std::size_t>(between(0, static_cast<std::int64_t>(count) - 1));
}

}  // namespace tally::sim
