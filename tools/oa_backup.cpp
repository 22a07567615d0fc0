#include "tools/oa_backup.hpp"

#include <system_error>
#include <utility>

#include "core/base/try.hpp"

#include "shell/process.hpp"
#include "storage/db_file.hpp"
#include "storage/ledger_backup.hpp"
#include "storage/ledger_schema.hpp"
#include "tools/audit.hpp"
#include "transport/secret_file.hpp"

namespace tally::tools {
namespace {

constexpr const char* kLedgerFile = "ledger.db";

/// The audit of one ledger file. Errors: why it cannot be used.
Result<AuditReport> audit_of(const std::filesystem::path& ledger) {
  AuditReport report;
  AuditFailure failure;
  if (!audit({{}, {}, {ledger.string()}}, report, failure)) {
    return failure.error;
  }
  return report;
}

/// Of the ledger that is to be replaced, as far as it can still be read.
std::uint64_t generation_of(const std::filesystem::path& ledger) {
  auto reader = storage::Db::open(ledger.string(), storage::OpenMode::kReadOnly);
  auto row = reader ? reader->prepare("SELECT generation FROM counter")
                    : Result<storage::Statement>(make_error(Errc::kNotFound, "no ledger"));
  const auto there = row ? row->step() : Result<bool>(false);
  return there && *there ? row->uint64(0) : 0;
}

/// Renames the ledger and what SQLite keeps beside it, so that nothing is lost by a restore.
Result<std::filesystem::path> set_aside(const std::filesystem::path& ledger, WallTime now) {
  if (!std::filesystem::exists(ledger)) {
    return std::filesystem::path{};
  }
  const std::string aside = ledger.string() + ".before-" + std::to_string(now.us / 1'000'000);
  for (const char* suffix : {"-wal", "-shm", ""}) {
    const std::string from = ledger.string() + suffix;
    if (std::filesystem::exists(from)) {
      TALLY_TRY(storage::put_in_place(from, aside + suffix));
    }
  }
  storage::remove_database(ledger.string());  // Its lock file: verification is about another file.
  return std::filesystem::path(aside);
}

}  // namespace

Result<BackupOutcome> backup_oa(const std::filesystem::path& data_dir,
                                const std::filesystem::path& target) {
  if (std::filesystem::exists(target)) {
    return make_error(Errc::kConflict, "the file for the back-up exists already");
  }
  const std::string part = target.string() + ".part";
  TALLY_TRY(storage::backup_ledger((data_dir / kLedgerFile).string(), part));
  BackupOutcome outcome;
  TALLY_TRY_ASSIGN(const storage::BackupContent content, storage::read_backup(part));
  TALLY_TRY_ASSIGN(outcome.audit, audit_of(part));
  outcome.generation = content.generation;
  outcome.streams = content.heads.size();
  std::error_code error;
  outcome.bytes = std::filesystem::file_size(part, error);
  if (!outcome.audit.ok()) {
    storage::remove_database(part);
    return outcome;
  }
  TALLY_TRY(storage::put_in_place(part, target.string()));
  storage::remove_database(part);
  TALLY_TRY(transport::write_small_file(data_dir / storage::kBackupNoticeFile,
                                        storage::backup_notice(content),
                                        transport::FileMode::kPublic));
  return outcome;
}

Result<RestoreOutcome> restore_oa(const std::filesystem::path& backup,
                                  const std::filesystem::path& data_dir,
                                  WallTime now) {
  if (!std::filesystem::exists(data_dir / "master.key")) {
    return make_error(Errc::kNotFound,
                      "there is no master.key in the data directory: put it back first");
  }
  TALLY_TRY_ASSIGN(const shell::DataDirectory owned, shell::DataDirectory::open(data_dir));
  RestoreOutcome outcome;
  TALLY_TRY(storage::read_backup(backup.string()));
  TALLY_TRY_ASSIGN(outcome.audit, audit_of(backup));
  if (!outcome.audit.ok()) {
    return outcome;
  }
  const std::filesystem::path ledger = data_dir / kLedgerFile;
  const std::uint64_t generation_min = generation_of(ledger) + 1;
  TALLY_TRY_ASSIGN(outcome.set_aside, set_aside(ledger, now));
  TALLY_TRY_ASSIGN(outcome.generation,
                   storage::restore_ledger(backup.string(), ledger.string(), generation_min, now));
  std::error_code error;
  std::filesystem::remove(data_dir / storage::kBackupNoticeFile, error);
  return outcome;
}

}  // namespace tally::tools
