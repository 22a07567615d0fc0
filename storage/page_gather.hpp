// The pages of a damaged database put together anew, so that its sound rows can be read. Internal
// to storage/.
#pragma once

#include <string>

#include "core/base/result.hpp"

namespace tally::storage {

/// Writes the database at `path` into the new file `to`, without a log: each page as the file or
/// its log has it last, transactions behind a break of the log included. Sound pages carry their
/// check sum; damaged ones do not match theirs. When page 1 is among them, its place is taken by
/// page 1 of `model`, an empty database of the same kind: it says where the tables are.
/// Gives whether page 1 is the database's own.
/// Errors: kCorrupt when a file cannot be read, kExhausted, kDenied.
Result<bool> gather_pages(const std::string& path, const std::string& model, const std::string& to);

}  // namespace tally::storage
