// I11 on a real ledger: what was decided is decided again, in the order in which it was, by the
// same rules, in memory from nothing; the outcome must be the ledger, to the last lot.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.hpp"
#include "core/ledger/policy.hpp"

#include "storage/db.hpp"
#include "tools/audit_report.hpp"

namespace tally::tools {

/// Replays the ledger's transactions from the stored records, the asks that were granted and the
/// office's acts. `policy` is the program that was in force; who a card belonged to at the time is
/// taken from the transactions. Needs memory for the whole ledger. Errors: those of reading.
Status audit_replay(storage::Db& oa,
                    const std::string& database,
                    const ledger::Policy& policy,
                    std::int32_t utc_offset_s,
                    AuditReport& report);

}  // namespace tally::tools
