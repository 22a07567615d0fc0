// The audit's checks of an OA's ledger: I1, I2, I5, I6, I7 (docs/invariants.md).
#pragma once

#include <string>

#include "core/base/result.hpp"

#include "storage/db.hpp"
#include "tools/audit_report.hpp"

namespace tally::tools {

/// Checks one ledger over a read-only Db inside a read transaction and adds its totals. `database`
/// names it in breaches. Errors: those of reading (the input is unusable), never a breach.
Status audit_ledger(storage::Db& oa, const std::string& database, AuditReport& report);

}  // namespace tally::tools
