// What the office keeps of members who were enrolled at a till.
#include "oa/people.hpp"

#include <memory>
#include <string>

#include "core/crypto/hpke.hpp"
#include "core/ledger/rules.hpp"
#include "core/member/sealed_fields.hpp"

#include "storage/ledger_queries.hpp"
#include "tests/support/temporary_directory.hpp"
#include "transport/os_random.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::oa;

TEST_GROUP(People) {
  tests::TemporaryDirectory directory;
  transport::OsRandom random;
  Vault vault = *Vault::open(directory.file("master.key"), true, random);
  crypto::P256KeyPair record_key = crypto::P256KeyPair::generate(random);
  crypto::PublicKey public_key = record_key.public_key();
  DeviceRegistry registry{{directory.file("issued"), "", [] { return Instant{}; }},
                          vault,
                          std::move(record_key),
                          random};
  std::unique_ptr<storage::LedgerStore> store =
      std::move(*storage::LedgerStore::open(directory.file("ledger.db")));
  std::unique_ptr<storage::LedgerQueries> queries =
      std::move(*storage::LedgerQueries::open(directory.file("ledger.db")));
  People people{*store, vault, registry, random};
  ledger::LedgerTime time{WallTime{1'800'000'000'000'000}, BusinessDay{20'833}};

  Bytes seal(const member::PersonalFields& fields, const std::string& card) {
    return *crypto::hpke_seal(public_key,
                              as_bytes(node::kEnrolmentSeal),
                              as_bytes(card),
                              as_bytes(*member::to_text(fields)),
                              random);
  }
  MemberId enrol(const std::string& card, const std::string& number, const Bytes& sealed) {
    CHECK_TRUE(store->begin().has_value());
    ledger::ReadPlan plan;
    plan.cards.insert(card);
    auto set = *store->read(plan);
    const MemberId member = ledger::enrol(set, {card, "138****1234", 0}, time);
    CHECK_TRUE(store->write(set, {}).has_value());
    record::Record made;
    made.header.id.terminal = TerminalId{101};
    made.card_token = card;
    made.business = record::Enrolment{number, "138****1234", sealed, 1};
    CHECK_TRUE(people.enrolled(member, made, time.now).has_value());
    CHECK_TRUE(store->commit().has_value());
    return member;
  }
  std::string last_action() {
    auto row = store->db().prepare("SELECT action FROM audit_log ORDER BY id DESC LIMIT 1");
    CHECK_TRUE(*row->step());
    return std::string(row->text(0));
  }
};

TEST(People, SealedFields_AreOpenedAndKeptUnderTheMembersKey) {
  const MemberId member =
      enrol("9156000000000017", "", seal({"13800001234", "", "en"}, "9156000000000017"));
  const auto summary = **queries->member(member);
  STRCMP_EQUAL("9156000000000017", summary.number.c_str());
  STRCMP_EQUAL("1234", summary.phone_tail.c_str());
  STRCMP_EQUAL("en", summary.language.c_str());
  const auto person = vault.open_person(member, summary.sealed, summary.wrapped_key);
  STRCMP_EQUAL("13800001234", person->phone.c_str());
  STRCMP_EQUAL("enrol", last_action().c_str());
}

TEST(People, FieldsSealedForAnotherCard_AreNotTaken) {
  const MemberId member = enrol("9156000000000017", "", seal({"13800001234", "", "en"}, "1"));
  CHECK_TRUE((*queries->member(member))->sealed.empty());
  STRCMP_EQUAL("enrol_unreadable", last_action().c_str());
}

TEST(People, PhoneThatSomebodyHas_IsKeptAndToldOf) {
  enrol("1", "", seal({"13800001234", "", "en"}, "1"));
  const MemberId second = enrol("2", "", seal({"13800001234", "", "en"}, "2"));
  const auto summary = **queries->member(second);
  STRCMP_EQUAL("13800001234",
               vault.open_person(second, summary.sealed, summary.wrapped_key)->phone.c_str());
  STRCMP_EQUAL("enrol_phone_taken", last_action().c_str());
}

TEST(People, EnrolmentWithoutFields_IsAMemberWithoutPerson) {
  const MemberId member = enrol("1", "", {});
  CHECK_TRUE((*queries->member(member))->sealed.empty());
}
