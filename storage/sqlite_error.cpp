#include "storage/sqlite_error.hpp"

#include <cerrno>

#include <sqlite3.h>

namespace tally::storage {

Error sqlite_error(int extended_code, int system_errno, std::source_location where) {
  const auto make = [&](Errc code, const char* what) {
    return make_error(code, what, extended_code, where);
  };
  if (extended_code == SQLITE_IOERR_NOMEM) {
    return make(Errc::kExhausted, "out of memory");
  }
  if (extended_code == SQLITE_IOERR_DATA) {
    return make(Errc::kCorrupt, "a page of the database does not match its check sum");
  }
  switch (extended_code & 0xff) {
    case SQLITE_FULL:
      return make(Errc::kExhausted, "disk is full");
    case SQLITE_IOERR:
      return system_errno == ENOSPC ? make(Errc::kExhausted, "disk is full")
                                    : make(Errc::kCorrupt, "disk read, write or sync failed");
    case SQLITE_CORRUPT:
      return make(Errc::kCorrupt, "database is damaged");
    case SQLITE_NOTADB:
      return make(Errc::kCorrupt, "file is not a database");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return make(Errc::kUnavailable, "database is busy");
    case SQLITE_CANTOPEN:
      return make(Errc::kUnavailable, "database cannot be opened");
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return make(Errc::kDenied, "permission to the database was denied");
    case SQLITE_READONLY:
      return make(Errc::kDenied, "database is read-only");
    case SQLITE_NOMEM:
      return make(Errc::kExhausted, "out of memory");
    case SQLITE_TOOBIG:
      return make(Errc::kExhausted, "value is too large for the database");
    case SQLITE_CONSTRAINT:
      return extended_code == SQLITE_CONSTRAINT_UNIQUE ||
                     extended_code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                     extended_code == SQLITE_CONSTRAINT_ROWID
                 ? make(Errc::kDuplicate, "row exists already")
                 : make(Errc::kInvalid, "row was refused by a constraint");
    case SQLITE_MISMATCH:
      return make(Errc::kInvalid, "value has the wrong type");
    default:
      return make(Errc::kInternal, "database call failed");
  }
}

bool ends_connection(int extended_code) {
  switch (extended_code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_INTERRUPT:
      return false;
    default:
      return true;
  }
}

}  // namespace tally::storage
