#include "storage/db.hpp"

#include <algorithm>
#include <utility>

#include <sqlite3.h>

#include "core/base/assert.hpp"
#include "core/base/mutant.hpp"
#include "core/base/try.hpp"

#include "storage/db_state.hpp"
#include "storage/page_check.hpp"

namespace tally::storage {

namespace {

constexpr int kBusyTimeoutMs = 2000;

int remember_wal_pages(void* context, sqlite3*, const char*, int pages) {
  auto& state = *static_cast<Db::State*>(context);
  if (pages < state.wal_pages) {
    state.checkpointed_pages = 0;  // The log started again from its beginning.
  }
  state.wal_pages = pages;
  return SQLITE_OK;
}

// A reader that finds no log opens the file as it lies there: SQLite would otherwise want to
// create one, which a copy on read-only media does not allow.
std::string read_only_uri(const std::string& path, bool immutable) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      constexpr std::string_view kDigits = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(c);
      uri.append(1, '%').append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 0xfU]);
    } else {
      uri.append(1, c);
    }
  }
  return uri.append(immutable ? "?immutable=1" : "");
}

bool file_exists(const std::string& path) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  int exists = 0;
  return vfs->xAccess(vfs, path.c_str(), SQLITE_ACCESS_EXISTS, &exists) == SQLITE_OK && exists != 0;
}

Result<DatabaseHandle> open_handle(const std::string& name, int flags) {
  sqlite3* raw = nullptr;
  const int rc = sqlite3_open_v2(name.c_str(),
                                 &raw,
                                 flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                                 checked_file_layer());
  DatabaseHandle handle(raw);
  if (rc != SQLITE_OK) {
    return sqlite_error(rc, raw != nullptr ? sqlite3_system_errno(raw) : 0);
  }
  return handle;
}

}  // namespace

Status Db::State::configure(OpenMode mode) {
  sqlite3* db = handle.get();
  sqlite3_busy_timeout(db, kBusyTimeoutMs);
  // The last one to close would otherwise checkpoint, and its failure would go unseen.
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  TALLY_TRY(
      execute("PRAGMA mmap_size=0; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
              "PRAGMA cell_size_check=ON;"));
  if (mode == OpenMode::kReadOnly) {
    TALLY_TRY(execute("PRAGMA query_only=ON;"));
    // Opening is lazy: find out now whether this is a database at all.
    TALLY_TRY(read_int64("PRAGMA schema_version;"));
    return {};
  }
  int reserved = kPageCheckBytes;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  TALLY_TRY(use_write_ahead_log());
  return pages_are_checked(db) ? Status{} : add_page_checks();
}

// A database from before there were check sums, or one that says so because it is damaged.
Status Db::State::add_page_checks() {
  TALLY_TRY_ASSIGN(const std::vector<Damage> damage, find_damage(path, 1));
  if (!damage.empty()) {
    return make_error(Errc::kCorrupt, "a page of the database does not match its check sum");
  }
  TALLY_TRY(execute("VACUUM"));
  return checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
}

Status Db::State::use_write_ahead_log() {
  TALLY_TRY_ASSIGN(const StatementHandle mode, compile("PRAGMA journal_mode=WAL;"));
  if (const int rc = sqlite3_step(mode.get()); rc != SQLITE_ROW) {
    return fail(rc);
  }
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(mode.get(), 0));
  if (text == nullptr || std::string_view(text) != "wal") {
    return make_error(Errc::kUnsupported, "database has no write-ahead log");
  }
  // The change itself is committed by the last step.
  if (const int rc = sqlite3_step(mode.get()); rc != SQLITE_DONE) {
    return fail(rc);
  }
  TALLY_TRY(execute("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"));
  if (TALLY_MUTANT("sync/none")) {
    TALLY_TRY(execute("PRAGMA synchronous=OFF;"));
  }
  if (TALLY_MUTANT("sync/checkpoint-in-commit")) {
    return execute("PRAGMA wal_autocheckpoint=20;");
  }
  sqlite3_wal_hook(handle.get(), remember_wal_pages, this);
  return {};
}

Status Db::State::checkpoint(int sqlite_mode) {
  TALLY_TRY(usable());
  int pages_in_log = 0;
  int pages_moved = 0;
  const int rc =
      sqlite3_wal_checkpoint_v2(handle.get(), "main", sqlite_mode, &pages_in_log, &pages_moved);
  if ((rc & 0xff) == SQLITE_BUSY) {
    return {};
  }
  if (rc != SQLITE_OK) {
    return fail(rc);
  }
  wal_pages = std::max(pages_in_log, 0);
  checkpointed_pages = std::max(pages_moved, 0);
  return {};
}

Status Db::State::verify(bool quick) {
  TALLY_TRY(usable());
  TALLY_TRY_ASSIGN(const StatementHandle check,
                   compile(quick ? "PRAGMA quick_check(1);" : "PRAGMA integrity_check(1);"));
  if (const int rc = sqlite3_step(check.get()); rc != SQLITE_ROW) {
    return fail(rc);
  }
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(check.get(), 0));
  first_finding = text == nullptr ? "" : text;
  if (first_finding == "ok") {
    first_finding.clear();
    return {};
  }
  const Error error = make_error(Errc::kCorrupt, "database failed its verification");
  set_poison(error);
  return error;
}

Db::Db(std::unique_ptr<State> state) : state_(std::move(state)) {}
Db::Db(Db&&) noexcept = default;
Db& Db::operator=(Db&&) noexcept = default;
Db::~Db() = default;

Result<Db> Db::open(const std::string& path, OpenMode mode) {
  auto state = std::make_unique<State>();
  state->path = path;
  if (mode == OpenMode::kReadOnly) {
    if (!file_exists(path)) {
      return make_error(Errc::kNotFound, "database file does not exist");
    }
    const bool immutable = !file_exists(path + "-wal");
    TALLY_TRY_ASSIGN(
        state->handle,
        open_handle(read_only_uri(path, immutable), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI));
    TALLY_TRY(state->configure(mode));
  } else {
    TALLY_TRY(prepare_database_file(path));
    TALLY_TRY_ASSIGN(OwnerLock lock, OwnerLock::take(path));
    state->lock.emplace(std::move(lock));
    TALLY_TRY(rewrite_write_ahead_log(path));
    TALLY_TRY_ASSIGN(state->handle, open_handle(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
    TALLY_TRY(state->configure(mode));
    if (state->lock->verification_due()) {
      TALLY_TRY(state->verify(true));
      TALLY_TRY(state->checkpoint(SQLITE_CHECKPOINT_TRUNCATE));
      state->lock->set_verification_due(false);
    }
    TALLY_TRY_ASSIGN(state->begin, state->compile("BEGIN IMMEDIATE"));
    TALLY_TRY_ASSIGN(state->commit, state->compile("COMMIT"));
  }
  TALLY_TRY_ASSIGN(state->begin_read, state->compile("BEGIN DEFERRED"));
  TALLY_TRY_ASSIGN(state->rollback, state->compile("ROLLBACK"));
  return Db(std::move(state));
}

Status Db::migrate(const Schema& schema) {
  TALLY_TRY(state_->usable());
  if (schema.refuses_damaged_pages) {
    refuse_damaged_pages(state_->handle.get());
  }
  const int newest = schema.migrations.empty() ? 0 : schema.migrations.back().version;
  TALLY_TRY_ASSIGN(const std::int64_t kind, state_->read_int64("PRAGMA application_id;"));
  TALLY_TRY_ASSIGN(const std::int64_t version, state_->read_int64("PRAGMA user_version;"));
  if (kind != schema.application_id && !(kind == 0 && version == 0)) {
    return make_error(Errc::kInvalid, "file is a database of another kind");
  }
  if (version > newest) {
    return make_error(Errc::kUnsupported,
                      "database was written by a newer version of this program",
                      static_cast<std::int32_t>(version));
  }
  for (const Migration& step : schema.migrations) {
    if (step.version <= version) {
      continue;
    }
    TALLY_TRY_ASSIGN(Transaction transaction, Transaction::begin(*this));
    TALLY_TRY(state_->execute(step.sql));
    const std::string marks = "PRAGMA application_id=" + std::to_string(schema.application_id) +
                              ";PRAGMA user_version=" + std::to_string(step.version) + ";";
    TALLY_TRY(state_->execute(marks.c_str()));
    TALLY_TRY(transaction.commit());
  }
  return {};
}

Status Db::require(const Schema& schema) {
  TALLY_TRY(state_->usable());
  TALLY_ASSERT(!schema.migrations.empty());
  if (schema.refuses_damaged_pages) {
    refuse_damaged_pages(state_->handle.get());
  }
  TALLY_TRY_ASSIGN(const std::int64_t kind, state_->read_int64("PRAGMA application_id;"));
  TALLY_TRY_ASSIGN(const std::int64_t version, state_->read_int64("PRAGMA user_version;"));
  if (kind != schema.application_id) {
    return make_error(Errc::kInvalid, "file is a database of another kind");
  }
  if (version != schema.migrations.back().version) {
    return make_error(Errc::kUnsupported,
                      version > schema.migrations.back().version
                          ? "database was written by a newer version of this program"
                          : "database was written by an older version; start its program once",
                      static_cast<std::int32_t>(version));
  }
  return {};
}

Result<Statement> Db::prepare(std::string_view sql) {
  TALLY_TRY(state_->usable());
  TALLY_TRY_ASSIGN(StatementHandle handle, state_->compile(sql));
  return Statement(state_.get(), handle.release());
}

Status Db::execute(const char* sql) {
  TALLY_TRY(state_->usable());
  return state_->execute(sql);
}

Status Db::maintain() {
  TALLY_TRY(state_->usable());
  if (state_->wal_pages - state_->checkpointed_pages < kWalPagesDue) {
    return {};
  }
  return state_->checkpoint(SQLITE_CHECKPOINT_PASSIVE);
}

Status Db::checkpoint() {
  return state_->checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
}
Status Db::verify(bool quick) {
  return state_->verify(quick);
}
const std::string& Db::first_finding() const {
  return state_->first_finding;
}
std::int64_t Db::changes() const {
  return sqlite3_changes64(state_->handle.get());
}
std::optional<Error> Db::poison() const {
  return state_->poison;
}
const std::string& Db::path() const {
  return state_->path;
}

}  // namespace tally::storage
