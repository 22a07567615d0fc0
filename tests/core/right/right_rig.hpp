// An OA's key, a gateway's clock and disk, and grants with everything set, for the tests of rights.
#pragma once

#include <algorithm>
#include <map>

#include "core/right/gateway_rights.hpp"

#include "tests/core/crypto/vector.hpp"

namespace tally::test {

inline constexpr GatewayId kGateway{11};
inline constexpr StoreId kStore{3};
inline constexpr Epoch kEpoch{5};
inline constexpr MemberId kMember{77};
inline constexpr StreamId kTill{TerminalId{101}, Incarnation{1}};
inline constexpr BootId kTillBoot{9001};
inline constexpr Duration kDay{std::int64_t{24} * 3600 * 1'000};
inline constexpr Duration kMargin{60'000};

inline const crypto::P256KeyPair& oa_key() {
  static SeededRandom random{41};
  static const crypto::P256KeyPair key = crypto::P256KeyPair::generate(random);
  return key;
}

inline right::SignedGrant signed_by_oa(const right::Grant& grant) {
  SeededRandom random{7};
  return right::sign(grant, oa_key(), random);
}

inline right::Grant lease_of(std::uint64_t id, std::int64_t points, MemberId member = kMember) {
  right::Grant grant;
  grant.kind = RightKind::kLease;
  grant.id = RightId{id};
  grant.gateway = kGateway;
  grant.store = kStore;
  grant.epoch = kEpoch;
  grant.points = Points{points};
  grant.member = member;
  grant.txn_points_max = Points{points};
  grant.lifetime = Duration{3 * kDay.ms};
  grant.program = ProgramVersion{4};
  return grant;
}

inline right::Grant budget_of(std::uint64_t id, std::int64_t points) {
  right::Grant grant = lease_of(id, points, MemberId{});
  grant.kind = RightKind::kBudget;
  grant.member_points_max = Points{points};
  grant.slice_points_max = Points{points / 2};
  return grant;
}

/// A moment `hours` after the gateway's start, at a time that is known to the second.
inline right::Moment at_hour(std::int64_t hours, std::int64_t started_hour = 500'000) {
  const std::int64_t us = (started_hour + hours) * 3'600'000'000;
  return {BootTime{hours * 3'600'000}, WallTime{us - 1'000'000}, WallTime{us + 1'000'000}};
}

/// Limits that let everything through, so that a test sees those of the right.
inline right::OfflineLimits no_limits() {
  return {Points{kAmountMax}, Points{kAmountMax}, Points{kAmountMax}, 1'000'000, 1'000'000, 0};
}

inline right::Attempt attempt_of(std::int64_t points, MemberId member = kMember) {
  right::Attempt attempt;
  attempt.member = member;
  attempt.points = Points{points};
  attempt.code = right::CodeStrength::kSigned;
  attempt.clock_anchored = true;
  attempt.today = BusinessDay{20'000};
  return attempt;
}

inline right::LocalAsk ask_of(std::uint32_t counter,
                              std::int64_t points,
                              MemberId member = kMember,
                              StreamId stream = kTill,
                              BootId boot = kTillBoot) {
  return {make_sale_id(stream.terminal, boot, counter),
          stream,
          member,
          Points{points},
          Money{points * 10, Currency::kCny},
          ProgramVersion{4},
          boot};
}

template <class Key, class Row>
void write_rows(std::vector<Row>& rows, const right::RowChanges<Key, Row>& changes) {
  const auto drop = [&rows](const Key& key) {
    rows.erase(
        std::remove_if(
            rows.begin(), rows.end(), [&key](const Row& row) { return right::key_of(row) == key; }),
        rows.end());
  };
  for (const Key& key : changes.erased) {
    drop(key);
  }
  for (const Row& row : changes.written) {
    drop(right::key_of(row));
    rows.push_back(row);
  }
}

/// What a commit does to the disk.
inline void commit(right::RightRows& disk, const right::RightChanges& changes) {
  if (changes.holder) {
    disk.holder = *changes.holder;
  }
  write_rows(disk.leases, changes.leases);
  write_rows(disk.budgets, changes.budgets);
  write_rows(disk.slices, changes.slices);
  write_rows(disk.approvals, changes.approvals);
  write_rows(disk.sale_marks, changes.sale_marks);
  write_rows(disk.member_uses, changes.member_uses);
}

inline right::GatewayRightsConfig rights_config() {
  right::GatewayRightsConfig config;
  config.gateway = kGateway;
  config.store = kStore;
  config.boot = BootId{31};
  config.oa_key = oa_key().public_key();
  config.limits = no_limits();
  config.margin = kMargin;
  return config;
}

}  // namespace tally::test
