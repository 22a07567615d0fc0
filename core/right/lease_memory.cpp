#include "core/right/lease_memory.hpp"

#include <algorithm>

namespace tally::right {

LeaseVerdict LeaseMemory::check(const record::FundingLeg& leg,
                                const SignedGrant& lease,
                                const AskedUnderLease& asked) {
  const Grant& grant = lease.grant;
  const RightKey key = key_of(grant);
  if (leg.kind != RightKind::kLease || grant.kind != RightKind::kLease || key_of(leg) != key ||
      !is_well_formed(grant)) {
    return LeaseVerdict::kNoLease;
  }
  if (grant.store != asked.store || grant.gateway != asked.gateway) {
    return LeaseVerdict::kForeign;
  }
  if (!asked.member || grant.member != asked.member) {
    return LeaseVerdict::kOtherMember;
  }
  if (leg.points != asked.points || leg.points <= Points{0}) {
    return LeaseVerdict::kOtherPoints;
  }
  const auto spent = spent_.find(key);
  if (spent == spent_.end() && key <= forgotten_) {
    return LeaseVerdict::kForgotten;
  }
  const Points before = spent == spent_.end() ? Points{0} : spent->second;
  if (leg.points > grant.txn_points_max || leg.points > grant.points - before) {
    return LeaseVerdict::kBeyondLease;
  }
  if (!verify(lease, oa_key_)) {
    return LeaseVerdict::kForged;
  }
  Epoch& epoch = epochs_[grant.gateway];
  if (grant.epoch < epoch) {
    return LeaseVerdict::kOldEpoch;
  }
  epoch = grant.epoch;
  return LeaseVerdict::kSound;
}

void LeaseMemory::note(const record::FundingLeg& leg) {
  if (leg.kind != RightKind::kLease || leg.points <= Points{0}) {
    return;
  }
  spent_[key_of(leg)] += leg.points;
  if (spent_.size() > kLeasesMax) {
    const RightKey oldest = spent_.begin()->first;
    forgotten_ = std::max(forgotten_, oldest);
    spent_.erase(spent_.begin());
  }
}

void LeaseMemory::fence(GatewayId gateway, Epoch epoch) {
  Epoch& known = epochs_[gateway];
  known = std::max(known, epoch);
}

}  // namespace tally::right
