// Who pays a redemption, and from what: its funding legs, each matched with the right it names
// (docs/formats/ledger.md, "Rights"). Internal to core/ledger.
#pragma once

#include <utility>
#include <vector>

#include "core/ledger/working_set.hpp"
#include "core/record/record.hpp"

namespace tally::ledger {

/// Whether the record's terminal made the record's sale id.
bool owns_sale(const record::Record& record);

/// The card decides; the member number named by the till only when the card is not known. None
/// when neither is.
MemberId member_of(WorkingSet& set, const record::Record& record);

/// As member_of(), but a hold made for this sale, or a lease of a member who was merged since,
/// knows its member better than the card.
MemberId payer_of(WorkingSet& set, const record::Record& record, StoreId store);

/// What the legs of a redemption are paid from.
struct Payment {
  std::vector<std::pair<RightId, Lot>> from_rights;  ///< Out of ESCROW.
  Points from_member;                                ///< AVAILABLE, then RISK.
  Points unknown;                                    ///< SUSPENSE: nobody granted it.
};

/// Spends `points` under the rights the record's legs name, in their order; what no leg names is
/// the member's. A right pays only the record it was granted for: a hold its own sale at its own
/// terminal, a lease its own member in its own store, a budget (and a slice of it) any member in
/// its own store, each in its own epoch.
Payment pay_from_rights(
    WorkingSet& set, const record::Record& record, StoreId store, MemberId payer, Points points);

}  // namespace tally::ledger
