#include "core/ledger/lot.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/assert.hpp"
#include "core/base/mutant.hpp"

namespace tally::ledger {
namespace {

__extension__ using Wide = __int128;

bool same_bucket(const LotRef& a, const LotRef& b) {
  return a.expires_on == b.expires_on &&
         (TALLY_MUTANT("lot-order/issuers-merged") || a.issuer == b.issuer);
}

}  // namespace

bool spent_before(const LotRef& a, const LotRef& b) {
  if (a.expires_on != b.expires_on) {
    return TALLY_MUTANT("lot-order/latest-first") ? a.expires_on > b.expires_on
                                                  : a.expires_on < b.expires_on;
  }
  return TALLY_MUTANT("lot-order/ties-by-newest") ? a.id > b.id : a.id < b.id;
}

LotList::LotList(std::vector<Lot> lots) : lots_(std::move(lots)) {
  std::sort(lots_.begin(), lots_.end(), [](const Lot& a, const Lot& b) {
    return spent_before(a.ref, b.ref);
  });
}

LotRef LotList::add(const LotRef& ref, Points points) {
  TALLY_ASSERT(points > Points{0});
  TALLY_ASSERT(ref.id);
  for (Lot& lot : lots_) {
    if (same_bucket(lot.ref, ref)) {
      lot.points += points;
      return lot.ref;
    }
  }
  const auto place =
      std::upper_bound(lots_.begin(), lots_.end(), ref, [](const LotRef& wanted, const Lot& lot) {
        return spent_before(wanted, lot.ref);
      });
  lots_.insert(place, Lot{ref, points});
  return ref;
}

Points LotList::take_from(const LotRef& ref, Points points) {
  for (auto lot = lots_.begin(); lot != lots_.end(); ++lot) {
    if (!same_bucket(lot->ref, ref)) {
      continue;
    }
    const Points taken = std::min(points, lot->points);
    lot->points -= taken;
    if (lot->points == Points{0}) {
      lots_.erase(lot);
    }
    return taken;
  }
  return Points{0};
}

std::vector<Lot> LotList::take(Points points) {
  TALLY_ASSERT(points >= Points{0});
  std::vector<Lot> parts;
  auto end = lots_.begin();
  while (end != lots_.end() && points > Points{0}) {
    const Points taken = std::min(points, end->points);
    parts.push_back(Lot{end->ref, taken});
    points -= taken;
    if (TALLY_MUTANT("lot-order/part-of-lot-stays") && taken < end->points) {
      break;
    }
    end->points -= taken;
    if (end->points > Points{0}) {
      break;
    }
    ++end;
  }
  lots_.erase(lots_.begin(), end);
  return parts;
}

Points LotList::sum() const {
  Points sum;
  for (const Lot& lot : lots_) {
    sum += lot.points;
  }
  return sum;
}

std::vector<Points> split_by_largest_remainder(Points whole, const std::vector<Points>& weights) {
  TALLY_ASSERT(whole >= Points{0});
  std::vector<Points> parts(weights.size());
  if (whole == Points{0}) {
    return parts;
  }
  Points total;
  for (const Points weight : weights) {
    TALLY_ASSERT(weight >= Points{0});
    total += weight;
  }
  TALLY_ASSERT(total > Points{0});
  Points given;
  std::vector<Wide> remainders(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    parts[i] = Points{multiply_divide_floor(whole.value, weights[i].value, total.value)};
    remainders[i] = static_cast<Wide>(whole.value) * weights[i].value -
                    static_cast<Wide>(parts[i].value) * total.value;
    given += parts[i];
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return TALLY_MUTANT("rounding/smallest-remainder-first") ? remainders[a] < remainders[b]
                                                             : remainders[a] > remainders[b];
  });
  for (std::size_t i = 0; given < whole && !TALLY_MUTANT("rounding/remainder-lost"); ++i) {
    parts[order[i]] += Points{1};
    given += Points{1};
  }
  return parts;
}

}  // namespace tally::ledger
