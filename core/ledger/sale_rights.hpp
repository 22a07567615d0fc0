// One sale, one payment: what happens to the rights made under a sale id (G6 of
// docs/architecture.md, "Rights"). Internal to core/ledger.
#pragma once

#include "core/ledger/rule_context.hpp"

namespace tally::ledger {

/// Ends every granted right under the sale id: what its ESCROW still holds goes back into the lots
/// it came from (returned_to()), each right in a transaction of its own.
void release_rights_of_sale(const RuleContext& context, const SaleId& sale);

}  // namespace tally::ledger
