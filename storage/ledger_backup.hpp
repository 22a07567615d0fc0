// Back-ups of the OA's ledger and the way back (docs/operating.md, "Back-up";
// docs/formats/ledger.md, "Generations"). What a back-up contains is ARCHIVED once somebody has
// verified it; an OA restored from it opens a new ledger generation and is refilled by the
// gateways.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace tally::storage {

/// Copies the ledger, as it is at one moment, into the new file `target`; its owner may go on
/// writing meanwhile. Durable on return, its name excepted (put_in_place()). What an earlier try
/// left of `target` is replaced. Errors: kNotFound (no ledger), kInvalid and kUnsupported as
/// Db::require(), kCorrupt, kExhausted, kDenied; a part of `target` may then be there.
Status backup_ledger(const std::string& ledger, const std::string& target);

/// What a back-up contains.
struct BackupContent {
  std::uint64_t generation = 0;
  std::vector<StreamMark> heads;
};

/// Reads a back-up after checking every page and index. Errors: kCorrupt when the file is damaged;
/// those of backup_ledger().
Result<BackupContent> read_backup(const std::string& backup);

/// What `tally oa backup` leaves in the OA's data directory for the OA to take up
/// (docs/formats/ledger.md, "Back-up notice").
inline constexpr const char* kBackupNoticeFile = "backup.notice";
std::string backup_notice(const BackupContent& content);
/// Errors: kCorrupt when the text is no whole notice.
Result<BackupContent> parse_backup_notice(std::string_view text);

/// Makes the ledger at `ledger`, which must not exist, out of a back-up: its generation is above
/// the back-up's and at least `generation_min`; what it contains counts as archived; numbers of
/// rights and members jump to `now`, so that none given out after the back-up is given out again.
/// The file is there whole or not at all. Gives the generation. Errors: kConflict when `ledger`
/// exists; those of Db::open() and Db::migrate().
Result<std::uint64_t> restore_ledger(const std::string& backup,
                                     const std::string& ledger,
                                     std::uint64_t generation_min,
                                     WallTime now);

}  // namespace tally::storage
