// Void, refund and reversal: taking back an accrual or a redemption. Whatever their order and
// number, together they cancel at most the original; the first posted wins and the excess goes to
// SUSPENSE of the store that claimed it. Internal to core/ledger.
#pragma once

#include "core/ledger/posting.hpp"
#include "core/ledger/rule_context.hpp"

namespace tally::ledger {

/// How much of an original is claimed.
struct CancelClaim {
  bool whole = true;
  std::int64_t returned_minor = 0;  ///< Refund: money given back; with `whole` false.
  std::int64_t whole_minor = 0;     ///< Refund: of this bill, when the original names none.
};

/// What a refund claims: with nothing given back, all of its original.
CancelClaim refund_claim(std::int64_t returned_minor, std::int64_t whole_minor);

/// Whether a transaction can be cancelled: an accrual or redemption posted from a record.
bool can_be_cancelled(const Txn& txn);

/// Posts the cancellation as `header` (kind, record, store and times; the rest is filled in).
/// An accrual's points are taken first out of PENDING, then from the lot they went into and from
/// what has expired of it, then in spending order; what is spent already becomes DEBT when the
/// program allows it, and otherwise is left to SUSPENSE of the claiming store. A redemption's
/// points go back into exactly the lots they came from (returned_to()).
Txn& cancel(const RuleContext& context, TxnId original, const CancelClaim& claim, Txn header);

/// Takes `points` of an accrual back, in the order said above, and out of what is left to cancel of
/// it. Requires no more than that.
void take_back_accrual(
    const RuleContext& context, Posting& posting, Txn& original, Points points, TransferCode code);

}  // namespace tally::ledger
