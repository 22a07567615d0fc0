// Pending points on a real ledger file: kept over a restart, and a ledger from before there were
// any goes on.
#include "core/ledger/sweep.hpp"

#include "tests/storage/oa_world.hpp"

using namespace tally;
using namespace tally::tests;

TEST_GROUP(LedgerPending) {
  OaWorld world;
  Till till{TerminalId{101}};

  void setup() override {
    world.config.policy.program.pending_days = 14;
    world.open();
    world.connect(OaWorld::kLine);
    world.enrol("card");
  }

  /// Vests what this record earned, in a transaction of its own.
  bool vest(const RecordId& record) {
    CHECK_TRUE(world.store->begin().has_value());
    ledger::ReadPlan plan;
    plan.records.insert(record);
    auto set = world.store->read(plan);
    CHECK_TRUE(set.has_value());
    const auto done =
        ledger::vest(*set, set->txn_of_record(record)->id, world.node->ledger_time(world.now));
    CHECK_TRUE(world.store->write(*set, {}).has_value());
    CHECK_TRUE(world.store->commit().has_value());
    return done.has_value();
  }
};

TEST(LedgerPending, WaitsOverARestart_ThenVestsOnce) {
  const RecordId record = till.next_id();
  world.upload({till.accrual("card", 100)});
  CHECK_EQUAL(0, world.available("card"));
  world.open();
  world.connect(OaWorld::kLine);
  CHECK_EQUAL(20'014, world.count("SELECT vests_on FROM txn_source WHERE kind = 6"));
  CHECK_EQUAL(100, world.count("SELECT pending FROM member"));
  CHECK_TRUE(vest(record));
  world.open();
  world.connect(OaWorld::kLine);
  CHECK_EQUAL(100, world.available("card"));
  CHECK_EQUAL(0, world.count("SELECT pending FROM member"));
  CHECK_FALSE(vest(record));
  world.upload({till.other(record::Void{record, 1})});
  CHECK_EQUAL(0, world.available("card"));
}

TEST(LedgerPending, LedgerOfTheFirstVersion_GoesOn) {
  world.config.policy.program.pending_days = 0;
  world.open();
  world.connect(OaWorld::kLine);
  const RecordId record = till.next_id();
  world.upload({till.accrual("card", 100)});
  world.open_as_version(1);
  world.connect(OaWorld::kLine);
  world.upload({till.other(record::Void{record, 1})});
  CHECK_EQUAL(0, world.available("card"));
}
