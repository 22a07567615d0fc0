// What a void, refund or reversal may take of the transaction it is about, and where the points of
// a redemption go back to, worked out a second time (I8). Part of ledger_rules.
#pragma once

#include <cstdint>
#include <map>

#include "tests/sim/booking.hpp"
#include "tests/sim/truth.hpp"
#include "tests/sim/verdict.hpp"

namespace tally::sim {

class CancellationRules {
 public:
  /// `bookings`: by id, all up to the one that is judged.
  CancellationRules(std::map<std::int64_t, Booking>& bookings, Truth& truth, Verdict& verdict)
      : bookings_(bookings), truth_(truth), verdict_(verdict) {}

  /// A transaction that is about another one, which from now on has less left.
  void judge(const Booking& booking);

 private:
  void judge_given_back(const Booking& booking, Booking& original, std::int64_t covered);
  std::int64_t claimed(const Booking& booking, Booking& original);

  std::map<std::int64_t, Booking>& bookings_;
  Truth& truth_;
  Verdict& verdict_;
};

}  // namespace tally::sim
