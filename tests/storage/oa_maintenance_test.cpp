// The sweeps of the OA's machine on a real ledger file: bounded, fair, resumable, whatever fails.
#include "tests/storage/oa_world.hpp"
#include "tests/support/faulty_disk.hpp"

using namespace tally;
using namespace tally::tests;

namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;

}  // namespace

TEST_GROUP(OaMaintenance) {
  OaWorld world;
  Till till{TerminalId{101}};

  void setup() override {
    world.config.policy.program.lot_life_days = 1;
  }

  void restart() {
    world.open();
    world.connect(OaWorld::kLine);
  }
  void days_later(int days) {
    world.now.wall.us += days * kDayUs;
  }
  void earn_for(int members, std::int64_t points) {
    std::vector<Bytes> sealed;
    for (int i = 0; i < members; ++i) {
      const std::string card = "card" + std::to_string(i);
      world.enrol(card);
      sealed.push_back(till.accrual(card, points));
    }
    world.upload(sealed);
  }
  bool maintain() {
    const auto more = world.node->maintain(world.now);
    CHECK_TRUE(more.has_value());
    return *more;
  }
  std::int64_t expired_points() {
    return world.count("SELECT coalesce(sum(balance), 0) FROM account WHERE kind = 9");
  }
  std::int64_t sum_of_accounts() {
    return world.count(
        "SELECT (SELECT sum(balance) FROM account) + "
        "(SELECT sum(available + held + pending + debt) FROM member)");
  }
};

TEST(OaMaintenance, NothingDue_WritesNothing) {
  restart();
  earn_for(1, 10);
  const std::uint64_t commits = world.node->counters().commits;
  CHECK_FALSE(maintain());
  CHECK_FALSE(maintain());
  CHECK_EQUAL(commits, world.node->counters().commits);
}

TEST(OaMaintenance, ManyMembers_SweptInBoundedStepsEachOnce) {
  restart();
  earn_for(300, 10);
  days_later(40);
  CHECK_TRUE(maintain());
  CHECK_EQUAL(2'560, expired_points());
  CHECK_TRUE(maintain());
  CHECK_FALSE(maintain());
  CHECK_EQUAL(3'000, expired_points());
  CHECK_EQUAL(300U, world.node->counters().members_expired);
  CHECK_EQUAL(300, world.count("SELECT count(*) FROM txn WHERE kind = 23"));
  CHECK_EQUAL(0, world.count("SELECT count(*) FROM lot"));
  CHECK_EQUAL(0, sum_of_accounts());
}

TEST(OaMaintenance, NextDay_LooksAgain) {
  restart();
  earn_for(1, 10);
  CHECK_FALSE(maintain());
  days_later(40);
  CHECK_TRUE(maintain());
  CHECK_FALSE(maintain());
  CHECK_EQUAL(10, expired_points());
}

TEST(OaMaintenance, RestartInTheMiddle_GoesOnWithTheRest) {
  restart();
  earn_for(300, 10);
  days_later(40);
  CHECK_TRUE(maintain());
  restart();
  CHECK_TRUE(maintain());
  CHECK_FALSE(maintain());
  CHECK_EQUAL(3'000, expired_points());
}

TEST(OaMaintenance, OneMemberWithManyAccruals_OthersVestInTheSameStep) {
  world.config.policy.program.lot_life_days = 730;
  world.config.policy.program.pending_days = 2;
  restart();
  world.enrol("often");
  world.enrol("once");
  std::vector<Bytes> sealed;
  for (int i = 0; i < 200; ++i) {
    sealed.push_back(till.accrual("often", 1));
  }
  sealed.push_back(till.accrual("once", 5));
  world.upload(sealed);
  CHECK_EQUAL(0, world.available("once"));
  days_later(2);
  CHECK_TRUE(maintain());
  CHECK_FALSE(maintain());
  CHECK_EQUAL(200, world.available("often"));
  CHECK_EQUAL(5, world.available("once"));
  CHECK_EQUAL(201U, world.node->counters().accruals_vested);
}

TEST(OaMaintenance, LotOfNobody_DoesNotHoldUpTheOthers) {
  restart();
  earn_for(1, 10);
  CHECK_TRUE(world.store->db().execute("INSERT INTO lot VALUES(0, 999, 1, 7, 1, 5)").has_value());
  days_later(40);
  CHECK_TRUE(maintain());
  CHECK_FALSE(maintain());
  CHECK_EQUAL(10, expired_points());
}

TEST(OaMaintenance, PurchaseRefundedAfterTheSweep_NothingIsTakenTwice) {
  restart();
  world.enrol("card0");
  const RecordId sale = till.next_id();
  world.upload({till.accrual("card0", 10)});
  days_later(40);
  maintain();
  world.upload({till.other(record::Void{sale, 1})});
  CHECK_EQUAL(0, expired_points());
  CHECK_EQUAL(0, world.count("SELECT sum(debt) FROM member"));
  CHECK_EQUAL(0, sum_of_accounts());
}

TEST(OaMaintenance, PowerCutAtEveryWriteOfASweep_AllSweptOnceAfterwards) {
  world.config.policy.program.pending_days = 1;
  const WallTime began = world.now.wall;
  for (std::uint64_t at = 0;; ++at) {
    world.node.reset();
    world.store.reset();
    FaultyDisk disk(world.directory.path());
    till = Till{TerminalId{101}};
    world.now.wall = began;
    restart();
    earn_for(2, 10);
    days_later(1);
    world.upload({till.accrual("card0", 3)});
    days_later(40);
    disk.fail_at(disk.operations() + at, DiskFault::kPowerCut, true);
    const auto more = world.node->maintain(world.now);
    const bool failed = !more.has_value();
    disk.clear_fault();
    world.node.reset();
    world.store.reset();
    disk.power_cut();
    disk.power_on(Unsynced::kSome, at);
    restart();
    while (maintain()) {
    }
    CHECK_EQUAL(23, expired_points());
    CHECK_EQUAL(0, sum_of_accounts());
    CHECK_EQUAL(0, world.count("SELECT count(*) FROM lot"));
    CHECK_EQUAL(2, world.count("SELECT count(*) FROM txn WHERE kind = 22"));
    world.node.reset();
    world.store.reset();
    if (!failed) {
      CHECK_TRUE(at > 3);
      return;
    }
  }
}
