// The figures of the day for the store manager's page, folded from records as they are received.
// For showing only: money and points are decided by the OA. Pure; one thread.
#pragma once

#include <cstdint>
#include <map>

#include "core/base/amount.hpp"
#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace tally::gateway {

struct Figures {
  std::uint64_t sales = 0;  ///< Sale ids with an accrual or a redemption.
  Points accrued;
  Points redeemed;
  std::uint64_t voids = 0;
  std::uint64_t reversals = 0;
  Money billed;  ///< Before points.
  Money discount;
  bool operator==(const Figures&) const = default;
};

class DayFigures {
 public:
  static constexpr std::size_t kSalesMax = 200'000;  ///< A day; sales beyond are not told apart.

  /// Takes one sealed record, in any order, each once. Left out: what cannot be decoded, and what
  /// claims a business day other than today, yesterday or tomorrow.
  void add(ByteView sealed, BusinessDay today);
  /// Takes packed records (core/record/packed.hpp).
  void add_packed(ByteView packed, BusinessDay today);

  /// Zeros for a day of which nothing is known.
  Figures of(BusinessDay day) const;

 private:
  struct Day {
    Figures figures;
    std::map<SaleId, std::int64_t> billed;  ///< Minor units counted for the sale so far.
  };

  void count_sale(Day& day, const SaleId& sale, Money bill_before_points);

  std::map<BusinessDay, Day> days_;
};

/// The store's calendar day at `at`.
BusinessDay business_day_of(WallTime at, std::int32_t utc_offset_s);

}  // namespace tally::gateway
