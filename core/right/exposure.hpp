// What one gateway could still cost or be owed: its exposure, by parts. A value for the manager's
// page; the OA adds up its own from what it granted.
#pragma once

#include "core/base/amount.hpp"

namespace tally::right {

struct Exposure {
  Points leases_unspent;   ///< Of open leases; the members' own points, set aside.
  Points budget_unsliced;  ///< Of budgets, here.
  Points slices_out;       ///< At terminals, and no record here says that they are used.
  Points not_at_oa;        ///< Approved, and not known to be at the OA.
  Points fenced;           ///< Slices out under budgets that were fenced: their terminals may not
                           ///< have heard of it.

  /// The most that may still arrive at the OA as redemptions without a hold.
  Points total() const {
    return leases_unspent + budget_unsliced + slices_out + not_at_oa + fenced;
  }
  bool operator==(const Exposure&) const = default;
};

}  // namespace tally::right
