#include "core/ledger/right.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/mutant.hpp"

namespace tally::ledger {
namespace {

std::vector<Lot> end_right(Right& right, RightState state) {
  if (right.state != RightState::kGranted) {
    return {};
  }
  right.state = state;
  if (TALLY_MUTANT("right/lots-kept-when-returned")) {
    return right.lots;
  }
  return std::exchange(right.lots, {});
}

}  // namespace

Points Right::escrowed() const {
  Points sum;
  for (const Lot& lot : lots) {
    sum += lot.points;
  }
  return sum;
}

SpendParts spend(Right& right, Points points) {
  TALLY_ASSERT(points > Points{0});
  SpendParts parts;
  const Points covered = std::min(points, right.granted - right.used);
  parts.beyond = points - covered;
  right.used += covered;
  if (right.state != RightState::kGranted || right.kind == RightKind::kBudget) {
    parts.from_member = covered;
    return parts;
  }
  LotList escrowed(std::exchange(right.lots, {}));
  parts.in_time = escrowed.take(covered);
  right.lots = escrowed.all();
  Points paid;
  for (const Lot& lot : parts.in_time) {
    paid += lot.points;
  }
  TALLY_ASSERT(paid == covered);
  return parts;
}

std::vector<Lot> return_rest(Right& right) {
  return end_right(right, RightState::kReturned);
}

std::vector<Lot> fence(Right& right) {
  return end_right(right, RightState::kFenced);
}

ReturnParts settle_return(Right& right, Points stated_unspent) {
  const bool agrees = right.used <= right.granted - stated_unspent;
  std::vector<Lot> rest = return_rest(right);
  return agrees ? ReturnParts{std::move(rest), {}} : ReturnParts{{}, std::move(rest)};
}

bool may_spend_at(const RightLifetime& life, BootTime now) {
  return now >= life.received_at && (now - life.received_at).ms < life.lifetime.ms - life.margin.ms;
}

}  // namespace tally::ledger
