#include <utility>

#include <sqlite3.h>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"

#include "storage/db.hpp"
#include "storage/db_state.hpp"

namespace tally::storage {

Statement::Statement(Statement&& other) noexcept
    : db_(other.db_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(db_, other.db_);
  std::swap(statement_, other.statement_);
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

void Statement::check_bind(int rc) const {
  // Only a parameter that does not exist, a statement not reset, or no memory get here.
  TALLY_ASSERT(rc == SQLITE_OK);
}

void Statement::bind_int64(int parameter, std::int64_t value) {
  check_bind(sqlite3_bind_int64(statement_, parameter, value));
}

void Statement::bind(int parameter, ByteView blob) {
  check_bind(blob.empty() ? sqlite3_bind_zeroblob(statement_, parameter, 0)
                          : sqlite3_bind_blob64(statement_,
                                                parameter,
                                                blob.data(),
                                                blob.size(),
                                                nullptr /* SQLITE_STATIC: not copied */));
}

void Statement::bind(int parameter, std::string_view text) {
  check_bind(sqlite3_bind_text64(statement_,
                                 parameter,
                                 text.empty() ? "" : text.data(),
                                 text.size(),
                                 nullptr /* SQLITE_STATIC: not copied */,
                                 SQLITE_UTF8));
}

void Statement::bind_null(int parameter) {
  check_bind(sqlite3_bind_null(statement_, parameter));
}

Result<bool> Statement::step() {
  TALLY_TRY(db_->usable());
  const int rc = sqlite3_step(statement_);
  if (rc == SQLITE_ROW) {
    return true;
  }
  if (rc == SQLITE_DONE) {
    return false;
  }
  const Error error = db_->fail(rc);
  sqlite3_reset(statement_);
  return error;
}

Status Statement::run() {
  Status status;
  for (;;) {
    const Result<bool> row = step();
    if (!row) {
      status = Status(row.error());
      break;
    }
    if (!*row) {
      break;
    }
  }
  reset();
  return status;
}

void Statement::reset() {
  // Outside a transaction this commits what a statement left half-way has written.
  if (const int rc = sqlite3_reset(statement_); ends_connection(rc)) {
    static_cast<void>(db_->fail(rc));
  }
  sqlite3_clear_bindings(statement_);
}

bool Statement::is_null(int column) const {
  TALLY_ASSERT(column < sqlite3_data_count(statement_));
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::int64(int column) const {
  TALLY_ASSERT(column < sqlite3_data_count(statement_));
  return sqlite3_column_int64(statement_, column);
}

ByteView Statement::blob(int column) const {
  TALLY_ASSERT(column < sqlite3_data_count(statement_));
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data == nullptr ? ByteView{} : ByteView{data, size};
}

std::string_view Statement::text(int column) const {
  TALLY_ASSERT(column < sqlite3_data_count(statement_));
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data == nullptr ? std::string_view{} : std::string_view{data, size};
}

Result<Transaction> Transaction::begin(Db& db) {
  Db::State& state = *db.state_;
  TALLY_TRY(state.usable());
  TALLY_ASSERT(!state.in_transaction);
  TALLY_ASSERT(state.begin != nullptr);  // Not a read-only Db.
  if (state.wal_pages - state.checkpointed_pages >= kWalPagesMax) {
    TALLY_TRY(state.checkpoint(SQLITE_CHECKPOINT_PASSIVE));
  }
  TALLY_TRY(state.run_plain(state.begin.get()));
  state.in_transaction = true;
  return Transaction(&state);
}

Result<Transaction> Transaction::begin_read(Db& db) {
  Db::State& state = *db.state_;
  TALLY_TRY(state.usable());
  TALLY_ASSERT(!state.in_transaction);
  TALLY_TRY(state.run_plain(state.begin_read.get()));
  state.in_transaction = true;
  return Transaction(&state);
}

Transaction::Transaction(Transaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}

Transaction::~Transaction() {
  if (db_ != nullptr) {
    // On a poisoned Db as well: it only drops what is in memory. An error has rolled back already.
    sqlite3_step(db_->rollback.get());
    sqlite3_reset(db_->rollback.get());
    db_->in_transaction = false;
  }
}

Status Transaction::commit() {
  TALLY_ASSERT(db_ != nullptr);
  TALLY_TRY(db_->usable());
  if (db_->commit == nullptr) {
    return {};  // A read transaction ends with its rollback.
  }
  const int rc = sqlite3_step(db_->commit.get());
  if (rc != SQLITE_DONE) {
    const Error error = db_->fail(rc);
    sqlite3_reset(db_->commit.get());
    db_->set_poison(error);
    return error;
  }
  sqlite3_reset(db_->commit.get());
  db_->in_transaction = false;
  db_ = nullptr;
  return {};
}

}  // namespace tally::storage
