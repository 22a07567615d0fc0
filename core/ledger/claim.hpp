// A claimed receipt: the customer brought the record before its terminal did. Its points are posted
// under the record's own id and wait in PENDING until the stream has passed its place
// (docs/formats/ledger.md, "Claims"). Pure rules; values for the store.
#pragma once

#include <string>

#include "core/base/bytes.hpp"
#include "core/ledger/policy.hpp"
#include "core/ledger/working_set.hpp"

namespace tally::ledger {

/// Values are those of the tables.
enum class ClaimState : std::uint8_t {
  kOpen = 1,   ///< The stream has not come as far.
  kFreed = 2,  ///< It has, or its terminal was declared dead.
};

struct Claim {
  RecordId record;
  Mac mac{};
  Bytes sealed;  ///< The record as the receipt gave it back.
  StoreId store;
  ClaimState state = ClaimState::kOpen;
  std::string claimed_by;
  WallTime claimed_at;
  WallTime freed_at;
};

/// What two people said of a terminal that will never send again.
struct TerminalDeath {
  StreamId stream;
  std::string first_by;
  WallTime first_at;
  std::string second_by;  ///< Empty until somebody else has said so too.
  WallTime second_at;

  bool is_certain() const { return !second_by.empty(); }
};

/// Nothing that could cancel the claimed accrual can come any more, or it has come: what still
/// waits becomes spendable, or waits for the program's day as any accrual. Nothing when nothing
/// waits. The accrual and its member must be in the set.
void free_claim(WorkingSet& set, TxnId accrual, const Policy& policy, const LedgerTime& time);

}  // namespace tally::ledger
