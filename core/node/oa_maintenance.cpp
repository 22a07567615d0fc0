// What the passing of days does to the ledger, in transactions of bounded size between batches.
// There is no position to keep: what was swept is no longer due, so after an interruption, and
// after a restart, the sweep goes on with whatever is left.
#include <utility>

#include "core/base/try.hpp"
#include "core/ledger/sweep.hpp"
#include "core/node/oa_node.hpp"

namespace tally::node {
namespace {

/// Accruals, and members, in one transaction: a batch that waits behind it must not notice.
constexpr std::size_t kDueMax = 256;

}  // namespace

Result<bool> OaNode::maintain(Instant now) {
  const ledger::LedgerTime time = ledger_time(now);
  if (swept_on_ == time.today) {
    return false;
  }
  const Result<bool> more = sweep(time);
  if (!more) {
    ++counters_.commits_failed;
    store_.rollback();
    return Error(more.error());
  }
  if (!*more) {
    swept_on_ = time.today;
  }
  return more;
}

Result<bool> OaNode::sweep(const ledger::LedgerTime& time) {
  TALLY_TRY(store_.begin());
  TALLY_TRY_ASSIGN(const auto vesting, store_.due_vesting(time.today, kDueMax));
  TALLY_TRY_ASSIGN(const auto over, store_.due_expiry(ledger::swept_until(time.today), kDueMax));
  if (vesting.empty() && over.empty()) {
    store_.rollback();
    return false;
  }
  ledger::ReadPlan plan;
  for (const ledger::DueVesting& due : vesting) {
    plan.txns.emplace(due.accrual, due.member);
  }
  plan.members.insert(over.begin(), over.end());
  TALLY_TRY_ASSIGN(ledger::WorkingSet set, store_.read(std::move(plan)));
  for (const ledger::DueVesting& due : vesting) {
    if (ledger::vest(set, due.accrual, time)) {
      ++counters_.accruals_vested;
    }
  }
  for (const MemberId member : over) {
    if (ledger::expire(set, member, time)) {
      ++counters_.members_expired;
    }
  }
  TALLY_TRY(store_.write(set, {}));
  TALLY_TRY(store_.commit());
  ++counters_.commits;
  return true;
}

}  // namespace tally::node
