#include "core/right/budget_book.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace tally::right {

BudgetBook::BudgetBook(const std::vector<BudgetRow>& rows,
                       const std::vector<SliceRow>& slices,
                       Duration margin)
    : budgets_(rows), slices_(slices), lifetimes_(margin) {}

TakeOutcome BudgetBook::take(const SignedGrant& budget, const Moment& now) {
  const Grant& grant = budget.grant;
  TALLY_ASSERT(grant.kind == RightKind::kBudget && find(key_of(grant)) == nullptr);
  if (budgets_.size() >= kBudgetsMax) {
    return TakeOutcome::kFull;
  }
  budgets_.put({budget, now.earliest, false, Points{0}, Points{0}});
  lifetimes_.start(key_of(grant), grant.lifetime, now.boot);
  return TakeOutcome::kTaken;
}

bool BudgetBook::may_spend(const RightKey& budget, BootTime now) const {
  const BudgetRow* row = find(budget);
  return row != nullptr && !row->fenced && lifetimes_.may_spend(budget, now);
}

SpendVerdict BudgetBook::spend(const Attempt& attempt,
                               const OfflineLimits& limits,
                               const MemberSoFar& so_far,
                               BootTime now) {
  SpendVerdict best{SpendOutcome::kNoRight, {}, {}};
  bool any_in_time = false;
  for (const auto& [key, row] : budgets_.rows()) {
    if (row.fenced) {
      continue;
    }
    if (!lifetimes_.may_spend(key, now)) {
      if (!any_in_time) {
        best.outcome = SpendOutcome::kPastDeadline;
      }
      continue;
    }
    const Grant& grant = row.budget.grant;
    OfflineLimits granted = limits;
    granted.txn_points_max = std::min(limits.txn_points_max, grant.txn_points_max);
    granted.member_points_max = std::min(limits.member_points_max, grant.member_points_max);
    SpendVerdict verdict =
        within(check_limits(granted, attempt, so_far), unsliced(key), attempt.points);
    if (verdict.approved()) {
      verdict.leg = {RightKind::kBudget, key.id, key.epoch, attempt.points};
      budgets_.change(key).direct += attempt.points;
      return verdict;
    }
    if (!any_in_time || verdict.allowed > best.allowed) {
      best = verdict;
    }
    any_in_time = true;
  }
  return best;
}

CutResult BudgetBook::cut(const SliceAsk& ask, const SliceId& id, BootTime now) {
  for (const auto& [known, slice] : slices_.rows()) {
    if (slice.stream == ask.stream && slice.terminal_boot == ask.boot && !slice.ends_at &&
        may_spend(slice.budget, now)) {
      return {
          CutOutcome::kCut,
          {known, find(slice.budget)->budget, slice.points, lifetimes_.left(slice.budget, now)}};
    }
  }
  CutResult result;
  for (const auto& [key, row] : budgets_.rows()) {
    if (!may_spend(key, now)) {
      continue;
    }
    if (slices_.size() >= kSlicesMax) {
      return {CutOutcome::kFull, {}};
    }
    const Grant& grant = row.budget.grant;
    const Points points = std::min({ask.wanted, grant.slice_points_max, unsliced(key)});
    if (points <= Points{0}) {
      result.outcome = CutOutcome::kNotEnough;
      continue;
    }
    slices_.put({id, key, ask.stream, ask.boot, points, Points{0}, {}, {}});
    return {CutOutcome::kCut, {id, row.budget, points, lifetimes_.left(key, now)}};
  }
  return result;
}

bool BudgetBook::give_back(StreamId stream, const SliceReturn& statement, Seq received) {
  const SliceRow* slice = slices_.find(statement.slice);
  if (slice == nullptr || slice->stream != stream || slice->ends_at || statement.head < received) {
    return false;
  }
  SliceRow& row = slices_.change(statement.slice);
  row.ends_at = statement.head;
  row.stated = std::max(Points{0}, statement.unspent);
  return true;
}

void BudgetBook::terminal_started(StreamId stream, BootId boot, Seq head, Seq received) {
  if (head < received) {
    return;
  }
  std::vector<SliceId> ended;
  for (const auto& [id, slice] : slices_.rows()) {
    if (slice.stream == stream && slice.terminal_boot != boot && !slice.ends_at) {
      ended.push_back(id);
    }
  }
  for (const SliceId& id : ended) {
    slices_.change(id).ends_at = head;
  }
}

bool BudgetBook::count_use(StreamId stream, BootId boot, Seq seq, const record::FundingLeg& leg) {
  TALLY_ASSERT(leg.kind == RightKind::kSlice);
  Points open = leg.points;
  std::vector<std::pair<SliceId, Points>> uses;
  for (const auto& [id, slice] : slices_.rows()) {
    if (slice.stream == stream && slice.terminal_boot == boot && slice.budget == key_of(leg) &&
        (!slice.ends_at || seq <= *slice.ends_at)) {
      const Points part = std::min(open, slice.points - slice.used);
      uses.emplace_back(id, part);
      open -= part;
    }
  }
  for (const auto& [id, part] : uses) {
    slices_.change(id).used += part;
  }
  return open == Points{0};
}

void BudgetBook::received(StreamId stream, Seq seq) {
  std::vector<SliceId> ended;
  for (const auto& [id, slice] : slices_.rows()) {
    if (slice.stream == stream && slice.ends_at && *slice.ends_at <= seq) {
      ended.push_back(id);
    }
  }
  for (const SliceId& id : ended) {
    settle(id);
  }
}

void BudgetBook::settle(const SliceId& id) {
  const SliceRow slice = *slices_.find(id);
  slices_.erase(id);
  const Points proved = slice.points - slice.used;
  const Points back = slice.stated ? std::min(proved, *slice.stated) : proved;
  budgets_.change(slice.budget).by_slices += slice.points - back;
  const bool is_last =
      std::none_of(slices_.rows().begin(), slices_.rows().end(), [&](const auto& other) {
        return other.second.budget == slice.budget;
      });
  if (is_last && find(slice.budget)->fenced) {
    budgets_.erase(slice.budget);
    lifetimes_.end(slice.budget);
  }
}

void BudgetBook::fence(Epoch epoch) {
  std::vector<RightKey> fenced;
  for (const auto& [key, row] : budgets_.rows()) {
    if (key.epoch < epoch) {
      fenced.push_back(key);
    }
  }
  for (const RightKey& key : fenced) {
    lifetimes_.end(key);
    const bool has_slices =
        std::any_of(slices_.rows().begin(), slices_.rows().end(), [&](const auto& slice) {
          return slice.second.budget == key;
        });
    if (has_slices) {
      budgets_.change(key).fenced = true;
    } else {
      budgets_.erase(key);
    }
  }
}

void BudgetBook::resume(const Moment& now) {
  for (const auto& [key, row] : budgets_.rows()) {
    if (!row.fenced) {
      lifetimes_.resume(key, row.budget.grant.lifetime, row.received, now);
    }
  }
}

void BudgetBook::erase_if_spent(const RightKey& budget) {
  const BudgetRow* row = find(budget);
  if (row != nullptr && row->direct + row->by_slices == row->budget.grant.points) {
    budgets_.erase(budget);
    lifetimes_.end(budget);
  }
}

Points BudgetBook::unsliced(const RightKey& budget) const {
  const BudgetRow& row = budgets_.rows().at(budget);
  Points rest = row.budget.grant.points - row.direct - row.by_slices;
  for (const auto& [id, slice] : slices_.rows()) {
    if (slice.budget == budget) {
      rest -= slice.points;
    }
  }
  TALLY_ASSERT(rest >= Points{0});
  return rest;
}

Points BudgetBook::unsliced() const {
  Points sum;
  for (const auto& [key, row] : budgets_.rows()) {
    if (!row.fenced) {
      sum += unsliced(key);
    }
  }
  return sum;
}

Points BudgetBook::slices_out(bool fenced) const {
  Points sum;
  for (const auto& [id, slice] : slices_.rows()) {
    if (find(slice.budget)->fenced == fenced) {
      sum += slice.points - slice.used;
    }
  }
  return sum;
}

}  // namespace tally::right
