#include "core/right/lease_memory.hpp"

#include "tests/core/right/right_rig.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::test;
using right::AskedUnderLease;
using right::LeaseMemory;
using right::LeaseVerdict;
using right::SignedGrant;

TEST_GROUP(RightLeaseMemory) {
  LeaseMemory memory{oa_key().public_key()};
  SignedGrant lease = signed_by_oa(lease_of(20, 1'000));
  AskedUnderLease asked{kGateway, kStore, kMember, Points{400}};

  record::FundingLeg leg(std::int64_t points, std::uint64_t id = 20) {
    return {RightKind::kLease, RightId{id}, kEpoch, Points{points}};
  }
  void expect(LeaseVerdict verdict, const record::FundingLeg& by) {
    LONGS_EQUAL(static_cast<int>(verdict), static_cast<int>(memory.check(by, lease, asked)));
  }
};

TEST(RightLeaseMemory, AnswerThatFits_IsSound) {
  expect(LeaseVerdict::kSound, leg(400));
}

TEST(RightLeaseMemory, LegOfAnotherRight_IsNoLease) {
  expect(LeaseVerdict::kNoLease, leg(400, 21));
  expect(LeaseVerdict::kNoLease, {RightKind::kBudget, RightId{20}, kEpoch, Points{400}});
  expect(LeaseVerdict::kNoLease, {RightKind::kLease, RightId{20}, Epoch{6}, Points{400}});
  lease = signed_by_oa(budget_of(20, 1'000));
  expect(LeaseVerdict::kNoLease, leg(400));
}

TEST(RightLeaseMemory, AbsurdFields_AreNoLease) {
  memory.note(leg(400));
  lease.grant.points = Points{INT64_MIN};
  expect(LeaseVerdict::kNoLease, leg(400));
}

TEST(RightLeaseMemory, OtherStoreOrGateway_IsForeign) {
  asked.store = StoreId{4};
  expect(LeaseVerdict::kForeign, leg(400));
  asked = {GatewayId{12}, kStore, kMember, Points{400}};
  expect(LeaseVerdict::kForeign, leg(400));
}

TEST(RightLeaseMemory, OtherMemberOrNone_IsRefused) {
  asked.member = MemberId{78};
  expect(LeaseVerdict::kOtherMember, leg(400));
  asked.member = MemberId{};
  expect(LeaseVerdict::kOtherMember, leg(400));
}

TEST(RightLeaseMemory, OtherPointsThanAsked_AreRefused) {
  expect(LeaseVerdict::kOtherPoints, leg(399));
  asked.points = Points{0};
  expect(LeaseVerdict::kOtherPoints, leg(0));
}

TEST(RightLeaseMemory, NotSignedByTheOa_IsForged) {
  lease.grant.points = Points{2'000};
  expect(LeaseVerdict::kForged, leg(400));
}

TEST(RightLeaseMemory, NeverMoreOnOneLeaseThanItHolds) {
  memory.note(leg(400));
  expect(LeaseVerdict::kSound, leg(400));
  memory.note(leg(400));
  expect(LeaseVerdict::kBeyondLease, leg(400));
  asked.points = Points{200};
  expect(LeaseVerdict::kSound, leg(200));
  memory.note(leg(200));
  asked.points = Points{1};
  expect(LeaseVerdict::kBeyondLease, leg(1));
}

TEST(RightLeaseMemory, MoreThanOneSaleMayCost_IsRefused) {
  right::Grant grant = lease_of(20, 1'000);
  grant.txn_points_max = Points{399};
  lease = signed_by_oa(grant);
  expect(LeaseVerdict::kBeyondLease, leg(400));
}

TEST(RightLeaseMemory, OlderEpochThanSignedOrFenced_IsRefused) {
  memory.fence(kGateway, Epoch{6});
  expect(LeaseVerdict::kOldEpoch, leg(400));
  memory.fence(kGateway, Epoch{5});
  expect(LeaseVerdict::kOldEpoch, leg(400));
}

TEST(RightLeaseMemory, ForgedNewerEpoch_FencesNothing) {
  SignedGrant forged = lease;
  forged.grant.epoch = Epoch{9};
  memory.check({RightKind::kLease, RightId{20}, Epoch{9}, Points{400}}, forged, asked);
  expect(LeaseVerdict::kSound, leg(400));
  right::Grant newer = lease_of(1, 1'000);
  newer.epoch = Epoch{9};
  CHECK_TRUE(memory.check({RightKind::kLease, RightId{1}, Epoch{9}, Points{400}},
                          signed_by_oa(newer),
                          asked) == LeaseVerdict::kSound);
  expect(LeaseVerdict::kOldEpoch, leg(400));
}

TEST(RightLeaseMemory, WhatIsForgotten_IsRefusedFromThenOn) {
  memory.note(leg(400));
  for (std::uint64_t id = 100; id < 100 + LeaseMemory::kLeasesMax; ++id) {
    memory.note(leg(1, id));
  }
  LONGS_EQUAL(LeaseMemory::kLeasesMax, memory.size());
  expect(LeaseVerdict::kForgotten, leg(400));
  lease = signed_by_oa(lease_of(90, 1'000));
  expect(LeaseVerdict::kSound, leg(400, 90));  // Newer than what was forgotten.
}

TEST(RightLeaseMemory, OtherKindsOfLegs_AreNotCounted) {
  memory.note({RightKind::kHold, RightId{20}, kEpoch, Points{900}});
  memory.note({RightKind::kSlice, RightId{20}, kEpoch, Points{900}});
  expect(LeaseVerdict::kSound, leg(400));
}
