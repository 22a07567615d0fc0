// Rules of the audit that are one query each. Internal to tools/audit_*.
#pragma once

#include <span>
#include <string>

#include "core/base/result.hpp"

#include "storage/db.hpp"
#include "tools/audit_report.hpp"

namespace tally::tools {

/// A rule whose breaches are the rows of a query: column 0 names the row, column 1 says why.
struct Rule {
  const char* invariant;
  const char* table;
  const char* sql;
};

/// Errors: those of reading.
Status check_rules(storage::Db& db,
                   std::span<const Rule> rules,
                   const std::string& database,
                   AuditReport& report);

}  // namespace tally::tools
