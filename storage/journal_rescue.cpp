#include "storage/journal_rescue.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <sqlite3.h>

#include "core/base/try.hpp"

#include "storage/db_file.hpp"
#include "storage/page_gather.hpp"

namespace tally::storage {
namespace {

constexpr std::size_t kPlacesMax = 1'000;
constexpr std::size_t kPlacesNamed = 5;

std::string gathered(const std::string& path) {
  return path + "-gathered";
}
std::string fresh(const std::string& path) {
  return path + "-fresh";
}
/// Complete, and only waiting to take the place of the damaged one.
std::string rescued(const std::string& path) {
  return path + "-rescued";
}
std::string kept(const std::string& path) {
  return path + ".damaged";
}

bool exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

/// As SQLite sees it, so that tests can put a disk under it.
bool is_database_there(const std::string& path) {
  sqlite3_vfs* layer = sqlite3_vfs_find(nullptr);
  int there = 0;
  return layer->xAccess(layer, path.c_str(), SQLITE_ACCESS_EXISTS, &there) == SQLITE_OK &&
         there != 0;
}

}  // namespace

std::string Rescue::places() const {
  std::string text;
  for (std::size_t i = 0; i < std::min(kPlacesNamed, damage.size()); ++i) {
    const Damage& one = damage[i];
    text += text.empty() ? "" : "; ";
    text += one.page == 0 ? one.what : "page " + std::to_string(one.page) + " " + one.what;
  }
  const std::size_t more = damage.size() - std::min(kPlacesNamed, damage.size());
  return more == 0 ? text : text + "; and " + std::to_string(more) + " more";
}

Result<std::optional<Rescue>> JournalRescue::run(
    const std::function<Status(Db& fresh, Rescue& rescue)>& copy) {
  if (!is_database_there(path_) && !exists(rescued(path_))) {
    return std::optional<Rescue>{};
  }
  TALLY_TRY_ASSIGN(const OwnerLock lock, OwnerLock::take(path_));
  TALLY_TRY(finish());
  TALLY_TRY_ASSIGN(std::vector<Damage> damage, find_damage(path_, kPlacesMax));
  if (damage.empty()) {
    return std::optional<Rescue>{};
  }
  TALLY_TRY_ASSIGN(Rescue rescue, copy_into_fresh(copy));
  rescue.damage = std::move(damage);
  rescue.kept_as = kept(path_);
  TALLY_TRY(put_in_place(fresh(path_), rescued(path_)));
  TALLY_TRY(finish());
  return std::optional<Rescue>(std::move(rescue));
}

Result<Rescue> JournalRescue::copy_into_fresh(const std::function<Status(Db&, Rescue&)>& copy) {
  remove_database(fresh(path_));
  Rescue rescue;
  {
    TALLY_TRY_ASSIGN(Db out, Db::open(fresh(path_), OpenMode::kOwner));
    TALLY_TRY(out.migrate(schema_));
    TALLY_TRY(out.checkpoint());
    TALLY_TRY_ASSIGN(own_first_page_, gather_pages(path_, fresh(path_), gathered(path_)));
    TALLY_TRY_ASSIGN(Transaction transaction, Transaction::begin(out));
    TALLY_TRY(copy(out, rescue));
    TALLY_TRY(transaction.commit());
    TALLY_TRY(out.checkpoint());
  }
  remove_database(gathered(path_));
  for (const char* suffix : {"-wal", "-shm", "-lock"}) {
    std::error_code ignored;  // Empty; nobody reads them under the new name.
    std::filesystem::remove(fresh(path_) + suffix, ignored);
  }
  return rescue;
}

// Each step may be the last before the power goes, and is then done again.
Status JournalRescue::finish() {
  if (!exists(rescued(path_))) {
    return {};
  }
  // The log first: it must never stand beside a file it does not belong to.
  for (const char* suffix : {"-wal", ""}) {
    if (exists(path_ + suffix)) {
      TALLY_TRY(put_in_place(path_ + suffix, kept(path_) + suffix));
    }
  }
  std::error_code ignored;
  std::filesystem::remove(path_ + "-shm", ignored);
  return put_in_place(rescued(path_), path_);
}

Result<Db> JournalRescue::open(Pages pages) {
  if (pages == Pages::kSound && !own_first_page_) {
    return make_error(Errc::kCorrupt, "page 1 does not match its check sum");
  }
  TALLY_TRY_ASSIGN(Db db, Db::open(gathered(path_), OpenMode::kReadOnly));
  Schema schema = schema_;
  schema.refuses_damaged_pages = pages == Pages::kSound;
  TALLY_TRY(db.require(schema));
  return db;
}

bool JournalRescue::read(Pages pages,
                         const char* select,
                         const std::function<void(const Statement&)>& take) {
  Result<Db> db = open(pages);
  Result<Statement> rows =
      db ? db->prepare(select) : Result<Statement>(make_error(db.error().code, db.error().what));
  while (rows) {
    const Result<bool> there = rows->step();
    if (!there || !*there) {
      return there.has_value();
    }
    take(*rows);
  }
  return false;
}

}  // namespace tally::storage
