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
  LONGS_EQUAL(0, parts.late.value);
  LONGS_EQUAL(30, parts.beyond.value);
  LONGS_EQUAL(100, right.used.value);
  LONGS_EQUAL(5, spend(right, Points{5}).beyond.value);
}

TEST(LedgerRight, SpendAfterReturn_IsLateUpToTheGrant) {
  LONGS_EQUAL(2, return_rest(right).size());
  LONGS_EQUAL(0, right.escrowed().value);
  const SpendParts parts = spend(right, Points{120});
  CHECK_TRUE(parts.in_time.empty());
  LONGS_EQUAL(100, parts.late.value);
  LONGS_EQUAL(20, parts.beyond.value);
}

TEST(LedgerRight, SpendAfterFence_IsLateUpToWhatWasNotUsedBefore) {
  spend(right, Points{80});
  LONGS_EQUAL(1, fence(right).size());
  CHECK_TRUE(right.state == RightState::kFenced);
  const SpendParts parts = spend(right, Points{50});
  LONGS_EQUAL(20, parts.late.value);
  LONGS_EQUAL(30, parts.beyond.value);
}

TEST(LedgerRight, EndTwice_GivesNothingTheSecondTime) {
  LONGS_EQUAL(2, return_rest(right).size());
  CHECK_TRUE(return_rest(right).empty());
  CHECK_TRUE(fence(right).empty());
  CHECK_TRUE(right.state == RightState::kReturned);
}
