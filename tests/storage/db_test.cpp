#include "storage/db.hpp"

#include <fstream>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temporary_directory.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::storage;

namespace {

constexpr Migration kSteps[] = {
    {1, "CREATE TABLE word(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;"},
    {2, "CREATE TABLE mark(word INTEGER NOT NULL REFERENCES word(id), value BLOB) STRICT;"},
};
constexpr Schema kSchema{0x54530001, kSteps};
constexpr Schema kOlder{0x54530001, std::span(kSteps).first(1)};
constexpr Schema kOtherKind{0x54530002, kSteps};

std::int64_t count_of(Db& db, const char* sql) {
  Statement statement = *db.prepare(sql);
  CHECK_TRUE(*statement.step());
  return statement.int64(0);
}

mode_t mode_of(const std::string& path) {
  struct stat info {};
  CHECK_EQUAL(0, ::stat(path.c_str(), &info));
  return info.st_mode & 0777;
}

}  // namespace

TEST_GROUP(Db) {
  tests::TemporaryDirectory directory;
  std::string path = directory.file("sub/dir/test.db");
  Db open_migrated() {
    Db db = *Db::open(path, OpenMode::kOwner);
    CHECK_TRUE(db.migrate(kSchema).has_value());
    return db;
  }
};

TEST(Db, Open_NewPath_CreatesTightModes) {
  Db db = open_migrated();
  CHECK_EQUAL(0600U, mode_of(path));
  CHECK_EQUAL(0600U, mode_of(path + "-wal"));
  CHECK_EQUAL(0600U, mode_of(path + "-lock"));
  CHECK_EQUAL(0700U, mode_of(directory.file("sub")));
  CHECK_EQUAL(0700U, mode_of(directory.file("sub/dir")));
}

TEST(Db, Open_LooseMode_IsTightened) {
  { Db db = open_migrated(); }
  CHECK_EQUAL(0, ::chmod(path.c_str(), 0644));
  Db db = open_migrated();
  CHECK_EQUAL(0600U, mode_of(path));
}

TEST(Db, Open_Settings_AreTheSafeOnes) {
  Db db = open_migrated();
  Statement mode = *db.prepare("PRAGMA journal_mode");
  CHECK_TRUE(*mode.step());
  CHECK_TRUE(mode.text(0) == "wal");
  CHECK_EQUAL(2, count_of(db, "PRAGMA synchronous"));
  CHECK_EQUAL(0, count_of(db, "PRAGMA wal_autocheckpoint"));
  CHECK_EQUAL(0, count_of(db, "PRAGMA mmap_size"));
  CHECK_EQUAL(1, count_of(db, "PRAGMA foreign_keys"));
}

TEST(Db, Open_WhileOwned_IsRefused) {
  Db db = open_migrated();
  const Result<Db> second = Db::open(path, OpenMode::kOwner);
  CHECK_FALSE(second.has_value());
  CHECK_TRUE(second.error().code == Errc::kUnavailable);
  STRCMP_EQUAL("database is in use by another process", second.error().what);
}

TEST(Db, Open_AfterOwnerIsGone_Succeeds) {
  { Db db = open_migrated(); }
  Db db = open_migrated();
  CHECK_FALSE(db.poisoned());
}

TEST(Db, Open_NotADatabase_IsCorrupt) {
  std::ofstream(directory.file("text")) << std::string(8192, 'x');
  const Result<Db> db = Db::open(directory.file("text"), OpenMode::kOwner);
  CHECK_FALSE(db.has_value());
  CHECK_TRUE(db.error().code == Errc::kCorrupt);
}

TEST(Db, Open_ADirectory_IsRefused) {
  CHECK_FALSE(Db::open(directory.path(), OpenMode::kOwner).has_value());
}

TEST(Db, OpenReadOnly_Missing_IsNotFound) {
  const Result<Db> db = Db::open(path, OpenMode::kReadOnly);
  CHECK_FALSE(db.has_value());
  CHECK_TRUE(db.error().code == Errc::kNotFound);
}

TEST(Db, OpenReadOnly_BesideOwner_SeesCommitsAndCannotWrite) {
  Db owner = open_migrated();
  CHECK_TRUE(owner.execute("INSERT INTO word VALUES(1, 'one')").has_value());
  Db reader = *Db::open(path, OpenMode::kReadOnly);
  CHECK_TRUE(reader.require(kSchema).has_value());
  CHECK_EQUAL(1, count_of(reader, "SELECT count(*) FROM word"));
  CHECK_FALSE(reader.execute("INSERT INTO word VALUES(2, 'two')").has_value());
  CHECK_TRUE(owner.execute("INSERT INTO word VALUES(2, 'two')").has_value());
  CHECK_EQUAL(2, count_of(reader, "SELECT count(*) FROM word"));
}

TEST(Db, OpenReadOnly_InsideTransaction_SeesOneMoment) {
  Db owner = open_migrated();
  Db reader = *Db::open(path, OpenMode::kReadOnly);
  Transaction view = *Transaction::begin_read(reader);
  CHECK_EQUAL(0, count_of(reader, "SELECT count(*) FROM word"));
  CHECK_TRUE(owner.execute("INSERT INTO word VALUES(1, 'one')").has_value());
  CHECK_EQUAL(0, count_of(reader, "SELECT count(*) FROM word"));
  CHECK_TRUE(view.commit().has_value());
}

TEST(Db, OpenReadOnly_StoppedOwner_SeesItsCommits) {
  {
    Db owner = open_migrated();
    CHECK_TRUE(owner.execute("INSERT INTO word VALUES(1, 'one')").has_value());
  }
  Db reader = *Db::open(path, OpenMode::kReadOnly);
  CHECK_EQUAL(1, count_of(reader, "SELECT count(*) FROM word"));
}

TEST(Db, OpenReadOnly_CopyWithoutLog_IsReadAsItLies) {
  {
    Db owner = open_migrated();
    CHECK_TRUE(owner.execute("INSERT INTO word VALUES(1, 'one')").has_value());
    CHECK_TRUE(owner.checkpoint().has_value());
  }
  std::ofstream(directory.file("a copy?.db"), std::ios::binary)
      << std::ifstream(path, std::ios::binary).rdbuf();
  CHECK_EQUAL(0, ::chmod(directory.file("a copy?.db").c_str(), 0400));
  Db reader = *Db::open(directory.file("a copy?.db"), OpenMode::kReadOnly);
  CHECK_EQUAL(1, count_of(reader, "SELECT count(*) FROM word"));
}

TEST(Db, Migrate_Twice_ChangesNothing) {
  Db db = open_migrated();
  CHECK_TRUE(db.migrate(kSchema).has_value());
  CHECK_EQUAL(2, count_of(db, "PRAGMA user_version"));
}

TEST(Db, Migrate_FromOlder_RunsTheMissingSteps) {
  Db db = *Db::open(path, OpenMode::kOwner);
  CHECK_TRUE(db.migrate(kOlder).has_value());
  CHECK_TRUE(db.execute("INSERT INTO word VALUES(1, 'one')").has_value());
  CHECK_TRUE(db.migrate(kSchema).has_value());
  CHECK_EQUAL(1, count_of(db, "SELECT count(*) FROM word"));
  CHECK_EQUAL(0, count_of(db, "SELECT count(*) FROM mark"));
}

TEST(Db, Migrate_NewerFile_IsUnsupported) {
  Db db = open_migrated();
  const Status status = db.migrate(kOlder);
  CHECK_FALSE(status.has_value());
  CHECK_TRUE(status.error().code == Errc::kUnsupported);
  CHECK_FALSE(db.require(kOlder).has_value());
}

TEST(Db, Migrate_OtherKind_IsInvalid) {
  Db db = open_migrated();
  CHECK_TRUE(db.migrate(kOtherKind).error().code == Errc::kInvalid);
  CHECK_TRUE(db.require(kOtherKind).error().code == Errc::kInvalid);
}

TEST(Db, Migrate_StepThatFails_LeavesNoHalf) {
  constexpr Migration kBroken[] = {{1, "CREATE TABLE a(x); CREATE TABLE a(x);"}};
  Db db = *Db::open(path, OpenMode::kOwner);
  CHECK_FALSE(db.migrate({7, kBroken}).has_value());
  CHECK_EQUAL(0, count_of(db, "SELECT count(*) FROM sqlite_schema"));
  CHECK_EQUAL(0, count_of(db, "PRAGMA user_version"));
}

TEST(Db, Require_OlderFile_IsUnsupported) {
  Db db = *Db::open(path, OpenMode::kOwner);
  CHECK_TRUE(db.migrate(kOlder).has_value());
  CHECK_TRUE(db.require(kSchema).error().code == Errc::kUnsupported);
}

TEST(Db, Statement_AllTypes_ComeBackAsBound) {
  Db db = open_migrated();
  CHECK_TRUE(db.execute("CREATE TABLE t(a INT, b INT, c BLOB, d TEXT, e BLOB, f INT)").has_value());
  const Bytes blob{0, 1, 255};
  Statement insert = *db.prepare("INSERT INTO t VALUES(?,?,?,?,?,?)");
  insert.bind_null(6);
  insert.bind(1, std::int64_t{-5});
  insert.bind(2, ~std::uint64_t{0});
  insert.bind(3, blob);
  insert.bind(4, "text");
  insert.bind(5, ByteView{});
  CHECK_TRUE(insert.run().has_value());
  Statement select = *db.prepare("SELECT a,b,c,d,e,f,typeof(e) FROM t");
  CHECK_TRUE(*select.step());
  LONGLONGS_EQUAL(-5, select.int64(0));
  CHECK_TRUE(select.uint64(1) == ~std::uint64_t{0});
  CHECK_TRUE(Bytes(select.blob(2).begin(), select.blob(2).end()) == blob);
  CHECK_TRUE(select.array<3>(2).has_value());
  CHECK_TRUE(select.array<4>(2).error().code == Errc::kCorrupt);
  CHECK_TRUE(select.text(3) == "text");
  CHECK_TRUE(select.blob(4).empty());
  CHECK_TRUE(select.text(6) == "blob");
  CHECK_TRUE(select.is_null(5));
  CHECK_FALSE(*select.step());
}

TEST(Db, Statement_WrongSql_IsInternalAndDoesNotPoison) {
  Db db = open_migrated();
  CHECK_TRUE(db.prepare("SELEC").error().code == Errc::kInternal);
  CHECK_FALSE(db.poisoned());
}

TEST(Db, Statement_ConstraintBroken_SaysWhichKindAndGoesOn) {
  Db db = open_migrated();
  Statement insert = *db.prepare("INSERT INTO word VALUES(?,?)");
  CHECK_TRUE(insert.run_with(1, "one").has_value());
  CHECK_TRUE(insert.run_with(1, "other").error().code == Errc::kDuplicate);
  CHECK_TRUE(insert.run_with(2, "one").error().code == Errc::kDuplicate);
  insert.bind(1, 3);
  CHECK_TRUE(insert.run().error().code == Errc::kInvalid);
  CHECK_TRUE(db.execute("INSERT INTO mark VALUES(99, x'00')").error().code == Errc::kInvalid);
  CHECK_FALSE(db.poisoned());
  CHECK_TRUE(insert.run_with(2, "two").has_value());
  LONGLONGS_EQUAL(1, db.changes());
}

TEST(Db, Transaction_WithoutCommit_RollsBack) {
  Db db = open_migrated();
  {
    Transaction transaction = *Transaction::begin(db);
    CHECK_TRUE(db.execute("INSERT INTO word VALUES(1, 'one')").has_value());
  }
  CHECK_EQUAL(0, count_of(db, "SELECT count(*) FROM word"));
  Transaction transaction = *Transaction::begin(db);
  CHECK_TRUE(db.execute("INSERT INTO word VALUES(1, 'one')").has_value());
  CHECK_TRUE(transaction.commit().has_value());
  CHECK_EQUAL(1, count_of(db, "SELECT count(*) FROM word"));
}

TEST(Db, Maintain_LongLog_IsMovedIntoTheFile) {
  Db db = open_migrated();
  Statement insert = *db.prepare("INSERT INTO word VALUES(?,?)");
  const std::string text(3000, 'x');
  for (int id = 0; id < 900; ++id) {
    CHECK_TRUE(insert.run_with(id, text + std::to_string(id)).has_value());
  }
  struct stat before {};
  CHECK_EQUAL(0, ::stat(path.c_str(), &before));
  CHECK_TRUE(db.maintain().has_value());
  struct stat after {};
  CHECK_EQUAL(0, ::stat(path.c_str(), &after));
  CHECK_TRUE(after.st_size > before.st_size + 900 * 3000);
  struct stat log_before {};
  CHECK_EQUAL(0, ::stat((path + "-wal").c_str(), &log_before));
  CHECK_TRUE(insert.run_with(1000, "more").has_value());
  struct stat log_after {};
  CHECK_EQUAL(0, ::stat((path + "-wal").c_str(), &log_after));
  LONGLONGS_EQUAL(log_before.st_size, log_after.st_size);  // The log started again.
  CHECK_TRUE(db.checkpoint().has_value());
  CHECK_EQUAL(0, ::stat((path + "-wal").c_str(), &log_after));
  LONGLONGS_EQUAL(0, log_after.st_size);
}

TEST(Db, Verify_DamagedPage_IsCorruptAndPoisons) {
  {
    Db db = open_migrated();
    Statement insert = *db.prepare("INSERT INTO word VALUES(?,?)");
    for (int id = 0; id < 200; ++id) {
      CHECK_TRUE(insert.run_with(id, std::string(100, 'x') + std::to_string(id)).has_value());
    }
    CHECK_TRUE(db.verify(false).has_value());
    CHECK_TRUE(db.checkpoint().has_value());
  }
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(3 * 4096);
    file << std::string(4096, '\x55');
  }
  Db db = *Db::open(path, OpenMode::kOwner);
  CHECK_TRUE(db.verify(true).error().code == Errc::kCorrupt);
  CHECK_TRUE(db.poisoned());
  CHECK_FALSE(db.first_finding().empty());
  CHECK_TRUE(db.execute("DELETE FROM word").error().code == Errc::kCorrupt);
}

TEST(Db, Kill_OwnerMidTransaction_KeepsCommitsOnly) {
  const pid_t child = ::fork();
  if (child == 0) {
    Result<Db> db = Db::open(path, OpenMode::kOwner);
    const bool ok = db && db->migrate(kSchema) &&
                    db->execute("INSERT INTO word VALUES(1, 'one')") &&
                    db->execute("BEGIN; INSERT INTO word VALUES(2, 'two')");
    ::_exit(ok ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  CHECK_EQUAL(0, status);
  Db db = open_migrated();
  CHECK_EQUAL(1, count_of(db, "SELECT count(*) FROM word"));
}
