#include "core/right/slice.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace tally::right {

SliceOutcome TerminalSlice::take(const CutSlice& slice, BootTime now) {
  const Grant& grant = slice.budget.grant;
  const std::pair<GatewayId, BootId> cutter{grant.gateway, slice.id.gateway_boot};
  if (const auto newest = newest_.find(cutter);
      newest != newest_.end() && slice.id.n <= newest->second) {
    return SliceOutcome::kKnown;
  }
  if (slice_) {
    return SliceOutcome::kBusy;
  }
  if (grant.store != config_.store) {
    return SliceOutcome::kForeign;
  }
  if (const auto epoch = epochs_.find(grant.gateway);
      slice.id.epoch != grant.epoch || (epoch != epochs_.end() && grant.epoch < epoch->second)) {
    return SliceOutcome::kOldEpoch;
  }
  if (grant.kind != RightKind::kBudget || !verify(slice.budget, config_.oa_key)) {
    return SliceOutcome::kForged;
  }
  if (slice.points <= Points{0} || slice.points > grant.slice_points_max) {
    return SliceOutcome::kTooLarge;
  }
  if (slice.lifetime.ms <= config_.margin.ms) {
    return SliceOutcome::kPastDeadline;
  }
  if (const auto epoch = epochs_.find(grant.gateway);
      epoch != epochs_.end() && epoch->second < grant.epoch) {
    uses_.begin_epoch();
  }
  epochs_[grant.gateway] = grant.epoch;
  newest_[cutter] = slice.id.n;
  slice_ = slice;
  slice_->lifetime = std::min(slice.lifetime, grant.lifetime);
  used_ = Points{0};
  received_at_ = now;
  return SliceOutcome::kTaken;
}

bool TerminalSlice::may_spend(BootTime now) const {
  return slice_ && ledger::may_spend_at({received_at_, slice_->lifetime, config_.margin}, now);
}

SpendVerdict TerminalSlice::begin_spend(const Attempt& attempt, BootTime now) {
  TALLY_ASSERT(!open_);
  if (!slice_) {
    return {SpendOutcome::kNoRight, {}, {}};
  }
  if (!may_spend(now)) {
    return {SpendOutcome::kPastDeadline, {}, {}};
  }
  if (!uses_.make_room_for(attempt.member, attempt.today)) {
    return {SpendOutcome::kFull, {}, {}};
  }
  const Grant& grant = slice_->budget.grant;
  OfflineLimits limits = config_.limits;
  limits.txn_points_max = std::min(limits.txn_points_max, grant.txn_points_max);
  limits.member_points_max = std::min(limits.member_points_max, grant.member_points_max);
  Attempt counted = attempt;
  counted.in_a_row = in_a_row_;
  SpendVerdict verdict =
      within(check_limits(limits, counted, uses_.so_far(attempt.member, attempt.today)),
             left(),
             attempt.points);
  if (verdict.approved()) {
    verdict.leg = {RightKind::kSlice, grant.id, grant.epoch, attempt.points};
    open_ = OpenSpend{attempt.member, attempt.points, attempt.today};
  }
  return verdict;
}

bool TerminalSlice::finish_spend(BootTime now) {
  TALLY_ASSERT(open_.has_value());
  const bool may_show = may_spend(now);
  count(*open_);
  open_.reset();
  return may_show;
}

void TerminalSlice::fail_spend() {
  TALLY_ASSERT(open_.has_value());
  count(*open_);
  open_.reset();
  drop();
}

void TerminalSlice::count(const OpenSpend& spend) {
  uses_.note(spend.member, spend.points, true, spend.today);
  ++in_a_row_;
  if (slice_) {
    used_ += spend.points;
    TALLY_ASSERT(used_ <= slice_->points);
  }
}

std::optional<SliceReturn> TerminalSlice::give_back(Seq head) {
  if (!slice_ || open_) {
    return std::nullopt;
  }
  const SliceReturn statement{slice_->id, left(), head};
  drop();
  return statement;
}

void TerminalSlice::fence(GatewayId gateway, Epoch epoch) {
  Epoch& known = epochs_[gateway];
  if (epoch <= known) {
    return;
  }
  known = epoch;
  uses_.begin_epoch();
  if (slice_ && slice_->budget.grant.gateway == gateway) {
    drop();
  }
}

void TerminalSlice::drop() {
  slice_.reset();
  used_ = Points{0};
}

}  // namespace tally::right
