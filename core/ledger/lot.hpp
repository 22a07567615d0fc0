// Lots: the points of one member that expire together and were promised by one store. Points are
// always spent lot by lot, soonest expiry first, ties by issue order, no-expiry last
// (docs/adr/0007-lot-order.md); every leg of a transaction names the lot it moved.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/base/amount.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace tally::ledger {

/// The bucket of points that never expire; sorts last.
inline constexpr BusinessDay kNoExpiry{std::numeric_limits<std::int32_t>::max()};

/// Which lot of a member. At most one live lot has a given (expires_on, issuer).
struct LotRef {
  BusinessDay expires_on = kNoExpiry;  ///< The last day on which the points may be spent.
  StoreId issuer;
  LotId id;  ///< Issue order among the member's lots, from 1; 0 names no lot.

  explicit operator bool() const { return id.value != 0; }
  auto operator<=>(const LotRef&) const = default;
};

struct Lot {
  LotRef ref;
  Points points;  ///< Above zero; an exhausted lot is removed.
  auto operator<=>(const Lot&) const = default;
};

/// Whether `a` is spent before `b`.
bool spent_before(const LotRef& a, const LotRef& b);

/// The live lots of one member, kept in the order in which they are spent.
class LotList {
 public:
  LotList() = default;
  /// Takes lots in any order.
  explicit LotList(std::vector<Lot> lots);

  /// Adds points to the lot of `ref`'s expiry and issuer, which is made when it is not there (with
  /// `ref.id`). Returns the lot they are in now: its id may be an older one's. Requires points > 0.
  LotRef add(const LotRef& ref, Points points);

  /// Takes up to `points` from the lot of `ref`'s expiry and issuer; returns what was there.
  Points take_from(const LotRef& ref, Points points);

  /// Takes up to `points` in spending order; returns the parts, fewer in sum when the lots hold
  /// less.
  std::vector<Lot> take(Points points);

  const std::vector<Lot>& all() const { return lots_; }
  Points sum() const;

 private:
  std::vector<Lot> lots_;
};

/// Splits `whole` in proportion to `weights`, by the largest remainder: the parts always add up to
/// `whole`, and of equal remainders the earlier gets the point. Requires whole >= 0, weights >= 0
/// and their sum above zero unless whole is zero.
std::vector<Points> split_by_largest_remainder(Points whole, const std::vector<Points>& weights);

}  // namespace tally::ledger
