// The audit's checks of terminals' and gateways' journals, and of the agreement between terminals,
// gateways and the OA: nothing lost, nothing doubled, no place with two contents.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"

#include "storage/db.hpp"
#include "tools/audit_report.hpp"

namespace tally::tools {

/// What one database holds of one stream.
struct StreamContent {
  std::map<Seq, std::vector<Mac>> records;  ///< More than one only at the OA: forks.
  StreamPosition head;
  StreamPosition received;   ///< Terminal: by a gateway. Gateway: head.
  StreamPosition forwarded;  ///< Gateway only.
  StreamPosition applied;
};

struct NodeContent {
  std::string database;
  std::map<StreamId, StreamContent> streams;
};

/// Reads and checks one terminal's journal: rows readable, numbered and chained without gap,
/// positions within the head, every row shown or reversed. Errors: those of reading.
Result<NodeContent> audit_terminal_journal(storage::Db& db,
                                           const std::string& database,
                                           AuditReport& report);

/// The same for a gateway's: packed rows readable, contiguous and chained,
/// applied ≤ forwarded ≤ received.
Result<NodeContent> audit_gateway_journal(storage::Db& db,
                                          const std::string& database,
                                          AuditReport& report);

/// What the OA has stored of each stream. Errors: those of reading.
Result<NodeContent> read_oa_records(storage::Db& db, const std::string& database);

/// Compares what the nodes hold of the same streams. The databases must have been read in the order
/// terminals, gateways, OA, so that what one says it handed on is there in the next.
void audit_agreement(const std::vector<NodeContent>& terminals,
                     const std::vector<NodeContent>& gateways,
                     const std::optional<NodeContent>& oa,
                     AuditReport& report);

}  // namespace tally::tools
