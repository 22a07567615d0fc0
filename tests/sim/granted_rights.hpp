// The rights the OA granted, and those it granted and lost with its ledger, with what redemptions
// have spent of them so far.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "core/record/record.hpp"

#include "storage/db.hpp"
#include "tests/sim/booking.hpp"
#include "tests/sim/verdict.hpp"

namespace tally::sim {

class GrantedRights {
 public:
  /// Reports a sale that has two holds.
  void read(storage::Db& db, Verdict& verdict);

  /// How many of the points no right covers that the OA gave this sale, nor one that it gave and
  /// lost. The rest is spent from now on.
  std::int64_t not_granted(const Booking& booking,
                           const record::FundingLeg& leg,
                           std::int64_t points);

 private:
  struct Grant {
    std::int64_t kind = 0;
    std::int64_t holder = 0;
    std::int64_t member = 0;
    SaleId sale;
    std::int64_t granted = 0;
    std::int64_t used = 0;
  };

  void read_granted(storage::Db& db, Verdict& verdict);
  void read_lost(storage::Db& db);
  /// A right that an OA granted and lost with its ledger is no unknown one.
  bool is_lost(std::uint64_t right) const;

  std::map<std::uint64_t, Grant> grants_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> lost_;  ///< First and last.
};

}  // namespace tally::sim
