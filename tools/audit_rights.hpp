// The audit's checks of rights, cancellations, transfers between members and office acts: I3, I4,
// I7, I8, I9, and what waits at the OA (I10, as information).
#pragma once

#include <string>

#include "core/base/result.hpp"

#include "storage/db.hpp"
#include "tools/audit_report.hpp"

namespace tally::tools {

/// Errors: those of reading.
Status audit_rights(storage::Db& oa, const std::string& database, AuditReport& report);

}  // namespace tally::tools
