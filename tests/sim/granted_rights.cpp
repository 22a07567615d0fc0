#include "tests/sim/granted_rights.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "core/base/assert.hpp"

namespace tally::sim {

void GrantedRights::read(storage::Db& db, Verdict& verdict) {
  read_granted(db, verdict);
  read_lost(db);
}

void GrantedRights::read_granted(storage::Db& db, Verdict& verdict) {
  auto rows =
      db.prepare("SELECT id, sale, kind, holder, member, granted FROM right_row ORDER BY id");
  TALLY_ASSERT(rows.has_value());
  std::set<SaleId> held;
  for (;;) {
    const auto there = rows->step();
    if (!there || !*there) {
      return;
    }
    Grant& grant = grants_[rows->uint64(0)];
    grant.kind = rows->int64(2);
    grant.holder = rows->int64(3);
    grant.member = rows->int64(4);
    grant.granted = rows->int64(5);
    const auto sale = rows->array<16>(1);
    grant.sale = sale ? SaleId{*sale} : SaleId{};
    if (sale && !held.insert(grant.sale).second) {
      verdict.violated("I3", "one sale has two holds: right " + std::to_string(rows->uint64(0)));
      return;
    }
  }
}

void GrantedRights::read_lost(storage::Db& db) {
  auto rows = db.prepare("SELECT right_first, right_last FROM restored");
  TALLY_ASSERT(rows.has_value());
  while (rows->step().value_or(false)) {
    lost_.emplace_back(rows->uint64(0), rows->uint64(1));
  }
}

bool GrantedRights::is_lost(std::uint64_t right) const {
  return std::any_of(lost_.begin(), lost_.end(), [&](const auto& range) {
    return range.first <= right && right <= range.second;
  });
}

std::int64_t GrantedRights::not_granted(const Booking& booking,
                                        const record::FundingLeg& leg,
                                        std::int64_t points) {
  const auto at = grants_.find(leg.right.value);
  if (at == grants_.end()) {
    return is_lost(leg.right.value) ? 0 : points;
  }
  Grant& grant = at->second;
  const bool fits = grant.kind == static_cast<std::int64_t>(leg.kind) &&
                    grant.member == booking.member && grant.sale == booking.sale &&
                    grant.holder == static_cast<std::int64_t>(booking.record->terminal.value);
  const std::int64_t covered = fits ? std::min(points, grant.granted - grant.used) : 0;
  grant.used += covered;
  return points - covered;
}

}  // namespace tally::sim
