// Members enrolled at a till: the OA makes them when the record comes, posts what waited for the
// card, and hands the personal fields to the office once.
#include <string>
#include <utility>
#include <vector>

#include "core/member/card_number.hpp"
#include "core/member/number_block.hpp"
#include "core/node/oa_people.hpp"

#include "tests/storage/oa_world.hpp"

using namespace tally;
using namespace tally::tests;

namespace {

class ListOfPeople final : public node::OaPeople {
 public:
  Status enrolled(MemberId member, const record::Record& record, WallTime) override {
    seen.emplace_back(member, record.card_token);
    return fails ? Status(make_error(Errc::kCorrupt, "the disk failed")) : Status();
  }
  std::vector<std::pair<MemberId, std::string>> seen;
  bool fails = false;
};

const std::string kCard = "9156000000000017";

}  // namespace

TEST_GROUP(OaEnrolment) {
  OaWorld world;
  ListOfPeople people;
  Till till{TerminalId{101}};
  std::string number = *member::make_card_number(member::kTillSerialFirst + 1);

  void setup() override {
    world.node =
        std::make_unique<node::OaNode>(world.config, *world.store, world.registry, &people);
    world.connect(OaWorld::kLine);
  }
};

TEST(OaEnrolment, Accruals_WaitForTheEnrolmentAndPostThen) {
  const Bytes earned = till.accrual(kCard, 100);
  world.upload({earned});
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM quarantine WHERE reason = 1"));
  world.upload({till.other(record::Enrolment{number, "138****1234", Bytes(90, 7), 1}, kCard)});
  CHECK_EQUAL(0, world.count("SELECT count(*) FROM quarantine"));
  CHECK_EQUAL(100, world.available(kCard));
  CHECK_EQUAL(1U, people.seen.size());
  STRCMP_EQUAL(kCard.c_str(), people.seen.front().second.c_str());
}

TEST(OaEnrolment, SameRecordAgain_HandsNobodyOverASecondTime) {
  const Bytes enrolment = till.other(record::Enrolment{number, "张*", {}, 1}, kCard);
  world.upload({enrolment});
  world.upload({enrolment});
  CHECK_EQUAL(1U, people.seen.size());
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM member"));
}

TEST(OaEnrolment, NumberFromABlock_IsTheMembersAsWell) {
  world.upload({till.other(record::Enrolment{number, "张*", {}, 1}, kCard)});
  world.upload({till.accrual(number, 30)});
  CHECK_EQUAL(30, world.available(kCard));
}

TEST(OaEnrolment, NumberOfTheOffices_IsNotForTillsToGive) {
  const std::string office = *member::make_card_number(77);
  world.upload({till.other(record::Enrolment{office, "张*", {}, 1}, kCard)});
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM card"));
  CHECK_TRUE(world.enrol(office).value > 0);
}

TEST(OaEnrolment, NumberGivenTwice_StaysWithTheFirst) {
  world.upload({till.other(record::Enrolment{number, "张*", {}, 1}, kCard)});
  Till other{TerminalId{102}};
  world.upload({other.other(record::Enrolment{number, "李*", {}, 1}, "9156000000000025")});
  world.upload({other.accrual(number, 30)});
  CHECK_EQUAL(30, world.available(kCard));
  CHECK_EQUAL(0, world.available("9156000000000025"));
}

TEST(OaEnrolment, CardThatIsTaken_WaitsForAPersonAndHandsNobodyOver) {
  world.enrol(kCard);
  world.upload({till.other(record::Enrolment{number, "张*", {}, 1}, kCard)});
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM quarantine WHERE reason = 8"));
  CHECK_TRUE(people.seen.empty());
}

TEST(OaEnrolment, OfficeThatCannotStore_TakesTheRecordBack) {
  people.fails = true;
  const node::OaEvent event = node::GatewayMessage{
      OaWorld::kLine,
      {Role::kGateway, 11, Incarnation{1}},
      OaWorld::batch({till.other(record::Enrolment{number, "张*", {}, 1}, kCard)})};
  CHECK_FALSE(world.node->handle({&event, 1}, world.now).has_value());
  CHECK_EQUAL(0, world.count("SELECT count(*) FROM member"));
}
