#include "core/right/grant.hpp"

#include <functional>

#include "tests/core/crypto/key_pem.hpp"
#include "tests/core/right/right_rig.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::test;
using right::Grant;
using right::SignedGrant;

TEST_GROUP(RightGrant) {
  Grant lease = lease_of(0x0102030405060708, 1'200, MemberId{0x0a0b0c0d});
  Grant budget = budget_of(9, 20'000);
};

// The vector of docs/formats/right.md. The key is that of RFC 6979, appendix A.2.5.
TEST(RightGrant, GoldenVector_BytesAndSignatureStay) {
  lease.txn_points_max = Points{600};
  STRCMP_EQUAL(
      "74616c6c79737469636b207269676874206772616e74207631"
      "02"
      "0102030405060708"
      "0000000b"
      "00000003"
      "00000005"
      "00000000000004b0"
      "000000000a0b0c0d"
      "0000000000000258"
      "0000000000000000"
      "0000000000000000"
      "000000000f731400"
      "00000004",
      to_hex(right::signed_bytes(lease)).c_str());
  SeededRandom random{7};
  const auto key = crypto::P256KeyPair::from_pem(
      key_pem("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
              "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
              "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"),
      random);
  CHECK(key.has_value());
  STRCMP_EQUAL(
      "fa9f964adc4f52620da6fa2165441e8e015f86327ddfc177a3dbb7e62559f58c61933908a5da4730905b0fe3759e"
      "17a96b2282b4be2c38a404f60934285535d1",
      to_hex(right::sign(lease, *key, random).signature).c_str());
}

TEST(RightGrant, LeaseAndBudget_VerifyUnderTheOasKey) {
  CHECK_TRUE(right::verify(signed_by_oa(lease), oa_key().public_key()).has_value());
  CHECK_TRUE(right::verify(signed_by_oa(budget), oa_key().public_key()).has_value());
}

TEST(RightGrant, AnotherKey_IsDenied) {
  SeededRandom random{99};
  const auto other = crypto::P256KeyPair::generate(random);
  const Status verdict = right::verify(right::sign(lease, other, random), oa_key().public_key());
  CHECK_TRUE(verdict.error().code == Errc::kDenied);
}

TEST(RightGrant, AnyFieldChanged_IsDenied) {
  const std::function<void(Grant&)> changes[] = {[](Grant& g) { g.id = RightId{g.id.value + 1}; },
                                                 [](Grant& g) { g.gateway = GatewayId{12}; },
                                                 [](Grant& g) { g.store = StoreId{4}; },
                                                 [](Grant& g) { g.epoch = Epoch{6}; },
                                                 [](Grant& g) { g.points += Points{1}; },
                                                 [](Grant& g) { g.member = MemberId{78}; },
                                                 [](Grant& g) { g.txn_points_max += Points{1}; },
                                                 [](Grant& g) { g.lifetime.ms += 1; },
                                                 [](Grant& g) { g.program = ProgramVersion{5}; }};
  for (const auto& change : changes) {
    SignedGrant signed_grant = signed_by_oa(lease);
    change(signed_grant.grant);
    CHECK_TRUE(right::verify(signed_grant, oa_key().public_key()).error().code == Errc::kDenied);
  }
  for (const auto& change : {+[](Grant& g) { g.member_points_max += Points{1}; },
                             +[](Grant& g) { g.slice_points_max += Points{1}; }}) {
    SignedGrant signed_grant = signed_by_oa(budget);
    change(signed_grant.grant);
    CHECK_TRUE(right::verify(signed_grant, oa_key().public_key()).error().code == Errc::kDenied);
  }
}

TEST(RightGrant, FieldsThatDoNotBelongTogether_AreInvalid) {
  const std::function<void(Grant&)> of_any[] = {
      [](Grant& g) { g.id = RightId{}; },
      [](Grant& g) { g.gateway = GatewayId{}; },
      [](Grant& g) { g.store = StoreId{}; },
      [](Grant& g) { g.epoch = Epoch{}; },
      [](Grant& g) { g.points = Points{0}; },
      [](Grant& g) { g.points = Points{kAmountMax + 1}; },
      [](Grant& g) { g.txn_points_max = Points{0}; },
      [](Grant& g) { g.lifetime = Duration{0}; },
      [](Grant& g) { g.lifetime = Duration{right::kLifetimeMax.ms + 1}; },
      [](Grant& g) { g.kind = RightKind::kHold; },
      [](Grant& g) { g.kind = RightKind::kSlice; }};
  for (const auto& change : of_any) {
    for (Grant grant : {lease, budget}) {
      change(grant);
      CHECK_FALSE(right::is_well_formed(grant));
      CHECK_TRUE(right::verify({grant, {}}, oa_key().public_key()).error().code == Errc::kInvalid);
    }
  }
  lease.slice_points_max = Points{1};
  CHECK_FALSE(right::is_well_formed(lease));
  lease = lease_of(1, 100, MemberId{});
  CHECK_FALSE(right::is_well_formed(lease));
  budget.member = kMember;
  CHECK_FALSE(right::is_well_formed(budget));
  budget = budget_of(9, 20'000);
  budget.slice_points_max = Points{20'001};
  CHECK_FALSE(right::is_well_formed(budget));
}
