// `tally oa backup` and `tally oa restore` as functions (docs/operating.md, "Back-up").
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

#include "tools/audit_report.hpp"

namespace tally::tools {

struct BackupOutcome {
  std::uint64_t generation = 0;
  std::uint64_t streams = 0;
  std::uint64_t bytes = 0;
  AuditReport audit;  ///< Of the copy. With a breach nothing was kept and nothing is archived.
};

/// Copies the ledger in an OA's data directory to the new file `target`, running or not, checks
/// every page and all that `tally audit` checks of a ledger in the copy, and tells the OA what is
/// archived now. Errors: kConflict when `target` exists; those of storage::backup_ledger() and of
/// writing the notice.
Result<BackupOutcome> backup_oa(const std::filesystem::path& data_dir,
                                const std::filesystem::path& target);

struct RestoreOutcome {
  std::uint64_t generation = 0;
  std::filesystem::path
      set_aside;      ///< Where the ledger that was there is now; empty: there was none.
  AuditReport audit;  ///< Of the back-up. With a breach nothing was changed.
};

/// Puts a back-up in place of the ledger of a stopped OA; the ledger that was there is kept under
/// another name. Errors: kConflict when the OA runs, kNotFound without its master key; those of
/// storage::restore_ledger().
Result<RestoreOutcome> restore_oa(const std::filesystem::path& backup,
                                  const std::filesystem::path& data_dir,
                                  WallTime now);

}  // namespace tally::tools
