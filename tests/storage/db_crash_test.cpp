// Stops a sequence of commits at every single write, truncation and sync, and looks at what is
// there after opening again: every acknowledged commit, none by half, and never more than the one
// whose answer was lost.
#include <functional>

#include "core/base/try.hpp"

#include "storage/db.hpp"
#include "tests/support/faulty_disk.hpp"
#include "tests/support/temporary_directory.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::storage;
using tests::DiskFault;
using tests::FaultyDisk;
using tests::Unsynced;

namespace {

constexpr int kCommits = 9;
constexpr int kRowsInCommit = 3;
constexpr Migration kSteps[] = {
    {1, "CREATE TABLE row(txn INTEGER, part INTEGER, text TEXT, PRIMARY KEY(txn, part)) STRICT;"}};
constexpr Schema kSchema{0x54530001, kSteps};

struct Progress {
  int acknowledged = 0;
};

Status commit_one(Db& db, Statement& insert, int txn) {
  TALLY_TRY_ASSIGN(Transaction transaction, Transaction::begin(db));
  for (int part = 0; part < kRowsInCommit; ++part) {
    TALLY_TRY(insert.run_with(txn, part, std::string(700, 'x')));
  }
  return transaction.commit();
}

Result<int> stored_commits(Db& db) {
  TALLY_TRY_ASSIGN(Statement select,
                   db.prepare("SELECT count(*), min(txn), max(txn), count(DISTINCT txn) FROM row"));
  TALLY_TRY(select.step());
  const int commits = select.int32(3);
  CHECK_EQUAL(commits * kRowsInCommit, select.int32(0));  // No half commit.
  CHECK_EQUAL(commits, select.int32(2));                  // No gap: 1…n.
  return commits;
}

// Goes on from what is stored up to kCommits, with a checkpoint after every third commit.
Status work(const std::string& path, Progress& progress) {
  TALLY_TRY_ASSIGN(Db db, Db::open(path, OpenMode::kOwner));
  TALLY_TRY(db.migrate(kSchema));
  TALLY_TRY_ASSIGN(const int stored, stored_commits(db));
  CHECK_TRUE(stored >= progress.acknowledged);
  CHECK_TRUE(stored <= progress.acknowledged + 1);
  progress.acknowledged = stored;
  TALLY_TRY_ASSIGN(Statement insert, db.prepare("INSERT INTO row VALUES(?,?,?)"));
  for (int txn = stored + 1; txn <= kCommits; ++txn) {
    const Status committed = commit_one(db, insert, txn);
    if (!committed) {
      // Poisoned: nothing goes through any more on this object.
      CHECK_TRUE(db.poisoned());
      CHECK_FALSE(commit_one(db, insert, txn).has_value());
      CHECK_FALSE(db.execute("DELETE FROM row").has_value());
      CHECK_FALSE(db.maintain().has_value());
      return committed;
    }
    progress.acknowledged = txn;
    if (txn % 3 == 0) {
      TALLY_TRY(db.checkpoint());
    }
  }
  return {};
}

}  // namespace

TEST_GROUP(DbCrash) {
  tests::TemporaryDirectory directory;

  std::uint64_t operations_of_whole_run() {
    FaultyDisk disk(directory.path());
    Progress progress;
    CHECK_TRUE(work(directory.file("db"), progress).has_value());
    CHECK_EQUAL(kCommits, progress.acknowledged);
    return disk.operations();
  }

  // Runs with the fault at every point; `recover` is what happens to the machine afterwards.
  void sweep(DiskFault fault, bool lasting, const std::function<void(FaultyDisk&)>& recover) {
    const std::uint64_t operations = operations_of_whole_run();
    CHECK_TRUE(operations > 60);
    for (std::uint64_t at = 0; at < operations; ++at) {
      FaultyDisk disk(directory.path());
      disk.fail_at(at, fault, lasting);
      Progress progress;
      const Status stopped = work(directory.file("db"), progress);
      CHECK_TRUE(disk.fault_happened());
      CHECK_FALSE(stopped.has_value());
      disk.clear_fault();
      recover(disk);
      const Status resumed = work(directory.file("db"), progress);
      CHECK_TRUE_TEXT(resumed.has_value(), resumed ? "" : describe(resumed.error()).c_str());
      disk.power_cut();
      disk.power_on(Unsynced::kDropped);
      Db db = *Db::open(directory.file("db"), OpenMode::kOwner);
      CHECK_EQUAL(kCommits, *stored_commits(db));
      CHECK_TRUE(db.verify(false).has_value());
    }
  }
};

TEST(DbCrash, PowerCut_UnsyncedDropped_KeepsEveryAcknowledgedCommit) {
  sweep(DiskFault::kPowerCut, true, [](FaultyDisk& disk) { disk.power_on(Unsynced::kDropped); });
}

TEST(DbCrash, PowerCut_UnsyncedTorn_KeepsEveryAcknowledgedCommit) {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    sweep(DiskFault::kPowerCut, true, [seed](FaultyDisk& disk) {
      disk.power_on(Unsynced::kSome, seed + disk.operations());
    });
  }
}

TEST(DbCrash, Killed_CacheKept_KeepsEveryAcknowledgedCommit) {
  sweep(DiskFault::kPowerCut, true, [](FaultyDisk& disk) { disk.power_on(Unsynced::kKept); });
}

TEST(DbCrash, IoError_Once_PoisonsAndLosesNothingAfterReopen) {
  sweep(DiskFault::kIoError, false, [](FaultyDisk&) {});
}

TEST(DbCrash, IoError_ThenPowerCut_LosesNothing) {
  sweep(DiskFault::kIoError, false, [](FaultyDisk& disk) {
    disk.power_cut();
    disk.power_on(Unsynced::kSome, disk.operations());
  });
}

TEST(DbCrash, DiskFull_UntilSpaceIsMade_PoisonsAndGoesOn) {
  sweep(DiskFault::kFull, true, [](FaultyDisk&) {});
}

TEST(DbCrash, DiskFull_IsReportedAsExhausted) {
  FaultyDisk disk(directory.path());
  Progress progress;
  Db db = *Db::open(directory.file("db"), OpenMode::kOwner);
  CHECK_TRUE(db.migrate(kSchema).has_value());
  Statement insert = *db.prepare("INSERT INTO row VALUES(?,?,?)");
  CHECK_TRUE(commit_one(db, insert, 1).has_value());
  disk.fail_at(disk.operations(), DiskFault::kFull, true);
  const Status status = commit_one(db, insert, 2);
  CHECK_TRUE(status.error().code == Errc::kExhausted);
  STRCMP_EQUAL("disk is full", status.error().what);
  CHECK_TRUE(commit_one(db, insert, 2).error().code == Errc::kExhausted);
}

TEST(DbCrash, Reopen_AfterPoisonWithDamagedFile_IsRefusedUntilRepaired) {
  FaultyDisk disk(directory.path());
  const std::string path = directory.file("db");
  {
    Db db = *Db::open(path, OpenMode::kOwner);
    CHECK_TRUE(db.migrate(kSchema).has_value());
    Statement insert = *db.prepare("INSERT INTO row VALUES(?,?,?)");
    for (int txn = 1; txn <= 9; ++txn) {
      CHECK_TRUE(commit_one(db, insert, txn).has_value());
    }
    CHECK_TRUE(db.checkpoint().has_value());
    disk.fail_at(disk.operations(), DiskFault::kIoError);
    CHECK_FALSE(commit_one(db, insert, 10).has_value());
  }
  disk.clear_fault();
  disk.damage(path, 2 * 4096 + 3);  // The cell count of a page.
  const Result<Db> refused = Db::open(path, OpenMode::kOwner);
  CHECK_FALSE(refused.has_value());
  CHECK_TRUE(refused.error().code == Errc::kCorrupt);
  CHECK_FALSE(Db::open(path, OpenMode::kOwner).has_value());  // Not forgotten by trying.
  disk.damage(path, 2 * 4096 + 3);
  CHECK_TRUE(Db::open(path, OpenMode::kOwner).has_value());
}
