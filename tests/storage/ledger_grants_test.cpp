// Leases and budgets on a real ledger file: what a grant has to know is read back, also in a ledger
// from before there were any.
#include "core/ledger/grants.hpp"

#include "tests/storage/oa_world.hpp"

using namespace tally;
using namespace tally::tests;

namespace {

constexpr ledger::Holder kHolder{GatewayId{11}, StoreId{7}, Epoch{1}};

}  // namespace

TEST_GROUP(LedgerGrantsStore) {
  OaWorld world;
  Till till{TerminalId{101}};
  MemberId member;

  void setup() override {
    member = world.enrol("card");
    world.upload({till.accrual("card", 1'000)});
  }

  template <class Step>
  void run(ledger::ReadPlan plan, const Step& step) {
    CHECK_TRUE(world.store->begin().has_value());
    auto set = world.store->read(std::move(plan));
    CHECK_TRUE(set.has_value());
    step(*set);
    CHECK_TRUE(world.store->write(*set, {}).has_value());
    CHECK_TRUE(world.store->commit().has_value());
  }
  ledger::GrantResult lease(std::int64_t points) {
    const ledger::LeaseRequest request{kHolder, member, Points{points}};
    ledger::ReadPlan plan;
    plan_lease(plan, request);
    ledger::GrantResult result;
    run(plan, [&](ledger::WorkingSet& set) {
      result = grant_lease(set, request, world.node->policy(), world.node->ledger_time(world.now));
    });
    return result;
  }
  ledger::GrantResult budget(RightId newest) {
    const ledger::BudgetRequest request{kHolder, newest};
    ledger::ReadPlan plan;
    plan_budget(plan, request);
    ledger::GrantResult result;
    run(plan, [&](ledger::WorkingSet& set) {
      result = grant_budget(set, request, world.node->policy(), world.node->ledger_time(world.now));
    });
    return result;
  }
  void fence(RightId right) {
    ledger::ReadPlan plan;
    plan_fence(plan, right);
    run(plan, [&](ledger::WorkingSet& set) {
      CHECK_TRUE(fence_right(set, right, world.node->policy(), world.node->ledger_time(world.now)));
    });
  }
  Bytes spend(std::int64_t points, RightKind kind, RightId right, const std::string& card) {
    record::Record made;
    made.card_token = card;
    made.sale = till.sale(++sales_);
    made.business = record::Redemption{Money{10'000}, Points{points}, Money{points}};
    made.funding = {{kind, right, Epoch{1}, Points{points}}};
    return till.seal(std::move(made));
  }

  std::uint32_t sales_ = 0;
};

TEST(LedgerGrantsStore, Lease_IsThereAfterARestartAndGrantedOnce) {
  const ledger::GrantResult first = lease(300);
  CHECK_TRUE(first.outcome == ledger::GrantOutcome::kGranted);
  world.open();
  world.connect(OaWorld::kLine);
  CHECK_TRUE(lease(300).right == first.right);
  CHECK_EQUAL(700, world.available("card"));
  CHECK_EQUAL(300, world.count("SELECT sum(points) FROM right_lot"));
  world.upload({spend(120, RightKind::kLease, first.right, "card")});
  CHECK_EQUAL(700, world.available("card"));
  CHECK_EQUAL(120, world.count("SELECT used FROM right_row"));
  CHECK_EQUAL(180, world.count("SELECT held FROM member"));
}

TEST(LedgerGrantsStore, LeaseThatHasEnded_IsNotTheMembersAnyMore) {
  const RightId first = lease(300).right;
  fence(first);
  CHECK_EQUAL(1'000, world.available("card"));
  CHECK_TRUE(lease(300).right > first);
}

TEST(LedgerGrantsStore, Budget_CountsWhatIsOpenAndWhatNobodyCovered) {
  const std::int64_t limit = world.node->policy().offline.store_risk_max.value;
  const std::int64_t each = world.node->policy().offline.budget_points_max.value;
  RightId newest;
  std::int64_t granted = 0;
  for (;;) {
    const ledger::GrantResult result = budget(newest);
    if (result.outcome != ledger::GrantOutcome::kGranted) {
      break;
    }
    newest = result.right;
    granted += each;
  }
  CHECK_EQUAL(limit, granted);
  world.enrol("poor");
  world.upload({spend(500, RightKind::kBudget, newest, "poor")});
  CHECK_EQUAL(-500, world.count("SELECT sum(balance) FROM account WHERE kind = 10"));
  CHECK_TRUE(budget(newest).outcome == ledger::GrantOutcome::kNothingToGrant);
  world.upload({till.accrual("poor", 500)});
  const ledger::GrantResult refill = budget(newest);
  CHECK_EQUAL(500,
              world.count("SELECT granted FROM right_row WHERE id = " +
                          std::to_string(refill.right.value)));
}

TEST(LedgerGrantsStore, FencedRights_StayOpenInTheStore) {
  fence(lease(300).right);
  const std::int64_t limit = world.node->policy().offline.store_risk_max.value;
  RightId newest;
  while (budget(newest).outcome == ledger::GrantOutcome::kGranted) {
    newest = RightId{static_cast<std::uint64_t>(world.count("SELECT max(id) FROM right_row"))};
  }
  CHECK_EQUAL(limit - 300, world.count("SELECT sum(granted) FROM right_row WHERE kind = 3"));
}

TEST(LedgerGrantsStore, LedgerOfVersion10_GrantsAsWell) {
  world.open_as_version(10);
  world.connect(OaWorld::kLine);
  CHECK_TRUE(lease(300).outcome == ledger::GrantOutcome::kGranted);
  CHECK_TRUE(budget({}).outcome == ledger::GrantOutcome::kGranted);
}
