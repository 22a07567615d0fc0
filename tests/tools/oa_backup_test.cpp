// Back-up and restoration as the operator does them: over whole data directories.
#include "tools/oa_backup.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include "shell/process.hpp"
#include "storage/ledger_backup.hpp"
#include "tests/storage/oa_world.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::tests;
using namespace tally::tools;

TEST_GROUP(OaBackup) {
  OaWorld world;
  Till till{TerminalId{101}};
  std::filesystem::path data = std::filesystem::path(world.directory.file("x")).parent_path();
  std::filesystem::path file = data / "backup.db";
  std::filesystem::path notice = data / storage::kBackupNoticeFile;
  WallTime now{1'764'000'000'000'000};

  void setup() override {
    world.enrol("card");
    world.upload({till.accrual("card", 10), till.accrual("card", 20)});
    std::ofstream(data / "master.key") << "secret";
  }

  void stop_oa() {
    world.node.reset();
    world.store.reset();
  }
};

TEST(OaBackup, BesideARunningOa_IsCheckedAndAnnounced) {
  const auto outcome = backup_oa(data, file);
  CHECK_TRUE_TEXT(outcome.has_value(), outcome ? "" : describe(outcome.error()).c_str());
  CHECK_TRUE(outcome->audit.ok());
  CHECK_EQUAL(1U, outcome->streams);
  CHECK_EQUAL(2U, outcome->audit.records);
  std::ifstream in(notice);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto content = storage::parse_backup_notice(text);
  CHECK_TRUE(content.has_value());
  CHECK_TRUE(content->heads.at(0).position == till.head());
  CHECK_FALSE(std::filesystem::exists(file.string() + ".part"));
}

TEST(OaBackup, OverAnotherFile_IsRefused) {
  std::ofstream(file) << "yesterday's";
  CHECK_TRUE(backup_oa(data, file).error().code == Errc::kConflict);
}

TEST(OaBackup, BooksThatDoNotHold_AreNamedAndNothingIsArchived) {
  CHECK_TRUE(world.store->db().execute("UPDATE member SET available = 31").has_value());
  const auto outcome = backup_oa(data, file);
  CHECK_TRUE(outcome.has_value());
  CHECK_FALSE(outcome->audit.ok());
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK_FALSE(std::filesystem::exists(notice));
}

TEST(OaBackup, RecordWithAFlippedBit_IsNamed) {
  CHECK_TRUE(world.store->db()
                 .execute("UPDATE raw_record SET sealed = zeroblob(length(sealed)) WHERE no = 1")
                 .has_value());
  const auto outcome = backup_oa(data, file);
  CHECK_TRUE(outcome.has_value());
  CHECK_EQUAL(std::string("raw_record"), outcome->audit.breaches().at(0).table);
}

TEST(OaBackup, Restore_KeepsTheLedgerThatWasThere) {
  CHECK_TRUE(backup_oa(data, file).has_value());
  world.upload({till.accrual("card", 40)});
  stop_oa();
  const auto outcome = restore_oa(file, data, now);
  CHECK_TRUE_TEXT(outcome.has_value(), outcome ? "" : describe(outcome.error()).c_str());
  CHECK_EQUAL(2U, outcome->generation);
  CHECK_TRUE(std::filesystem::exists(outcome->set_aside));
  CHECK_FALSE(std::filesystem::exists(notice));
  world.config.ledger_generation = outcome->generation;
  world.open();
  world.connect(OaWorld::kLine);
  CHECK_EQUAL(30, world.available("card"));
  CHECK_EQUAL(1'764'000'000U, *world.store->stamp());
  // From the same back-up, but not the same ledger.
  stop_oa();
  CHECK_EQUAL(3U, restore_oa(file, data, WallTime{now.us + 60'000'000})->generation);
  world.open();
  CHECK_EQUAL(1'764'000'060U, *world.store->stamp());
}

TEST(OaBackup, Restore_WithoutTheMasterKeyOrUnderARunningOa_IsRefused) {
  CHECK_TRUE(backup_oa(data, file).has_value());
  stop_oa();
  {
    const auto running = shell::DataDirectory::open(data);
    CHECK_TRUE(restore_oa(file, data, now).error().code == Errc::kConflict);
  }
  std::filesystem::remove(data / "master.key");
  CHECK_TRUE(restore_oa(file, data, now).error().code == Errc::kNotFound);
  CHECK_TRUE(std::filesystem::exists(data / "ledger.db"));
}

TEST(OaBackup, Restore_OfADamagedFile_ChangesNothing) {
  CHECK_TRUE(backup_oa(data, file).has_value());
  stop_oa();
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  out.seekp(static_cast<std::streamoff>(std::filesystem::file_size(file) / 2));
  out << std::string(8'192, '\xff');
  out.close();
  const auto outcome = restore_oa(file, data, now);
  CHECK_TRUE(!outcome || !outcome->audit.ok());
  world.open();
  CHECK_EQUAL(1U, *world.store->generation());
}
