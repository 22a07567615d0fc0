#include "core/ledger/grants.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "core/ledger/posting.hpp"

namespace tally::ledger {
namespace {

Right new_right(WorkingSet& set, RightKind kind, const Holder& holder, const LedgerTime& time) {
  Right right;
  right.id = set.next_right();
  right.kind = kind;
  right.holder_role = Role::kGateway;
  right.holder = holder.gateway.value;
  right.store = holder.store;
  right.epoch = holder.epoch;
  right.granted_at = time.now;
  return right;
}

bool is_held_by(const Right& right, const Holder& holder) {
  return right.holder_role == Role::kGateway && right.holder == holder.gateway.value &&
         right.store == holder.store && right.epoch == holder.epoch;
}

Txn lease_header(TxnKind kind, const Right& right, const LedgerTime& time) {
  Txn txn;
  txn.kind = kind;
  txn.member = right.member;
  txn.store = right.store;
  txn.business_day = time.today;
  txn.happened_at = time.now;
  txn.posted_at = time.now;
  return txn;
}

/// What the member's leases hold, and where.
struct LeasesOut {
  Points points;
  std::set<StoreId> stores;
  const Right* here = nullptr;
};

LeasesOut leases_out(WorkingSet& set, MemberId member, StoreId store) {
  LeasesOut out;
  for (const RightId id : set.leases_of(member)) {
    const Right& lease = *set.right(id);
    out.points += lease.escrowed();
    out.stores.insert(lease.store);
    if (lease.store == store) {
      out.here = &lease;
    }
  }
  return out;
}

/// How much the member may still be granted, of the wanted.
Points lease_points(const LeaseRequest& request,
                    Points available,
                    Points leased,
                    const OfflinePolicy& offline) {
  const Points share{(available + leased).value * offline.lease_share_percent / 100};
  const Points points =
      std::min({request.points, share - leased, available, offline.lease_points_max});
  return points < std::max(offline.lease_points_min, Points{1}) ? Points{0} : points;
}

/// The parts of `lots` that live on until `until`, in spending order, up to `points`.
LotList outliving(const std::vector<Lot>& lots, BusinessDay until, Points points) {
  std::vector<Lot> live;
  std::copy_if(lots.begin(), lots.end(), std::back_inserter(live), [&](const Lot& lot) {
    return lot.ref.expires_on > until;
  });
  return LotList(LotList(std::move(live)).take(points));
}

/// What may still become RISK of the store, or is.
Points store_risk(WorkingSet& set, StoreId store) {
  Points sum = -set.risk_of_store(store);
  for (const RightId id : set.open_at_risk(store)) {
    sum += set.right(id)->open();
  }
  return sum;
}

}  // namespace

void plan_lease(ReadPlan& plan, const LeaseRequest& request) {
  plan.members.insert(request.member);
  plan.leases_of.insert(request.member);
}

GrantResult grant_lease(WorkingSet& set,
                        const LeaseRequest& request,
                        const Policy& policy,
                        const LedgerTime& time) {
  const OfflinePolicy& offline = policy.offline;
  const MemberEntry* entry = set.member(request.member);
  if (entry == nullptr || entry->row.alias_of) {
    return {GrantOutcome::kUnknownMember, RightId{}};
  }
  const LeasesOut out = leases_out(set, request.member, request.holder.store);
  if (out.here != nullptr) {
    return is_held_by(*out.here, request.holder)
               ? GrantResult{GrantOutcome::kGranted, out.here->id}
               : GrantResult{GrantOutcome::kHeldElsewhere, RightId{}};
  }
  if (entry->row.state == MemberState::kFrozen) {
    return {GrantOutcome::kMemberFrozen, RightId{}};
  }
  if (out.stores.size() >= offline.lease_stores_max) {
    return {GrantOutcome::kTooManyStores, RightId{}};
  }
  const Points wanted = lease_points(request, entry->row.available, out.points, offline);
  const BusinessDay until{time.today.days + offline.lease_days + offline.lots_outlive_days};
  const LotList parts = outliving(entry->lots.all(), until, wanted);
  if (wanted == Points{0} || parts.sum() < offline.lease_points_min) {
    return {GrantOutcome::kNothingToGrant, RightId{}};
  }
  Right lease = new_right(set, RightKind::kLease, request.holder, time);
  lease.member = request.member;
  lease.program = policy.program.version;
  lease.lots = parts.all();
  lease.granted = parts.sum();
  Posting posting(set, lease_header(TxnKind::kLease, lease, time));
  for (const Lot& part : lease.lots) {
    posting.debit_lot(escrow(lease.id), part.ref, part.points, TransferCode::kLease);
  }
  posting.txn().points = -lease.granted;
  posting.finish();
  return {GrantOutcome::kGranted, set.add_right(std::move(lease)).id};
}

void plan_budget(ReadPlan& plan, const BudgetRequest& request) {
  plan.stores_at_risk.insert(request.holder.store);
}

GrantResult grant_budget(WorkingSet& set,
                         const BudgetRequest& request,
                         const Policy& policy,
                         const LedgerTime& time) {
  RightId newest;
  for (const RightId id : set.open_at_risk(request.holder.store)) {
    const Right& right = *set.right(id);
    if (right.kind == RightKind::kBudget && right.state == RightState::kGranted &&
        is_held_by(right, request.holder)) {
      newest = std::max(newest, id);
    }
  }
  if (newest > request.newest) {
    return {GrantOutcome::kGranted, newest};
  }
  const Points left = policy.offline.store_risk_max - store_risk(set, request.holder.store);
  const Points points = std::min(left, policy.offline.budget_points_max);
  if (points <= Points{0}) {
    return {GrantOutcome::kNothingToGrant, RightId{}};
  }
  Right budget = new_right(set, RightKind::kBudget, request.holder, time);
  budget.program = policy.program.version;
  budget.granted = points;
  return {GrantOutcome::kGranted, set.add_right(std::move(budget)).id};
}

void plan_return(ReadPlan& plan, const ReturnStatement& statement) {
  plan.rights.insert(statement.right);
  plan.sales.insert(statement.sales.begin(), statement.sales.end());
}

ReturnOutcome return_lease(WorkingSet& set,
                           const ReturnStatement& statement,
                           const Policy& policy,
                           const LedgerTime& time) {
  Right* lease = set.right(statement.right);
  if (lease == nullptr || lease->kind != RightKind::kLease ||
      !is_held_by(*lease, statement.holder) || statement.unspent < Points{0} ||
      statement.unspent > lease->granted) {
    return ReturnOutcome::kRefused;
  }
  if (lease->state != RightState::kGranted) {
    return ReturnOutcome::kEnded;
  }
  const bool all_settled =
      std::all_of(statement.sales.begin(), statement.sales.end(), [&](const SaleId& id) {
        const Sale* sale = set.sale(id);
        return sale != nullptr && sale->closed;
      });
  if (!all_settled) {
    return ReturnOutcome::kWaits;
  }
  const ReturnParts parts = settle_return(*lease, statement.unspent);
  set.touch_right(lease->id);
  if (parts.to_grantor.empty() && parts.in_doubt.empty()) {
    return ReturnOutcome::kReturned;
  }
  Posting posting(set, lease_header(TxnKind::kLeaseReturned, *lease, time));
  for (const Lot& part : parts.to_grantor) {
    const LotRef lot = returned_to(part.ref, time.today, policy);
    posting.credit(escrow(lease->id), lot, part.points, TransferCode::kReturn);
    posting.txn().points += part.points;
  }
  for (const Lot& part : parts.in_doubt) {
    posting.move(
        escrow(lease->id), suspense(lease->store), part.points, TransferCode::kDoubtful, part.ref);
  }
  posting.settle();
  posting.finish();
  return ReturnOutcome::kReturned;
}

void plan_fence(ReadPlan& plan, RightId right) {
  plan.rights.insert(right);
}

bool fence_right(WorkingSet& set, RightId id, const Policy& policy, const LedgerTime& time) {
  Right* right = set.right(id);
  if (right == nullptr || right->state != RightState::kGranted || right->kind == RightKind::kHold) {
    return false;
  }
  const std::vector<Lot> rest = fence(*right);
  set.touch_right(id);
  if (rest.empty()) {
    return true;
  }
  Posting posting(set, lease_header(TxnKind::kLeaseFenced, *right, time));
  for (const Lot& part : rest) {
    const LotRef lot = returned_to(part.ref, time.today, policy);
    posting.credit(escrow(id), lot, part.points, TransferCode::kReturn);
    posting.txn().points += part.points;
  }
  posting.settle();
  posting.finish();
  return true;
}

std::vector<LeaseSize> size_leases(Points points,
                                   std::vector<Visits> visits,
                                   const OfflinePolicy& policy) {
  std::erase_if(visits, [](const Visits& one) { return one.count == 0; });
  std::sort(visits.begin(), visits.end(), [](const Visits& a, const Visits& b) {
    return a.count != b.count ? a.count > b.count : a.store < b.store;
  });
  visits.resize(std::min(visits.size(), policy.lease_stores_max));
  std::vector<Points> weights;
  for (const Visits& one : visits) {
    weights.push_back(Points{one.count});
  }
  const Points share{points.value * policy.lease_share_percent / 100};
  std::vector<LeaseSize> sizes;
  if (visits.empty() || share <= Points{0}) {
    return sizes;
  }
  const std::vector<Points> parts = split_by_largest_remainder(share, weights);
  for (std::size_t i = 0; i < visits.size(); ++i) {
    const Points size = std::min(parts[i], policy.lease_points_max);
    if (size >= policy.lease_points_min) {
      sizes.push_back({visits[i].store, size});
    }
  }
  return sizes;
}

}  // namespace tally::ledger
