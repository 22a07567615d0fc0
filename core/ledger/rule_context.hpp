// What most rules work with. Internal to core/ledger.
#pragma once

#include "core/ledger/policy.hpp"
#include "core/ledger/working_set.hpp"

namespace tally::ledger {

struct RuleContext {
  WorkingSet& set;
  const Policy& policy;
  LedgerTime time;
};

}  // namespace tally::ledger
