// What time does to points, one member at a time: pending points become spendable, lots expire.
// Whoever calls this decides when; repeating it does nothing, so a sweep that was interrupted goes
// on wherever it finds something. Pure; nothing is durable until the store has written the set.
#pragma once

#include <optional>

#include "core/ledger/policy.hpp"
#include "core/ledger/working_set.hpp"

namespace tally::ledger {

/// PENDING → AVAILABLE of everything that still waits of one accrual, into the lots it was meant
/// for, as a transaction of `kind` whose cause is the accrual. From then on a cancellation takes it
/// from those lots. None when nothing waits. The accrual and its member must be in the set.
std::optional<TxnId> vest(WorkingSet& set,
                          TxnId accrual,
                          const LedgerTime& time,
                          TxnKind kind = TxnKind::kVest);

/// The newest expiry day whose lots are swept on `today`. A lot may be spent on its last day; one
/// more day passes for records of that day that come late (docs/adr/0007-lot-order.md).
BusinessDay swept_until(BusinessDay today);

/// AVAILABLE → EXPIRED of the store that issued them, of every lot of the member that is over, in
/// one transaction. What rights hold stays theirs. None when nothing is over. The member must be in
/// the set.
std::optional<TxnId> expire(WorkingSet& set, MemberId member, const LedgerTime& time);

}  // namespace tally::ledger
