#include "core/ledger/grants.hpp"

#include "tests/core/ledger/ledger_world.hpp"

using namespace tally;
using namespace tally::ledger;

namespace {

constexpr Holder kHolder{GatewayId{11}, LedgerWorld::kStore, Epoch{1}};
constexpr Holder kStandby{GatewayId{12}, LedgerWorld::kStore, Epoch{1}};
constexpr Holder kElsewhere{GatewayId{21}, LedgerWorld::kOtherStore, Epoch{1}};
constexpr Holder kNextEpoch{GatewayId{11}, LedgerWorld::kStore, Epoch{2}};

}  // namespace

TEST_GROUP(LedgerGrants) {
  LedgerWorld world;
  MemberId member;

  void setup() override {
    member = world.enrol_card("card");
    world.policy.offline.lease_points_min = Points{10};
    world.policy.offline.store_risk_max = Points{1'000};
    world.policy.offline.budget_points_max = Points{600};
  }

  void earn(std::int64_t points, const std::string& card = "card") {
    CHECK_TRUE(world.is_posted(world.accrual(card, points)));
  }
  GrantResult lease(std::int64_t points, const Holder& holder = kHolder) {
    const LeaseRequest request{holder, member, Points{points}};
    ReadPlan plan;
    plan_lease(plan, request);
    GrantResult result;
    world.run(plan, [&](WorkingSet& set) {
      result = grant_lease(set, request, world.policy, world.time);
    });
    return result;
  }
  RightId leased(std::int64_t points, const Holder& holder = kHolder) {
    const GrantResult result = lease(points, holder);
    CHECK_TRUE(result.outcome == GrantOutcome::kGranted);
    return result.right;
  }
  void not_leased(GrantOutcome why, std::int64_t points, const Holder& holder = kHolder) {
    const std::size_t rights = world.rights.size();
    const std::int64_t numbers = world.counters.right;
    const GrantResult result = lease(points, holder);
    CHECK_TRUE(result.outcome == why);
    CHECK_FALSE(result.right);
    LONGS_EQUAL(rights, world.rights.size());
    LONGLONGS_EQUAL(numbers, world.counters.right);
  }
  GrantResult budget(RightId newest = {}, const Holder& holder = kHolder) {
    const BudgetRequest request{holder, newest};
    ReadPlan plan;
    plan_budget(plan, request);
    GrantResult result;
    world.run(plan, [&](WorkingSet& set) {
      result = grant_budget(set, request, world.policy, world.time);
    });
    return result;
  }
  ReturnOutcome give_back(RightId right,
                          std::int64_t unspent,
                          const std::vector<SaleId>& sales = {},
                          const Holder& holder = kHolder) {
    const ReturnStatement statement{holder, right, Points{unspent}, sales};
    ReadPlan plan;
    plan_return(plan, statement);
    ReturnOutcome outcome = ReturnOutcome::kRefused;
    world.run(plan, [&](WorkingSet& set) {
      outcome = return_lease(set, statement, world.policy, world.time);
    });
    return outcome;
  }
  bool fence_now(RightId right) {
    ReadPlan plan;
    plan_fence(plan, right);
    bool fenced = false;
    world.run(plan,
              [&](WorkingSet& set) { fenced = fence_right(set, right, world.policy, world.time); });
    return fenced;
  }
  record::Record spend(std::int64_t points,
                       RightKind kind,
                       RightId right,
                       std::uint32_t sale = 1,
                       Epoch epoch = Epoch{1},
                       const std::string& card = "card") {
    return world.redemption(card, points, world.sale(sale), {{kind, right, epoch, Points{points}}});
  }
  std::int64_t held() const {
    return world.member(member).held.value;
  }
  std::int64_t risk_now() const {
    return world.balance(risk(LedgerWorld::kStore));
  }
  std::int64_t suspense_now() const {
    return world.balance(suspense(LedgerWorld::kStore));
  }
};

TEST(LedgerGrants, Lease_SetsPointsAsideForOneStore) {
  earn(1'000);
  const RightId right = leased(300);
  LONGS_EQUAL(700, world.available_of(member));
  LONGS_EQUAL(300, held());
  const Right& row = world.rights.at(right);
  LONGS_EQUAL(11, row.holder);
  CHECK_TRUE(row.holder_role == Role::kGateway && row.kind == RightKind::kLease);
  LONGS_EQUAL(300, row.open().value);
}

TEST(LedgerGrants, LeaseAskedTwice_IsGrantedOnce) {
  earn(1'000);
  const RightId first = leased(300);
  CHECK_TRUE(leased(300) == first);
  CHECK_TRUE(leased(400) == first);
  LONGS_EQUAL(300, held());
}

TEST(LedgerGrants, LeaseOfMoreThanTheShare_IsTheShare) {
  earn(1'000);
  leased(900);
  LONGS_EQUAL(500, held());
}

TEST(LedgerGrants, LeasesOfSeveralStores_TogetherAreTheShare) {
  earn(1'000);
  leased(400);
  leased(400, kElsewhere);
  LONGS_EQUAL(500, held());
  not_leased(GrantOutcome::kNothingToGrant, 400, {GatewayId{31}, StoreId{9}, Epoch{1}});
}

TEST(LedgerGrants, LeaseInAFourthStore_TooManyStores) {
  earn(10'000);
  leased(100);
  leased(100, kElsewhere);
  leased(100, {GatewayId{31}, StoreId{9}, Epoch{1}});
  not_leased(GrantOutcome::kTooManyStores, 100, {GatewayId{41}, StoreId{10}, Epoch{1}});
}

TEST(LedgerGrants, SecondGatewayOfTheStore_HeldElsewhere) {
  earn(1'000);
  leased(100);
  not_leased(GrantOutcome::kHeldElsewhere, 100, kStandby);
  not_leased(GrantOutcome::kHeldElsewhere, 100, kNextEpoch);
}

TEST(LedgerGrants, LeaseOfNobodyOrFrozenOrMerged_Refused) {
  earn(1'000);
  const MemberId living = world.enrol_card("other");
  world.members.at(member).row.state = MemberState::kFrozen;
  not_leased(GrantOutcome::kMemberFrozen, 100);
  world.members.at(member).row.state = MemberState::kActive;
  world.members.at(member).row.alias_of = living;
  not_leased(GrantOutcome::kUnknownMember, 100);
  member = MemberId{99};
  not_leased(GrantOutcome::kUnknownMember, 100);
}

TEST(LedgerGrants, LeaseBelowTheMinimum_NothingToGrant) {
  earn(18);  // The share is 9.
  not_leased(GrantOutcome::kNothingToGrant, 100);
  earn(2);
  not_leased(GrantOutcome::kNothingToGrant, 9);
  not_leased(GrantOutcome::kNothingToGrant, 0);
  not_leased(GrantOutcome::kNothingToGrant, -5);
  leased(10);
}

TEST(LedgerGrants, Lease_TakesOnlyLotsThatOutliveIt) {
  world.policy.offline.lease_days = 40;
  world.policy.program.lot_life_days = 2;  // To the end of the month.
  earn(400);
  world.policy.program.lot_life_days = 365;
  earn(600);
  const RightId right = leased(500);
  LONGS_EQUAL(1, world.rights.at(right).lots.size());
  CHECK_TRUE(world.rights.at(right).lots[0].ref.expires_on ==
             world.lots_of(member).back().ref.expires_on);
  LONGS_EQUAL(400, world.lots_of(member).front().points.value);
}

TEST(LedgerGrants, SpendUnderALease_IsPaidOutOfIt) {
  earn(1'000);
  const RightId right = leased(300);
  CHECK_TRUE(world.is_posted(spend(120, RightKind::kLease, right)));
  LONGS_EQUAL(180, held());
  LONGS_EQUAL(700, world.available_of(member));
  LONGS_EQUAL(180, world.rights.at(right).open().value);
}

TEST(LedgerGrants, SpendAtAnotherTillOfTheStore_IsPaidOutOfTheLease) {
  earn(1'000);
  const RightId right = leased(300);
  auto fact = spend(120, RightKind::kLease, right);
  fact.header.id.terminal = LedgerWorld::kOtherTill;
  CHECK_TRUE(world.is_posted(fact));
  LONGS_EQUAL(180, held());
}

TEST(LedgerGrants, SpendInAnotherStore_IsNobodysGrant) {
  earn(1'000);
  const RightId right = leased(300);
  CHECK_TRUE(world.post(spend(120, RightKind::kLease, right), LedgerWorld::kOtherStore).kind ==
             Disposition::Kind::kPosted);
  LONGS_EQUAL(300, held());
  LONGS_EQUAL(-120, world.balance(suspense(LedgerWorld::kOtherStore)));
}

TEST(LedgerGrants, SpendOfAnotherMemberEpochOrKind_IsNobodysGrant) {
  earn(1'000);
  world.enrol_card("thief");
  const RightId right = leased(300);
  CHECK_TRUE(world.is_posted(spend(10, RightKind::kLease, right, 1, Epoch{1}, "thief")));
  CHECK_TRUE(world.is_posted(spend(20, RightKind::kLease, right, 2, Epoch{2})));
  CHECK_TRUE(world.is_posted(spend(30, RightKind::kBudget, right, 3)));
  CHECK_TRUE(world.is_posted(spend(40, RightKind::kSlice, right, 4)));
  LONGS_EQUAL(300, held());
  LONGS_EQUAL(700, world.available_of(member));
  LONGS_EQUAL(-100, suspense_now());
}

TEST(LedgerGrants, SpendBeyondTheLease_IsNeverTheMembers) {
  earn(1'000);
  const RightId right = leased(300);
  CHECK_TRUE(world.is_posted(spend(200, RightKind::kLease, right, 1)));
  CHECK_TRUE(world.is_posted(spend(200, RightKind::kLease, right, 2)));
  LONGS_EQUAL(0, held());
  LONGS_EQUAL(700, world.available_of(member));
  LONGS_EQUAL(-100, suspense_now());
}

TEST(LedgerGrants, LeaseOfAMergedMember_StillPays) {
  earn(1'000);
  const MemberId living = world.enrol_card("other");
  const RightId right = leased(300);
  world.members.at(member).row.alias_of = living;
  world.cards.at("card").member = living;
  CHECK_TRUE(world.is_posted(spend(120, RightKind::kLease, right)));
  LONGS_EQUAL(180, held());
  LONGS_EQUAL(0, world.balance(risk(LedgerWorld::kStore)));
}

TEST(LedgerGrants, ReturnOfAnUnusedLease_AllComesBackIntoItsLots) {
  earn(1'000);
  const RightId right = leased(300);
  CHECK_TRUE(give_back(right, 300) == ReturnOutcome::kReturned);
  LONGS_EQUAL(1'000, world.available_of(member));
  LONGS_EQUAL(0, held());
  LONGS_EQUAL(1, world.lots_of(member).size());
  CHECK_TRUE(give_back(right, 300) == ReturnOutcome::kEnded);
}

TEST(LedgerGrants, ReturnBeforeItsSalesAreSettled_Waits) {
  earn(1'000);
  const RightId right = leased(300);
  CHECK_TRUE(give_back(right, 180, {world.sale(1)}) == ReturnOutcome::kWaits);
  LONGS_EQUAL(300, held());
  CHECK_TRUE(world.is_posted(spend(120, RightKind::kLease, right)));
  CHECK_TRUE(give_back(right, 180, {world.sale(1)}) == ReturnOutcome::kReturned);
  LONGS_EQUAL(880, world.available_of(member));
  LONGS_EQUAL(0, suspense_now());
}

TEST(LedgerGrants, ReturnAfterAnApprovedSaleWasReversed_ItsPointsComeBackToo) {
  earn(1'000);
  const RightId right = leased(300);
  CHECK_TRUE(world.is_posted(world.make(record::Reversal{}, "", world.sale(1))));
  CHECK_TRUE(give_back(right, 180, {world.sale(1)}) == ReturnOutcome::kReturned);
  LONGS_EQUAL(1'000, world.available_of(member));
}

TEST(LedgerGrants, ReturnOfMoreThanTheRecordsLeave_WaitsForAPerson) {
  earn(1'000);
  const RightId right = leased(300);
  CHECK_TRUE(world.is_posted(spend(120, RightKind::kLease, right)));
  CHECK_TRUE(give_back(right, 300) == ReturnOutcome::kReturned);
  LONGS_EQUAL(700, world.available_of(member));
  LONGS_EQUAL(0, held());
  LONGS_EQUAL(180, suspense_now());
}

TEST(LedgerGrants, ReturnByAnotherHolderOrOfAnotherRight_Refused) {
  earn(1'000);
  const RightId right = leased(300);
  const AskResult hold = world.ask(world.sale(9), "card", 50);
  CHECK_TRUE(give_back(right, 300, {}, kStandby) == ReturnOutcome::kRefused);
  CHECK_TRUE(give_back(right, 300, {}, kNextEpoch) == ReturnOutcome::kRefused);
  CHECK_TRUE(give_back(right, 300, {}, kElsewhere) == ReturnOutcome::kRefused);
  CHECK_TRUE(give_back(right, 301) == ReturnOutcome::kRefused);
  CHECK_TRUE(give_back(right, -1) == ReturnOutcome::kRefused);
  CHECK_TRUE(give_back(hold.right, 50) == ReturnOutcome::kRefused);
  CHECK_TRUE(give_back(RightId{99}, 10) == ReturnOutcome::kRefused);
  LONGS_EQUAL(350, held());
}

TEST(LedgerGrants, LeaseAfterTheReturn_IsANewOne) {
  earn(1'000);
  const RightId first = leased(300);
  CHECK_TRUE(give_back(first, 300) == ReturnOutcome::kReturned);
  CHECK_TRUE(leased(300, kStandby) > first);
}

TEST(LedgerGrants, SpendAfterTheReturn_IsTheMembersThenRisk) {
  earn(1'000);
  const RightId right = leased(300);
  CHECK_TRUE(give_back(right, 300) == ReturnOutcome::kReturned);
  CHECK_TRUE(world.is_posted(world.redemption("card", 900, world.sale(5))));
  CHECK_TRUE(world.is_posted(spend(300, RightKind::kLease, right, 6)));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(-200, risk_now());
  earn(250);
  LONGS_EQUAL(0, risk_now());
  LONGS_EQUAL(50, world.available_of(member));
}

TEST(LedgerGrants, Fence_GivesBackOnceAndALateUseIsTheMembersThenRisk) {
  earn(600);
  const RightId right = leased(300);
  CHECK_TRUE(world.is_posted(spend(100, RightKind::kLease, right)));
  CHECK_TRUE(fence_now(right));
  LONGS_EQUAL(500, world.available_of(member));
  CHECK_FALSE(fence_now(right));
  CHECK_TRUE(give_back(right, 200) == ReturnOutcome::kEnded);
  CHECK_TRUE(world.is_posted(world.redemption("card", 450, world.sale(5))));
  CHECK_TRUE(world.is_posted(spend(200, RightKind::kLease, right, 6)));
  LONGS_EQUAL(-150, risk_now());
  CHECK_TRUE(world.is_posted(spend(70, RightKind::kLease, right, 7)));
  LONGS_EQUAL(-70, suspense_now());
}

TEST(LedgerGrants, FenceOfAHoldOrOfNothing_DoesNothing) {
  earn(600);
  const AskResult hold = world.ask(world.sale(9), "card", 50);
  CHECK_FALSE(fence_now(hold.right));
  CHECK_FALSE(fence_now(RightId{99}));
  LONGS_EQUAL(50, held());
}

TEST(LedgerGrants, Budget_MovesNoPointsAndBoundsTheRisk) {
  const GrantResult first = budget();
  CHECK_TRUE(first.outcome == GrantOutcome::kGranted);
  LONGS_EQUAL(600, world.rights.at(first.right).granted.value);
  CHECK_TRUE(world.transfers.empty());
  const GrantResult second = budget(first.right);
  LONGS_EQUAL(400, world.rights.at(second.right).granted.value);
  CHECK_TRUE(budget(second.right).outcome == GrantOutcome::kNothingToGrant);
}

TEST(LedgerGrants, BudgetWhoseGrantWasLost_IsGivenAgain) {
  const GrantResult first = budget();
  CHECK_TRUE(budget().right == first.right);
  const GrantResult second = budget(first.right);
  CHECK_TRUE(budget(first.right).right == second.right);
  LONGS_EQUAL(2, world.rights.size());
}

TEST(LedgerGrants, BudgetsOfTwoGateways_ShareTheStoresLimit) {
  budget();
  const GrantResult standby = budget({}, kStandby);
  LONGS_EQUAL(400, world.rights.at(standby.right).granted.value);
  LONGS_EQUAL(600, world.rights.at(budget({}, kElsewhere).right).granted.value);
}

TEST(LedgerGrants, BudgetThatMembersPaid_IsRefilled) {
  earn(1'000);
  const RightId first = budget().right;
  const RightId second = budget(first).right;
  CHECK_TRUE(world.is_posted(spend(250, RightKind::kBudget, first)));
  LONGS_EQUAL(750, world.available_of(member));
  LONGS_EQUAL(0, risk_now());
  const GrantResult refill = budget(second);
  LONGS_EQUAL(250, world.rights.at(refill.right).granted.value);
}

TEST(LedgerGrants, BudgetThatNobodyPaid_IsRiskAndNotRefilled) {
  const RightId first = budget().right;
  const RightId second = budget(first).right;
  CHECK_TRUE(world.is_posted(spend(250, RightKind::kSlice, first)));
  LONGS_EQUAL(-250, risk_now());
  LONGS_EQUAL(0, suspense_now());
  CHECK_TRUE(budget(second).outcome == GrantOutcome::kNothingToGrant);
  earn(250);  // Covers it.
  LONGS_EQUAL(250, world.rights.at(budget(second).right).granted.value);
}

TEST(LedgerGrants, SpendBeyondTheBudgetOrOfAnotherStore_IsSuspense) {
  const RightId first = budget().right;
  const RightId other = budget({}, kElsewhere).right;
  CHECK_TRUE(world.is_posted(spend(700, RightKind::kBudget, first, 1)));
  LONGS_EQUAL(-600, risk_now());
  LONGS_EQUAL(-100, suspense_now());
  CHECK_TRUE(world.is_posted(spend(50, RightKind::kBudget, other, 2)));
  LONGS_EQUAL(-150, suspense_now());
  CHECK_TRUE(world.is_posted(spend(50, RightKind::kLease, other, 3)));
  LONGS_EQUAL(-200, suspense_now());
}

TEST(LedgerGrants, FencedBudget_StaysInTheStoresRiskUntilUsed) {
  const RightId first = budget().right;
  CHECK_TRUE(fence_now(first));
  LONGS_EQUAL(400, world.rights.at(budget({}, kNextEpoch).right).granted.value);
  earn(600);
  CHECK_TRUE(world.is_posted(spend(600, RightKind::kBudget, first)));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(0, risk_now());
}

TEST(LedgerGrants, FencedLease_CountsInTheStoresRisk) {
  earn(1'200);
  CHECK_TRUE(fence_now(leased(600)));
  LONGS_EQUAL(400, world.rights.at(budget().right).granted.value);
}

TEST(LedgerGrants, SizeLeases_MostVisitedStoresShareByVisits) {
  OfflinePolicy policy;
  const auto sizes = size_leases(
      Points{10'001}, {{StoreId{4}, 1}, {StoreId{3}, 2}, {StoreId{2}, 3}, {StoreId{1}, 2}}, policy);
  LONGS_EQUAL(3, sizes.size());
  CHECK_TRUE(sizes[0] == (LeaseSize{StoreId{2}, Points{2'143}}));
  CHECK_TRUE(sizes[1] == (LeaseSize{StoreId{1}, Points{1'429}}));
  CHECK_TRUE(sizes[2] == (LeaseSize{StoreId{3}, Points{1'428}}));
}

TEST(LedgerGrants, SizeLeasesOfLittleOrNoVisits_NoneBelowTheMinimum) {
  OfflinePolicy policy;
  CHECK_TRUE(size_leases(Points{10'000}, {}, policy).empty());
  CHECK_TRUE(size_leases(Points{10'000}, {{StoreId{1}, 0}}, policy).empty());
  CHECK_TRUE(size_leases(Points{0}, {{StoreId{1}, 4}}, policy).empty());
  CHECK_TRUE(size_leases(Points{-10}, {{StoreId{1}, 4}}, policy).empty());
  CHECK_TRUE(size_leases(Points{199}, {{StoreId{1}, 4}}, policy).empty());
  LONGS_EQUAL(1, size_leases(Points{300}, {{StoreId{1}, 9}, {StoreId{2}, 1}}, policy).size());
  CHECK_TRUE(size_leases(Points{kAmountMax}, {{StoreId{1}, 9}}, policy)[0].points ==
             policy.lease_points_max);
}
