// Corrections: the OA evaluates an accrual itself and posts the difference to what the terminal
// said, never silently. A correction is identified by record, rule and cause; its amount is the
// difference to what has been posted so far, so a repeat posts nothing. It needs no approval and
// can always be explained. Internal to core/ledger.
#pragma once

#include <optional>

#include "core/ledger/rule_context.hpp"
#include "core/record/record.hpp"

namespace tally::ledger {

/// What the program in force says an accrual earns. None when the OA cannot tell: the record was
/// made under another version of the program and the policy leaves those alone, or its bill is not
/// one the program knows.
std::optional<Points> points_due(const record::Record& record,
                                 const record::Accrual& accrual,
                                 const Policy& policy);

/// Posts what makes the accrual one of `due` points. More goes where its points went: into the same
/// lot, or to wait until the same day. Less is taken as by a cancellation: PENDING, its lot, the
/// others, DEBT if the program allows it; never more than is left to cancel. None when nothing is
/// left to correct. The accrual and its member must be in the set.
std::optional<TxnId> correct(
    const RuleContext& context, TxnId accrual, Points due, CorrectionRule rule, TxnId cause);

}  // namespace tally::ledger
