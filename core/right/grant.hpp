// A grant: what the OA signs when it gives a lease or a budget to a gateway
// (docs/formats/right.md). A gateway shows it to its terminals, who trust the OA's signature and
// not the gateway. Pure values.
#pragma once

#include <cstdint>

#include "core/base/amount.hpp"
#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/crypto/p256.hpp"
#include "core/record/record.hpp"

namespace tally::right {

/// The longest lifetime of a grant.
inline constexpr Duration kLifetimeMax{std::int64_t{366} * 24 * 3600 * 1'000};

struct Grant {
  RightKind kind = RightKind::kLease;  ///< Lease or budget.
  RightId id;                          ///< Rising for each gateway within an epoch.
  GatewayId gateway;                   ///< Its holder.
  StoreId store;
  Epoch epoch;
  Points points;
  MemberId member;           ///< Lease only.
  Points txn_points_max;     ///< In one sale.
  Points member_points_max;  ///< Budget only: for one member, in one epoch, at this gateway.
  Points slice_points_max;   ///< Budget only: at one terminal; 0: no terminal gets any.
  Duration lifetime;         ///< Since receipt: how long its holder may spend.
  ProgramVersion program;
  bool operator==(const Grant&) const = default;
};

struct SignedGrant {
  Grant grant;
  crypto::Signature signature{};
  bool operator==(const SignedGrant&) const = default;
};

/// Whether the fields make sense together: a lease names a member and has no budget's limits, a
/// budget names none; every amount is in its range.
bool is_well_formed(const Grant& grant);

inline constexpr std::size_t kGrantBytes = 98;

/// What is signed. Every grant has one such form, and no other thing the OA signs has any.
ByteArray<kGrantBytes> signed_bytes(const Grant& grant);

SignedGrant sign(const Grant& grant, const crypto::P256KeyPair& oa, crypto::RandomSource& random);

/// Errors: kInvalid when it is not well formed or `oa_key` is no key, kDenied when the signature is
/// not the OA's over exactly this grant.
Status verify(const SignedGrant& signed_grant, const crypto::PublicKey& oa_key);

}  // namespace tally::right
