// `tally audit` as a function: opens databases of stopped or running nodes for reading and checks
// what must hold (docs/invariants.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.hpp"

#include "tools/audit_report.hpp"

namespace tally::tools {

struct AuditInput {
  std::vector<std::string> terminals;    ///< journal.db of terminals.
  std::vector<std::string> gateways;     ///< journal.db of gateways.
  std::vector<std::string> oa;           ///< ledger.db; one at most.
  std::string master_key{};              ///< The OA's master.key; with it MACs are verified.
  bool replay = false;                   ///< Decide everything in the ledger again (I11).
  std::int32_t utc_offset_s = 8 * 3600;  ///< Of the office's business day, for the replay.
};

/// Why there is no report: which input cannot be used, and why.
struct AuditFailure {
  std::string database;
  Error error;
};

/// Each database is read as of one moment, terminals first, the OA last, so that nodes may go on
/// meanwhile. False when an input cannot be used; `failure` then says which.
bool audit(const AuditInput& input, AuditReport& report, AuditFailure& failure);

/// The report as one JSON object with the keys ok, breaches, breach_count, records, members,
/// points_outstanding, queues.
std::string audit_json(const AuditReport& report);
/// The report as text for people, one line a breach.
std::string audit_text(const AuditReport& report);

}  // namespace tally::tools
