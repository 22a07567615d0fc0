// How long each right of a holder may still be spent (G5). It runs on boot time since receipt, less
// a margin for drift. A right that was received in an earlier boot is as old as it can possibly be:
// from the earliest its receipt was to the latest it is now (ADR 27). Not kept: what is durable is
// when a right was received.
#pragma once

#include <map>

#include "core/ledger/right.hpp"
#include "core/right/right_rows.hpp"

namespace tally::right {

/// Now: boot time, and what the wall time lies between.
struct Moment {
  BootTime boot;
  WallTime earliest;
  WallTime latest;
};

class Lifetimes {
 public:
  explicit Lifetimes(Duration margin) : margin_(margin) {}

  /// The right was received at `now`.
  void start(const RightKey& right, Duration lifetime, BootTime now);
  /// The right was received in an earlier boot, not before `received`. Nothing when it is known in
  /// this one; a right whose age cannot be told is too old.
  void resume(const RightKey& right, Duration lifetime, WallTime received, const Moment& now);
  void end(const RightKey& right) { lives_.erase(right); }

  bool may_spend(const RightKey& right, BootTime now) const;
  /// What is left, the margin taken off; zero when nothing is.
  Duration left(const RightKey& right, BootTime now) const;

 private:
  Duration margin_;
  std::map<RightKey, ledger::RightLifetime> lives_;
};

}  // namespace tally::right
