#include "core/right/lifetimes.hpp"

namespace tally::right {

void Lifetimes::start(const RightKey& right, Duration lifetime, BootTime now) {
  lives_[right] = {now, lifetime, margin_};
}

void Lifetimes::resume(const RightKey& right,
                       Duration lifetime,
                       WallTime received,
                       const Moment& now) {
  std::int64_t age_us = 0;
  if (lives_.contains(right) || __builtin_sub_overflow(now.latest.us, received.us, &age_us) ||
      age_us < 0 || age_us / 1'000 >= lifetime.ms) {
    return;
  }
  lives_[right] = {BootTime{now.boot.ms - age_us / 1'000 - 1}, lifetime, margin_};
}

bool Lifetimes::may_spend(const RightKey& right, BootTime now) const {
  const auto life = lives_.find(right);
  return life != lives_.end() && ledger::may_spend_at(life->second, now);
}

Duration Lifetimes::left(const RightKey& right, BootTime now) const {
  if (!may_spend(right, now)) {
    return {};
  }
  const ledger::RightLifetime& life = lives_.at(right);
  return {life.lifetime.ms - life.margin.ms - (now - life.received_at).ms};
}

}  // namespace tally::right
