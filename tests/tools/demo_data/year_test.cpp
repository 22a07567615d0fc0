// A whole made-up year, small: what it is made of is real, so the books must hold.
#include "tools/demo_data/year.hpp"

#include <filesystem>
#include <string>

#include "core/crypto/mac.hpp"

#include "oa/vault.hpp"
#include "storage/db.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tools/audit.hpp"
#include "tools/demo_data/chance.hpp"
#include "tools/demo_data/people.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::tools;
using demo::Size;
using demo::Summary;

namespace {

bool go_on(const demo::Passed&) {
  return true;
}

}  // namespace

TEST_GROUP(DemoYear) {
  tests::TemporaryDirectory directory{tests::TemporaryDirectory::in_memory()};
  Size size{50, 20, 7, 3};

  std::filesystem::path place(const std::string& name) {
    const std::filesystem::path path = directory.file(name);
    std::filesystem::create_directory(path);
    return path;
  }
  Summary make(const std::string& name) {
    const auto made = demo::make_year(place(name), size, go_on);
    CHECK_TRUE_TEXT(made.has_value(), made ? "" : describe(made.error()).c_str());
    CHECK_TRUE(made->has_value());
    return **made;
  }
  storage::Db open(const std::string& name) {
    return *storage::Db::open(directory.file(name) + "/ledger.db", storage::OpenMode::kReadOnly);
  }
  std::int64_t number(const std::string& name, const std::string& sql) {
    storage::Db db = open(name);
    auto rows = *db.prepare(sql);
    CHECK_TRUE(*rows.step());
    return rows.int64(0);
  }
  /// A hash over every row of every table.
  std::string rows_of(const std::string& name) {
    storage::Db db = open(name);
    crypto::Sha256 hash;
    auto tables = *db.prepare(
        "SELECT name, (SELECT group_concat('quote(\"' || name || '\")', '||') FROM "
        "pragma_table_info(t.name)) FROM sqlite_master t WHERE type = 'table' AND name NOT LIKE "
        "'sqlite%' ORDER BY name");
    while (*tables.step()) {
      const std::string columns(tables.text(1));
      auto rows = *db.prepare("SELECT " + columns + " FROM \"" + std::string(tables.text(0)) +
                              "\" ORDER BY 1");
      while (*rows.step()) {
        hash.update(as_bytes(rows.text(0)));
      }
    }
    return to_hex(hash.finish());
  }
  AuditReport audited(const std::string& name) {
    AuditInput input;
    input.oa = {directory.file(name) + "/ledger.db"};
    input.master_key = directory.file(name) + "/master.key";
    input.replay = true;
    AuditReport report;
    AuditFailure failure;
    const bool read = audit(input, report, failure);
    CHECK_TRUE_TEXT(read, describe(failure.error).c_str());
    for (const Breach& breach : report.breaches()) {
      FAIL((breach.invariant + " " + breach.row + ": " + breach.text).c_str());
    }
    return report;
  }
};

TEST(DemoYear, SameArguments_SameRowsInEveryTable) {
  const Summary first = make("a");
  const Summary second = make("b");
  CHECK_TRUE(first == second);
  STRCMP_EQUAL(rows_of("a").c_str(), rows_of("b").c_str());
  size.seed = 8;
  make("c");
  CHECK_TRUE(rows_of("a") != rows_of("c"));
}

TEST(DemoYear, BooksDecidedAgain_HoldAndAddUpToTheSummary) {
  const Summary summary = make("a");
  const AuditReport report = audited("a");
  CHECK_EQUAL(report.records, summary.records_total());
  CHECK_EQUAL(report.members, summary.members);
  CHECK_EQUAL(report.points_outstanding, summary.points_outstanding);
  CHECK_EQUAL(summary.records.at(6), summary.members);
  CHECK_EQUAL(number("a", "SELECT sum(points) FROM transfer WHERE to_kind = 9"),
              summary.points_expired);
  CHECK_EQUAL(50, number("a", "SELECT count(*) FROM person"));
}

TEST(DemoYear, MonthsOfManyMembers_SomethingOfEverything) {
  size = {400, 90, 11, 6};
  const Summary summary = make("a");
  audited("a");
  for (const std::size_t kind : {1U, 2U, 3U, 4U, 5U, 6U, 8U}) {
    CHECK_TRUE_TEXT(summary.records.at(kind) > 0, std::to_string(kind).c_str());
  }
  CHECK_TRUE(summary.holds > 0);
  CHECK_TRUE(summary.points_expired > 0);
  CHECK_TRUE(summary.points_redeemed > 0);
  CHECK_EQUAL(2, number("a", "SELECT count(*) FROM alarm WHERE kind IN (2, 3)"));
  // Unknown card, ticket used twice, fork, another store's sale, the copied terminal's next ones.
  for (const int reason : {1, 2, 6, 7, 9}) {
    const std::string sql =
        "SELECT count(*) FROM quarantine WHERE reason = " + std::to_string(reason);
    CHECK_TRUE_TEXT(number("a", sql) > 0, sql.c_str());
  }
  CHECK_TRUE(number("a", "SELECT count(*) FROM office_act WHERE state = 1") > 0);
  CHECK_TRUE(number("a", "SELECT count(*) FROM office_act WHERE state = 2") > 0);
  // Corrections, expiries, and what a receipt earned before its store could send.
  for (const int kind : {23, 24, 40}) {
    const std::string sql = "SELECT count(*) FROM txn WHERE kind = " + std::to_string(kind);
    CHECK_TRUE_TEXT(number("a", sql) > 0, sql.c_str());
  }
}

TEST(DemoYear, OneMemberOneDayOneStore_IsMadeAsWell) {
  size = {1, 1, 0, 1};
  CHECK_EQUAL(1U, make("a").members);
  audited("a");
}

TEST(DemoYear, Person_IsOpenedByTheVaultOfTheOa) {
  make("a");
  demo::SeededRandom random(1);
  const auto vault = oa::Vault::open(directory.file("a") + "/master.key", false, random);
  CHECK_TRUE(vault.has_value());
  storage::Db db = open("a");
  auto rows = *db.prepare("SELECT member, sealed, wrapped_key, number, phone_hash FROM person");
  CHECK_TRUE(*rows.step());
  const auto person = vault->open_person(MemberId{rows.int64(0)}, rows.blob(1), rows.blob(2));
  CHECK_TRUE(person.has_value());
  const demo::Person made = demo::person_of(size.seed, demo::index_of_card(rows.text(3)));
  STRCMP_EQUAL(made.name.c_str(), person->name.c_str());
  STRCMP_EQUAL(made.phone.c_str(), person->phone.c_str());
  const ByteView hash = rows.blob(4);
  CHECK_TRUE(vault->phone_hash(made.phone) == Bytes(hash.begin(), hash.end()));
}

TEST(DemoYear, ToldToStop_EndsAfterTheDay) {
  std::uint32_t days = 0;
  const auto made = demo::make_year(place("a"), size, [&](const demo::Passed& passed) {
    days = passed.days;
    return passed.days < 3;
  });
  CHECK_TRUE(made.has_value());
  CHECK_FALSE(made->has_value());
  CHECK_EQUAL(3U, days);
}
