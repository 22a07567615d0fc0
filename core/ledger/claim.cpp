#include "core/ledger/claim.hpp"

#include "core/base/assert.hpp"
#include "core/ledger/sweep.hpp"

namespace tally::ledger {

void free_claim(WorkingSet& set, TxnId accrual, const Policy& policy, const LedgerTime& time) {
  Txn* original = set.txn(accrual);
  TALLY_ASSERT(original != nullptr);
  const auto day = vests_on(original->business_day, time.today, policy);
  if (!day) {
    vest(set, accrual, time, TxnKind::kClaimFreed);
    return;
  }
  for (Source& source : original->sources) {
    if (source.kind == AccountKind::kPending && source.vests_on == kNeverVests) {
      source.vests_on = *day;
      set.touch_txn(accrual);
    }
  }
}

}  // namespace tally::ledger
