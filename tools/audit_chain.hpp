// The audit's check of every stored record's MAC and chain, which needs the OA's master key.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/crypto/mac.hpp"

#include "storage/db.hpp"
#include "tools/audit_report.hpp"

namespace tally::tools {

/// Unwraps the terminals' record keys and verifies the MAC of each record at the OA: nobody
/// between terminal and OA, and nobody at its disk, made or changed one. Errors: those of reading.
Status audit_chain(storage::Db& oa,
                   const std::string& database,
                   const crypto::Key256& master,
                   AuditReport& report);

}  // namespace tally::tools
