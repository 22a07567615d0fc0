#include "core/right/lease_book.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace tally::right {

LeaseBook::LeaseBook(const std::vector<LeaseRow>& rows,
                     const std::vector<ApprovalRow>& approvals,
                     Duration margin)
    : table_(rows), lifetimes_(margin) {
  for (const LeaseRow& row : rows) {
    if (!row.closed) {
      open_[row.lease.grant.member] = key_of(row);
    }
  }
  for (const ApprovalRow& approval : approvals) {
    if (approval.leg.kind == RightKind::kLease && find(key_of(approval.leg)) != nullptr) {
      waiting_[key_of(approval.leg)].insert(approval.sale);
    }
  }
}

TakeOutcome LeaseBook::take(const SignedGrant& lease, const Moment& now) {
  const Grant& grant = lease.grant;
  TALLY_ASSERT(grant.kind == RightKind::kLease && find(key_of(grant)) == nullptr);
  if (open_.contains(grant.member)) {
    return TakeOutcome::kMemberHasLease;
  }
  if (table_.size() >= kLeasesMax) {
    return TakeOutcome::kFull;
  }
  table_.put({lease, now.earliest, false, Points{0}});
  open_[grant.member] = key_of(grant);
  lifetimes_.start(key_of(grant), grant.lifetime, now.boot);
  return TakeOutcome::kTaken;
}

const LeaseRow* LeaseBook::open_lease_of(MemberId member) const {
  const auto open = open_.find(member);
  return open == open_.end() ? nullptr : find(open->second);
}

SpendVerdict LeaseBook::spend(const SaleId& sale,
                              const Attempt& attempt,
                              OfflineLimits limits,
                              const MemberSoFar& so_far,
                              BootTime now) {
  const LeaseRow* lease = open_lease_of(attempt.member);
  if (lease == nullptr) {
    return {SpendOutcome::kNoRight, {}, {}};
  }
  const Grant& grant = lease->lease.grant;
  const RightKey key = key_of(grant);
  if (!lifetimes_.may_spend(key, now)) {
    return {SpendOutcome::kPastDeadline, {}, {}};
  }
  limits.txn_points_max = std::min(limits.txn_points_max, grant.txn_points_max);
  limits.member_points_max = Points{kAmountMax};  // A lease is the member's own points.
  SpendVerdict verdict =
      within(check_limits(limits, attempt, {Points{0}, so_far.today, so_far.sales_today}),
             lease->unspent(),
             attempt.points);
  if (!verdict.approved()) {
    return verdict;
  }
  LeaseRow& row = table_.change(key);
  row.used += attempt.points;
  TALLY_ASSERT(row.used <= grant.points);
  std::set<SaleId>& waiting = waiting_[key];
  waiting.insert(sale);
  if (waiting.size() >= kUsesMax || row.unspent() == Points{0}) {
    close(key);
  }
  verdict.leg = {RightKind::kLease, key.id, key.epoch, attempt.points};
  return verdict;
}

bool LeaseBook::may_spend(const RightKey& lease, BootTime now) const {
  return find(lease) != nullptr && lifetimes_.may_spend(lease, now);
}

void LeaseBook::sale_settled(const RightKey& lease, const SaleId& sale) {
  const auto waiting = waiting_.find(lease);
  if (waiting != waiting_.end()) {
    waiting->second.erase(sale);
  }
}

bool LeaseBook::close(const RightKey& lease) {
  const LeaseRow* row = find(lease);
  if (row == nullptr || row->closed) {
    return false;
  }
  open_.erase(row->lease.grant.member);
  table_.change(lease).closed = true;
  return true;
}

void LeaseBook::close_past_deadline(BootTime now) {
  std::vector<RightKey> past;
  for (const auto& [member, key] : open_) {
    if (!lifetimes_.may_spend(key, now)) {
      past.push_back(key);
    }
  }
  for (const RightKey& key : past) {
    close(key);
  }
}

std::vector<ReturnStatement> LeaseBook::returns() const {
  std::vector<ReturnStatement> statements;
  for (const auto& [key, row] : table_.rows()) {
    if (!row.closed) {
      continue;
    }
    ReturnStatement statement{key, row.unspent(), {}};
    if (const auto waiting = waiting_.find(key); waiting != waiting_.end()) {
      statement.sales.assign(waiting->second.begin(), waiting->second.end());
    }
    statements.push_back(std::move(statement));
  }
  return statements;
}

bool LeaseBook::erase(const RightKey& lease) {
  if (find(lease) == nullptr) {
    return false;
  }
  close(lease);
  table_.erase(lease);
  waiting_.erase(lease);
  lifetimes_.end(lease);
  return true;
}

void LeaseBook::fence(Epoch epoch) {
  std::vector<RightKey> fenced;
  for (const auto& [key, row] : table_.rows()) {
    if (key.epoch < epoch) {
      fenced.push_back(key);
    }
  }
  for (const RightKey& key : fenced) {
    erase(key);
  }
}

void LeaseBook::resume(const Moment& now) {
  for (const auto& [key, row] : table_.rows()) {
    lifetimes_.resume(key, row.lease.grant.lifetime, row.received, now);
  }
}

Points LeaseBook::unspent() const {
  Points sum;
  for (const auto& [member, key] : open_) {
    sum += find(key)->unspent();
  }
  return sum;
}

}  // namespace tally::right
