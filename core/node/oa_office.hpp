// Office acts on the OA's store, inside an open transaction: read, decide in core/ledger, write.
// The writer thread's, like the rest of the OA's machine. Errors: those of the store; the
// transaction must be rolled back then.
#pragma once

#include <cstddef>

#include "core/ledger/ledger_store.hpp"
#include "core/ledger/office.hpp"
#include "core/record/record.hpp"

namespace tally::node {

/// Does an act of any kind, or says why not. `act_number` is the row under which it is kept: a
/// decided record names it. Of a decided record the transaction posts under that record's own id,
/// so that a copy that comes again is a repeat.
Result<ledger::OfficeResult> perform_office_act(ledger::LedgerStore& store,
                                                const ledger::OfficeAct& act,
                                                std::int64_t act_number,
                                                Points unchecked_today,
                                                const ledger::Policy& policy,
                                                const ledger::LedgerTime& time);

/// The record as an act that decides about it wants it posted: its member and points. The till's
/// own words stay in the stored bytes.
void correct(record::Record& record, const ledger::OfficeAct& act);

/// Goes on with what is on its way between two members: up to `count_max` arrivals and as many
/// merged members swept. Returns how many transactions it made; 0 when there is nothing to do.
Result<std::size_t> run_office_queue(ledger::LedgerStore& store,
                                     std::size_t count_max,
                                     const ledger::LedgerTime& time);

}  // namespace tally::node
