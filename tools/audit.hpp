// `tally audit` as a function: opens databases of stopped or running nodes for reading and checks
// what must hold (docs/invariants.md).
#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"

#include "tools/audit_report.hpp"

namespace tally::tools {

struct AuditInput {
  std::vector<std::string> terminals;  ///< journal.db of terminals.
  std::vector<std::string> gateways;   ///< journal.db of gateways.
  std::vector<std::string> oa;         ///< ledger.db; one at most.
};

/// Why there is no report: which input cannot be used, and why.
struct AuditFailure {
  std::string database;
  Error error;
};

/// Each database is read as of one moment, terminals first, the OA last, so that nodes may go on
/// meanwhile. False when an input cannot be used; `failure` then says which.
bool audit(const AuditInput& input, AuditReport& report, AuditFailure& failure);

/// The report as one JSON object with the keys ok, breaches, records, members, points_outstanding.
std::string audit_json(const AuditReport& report);
/// The report as text for people, one line a breach.
std::string audit_text(const AuditReport& report);

}  // namespace tally::tools
