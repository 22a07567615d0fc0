// What the transfers of the OA's ledger add up to, by themselves: the balance of every account and
// the points of every lot. Part of ledger_mirror, which compares it with what the tables say.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <utility>

#include "tests/sim/table_tap.hpp"

namespace tally::sim {

struct Touched;

class TransferFold {
 public:
  using Account = std::pair<std::int64_t, std::int64_t>;                ///< Kind, owner.
  using LotKey = std::tuple<std::int64_t, std::int64_t, std::int64_t>;  ///< Member, expiry, issuer.

  /// Takes one row of the table `transfer`, and notes what it touches. `in_order`: all before it
  /// were taken, so a lot must have had the points, and an older one none.
  void add(const Row& row, bool in_order, Touched& touched);

  std::int64_t sum(Account account) const;
  const std::map<Account, std::int64_t>& sums() const { return sums_; }
  /// Whether the lots of one member are these.
  bool lots_are(std::int64_t member, const std::map<LotKey, std::int64_t>& lots) const;

 private:
  void judge_taken(const LotKey& key, std::int64_t code, Touched& touched) const;

  std::map<Account, std::int64_t> sums_;
  std::map<LotKey, std::int64_t> lots_;
};

}  // namespace tally::sim
