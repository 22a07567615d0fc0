// The one place where SQLite's result codes become our causes.
#pragma once

#include <source_location>

#include "core/base/error.hpp"

struct sqlite3;

namespace tally::storage {

/// Maps an extended result code; `detail` of the Error is that code.
Error sqlite_error(int extended_code,
                   int system_errno = 0,
                   std::source_location where = std::source_location::current());

/// Whether the code says that a read, write or sync failed, so that nothing the connection says
/// can be trusted any more.
bool ends_connection(int extended_code);

}  // namespace tally::storage
