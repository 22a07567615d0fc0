// How a terminal judges an approval that its gateway gave under a lease: it believes the OA's
// signature, not the gateway, and never spends more on one lease than the OA granted. Else a lying
// gateway could have one lease spent over and over. Bounded: what is forgotten is refused from then
// on. In memory; at a start it is fed with the redemptions the journal still has. Not thread-safe.
#pragma once

#include <map>

#include "core/right/grant.hpp"
#include "core/right/right_rows.hpp"

namespace tally::right {

/// In order of precedence.
enum class LeaseVerdict : std::uint8_t {
  kSound = 1,
  kNoLease = 2,      ///< The answer names no lease, or another right than the one it shows.
  kForeign = 3,      ///< For another store, or not from this gateway.
  kOtherMember = 4,  ///< The lease is not this member's, or nobody knows who the member is.
  kOtherPoints = 5,  ///< Not what was asked for.
  kForgotten = 6,    ///< So old that nobody here knows what was spent of it.
  kBeyondLease = 7,  ///< More than is left of it, as far as this terminal has spent it.
  kForged = 8,
  kOldEpoch = 9,  ///< Fenced, as a grant the OA signed since, or its fence, says.
};

/// What an answer has to fit.
struct AskedUnderLease {
  GatewayId gateway;
  StoreId store;
  MemberId member;
  Points points;
};

class LeaseMemory {
 public:
  static constexpr std::size_t kLeasesMax = 256;

  explicit LeaseMemory(const crypto::PublicKey& oa_key) : oa_key_(oa_key) {}

  /// Judges the leg of an answer by the lease that came with it. Called before the record is
  /// appended.
  LeaseVerdict check(const record::FundingLeg& leg,
                     const SignedGrant& lease,
                     const AskedUnderLease& asked);

  /// A record with this leg is appended, or was found in the journal. Gross: whatever becomes of
  /// it.
  void note(const record::FundingLeg& leg);

  /// An epoch of the gateway ended.
  void fence(GatewayId gateway, Epoch epoch);

  std::size_t size() const { return spent_.size(); }

 private:
  crypto::PublicKey oa_key_;
  std::map<RightKey, Points> spent_;
  RightKey forgotten_;  ///< Every lease up to this one.
  std::map<GatewayId, Epoch> epochs_;
};

}  // namespace tally::right
