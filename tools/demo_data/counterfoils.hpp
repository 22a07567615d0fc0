// What the tills of a store remember of their last sales: what customers bring back, and what
// somebody might try to use twice.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/record/record.hpp"

namespace tally::tools::demo {

struct Sold {
  RecordId accrual;
  std::optional<RecordId> redemption;  ///< When points paid for a part of it.
  Money paid;                          ///< The bill of the accrual.
  Money whole;                         ///< Before points; the bill of the redemption.
  std::string card;
  Bytes ticket_hash;
};

class Counterfoils {
 public:
  explicit Counterfoils(std::size_t shops) : of_shop_(shops) {}

  void keep(std::uint32_t shop, Sold sold) {
    std::deque<Sold>& kept = of_shop_[shop];
    kept.push_back(std::move(sold));
    if (kept.size() > kKeptMax) {
      kept.pop_front();
    }
  }
  std::deque<Sold>& of(std::uint32_t shop) { return of_shop_[shop]; }

 private:
  static constexpr std::size_t kKeptMax = 400;
  std::vector<std::deque<Sold>> of_shop_;
};

}  // namespace tally::tools::demo
