// Erasing a member who was enrolled at a till: what the record said of the person goes, its place
// in the stream stays.
#include "storage/member_erasure.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/storage/oa_world.hpp"

using namespace tally;
using namespace tally::tests;

namespace {

const std::string kCard = "9156000000000017";
const Bytes kSealedFields(90, 0xA7);

}  // namespace

TEST_GROUP(MemberErasure) {
  OaWorld world;
  Till till{TerminalId{101}};
  Bytes enrolment = till.other(record::Enrolment{"", "138****1234", kSealedFields, 1}, kCard);

  void setup() override {
    world.upload({enrolment, till.accrual(kCard, 70)});
    CHECK_EQUAL(70, world.available(kCard));
  }

  storage::ErasureOutcome erase(MemberId member) {
    CHECK_TRUE(world.store->begin().has_value());
    const auto outcome = storage::erase_member(
        *world.store, member, "anna", "asked by letter", world.node->ledger_time(world.now));
    CHECK_TRUE(outcome.has_value());
    CHECK_TRUE(world.store->commit().has_value());
    CHECK_TRUE(world.store->db().checkpoint().has_value());
    return *outcome;
  }
  MemberId member() {
    return MemberId{world.count("SELECT id FROM member")};
  }
  Bytes stored() {
    auto row = world.store->db().prepare("SELECT sealed FROM raw_record WHERE kind = 6");
    CHECK_TRUE(*row->step());
    return Bytes(row->blob(0).begin(), row->blob(0).end());
  }
};

TEST(MemberErasure, EnrolmentRecord_KeepsItsPlaceAndForgetsThePerson) {
  CHECK_TRUE(stored() == enrolment);
  CHECK_TRUE(erase(member()) == storage::ErasureOutcome::kDone);
  CHECK_TRUE(codec::is_redacted(stored()));
  CHECK_TRUE(record::peek_mac(stored()) == record::peek_mac(enrolment));
  CHECK_TRUE(codec::decode_record(stored())->card_token == kCard);
  CHECK_EQUAL(70, world.count("SELECT available FROM member"));
}

TEST(MemberErasure, WhatTheRecordSaid_IsInNoFile) {
  erase(member());
  world.node.reset();
  world.store.reset();
  for (const auto& at : std::filesystem::directory_iterator(world.directory.path())) {
    std::ifstream file(at.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    CHECK_TRUE_TEXT(bytes.find("138****1234") == std::string::npos, at.path().c_str());
    CHECK_TRUE_TEXT(bytes.find(std::string(32, '\xA7')) == std::string::npos, at.path().c_str());
  }
}

TEST(MemberErasure, RecordThatComesAgain_IsARepeatAndBringsNothingBack) {
  erase(member());
  world.upload({enrolment});
  CHECK_TRUE(codec::is_redacted(stored()));
  CHECK_EQUAL(2, world.count("SELECT count(*) FROM raw_record"));
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM member WHERE masked_name = ''"));
  CHECK_TRUE(erase(member()) == storage::ErasureOutcome::kBefore);
}

TEST(MemberErasure, AnotherMembersEnrolment_StaysAsItCame) {
  const Bytes other =
      till.other(record::Enrolment{"", "139****5678", kSealedFields, 1}, "9156000000000025");
  world.upload({other});
  erase(MemberId{world.count("SELECT member FROM card WHERE token = '9156000000000025'")});
  CHECK_TRUE(stored() == enrolment);
}

TEST(MemberErasure, NobodyOfThisNumber_IsSaidSo) {
  CHECK_TRUE(erase(MemberId{99}) == storage::ErasureOutcome::kNoMember);
}
