#include "storage/gateway_directory.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/base/crc32c.hpp"
#include "core/base/mutant.hpp"
#include "core/base/try.hpp"

#include "storage/journal_format.hpp"
#include "storage/page_check.hpp"

namespace tally::storage {
namespace {

// The primary key keeps a snapshot's rows together (members come in the order of their versions);
// only the index over the hashes is written all over.
constexpr Migration kSteps[] = {{1, R"sql(
CREATE TABLE node(
  id        INTEGER PRIMARY KEY CHECK (id = 1),
  gateway   INTEGER NOT NULL,
  version   INTEGER NOT NULL DEFAULT 0,
  synced_us INTEGER NOT NULL DEFAULT 0,
  cards     INTEGER NOT NULL DEFAULT 0,
  key       BLOB CHECK (key IS NULL OR length(key) = 32)
) STRICT;
CREATE TABLE entry(
  member      INTEGER NOT NULL,
  card        INTEGER NOT NULL,
  token_hash  BLOB    NOT NULL CHECK (length(token_hash) = 16),
  masked_name TEXT    NOT NULL,
  tier        INTEGER NOT NULL,
  balance     INTEGER NOT NULL,
  as_of_us    INTEGER NOT NULL,
  expiring    INTEGER NOT NULL,
  expiring_on INTEGER NOT NULL,
  flags       INTEGER NOT NULL,
  crc         INTEGER NOT NULL,
  PRIMARY KEY (member, card)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX entry_hash ON entry(token_hash);
)sql"}};

constexpr Schema kSchema{kGatewayDirectoryKind, kSteps, true};

constexpr std::int64_t kFrozenBit = 1;
constexpr std::int64_t kDeniedBit = 2;

std::int64_t flags_of(const link::DirectoryEntry& entry) {
  return (entry.frozen ? kFrozenBit : 0) | (entry.denied ? kDeniedBit : 0);
}

std::uint32_t crc_of(const link::DirectoryEntry& entry) {
  ByteArray<48> fixed{};
  store_be(static_cast<std::uint64_t>(entry.member.value), fixed.data());
  store_be(static_cast<std::uint64_t>(entry.balance.value), fixed.data() + 8);
  store_be(static_cast<std::uint64_t>(entry.balance_as_of.us), fixed.data() + 16);
  store_be(static_cast<std::uint64_t>(entry.expiring.value), fixed.data() + 24);
  store_be(static_cast<std::uint32_t>(entry.expiring_on.days), fixed.data() + 32);
  store_be(entry.tier, fixed.data() + 36);
  store_be(static_cast<std::uint64_t>(flags_of(entry)), fixed.data() + 40);
  return crc32c(as_bytes(entry.masked_name), crc32c(*entry.token_hash, crc32c(fixed)));
}

void remove_files(const std::string& path) {
  std::error_code ignored;  // What cannot be removed shows when it is opened.
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(path + suffix, ignored);
  }
}

bool is_worthless(const Error& error, const std::string& path) {
  if (error.code == Errc::kCorrupt || error.code == Errc::kInvalid ||
      error.code == Errc::kConflict || error.code == Errc::kUnsupported) {
    return true;
  }
  // A damaged header may say anything, "read-only" for one.
  const auto damage = find_damage(path, 1);
  return damage && !damage->empty();
}

}  // namespace

Result<GatewayDirectory::Opened> GatewayDirectory::open(const std::string& path,
                                                        GatewayId gateway,
                                                        Start start) {
  std::optional<Error> cause;
  if (start == Start::kFromFile) {
    Result<Opened> opened = open_as_is(path, gateway);
    if (opened || !is_worthless(opened.error(), path)) {
      return opened;
    }
    cause = opened.error();
  }
  remove_files(path);
  TALLY_TRY_ASSIGN(Opened fresh, open_as_is(path, gateway));
  fresh.dropped = cause;
  return fresh;
}

Result<GatewayDirectory::Opened> GatewayDirectory::open_as_is(const std::string& path,
                                                              GatewayId gateway) {
  TALLY_TRY_ASSIGN(Db db, Db::open(path, OpenMode::kOwner));
  TALLY_TRY(db.migrate(kSchema));
  TALLY_TRY(
      db.execute("PRAGMA secure_delete=ON"));  // An erased name leaves no trace in free pages.
  GatewayDirectory directory(std::move(db));
  {
    TALLY_TRY_ASSIGN(Statement claim,
                     directory.db_.prepare("INSERT OR IGNORE INTO node(id, gateway) VALUES(1,?)"));
    TALLY_TRY(claim.run_with(gateway));
    TALLY_TRY_ASSIGN(Statement owner, directory.db_.prepare("SELECT gateway FROM node"));
    TALLY_TRY(owner.step());
    if (owner.uint32(0) != gateway.value) {
      return make_error(Errc::kConflict, "the member directory belongs to another gateway");
    }
  }
  TALLY_TRY(directory.prepare());
  TALLY_TRY_ASSIGN(const node::DirectoryState state, directory.read_state());
  directory.cards_ = state.cards;
  return Opened{std::move(directory), state, {}};
}

Status GatewayDirectory::prepare() {
  const std::pair<Statement*, const char*> all[] = {
      {&statements_.find,
       "SELECT member, masked_name, tier, balance, as_of_us, expiring, expiring_on, flags, crc "
       "FROM entry WHERE token_hash = ?"},
      {&statements_.drop_member, "DELETE FROM entry WHERE member = ?"},
      {&statements_.drop_hash, "DELETE FROM entry WHERE token_hash = ?"},
      {&statements_.insert, "INSERT INTO entry VALUES(?,?,?,?,?,?,?,?,?,?,?)"},
      {&statements_.set_state, "UPDATE node SET version = ?, synced_us = ?, cards = ?"},
      {&statements_.set_key, "UPDATE node SET key = ?"},
  };
  for (const auto& [statement, sql] : all) {
    TALLY_TRY_ASSIGN(*statement, db_.prepare(sql));
  }
  return {};
}

Result<node::DirectoryState> GatewayDirectory::read_state() {
  TALLY_TRY_ASSIGN(Statement row, db_.prepare("SELECT version, synced_us, cards, key FROM node"));
  TALLY_TRY(row.step());
  node::DirectoryState state;
  state.version = row.uint64(0);
  state.synced_at = WallTime{row.int64(1)};
  state.cards = row.uint64(2);
  if (!row.is_null(3)) {
    TALLY_TRY_ASSIGN(state.key, row.array<32>(3));
  }
  return state;
}

Result<std::uint64_t> GatewayDirectory::commit(const node::DirectoryCommit& commit) {
  const std::uint64_t before = cards_;
  TALLY_TRY_ASSIGN(Transaction transaction, Transaction::begin(db_));
  if (commit.clear) {
    TALLY_TRY(db_.execute("DELETE FROM entry"));
    cards_ = 0;
  }
  if (commit.key) {
    TALLY_TRY(statements_.set_key.run_with(ByteView(*commit.key)));
  }
  Status written = write_entries(commit.entries);
  if (written) {
    written = statements_.set_state.run_with(commit.version, commit.synced_at.us, cards_);
  }
  if (written) {
    written = transaction.commit();
  }
  if (!written) {
    cards_ = before;
    return Error(written.error());
  }
  if (std::any_of(commit.entries.begin(), commit.entries.end(), [](const auto& entry) {
        return entry.erased;
      })) {
    TALLY_TRY(db_.checkpoint());  // Nor in the log.
  }
  return cards_;
}

Status GatewayDirectory::write_entries(const std::vector<link::DirectoryEntry>& entries) {
  MemberId member;
  std::int64_t card = 0;
  for (const link::DirectoryEntry& entry : entries) {
    if (entry.member != member) {
      member = entry.member;
      card = 0;
      if (TALLY_MUTANT("directory/old-cards-stay") && entry.erased) {
        continue;
      }
      TALLY_TRY(statements_.drop_member.run_with(member));
      cards_ -= static_cast<std::uint64_t>(db_.changes());
    }
    if (entry.erased || !entry.token_hash) {
      continue;
    }
    // A card that another member had: that member's own entry comes as well, sooner or later.
    TALLY_TRY(statements_.drop_hash.run_with(ByteView(*entry.token_hash)));
    cards_ -= static_cast<std::uint64_t>(db_.changes());
    TALLY_TRY(statements_.insert.run_with(member,
                                          ++card,
                                          ByteView(*entry.token_hash),
                                          entry.masked_name,
                                          entry.tier,
                                          entry.balance.value,
                                          entry.balance_as_of.us,
                                          entry.expiring.value,
                                          entry.expiring_on.days,
                                          flags_of(entry),
                                          crc_of(entry)));
    ++cards_;
  }
  return {};
}

Result<std::optional<link::DirectoryEntry>> GatewayDirectory::find(const Mac& token_hash) {
  Statement& row = statements_.find;
  row.bind_all(ByteView(token_hash));
  TALLY_TRY_ASSIGN(const bool there, row.step());
  std::optional<link::DirectoryEntry> found;
  bool damaged = false;
  if (there) {
    link::DirectoryEntry entry;
    entry.member = MemberId{row.int64(0)};
    entry.token_hash = token_hash;
    entry.masked_name = row.text(1);
    entry.tier = row.uint32(2);
    entry.balance = Points{row.int64(3)};
    entry.balance_as_of = WallTime{row.int64(4)};
    entry.expiring = Points{row.int64(5)};
    entry.expiring_on = BusinessDay{row.int32(6)};
    entry.frozen = (row.int64(7) & kFrozenBit) != 0;
    entry.denied = (row.int64(7) & kDeniedBit) != 0;
    damaged = crc_of(entry) != row.uint32(8);
    found = std::move(entry);
  }
  row.reset();
  if (damaged) {
    return make_error(Errc::kCorrupt, "a row of the member directory is damaged");
  }
  return found;
}

}  // namespace tally::storage
