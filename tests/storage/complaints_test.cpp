// What users of other systems complain about, as far as the OA and its office decide it together.
// Named after the number of the entry.
#include "core/node/oa_office.hpp"

#include "tests/storage/oa_world.hpp"

using namespace tally;
using namespace tally::tests;

TEST_GROUP(OaComplaints) {
  OaWorld world;
  Till till{TerminalId{101}};

  /// Two people post the record in quarantine to this member.
  void decide(MemberId member) {
    ledger::OfficeAct act;
    act.kind = ledger::OfficeActKind::kDecide;
    act.quarantine = world.count("SELECT no FROM quarantine WHERE decision = 0");
    act.decision = ledger::QuarantineDecision::kPost;
    act.member = member;
    act.reason = "slip seen";
    act.maker = "li";
    act.checker = "wang";
    CHECK_TRUE(world.store->begin().has_value());
    const auto result = node::perform_office_act(
        *world.store, act, 1, Points{}, world.config.policy, world.node->ledger_time(world.now));
    CHECK_TRUE(result.has_value() && result->outcome == ledger::ActOutcome::kDone);
    CHECK_TRUE(world.store->commit().has_value());
  }
};

// "One bad address blocks the whole queue; the cashier edited storage by hand; a duplicate
// appeared."
TEST(OaComplaints, No12_BadEntry_BlocksNothingIsRepairedByTheOfficeAndNeverDoubles) {
  const MemberId member = world.enrol("card");
  const Bytes bad = till.accrual("a card nobody has", 50);
  const Bytes good = till.accrual("card", 10);
  const auto answers = OaWorld::of_type<link::Received>(world.upload({bad, good}));
  CHECK_TRUE(answers.at(0).positions.at(0).position == till.head());
  CHECK_EQUAL(10, world.available("card"));

  decide(member);
  CHECK_EQUAL(60, world.available("card"));

  // The answer was lost on its way: the till sends both again, and a restart later once more.
  world.upload({bad, good});
  world.open();
  world.connect(OaWorld::kLine);
  world.upload({bad, good});
  CHECK_EQUAL(60, world.available("card"));
  CHECK_EQUAL(2, world.count("SELECT count(*) FROM raw_record"));
  CHECK_EQUAL(2, world.count("SELECT count(*) FROM txn WHERE terminal IS NOT NULL"));
  // Should the card turn up after all, its record has been posted already.
  world.enrol("a card nobody has");
  CHECK_EQUAL(60, world.available("card"));
  CHECK_EQUAL(0, world.available("a card nobody has"));
}
