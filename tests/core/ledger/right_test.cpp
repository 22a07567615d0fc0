#include "core/ledger/right.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::ledger;

TEST_GROUP(LedgerRight) {
  Right right;

  void setup() override {
    right.granted = Points{100};
    right.lots = {{{BusinessDay{10}, StoreId{1}, LotId{1}}, Points{60}},
                  {{BusinessDay{20}, StoreId{1}, LotId{2}}, Points{40}}};
  }
};

TEST(LedgerRight, SpendWithin_TakesLotsInOrder) {
  const SpendParts parts = spend(right, Points{70});
  LONGS_EQUAL(2, parts.in_time.size());
  LONGS_EQUAL(60, parts.in_time[0].points.value);
  LONGS_EQUAL(10, parts.in_time[1].points.value);
  LONGS_EQUAL(30, right.escrowed().value);
  LONGS_EQUAL(70, right.used.value);
  CHECK_TRUE(right.state == RightState::kGranted);
}

TEST(LedgerRight, SpendBeyondTheGrant_IsNeverTheMembers) {
  const SpendParts parts = spend(right, Points{130});
  LONGS_EQUAL(0, parts.from_member.value);
  LONGS_EQUAL(30, parts.beyond.value);
  LONGS_EQUAL(100, right.used.value);
  LONGS_EQUAL(5, spend(right, Points{5}).beyond.value);
}

TEST(LedgerRight, SpendAfterReturn_IsLateUpToTheGrant) {
  LONGS_EQUAL(2, return_rest(right).size());
  LONGS_EQUAL(0, right.escrowed().value);
  const SpendParts parts = spend(right, Points{120});
  CHECK_TRUE(parts.in_time.empty());
  LONGS_EQUAL(100, parts.from_member.value);
  LONGS_EQUAL(20, parts.beyond.value);
}

TEST(LedgerRight, SpendAfterFence_IsLateUpToWhatWasNotUsedBefore) {
  spend(right, Points{80});
  LONGS_EQUAL(1, fence(right).size());
  CHECK_TRUE(right.state == RightState::kFenced);
  const SpendParts parts = spend(right, Points{50});
  LONGS_EQUAL(20, parts.from_member.value);
  LONGS_EQUAL(30, parts.beyond.value);
}

TEST(LedgerRight, EndTwice_GivesNothingTheSecondTime) {
  LONGS_EQUAL(2, return_rest(right).size());
  CHECK_TRUE(return_rest(right).empty());
  CHECK_TRUE(fence(right).empty());
  CHECK_TRUE(right.state == RightState::kReturned);
}

TEST(LedgerRight, SpendUnderABudget_IsTheMembersUpToTheGrant) {
  right.kind = RightKind::kBudget;
  right.lots.clear();
  const SpendParts parts = spend(right, Points{130});
  CHECK_TRUE(parts.in_time.empty());
  LONGS_EQUAL(100, parts.from_member.value);
  LONGS_EQUAL(30, parts.beyond.value);
  LONGS_EQUAL(0, right.open().value);
}

TEST(LedgerRight, ReturnAsStated_AllComesBack) {
  spend(right, Points{70});
  const ReturnParts parts = settle_return(right, Points{30});
  LONGS_EQUAL(1, parts.to_grantor.size());
  LONGS_EQUAL(30, parts.to_grantor[0].points.value);
  CHECK_TRUE(parts.in_doubt.empty());
  CHECK_TRUE(right.state == RightState::kReturned);
}

TEST(LedgerRight, ReturnOfLessThanIsThere_AllThatIsThereComesBack) {
  spend(right, Points{40});
  const ReturnParts parts = settle_return(right, Points{30});  // A sale of 30 was reversed.
  LONGS_EQUAL(60, parts.to_grantor[0].points.value + parts.to_grantor[1].points.value);
  CHECK_TRUE(parts.in_doubt.empty());
}

TEST(LedgerRight, ReturnOfMoreThanIsThere_AllStaysInDoubt) {
  for (const std::int64_t stated : {31, 100}) {
    setup();
    right.used = Points{0};
    right.state = RightState::kGranted;
    spend(right, Points{70});
    const ReturnParts parts = settle_return(right, Points{stated});
    CHECK_TRUE(parts.to_grantor.empty());
    LONGS_EQUAL(1, parts.in_doubt.size());
    LONGS_EQUAL(30, parts.in_doubt[0].points.value);
    CHECK_TRUE(right.state == RightState::kReturned);
  }
}

TEST(LedgerRight, ReturnAfterFence_GivesNothing) {
  fence(right);
  const ReturnParts parts = settle_return(right, Points{100});
  CHECK_TRUE(parts.to_grantor.empty());
  CHECK_TRUE(parts.in_doubt.empty());
  CHECK_TRUE(right.state == RightState::kFenced);
}

TEST(LedgerRight, Lifetime_EndsTheMarginBeforeTheDeadlineAndNeverStartsInAnotherBoot) {
  const RightLifetime life{BootTime{1'000}, Duration{60'000}, Duration{5'000}};
  CHECK_TRUE(may_spend_at(life, BootTime{1'000}));
  CHECK_TRUE(may_spend_at(life, BootTime{55'999}));
  CHECK_FALSE(may_spend_at(life, BootTime{56'000}));
  CHECK_FALSE(may_spend_at(life, BootTime{999}));
  CHECK_FALSE(may_spend_at({BootTime{0}, Duration{1'000}, Duration{5'000}}, BootTime{0}));
}
