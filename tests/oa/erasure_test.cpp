// Erasing a member: nothing of the person is left in the ledger's files, and it is open until every
// gateway has acknowledged it.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "core/node/oa_directory.hpp"
#include "core/node/oa_office.hpp"

#include "oa/office.hpp"
#include "oa/view_json.hpp"
#include "storage/ledger_queries.hpp"
#include "tests/support/temporary_directory.hpp"
#include "transport/os_random.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::oa;

TEST_GROUP(Erasure) {
  tests::TemporaryDirectory directory;
  transport::OsRandom random;
  Vault vault = *Vault::open(directory.file("master.key"), true, random);
  std::unique_ptr<storage::LedgerStore> store =
      std::move(*storage::LedgerStore::open(directory.file("ledger.db")));
  std::unique_ptr<storage::LedgerQueries> queries =
      std::move(*storage::LedgerQueries::open(directory.file("ledger.db")));
  Office office{*store, vault, random};
  ledger::LedgerTime time{WallTime{1'800'000'000'000'000}, BusinessDay{20'833}};

  MemberId enrol(const std::string& name, const std::string& phone) {
    const auto result = office.enrol({name, phone, "zh-CN", ""}, Clerk{"anna"}, {}, time);
    CHECK_TRUE(result.has_value());
    return result->member;
  }
  OfficeOutcome erase(MemberId member) {
    const auto outcome = office.erase(member, "asked by letter", Clerk{"anna"}, time);
    CHECK_TRUE(outcome.has_value());
    return *outcome;
  }
  void merge(MemberId member, MemberId into) {
    ledger::OfficeAct act;
    act.kind = ledger::OfficeActKind::kMerge;
    act.member = member;
    act.other = into;
    act.reason = "one person";
    act.maker = "anna";
    act.checker = "li";
    CHECK_TRUE(store->begin().has_value());
    const auto result = node::perform_office_act(*store, act, 1, Points{}, {}, time);
    CHECK_TRUE(result.has_value() && result->outcome == ledger::ActOutcome::kDone);
    CHECK_TRUE(store->commit().has_value());
  }
  void acknowledge(std::uint32_t gateway, std::uint64_t version) {
    CHECK_TRUE(store->begin().has_value());
    CHECK_TRUE(store
                   ->put_directory_holder({GatewayId{gateway},
                                           Incarnation{1},
                                           StoreId{7},
                                           node::wire_directory_version(1, version),
                                           time.now})
                   .has_value());
    CHECK_TRUE(store->commit().has_value());
  }
  std::uint64_t version_of(MemberId member) {
    const auto all = store->directory_changes(0, 1'000, 4);
    for (const auto& found : *all) {
      if (found.member == member) {
        return found.version;
      }
    }
    return 0;
  }
};

TEST(Erasure, Member_LosesNameAndPhoneButNotTheLedger) {
  const MemberId member = enrol("张小敏", "13800001234");
  CHECK_TRUE(erase(member) == OfficeOutcome::kDone);
  const auto summary = **queries->member(member);
  CHECK_TRUE(summary.row.state == ledger::MemberState::kFrozen);
  STRCMP_EQUAL("", summary.row.masked_name.c_str());
  STRCMP_EQUAL("", summary.phone_tail.c_str());
  CHECK_TRUE(summary.sealed.empty());
  CHECK_TRUE(summary.wrapped_key.empty());
  const auto history = queries->history(member, ledger::TxnId{1'000'000}, 10);
  CHECK_EQUAL(1U, history->size());
  // The number is free for the person, should they come back.
  CHECK_TRUE(enrol("张小敏", "13800001234").value > member.value);
}

TEST(Erasure, Twice_IsAConflict) {
  const MemberId member = enrol("张小敏", "");
  CHECK_TRUE(erase(member) == OfficeOutcome::kDone);
  CHECK_TRUE(erase(member) == OfficeOutcome::kConflict);
  CHECK_TRUE(erase(MemberId{99}) == OfficeOutcome::kNotFound);
}

TEST(Erasure, MembersMergedIntoThePerson_GoWithIt) {
  const MemberId first = enrol("张小敏", "13800001234");
  const MemberId second = enrol("张敏", "13900001234");
  const MemberId heir = enrol("张小敏", "");
  merge(first, second);
  merge(second, heir);
  CHECK_TRUE(erase(heir) == OfficeOutcome::kDone);
  for (const MemberId one : {first, second, heir}) {
    const auto summary = **queries->member(one);
    STRCMP_EQUAL("", summary.row.masked_name.c_str());
    CHECK_TRUE(summary.wrapped_key.empty());
  }
  CHECK_EQUAL(3U, queries->erasures(10)->size());
}

// Threat T19: the key that could open what is left in some page must be gone from all of them.
TEST(Erasure, WrappedKey_IsInNoFile) {
  const MemberId member = enrol("张小敏", "13800001234");
  const Bytes wrapped = (*queries->member(member))->wrapped_key;
  const std::string key(as_text(wrapped));
  queries.reset();
  CHECK_TRUE(erase(member) == OfficeOutcome::kDone);
  store.reset();
  for (const auto& at : std::filesystem::directory_iterator(directory.path())) {
    std::ifstream file(at.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    CHECK_TRUE_TEXT(bytes.find(key) == std::string::npos, at.path().c_str());
  }
}

TEST(Erasure, Directory_SaysErasedAndNothingElse) {
  const MemberId member = enrol("张小敏", "13800001234");
  erase(member);
  const auto all = store->directory_changes(0, 10, 4);
  CHECK_EQUAL(1U, all->size());
  CHECK_TRUE(all->front().erased);
  CHECK_TRUE(all->front().cards.empty());
  STRCMP_EQUAL("", all->front().masked_name.c_str());
}

// The entry moved on before this gateway had it: a part of a snapshot that ends in between proves
// nothing.
TEST(Erasure, MemberWrittenAgain_IsOpenUntilTheNewVersionIsAcknowledged) {
  const MemberId member = enrol("张小敏", "13800001234");
  erase(member);
  const std::uint64_t erased = version_of(member);
  CHECK_TRUE(store->db().execute("INSERT INTO card VALUES('900', 1, 2, 0)").has_value());
  CHECK_TRUE(version_of(member) > erased);
  acknowledge(11, erased);
  CHECK_EQUAL(1U, queries->erasures(10)->front().open.size());
  acknowledge(11, version_of(member));
  CHECK_EQUAL(0U, queries->erasures(10)->front().open.size());
}

TEST(Erasure, IsOpenUntilEveryGatewayAcknowledged) {
  const MemberId member = enrol("张小敏", "13800001234");
  acknowledge(11, version_of(member));
  acknowledge(12, version_of(member));
  erase(member);
  auto erasures = *queries->erasures(10);
  CHECK_EQUAL(1U, erasures.size());
  CHECK_EQUAL(2U, erasures.front().open.size());
  acknowledge(11, version_of(member));
  erasures = *queries->erasures(10);
  CHECK_EQUAL(1U, erasures.front().open.size());
  CHECK_EQUAL(12U, erasures.front().open.front().value);
  acknowledge(12, version_of(member) + 5);
  const auto json = erasure_json(queries->erasures(10)->front());
  STRCMP_EQUAL("done", json["state"].get<std::string>().c_str());
  // A restored disk has the member again.
  acknowledge(12, version_of(member) - 1);
  STRCMP_EQUAL("open",
               erasure_json(queries->erasures(10)->front())["state"].get<std::string>().c_str());
}
