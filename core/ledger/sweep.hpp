// What time does to points, one member at a time: pending points become spendable. Whoever calls
// this decides when; repeating it does nothing. Pure; nothing is durable until the store has
// written the set.
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

}  // namespace tally::ledger
