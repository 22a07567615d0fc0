// Refunds, whole, in parts and again; voids and reversals among them: together they cancel at most
// the original (I8), whatever the order and the split.
#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "tests/core/ledger/ledger_world.hpp"

using namespace tally;
using namespace tally::ledger;

TEST_GROUP(LedgerRefund) {
  LedgerWorld world;
  MemberId member;

  void setup() override {
    member = world.enrol_card("card");
  }

  void restart() {
    world = LedgerWorld{};
    member = world.enrol_card("card");
  }
  record::Record refund_of(const record::Record& original,
                           std::int64_t returned,
                           std::int64_t whole = 10'000,
                           TerminalId till = LedgerWorld::kTill) {
    return world.make(
        record::Refund{original.header.id, Money{returned}, Money{whole}, 1}, "", {}, till);
  }
  record::Record reversal_of(const record::Record& original) {
    return world.make(record::Reversal{original.header.id, record::ReversalReason::kNeverShown});
  }
  std::int64_t suspense_now() const {
    return world.balance(suspense(LedgerWorld::kStore));
  }
  /// Points of the original that cancellations have given back or taken, without the excess.
  std::int64_t cancelled_of(const record::Record& original) const {
    std::int64_t sum = 0;
    for (const auto& [id, txn] : world.txns) {
      const auto about = world.txns.find(txn.about);
      if (about != world.txns.end() && about->second.record == original.header.id) {
        sum += std::abs(txn.points.value);
      }
    }
    return sum;
  }
};

TEST(LedgerRefund, AccrualInTwoPartsOfEverySize_AddUpToTheWhole) {
  for (std::int64_t points = 1; points <= 40; ++points) {
    for (std::int64_t first = 400; first < 10'000; first += 400) {
      restart();
      const auto sale = world.accrual("card", points);
      world.post(sale);
      world.post(refund_of(sale, first));
      CHECK_TRUE(world.available_of(member) >= 0);
      world.post(refund_of(sale, 10'000 - first));
      LONGS_EQUAL(0, world.available_of(member));
      LONGS_EQUAL(0, suspense_now());
    }
  }
}

TEST(LedgerRefund, RedemptionOverThreeLotsInParts_EachLotEndsAsItWas) {
  for (const std::int64_t points : {37, 11, 20}) {
    world.post(world.accrual("card", points));
    world.time.today = BusinessDay{world.time.today.days + 40};
  }
  const auto before = world.lots_of(member);
  LONGS_EQUAL(3, before.size());
  const auto spent = world.redemption("card", 68);
  world.post(spent);
  for (const std::int64_t part : {3'333, 1, 2'999, 3'667}) {
    world.post(refund_of(spent, part));
  }
  CHECK_TRUE(world.lots_of(member) == before);
  LONGS_EQUAL(0, world.balance(redeemed(LedgerWorld::kStore)));
}

TEST(LedgerRefund, PartOverTwoLots_LargestRemainderDecidesTheOddPoint) {
  world.post(world.accrual("card", 30));
  world.time.today = BusinessDay{world.time.today.days + 40};
  world.post(world.accrual("card", 60));
  const auto spent = world.redemption("card", 90);
  world.post(spent);
  // 50 points: 16⅔ and 33⅓.
  world.post(refund_of(spent, 5'556, 10'000));
  const auto lots = world.lots_of(member);
  LONGS_EQUAL(17, lots[0].points.value);
  LONGS_EQUAL(33, lots[1].points.value);
}

TEST(LedgerRefund, WithoutABill_TheOriginalsBillCounts) {
  const auto sale = world.accrual("card", 100, {}, 20'000);
  world.post(sale);
  CHECK_TRUE(world.is_posted(refund_of(sale, 5'000, 0)));
  LONGS_EQUAL(75, world.available_of(member));
  CHECK_TRUE(world.is_posted(refund_of(sale, 0, 0)));
  LONGS_EQUAL(0, world.available_of(member));
}

TEST(LedgerRefund, SaleThatRedeemedAndEarned_BothHalvesInProportion) {
  world.post(world.accrual("card", 1'000));
  // A bill of 100.00, 20.00 of it in points; 80 points earned on the rest.
  const auto spent = world.redemption("card", 200, world.sale(1));
  const auto earned = world.accrual("card", 80, world.sale(1), 8'000);
  world.post(spent);
  world.post(earned);
  LONGS_EQUAL(880, world.available_of(member));
  // Half of the goods come back: half of the points, half of what was earned.
  world.post(refund_of(spent, 5'000, 10'000));
  world.post(refund_of(earned, 4'000, 8'000));
  LONGS_EQUAL(880 + 100 - 40, world.available_of(member));
  world.post(refund_of(spent, 5'000, 10'000));
  world.post(refund_of(earned, 4'000, 8'000));
  LONGS_EQUAL(1'000, world.available_of(member));
  LONGS_EQUAL(0, suspense_now());
}

TEST(LedgerRefund, TenderPaidWhollyInPoints_ComesBackInPoints) {
  world.post(world.accrual("card", 10'000));
  auto spent = world.redemption("card", 10'000);
  std::get<record::Redemption>(spent.business).discount = Money{10'000};
  world.post(spent);
  LONGS_EQUAL(0, world.available_of(member));
  world.post(refund_of(spent, 2'500));
  LONGS_EQUAL(2'500, world.available_of(member));
}

TEST(LedgerRefund, PartBeforeItsOriginal_WaitsAndCountsAsPart) {
  const auto sale = world.accrual("card", 37);
  world.post(refund_of(sale, 3'000));
  world.post(refund_of(sale, 5'000));
  LONGS_EQUAL(0, world.available_of(member));
  world.post(sale);
  LONGS_EQUAL(8, world.available_of(member));
  world.post(refund_of(sale, 2'000));
  LONGS_EQUAL(0, world.available_of(member));
  LONGS_EQUAL(0, suspense_now());
}

TEST(LedgerRefund, SameRecordTwiceBeforeAndAfterItsOriginal_CountsOnce) {
  const auto sale = world.accrual("card", 100);
  const auto part = refund_of(sale, 3'000);
  world.post(part);
  CHECK_TRUE(world.post(part).kind == Disposition::Kind::kDuplicate);
  world.post(sale);
  CHECK_TRUE(world.post(part).kind == Disposition::Kind::kDuplicate);
  LONGS_EQUAL(70, world.available_of(member));
}

TEST(LedgerRefund, WaitingRefundOfAnotherStore_NeverTouchesTheSale) {
  const auto sale = world.accrual("card", 100);
  world.post(refund_of(sale, 3'000), LedgerWorld::kOtherStore);
  world.post(refund_of(sale, 2'000));
  world.post(sale);
  LONGS_EQUAL(80, world.available_of(member));
}

TEST(LedgerRefund, SpentPointsWithoutDebt_TwoPartsTakeTheSameAsTheWhole) {
  for (const bool in_parts : {false, true}) {
    restart();
    world.policy.program.debt_allowed = false;
    const auto sale = world.accrual("card", 100);
    world.post(sale);
    world.post(world.redemption("card", 80));
    if (in_parts) {
      world.post(refund_of(sale, 5'000));
      world.post(refund_of(sale, 5'000));
    } else {
      world.post(refund_of(sale, 10'000));
    }
    LONGS_EQUAL(0, world.available_of(member));
    LONGS_EQUAL(0, world.member(member).debt.value);
    LONGS_EQUAL(-80, suspense_now());
  }
}

TEST(LedgerRefund, VoidRefundsAndReversalInEveryOrder_CancelAtMostTheOriginal) {
  for (const bool is_accrual : {true, false}) {
    for (const std::int64_t split : {1, 3'333, 5'000, 9'999}) {
      std::vector<int> order(5);
      std::iota(order.begin(), order.end(), 0);
      bool first = true;
      std::int64_t expected = 0;
      do {
        restart();
        world.post(world.accrual("card", 150));
        const auto original =
            is_accrual ? world.accrual("card", 101) : world.redemption("card", 101);
        const std::vector<record::Record> facts{original,
                                                world.void_of(original, LedgerWorld::kOtherTill),
                                                refund_of(original, split),
                                                refund_of(original, 10'000 - split),
                                                reversal_of(original)};
        for (const int index : order) {
          world.post(facts[static_cast<std::size_t>(index)]);
        }
        LONGS_EQUAL(101, cancelled_of(original));
        LONGS_EQUAL(150, world.available_of(member));
        LONGS_EQUAL(0, world.member(member).debt.value);
        if (first) {
          expected = suspense_now();
          first = false;
        }
        LONGS_EQUAL(expected, suspense_now());
      } while (std::next_permutation(order.begin(), order.end()));
      LONGS_EQUAL(is_accrual ? -202 : 202, expected);
    }
  }
}
