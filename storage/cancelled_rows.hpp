// What a terminal knows of sales that were voided or refunded, in its journal
// (docs/formats/journal.md, `cancelled`): the newest word on each, the newest kCancelledMax of
// them. Internal to storage/terminal_journal.cpp.
#pragma once

#include <vector>

#include "core/node/terminal_journal.hpp"

#include "storage/db.hpp"

namespace tally::storage {

/// Oldest first. Errors: those of the database.
Result<std::vector<node::Cancelled>> read_cancelled(Db& db);

/// Inside a transaction.
Status write_cancelled(Db& db, const std::vector<node::Cancelled>& cancelled);

}  // namespace tally::storage
