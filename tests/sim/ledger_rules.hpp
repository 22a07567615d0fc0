// The ledger's rules worked out a second time, from the journal of transfers alone and from what
// the tills really did: which lot pays, which gets points back, what a bill earns, what a
// cancellation may take. Reads the whole ledger; called now and then.
#pragma once

#include "core/program/program.hpp"

#include "storage/db.hpp"
#include "tests/sim/truth.hpp"
#include "tests/sim/verdict.hpp"

namespace tally::sim {

/// Reports the first rule that does not hold.
void check_ledger_rules(storage::Db& db,
                        const program::Program& program,
                        Truth& truth,
                        Verdict& verdict);

}  // namespace tally::sim
