// What a Db is inside: for storage/db.cpp and storage/statement.cpp only.
#pragma once

#include <climits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "core/base/assert.hpp"
#include "core/base/mutant.hpp"
#include "core/base/try.hpp"

#include "storage/db.hpp"
#include "storage/db_file.hpp"
#include "storage/sqlite_error.hpp"

namespace tally::storage {

struct CloseDatabase {
  void operator()(sqlite3* handle) const {
    // A Statement outlived its Db.
    TALLY_ASSERT(sqlite3_close(handle) == SQLITE_OK);
  }
};

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

using DatabaseHandle = std::unique_ptr<sqlite3, CloseDatabase>;
using StatementHandle = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

struct Db::State {
  std::string path;
  std::optional<OwnerLock> lock;  // Released after the handle is closed.
  DatabaseHandle handle;
  StatementHandle begin;
  StatementHandle begin_read;
  StatementHandle commit;
  StatementHandle rollback;
  std::optional<Error> poison;
  std::string first_finding;
  bool in_transaction = false;
  int wal_pages = 0;           ///< In the log after the last commit.
  int checkpointed_pages = 0;  ///< Of those, already in the file.

  Error fail(int rc, std::source_location where = std::source_location::current()) {
    const int extended = handle ? sqlite3_extended_errcode(handle.get()) : rc;
    const int code = (extended & 0xff) == (rc & 0xff) ? extended : rc;
    const Error error = sqlite_error(code, handle ? sqlite3_system_errno(handle.get()) : 0, where);
    const bool refused_to_reader = !lock && (code & 0xff) == SQLITE_READONLY;
    if (ends_connection(code) && !refused_to_reader) {
      set_poison(error);
    }
    return error;
  }

  void set_poison(const Error& error) {
    if (!poison && !TALLY_MUTANT("sync/error-survived")) {
      poison = error;
      if (lock) {
        lock->set_verification_due(true);
      }
    }
  }

  Status usable() const {
    if (poison) {
      return make_error(poison->code,
                        "database refuses work after a disk error until it is reopened",
                        poison->detail);
    }
    return {};
  }

  Status run_plain(sqlite3_stmt* statement) {
    const int rc = sqlite3_step(statement);
    const Status status = rc == SQLITE_DONE || rc == SQLITE_ROW ? Status{} : Status{fail(rc)};
    sqlite3_reset(statement);
    return status;
  }

  Result<StatementHandle> compile(std::string_view sql) {
    TALLY_ASSERT(sql.size() <= INT_MAX);
    sqlite3_stmt* statement = nullptr;
    const int rc = sqlite3_prepare_v3(handle.get(),
                                      sql.data(),
                                      static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT,
                                      &statement,
                                      nullptr);
    if (rc != SQLITE_OK) {
      return fail(rc);
    }
    return StatementHandle(statement);
  }

  Status execute(const char* sql) {
    const int rc = sqlite3_exec(handle.get(), sql, nullptr, nullptr, nullptr);
    return rc == SQLITE_OK ? Status{} : Status{fail(rc)};
  }

  Result<std::int64_t> read_int64(const char* sql) {
    TALLY_TRY_ASSIGN(const StatementHandle statement, compile(sql));
    const int rc = sqlite3_step(statement.get());
    if (rc != SQLITE_ROW) {
      return fail(rc);
    }
    return sqlite3_column_int64(statement.get(), 0);
  }

  Status configure(OpenMode mode);
  Status use_write_ahead_log();
  Status add_page_checks();
  Status checkpoint(int sqlite_mode);
  Status verify(bool quick);
};

}  // namespace tally::storage
