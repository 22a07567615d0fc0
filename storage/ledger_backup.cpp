#include "storage/ledger_backup.hpp"

#include <algorithm>
#include <filesystem>

#include <sqlite3.h>

#include "core/base/mutant.hpp"
#include "core/base/try.hpp"

#include "storage/db_state.hpp"
#include "storage/ledger_schema.hpp"
#include "storage/page_check.hpp"
#include "storage/sqlite_error.hpp"

namespace tally::storage {
namespace {

Result<DatabaseHandle> open_plainly(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int rc = sqlite3_open_v2(path.c_str(),
                                 &raw,
                                 flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                                 checked_file_layer());
  DatabaseHandle handle(raw);
  if (rc != SQLITE_OK) {
    return sqlite_error(rc, raw != nullptr ? sqlite3_system_errno(raw) : 0);
  }
  sqlite3_busy_timeout(raw, 10'000);
  return handle;
}

/// SQLite's online backup in one step: a snapshot, read beside the owner.
Status copy_database(const std::string& source, const std::string& target) {
  remove_database(target);
  TALLY_TRY(prepare_database_file(target));
  TALLY_TRY_ASSIGN(const DatabaseHandle from, open_plainly(source, SQLITE_OPEN_READONLY));
  TALLY_TRY_ASSIGN(const DatabaseHandle to, open_plainly(target, SQLITE_OPEN_READWRITE));
  TALLY_TRY(carry_page_checks(from.get(), to.get()));
  sqlite3_backup* backup = sqlite3_backup_init(to.get(), "main", from.get(), "main");
  if (backup == nullptr) {
    return sqlite_error(sqlite3_extended_errcode(to.get()), sqlite3_system_errno(to.get()));
  }
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE || finished != SQLITE_OK) {
    const int rc = stepped != SQLITE_DONE ? stepped : finished;
    return sqlite_error(rc, sqlite3_system_errno(to.get()));
  }
  return {};
}

// Numbers go on from the time: in microseconds for rights, in seconds for members. No OA gives them
// out as fast, so those of a ledger that was lost stay below those of the next, even when two are
// restored from one back-up.
Status raise_numbers(Db& db, std::uint64_t generation, WallTime now) {
  TALLY_TRY_ASSIGN(Statement lost,
                   db.prepare("INSERT INTO restored SELECT ?1, ?2, right_no + 1, "
                              "max(right_no, ?2) FROM counter"));
  TALLY_TRY(lost.run_with(generation, now.us));
  TALLY_TRY_ASSIGN(
      Statement jump,
      db.prepare(TALLY_MUTANT("restore/numbers-given-out-again")
                     ? "UPDATE counter SET generation = ?1, right_no = right_no + 0 * ?2"
                     : "UPDATE counter SET generation = ?1, right_no = max(right_no, ?2), "
                       "member = max(member, ?2 / 1000000)"));
  TALLY_TRY(jump.run_with(generation, now.us));
  TALLY_TRY_ASSIGN(Statement forget, db.prepare("DELETE FROM archived"));
  TALLY_TRY(forget.run());
  TALLY_TRY_ASSIGN(Statement archived,
                   db.prepare("INSERT INTO archived SELECT terminal, incarnation, seq, mac, ?1 "
                              "FROM cursor"));
  return archived.run_with(now.us);
}

/// Brings a copy to the newest version and opens the new generation in it.
Result<std::uint64_t> renew(const std::string& path, std::uint64_t generation_min, WallTime now) {
  TALLY_TRY_ASSIGN(Db db, Db::open(path, OpenMode::kOwner));
  TALLY_TRY(db.verify(true));
  TALLY_TRY(db.migrate(kLedgerSchema));
  std::uint64_t generation = generation_min;
  {
    TALLY_TRY_ASSIGN(Statement row, db.prepare("SELECT generation FROM counter"));
    TALLY_TRY_ASSIGN(const bool there, row.step());
    if (!there) {
      return make_error(Errc::kCorrupt, "the ledger has no counters");
    }
    generation = std::max(generation, row.uint64(0) + 1);
  }
  TALLY_TRY_ASSIGN(Transaction transaction, Transaction::begin(db));
  TALLY_TRY(raise_numbers(db, generation, now));
  TALLY_TRY(transaction.commit());
  TALLY_TRY(db.checkpoint());
  return generation;
}

}  // namespace

Status backup_ledger(const std::string& ledger, const std::string& target) {
  {
    TALLY_TRY_ASSIGN(Db db, Db::open(ledger, OpenMode::kReadOnly));
    TALLY_TRY(db.require(kLedgerSchema));
  }
  return copy_database(ledger, target);
}

Result<BackupContent> read_backup(const std::string& backup) {
  TALLY_TRY_ASSIGN(Db db, Db::open(backup, OpenMode::kReadOnly));
  TALLY_TRY(db.require(kLedgerSchema));
  TALLY_TRY(db.verify(true));
  BackupContent content;
  TALLY_TRY_ASSIGN(Statement counter, db.prepare("SELECT generation FROM counter"));
  TALLY_TRY(counter.step());
  content.generation = counter.uint64(0);
  TALLY_TRY_ASSIGN(Statement rows,
                   db.prepare("SELECT terminal, incarnation, seq, mac FROM cursor "
                              "ORDER BY terminal, incarnation"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return content;
    }
    StreamMark mark;
    mark.stream = {TerminalId{rows.uint32(0)}, Incarnation{rows.uint32(1)}};
    mark.position.seq = Seq{rows.uint64(2)};
    TALLY_TRY_ASSIGN(mark.position.mac, rows.array<16>(3));
    content.heads.push_back(mark);
  }
}

Result<std::uint64_t> restore_ledger(const std::string& backup,
                                     const std::string& ledger,
                                     std::uint64_t generation_min,
                                     WallTime now) {
  if (std::filesystem::exists(ledger)) {
    return make_error(Errc::kConflict, "there is a ledger already");
  }
  const std::string part = ledger + ".part";
  TALLY_TRY(copy_database(backup, part));
  TALLY_TRY_ASSIGN(const std::uint64_t generation, renew(part, generation_min, now));
  TALLY_TRY(put_in_place(part, ledger));
  remove_database(part);
  return generation;
}

}  // namespace tally::storage
