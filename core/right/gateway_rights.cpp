#include "core/right/gateway_rights.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"

namespace tally::right {

GatewayRights::GatewayRights(GatewayRightsConfig config, const RightRows& rows)
    : config_(std::move(config)),
      holder_(rows.holder),
      leases_(rows.leases, rows.approvals, config_.margin),
      budgets_(rows.budgets, rows.slices, config_.margin),
      answers_(rows.approvals, rows.sale_marks),
      uses_(rows.member_uses) {}

void GatewayRights::confirm(const Moment& now) {
  frozen_ = false;
  leases_.resume(now);
  budgets_.resume(now);
}

TakeOutcome GatewayRights::take(const SignedGrant& signed_grant, const Moment& now) {
  const Grant& grant = signed_grant.grant;
  if (!is_well_formed(grant)) {
    return TakeOutcome::kMalformed;
  }
  if (grant.gateway != config_.gateway || grant.store != config_.store) {
    return TakeOutcome::kForeign;
  }
  if (frozen_) {
    return TakeOutcome::kFrozen;
  }
  const SignedGrant* live = live_grant(key_of(grant));
  if (live != nullptr && live->grant == grant) {
    return TakeOutcome::kKnown;
  }
  if (!verify(signed_grant, config_.oa_key)) {
    return TakeOutcome::kForged;
  }
  if (grant.epoch < holder_.epoch) {
    return TakeOutcome::kOldEpoch;
  }
  if (live != nullptr) {
    return TakeOutcome::kConflict;
  }
  fence(grant.epoch);  // The OA's signature under a newer epoch says that the older ones ended.
  if (grant.id <= holder_.watermark) {
    return TakeOutcome::kLate;
  }
  return take_new(signed_grant, now);
}

TakeOutcome GatewayRights::take_new(const SignedGrant& signed_grant, const Moment& now) {
  const Grant& grant = signed_grant.grant;
  holder_.watermark = grant.id;
  holder_changed_ = true;
  if (grant.kind == RightKind::kLease) {
    return leases_.take(signed_grant, now);
  }
  const TakeOutcome outcome = budgets_.take(signed_grant, now);
  if (outcome == TakeOutcome::kTaken) {
    holder_.newest_budget = grant.id;
  }
  return outcome;
}

const SignedGrant* GatewayRights::live_grant(const RightKey& right) const {
  if (const LeaseRow* lease = leases_.find(right)) {
    return &lease->lease;
  }
  const BudgetRow* budget = budgets_.find(right);
  return budget == nullptr ? nullptr : &budget->budget;
}

SpendVerdict GatewayRights::authorise(const LocalAsk& ask, const Attempt& attempt, BootTime now) {
  TALLY_ASSERT(ask.member == attempt.member && ask.points == attempt.points);
  switch (answers_.recall(ask)) {
    case SaleAnswers::Known::kMismatch:
      return {SpendOutcome::kSaleMismatch, {}, {}};
    case SaleAnswers::Known::kClosed:
      return {SpendOutcome::kSaleClosed, {}, {}};
    case SaleAnswers::Known::kSame:
      return deliver(ask.sale, now);
    case SaleAnswers::Known::kNew:
      break;
  }
  if (frozen_) {
    return {SpendOutcome::kFrozen, {}, {}};
  }
  if (answers_.is_full() || !uses_.make_room_for(ask.member, attempt.today)) {
    return {SpendOutcome::kFull, {}, {}};
  }
  const MemberSoFar so_far = uses_.so_far(ask.member, attempt.today);
  SpendVerdict verdict = leases_.spend(ask.sale, attempt, config_.limits, so_far, now);
  if (!verdict.approved()) {
    const SpendVerdict by_budget = budgets_.spend(attempt, config_.limits, so_far, now);
    if (by_budget.approved() || verdict.outcome == SpendOutcome::kNoRight ||
        by_budget.allowed > verdict.allowed) {
      verdict = by_budget;
    }
  }
  if (verdict.approved()) {
    answers_.approve(ask, verdict.leg);
    uses_.note(ask.member, ask.points, verdict.leg.kind == RightKind::kBudget, attempt.today);
  }
  return verdict;
}

SpendVerdict GatewayRights::deliver(const SaleId& sale, BootTime now) const {
  const ApprovalRow* approval = answers_.find(sale);
  if (approval == nullptr || approval->closed_by) {
    return {SpendOutcome::kSaleClosed, {}, {}};
  }
  if (frozen_) {
    return {SpendOutcome::kFrozen, {}, {}};
  }
  const RightKey right = key_of(approval->leg);
  if (live_grant(right) == nullptr || right.epoch < holder_.epoch) {
    return {SpendOutcome::kNoRight, {}, {}};
  }
  const bool in_time = approval->leg.kind == RightKind::kLease ? leases_.may_spend(right, now)
                                                               : budgets_.may_spend(right, now);
  if (!in_time) {
    return {SpendOutcome::kPastDeadline, {}, {}};
  }
  return {SpendOutcome::kApproved, approval->leg.points, approval->leg};
}

bool GatewayRights::answers_for(const SaleId& sale) const {
  return answers_.find(sale) != nullptr || answers_.is_closed(sale);
}

const SignedGrant* GatewayRights::grant_of(const record::FundingLeg& leg) const {
  return live_grant(key_of(leg));
}

CutResult GatewayRights::cut_slice(const SliceAsk& ask, BootTime now) {
  if (frozen_) {
    return {CutOutcome::kFrozen, {}};
  }
  const SliceId next{holder_.epoch, config_.boot, holder_.slices_cut + 1};
  const CutResult result = budgets_.cut(ask, next, now);
  if (result.outcome == CutOutcome::kCut && result.slice.id == next) {
    ++holder_.slices_cut;
    holder_changed_ = true;
  }
  return result;
}

bool GatewayRights::give_back(StreamId stream, const SliceReturn& statement, Seq received) {
  if (!budgets_.give_back(stream, statement, received)) {
    return false;
  }
  on_received(stream, received);
  return true;
}

void GatewayRights::on_terminal_hello(StreamId stream, BootId boot, Seq head, Seq received) {
  budgets_.terminal_started(stream, boot, head, received);
  on_received(stream, received);
}

bool GatewayRights::on_record(const ClosingRecord& record) {
  const StreamId stream = record.stream();
  answers_.closed_by(stream, record.sale.sale, record.id.seq);
  bool covered = true;
  for (const record::FundingLeg& leg : record.legs) {
    if (leg.kind != RightKind::kSlice || leg.points <= Points{0} ||
        leg.points > Points{kAmountMax}) {
      continue;
    }
    covered = budgets_.count_use(stream, record.id.boot, record.id.seq, leg) && covered;
    if (record.sale.member) {
      uses_.note(record.sale.member, leg.points, leg.epoch == holder_.epoch, record.day);
    }
    if (answers_.find(record.sale.sale) == nullptr) {
      answers_.note_let_through(record.sale, leg, record.id.seq);
    }
  }
  return covered;
}

void GatewayRights::on_applied(StreamId stream, Seq seq) {
  for (const ApprovalRow& approval : answers_.applied(stream, seq)) {
    settled(approval);
  }
}

void GatewayRights::on_sale_at_oa(const SaleId& sale) {
  if (const auto approval = answers_.settle(sale)) {
    settled(*approval);
  }
}

void GatewayRights::settled(const ApprovalRow& approval) {
  const RightKey right = key_of(approval.leg);
  leases_.sale_settled(right, approval.sale);
  if (!answers_.any_under(right)) {
    budgets_.erase_if_spent(right);
  }
}

bool GatewayRights::on_return_settled(const RightKey& lease) {
  if (!leases_.erase(lease)) {
    return false;
  }
  answers_.forget_all_under(lease);  // The OA settles no return before all sales it names.
  return true;
}

void GatewayRights::tick(BootTime now) {
  if (!frozen_) {
    leases_.close_past_deadline(now);
  }
}

std::vector<ReturnStatement> GatewayRights::returns() const {
  return frozen_ ? std::vector<ReturnStatement>{} : leases_.returns();
}

bool GatewayRights::fence(Epoch epoch) {
  if (epoch <= holder_.epoch) {
    return false;
  }
  leases_.fence(epoch);
  budgets_.fence(epoch);
  uses_.begin_epoch();
  holder_.epoch = epoch;
  holder_.watermark = RightId{};
  holder_.newest_budget = RightId{};
  holder_changed_ = true;
  return true;
}

Holdings GatewayRights::holdings() const {
  Holdings holdings{holder_.epoch, holder_.watermark, holder_.newest_budget, {}};
  for (const auto& [key, row] : leases_.rows()) {
    holdings.live.push_back(key.id);
  }
  for (const auto& [key, row] : budgets_.rows()) {
    if (!row.fenced) {
      holdings.live.push_back(key.id);
    }
  }
  std::sort(holdings.live.begin(), holdings.live.end());
  return holdings;
}

Exposure GatewayRights::exposure() const {
  return {leases_.unspent(),
          budgets_.unsliced(),
          budgets_.slices_out(false),
          answers_.waiting(),
          budgets_.slices_out(true)};
}

RightChanges GatewayRights::take_changes() {
  RightChanges changes;
  if (std::exchange(holder_changed_, false)) {
    changes.holder = holder_;
  }
  changes.leases = leases_.take_changes();
  changes.budgets = budgets_.take_budget_changes();
  changes.slices = budgets_.take_slice_changes();
  changes.approvals = answers_.take_changes();
  changes.sale_marks = answers_.take_mark_changes();
  changes.member_uses = uses_.take_changes();
  return changes;
}

}  // namespace tally::right
