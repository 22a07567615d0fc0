// The terminal's recent members in its journal (docs/formats/journal.md, `recent_member`): a
// convenience, so a damaged row is left out and nothing else happens. Internal to
// storage/terminal_journal.cpp.
#pragma once

#include <vector>

#include "core/node/terminal_journal.hpp"

#include "storage/db.hpp"

namespace tally::storage {

/// Oldest first. Errors: those of the database.
Result<std::vector<node::RecentMember>> read_recent_members(Db& db);

/// Inside a transaction.
Status write_recent_members(Db& db, const node::TerminalCommit& commit);

}  // namespace tally::storage
