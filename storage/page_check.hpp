// Check sums for every page of a database file: a file layer that stands between SQLite and the
// system's. The last 8 bytes of a page hold the CRC-32C of the bytes before them and of the page's
// number, then the number; they are written when a checkpoint moves the page out of the log, whose
// frames have check sums of their own, and compared when the page is read, if asked for
// (docs/formats/journal.md, "Pages"; docs/adr/0019-page-check-sums.md). After SQLite's
// ext/misc/cksumvfs.c. Internal to storage/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.hpp"

struct sqlite3;

namespace tally::storage {

/// Reserved at the end of a page.
inline constexpr int kPageCheckBytes = 8;

/// The layer's name for sqlite3_open_v2(); registered at the first call. It stands on whatever
/// layer is SQLite's default when a file is opened.
const char* checked_file_layer();

/// Whether the pages of this open database carry check sums. False for one that was made before
/// there were any, until it has been vacuumed.
bool pages_are_checked(sqlite3* database);

/// From now on a page that does not match is a read error, SQLITE_IOERR_DATA, also one that was
/// read before. Outside a transaction.
void refuse_damaged_pages(sqlite3* database);

/// Before `from` is copied into the empty database `to`: damaged pages are refused, and the copy's
/// get check sums, also those that are written before its first. Errors: `from` cannot be read.
Status carry_page_checks(sqlite3* from, sqlite3* to);

/// Something in a file that is not what was written.
struct Damage {
  std::uint32_t page = 0;  ///< From 1; 0: in the log.
  std::string what;
};

/// Reads a database file and its write-ahead log as they lie there, beside a running owner too, and
/// names at most `count_max` places that are damaged: pages that do not match, a log that breaks
/// off although transactions that were complete stand behind the break. Nothing for a file without
/// check sums. Errors: kNotFound, kCorrupt (not readable, or no database).
Result<std::vector<Damage>> find_damage(const std::string& path, std::size_t count_max);

}  // namespace tally::storage
