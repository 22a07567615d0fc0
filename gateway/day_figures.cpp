#include "gateway/day_figures.hpp"

#include <algorithm>
#include <cstdlib>
#include <variant>

#include "core/codec/record_codec.hpp"
#include "core/record/packed.hpp"

namespace tally::gateway {

BusinessDay business_day_of(WallTime at, std::int32_t utc_offset_s) {
  constexpr std::int64_t kDayUs = std::int64_t{24} * 3600 * 1'000'000;
  const std::int64_t local_us = at.us + std::int64_t{utc_offset_s} * 1'000'000;
  const std::int64_t days = local_us / kDayUs - (local_us % kDayUs < 0 ? 1 : 0);
  return {static_cast<std::int32_t>(days)};
}

void DayFigures::add_packed(ByteView packed, BusinessDay today) {
  record::PackedReader reader(packed);
  while (const auto sealed = reader.next()) {
    add(*sealed, today);
  }
}

void DayFigures::add(ByteView sealed, BusinessDay today) {
  const Result<record::Record> decoded = codec::decode_record(sealed);
  if (!decoded ||
      std::abs(std::int64_t{decoded->business_day.days} - std::int64_t{today.days}) > 1) {
    return;
  }
  Day& day = days_[decoded->business_day];
  if (const auto* accrual = std::get_if<record::Accrual>(&decoded->business)) {
    day.figures.accrued += accrual->points;
    count_sale(day, decoded->sale, accrual->bill);
  } else if (const auto* redemption = std::get_if<record::Redemption>(&decoded->business)) {
    day.figures.redeemed += redemption->points;
    day.figures.discount.minor_units += redemption->discount.minor_units;
    count_sale(day, decoded->sale, redemption->bill);
  } else if (std::holds_alternative<record::Void>(decoded->business)) {
    ++day.figures.voids;
  } else if (std::holds_alternative<record::Reversal>(decoded->business)) {
    ++day.figures.reversals;
  }
  days_.erase(days_.begin(), days_.lower_bound(BusinessDay{today.days - 1}));
}

// A sale that redeems and earns has two records; the redemption's bill is the larger, before
// points, and stands for both.
void DayFigures::count_sale(Day& day, const SaleId& sale, Money bill_before_points) {
  const std::int64_t bill = bill_before_points.minor_units;
  day.figures.billed.currency = bill_before_points.currency;
  day.figures.discount.currency = bill_before_points.currency;
  const auto known = day.billed.find(sale);
  if (known != day.billed.end()) {
    day.figures.billed.minor_units += std::max<std::int64_t>(bill - known->second, 0);
    known->second = std::max(known->second, bill);
    return;
  }
  ++day.figures.sales;
  day.figures.billed.minor_units += bill;
  if (day.billed.size() < kSalesMax) {
    day.billed.emplace(sale, bill);
  }
}

Figures DayFigures::of(BusinessDay day) const {
  const auto at = days_.find(day);
  return at == days_.end() ? Figures{} : at->second.figures;
}

}  // namespace tally::gateway
