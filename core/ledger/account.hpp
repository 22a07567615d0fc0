// The accounts points move between, and the transfers that move them (docs/formats/ledger.md).
// Double entry: a transfer takes from one account what it gives to another, so the sum over all
// accounts is zero at every commit. Pure values.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "core/base/amount.hpp"
#include "core/base/ids.hpp"
#include "core/ledger/lot.hpp"

namespace tally::ledger {

/// Values are those of the tables; 4 and 5 mean nothing (ADR 26). What the owner is stands behind
/// each.
enum class AccountKind : std::uint8_t {
  kIssuance = 1,   ///< Issuing store. Negative: what the program has promised.
  kAvailable = 2,  ///< Member. Never negative.
  kEscrow = 3,     ///< Right (hold, lease). Never negative.
  kPending = 6,    ///< Member. Never negative.
  kDebt = 7,       ///< Member. Never positive: what the member owes.
  kRedeemed = 8,   ///< Accepting store.
  kExpired = 9,    ///< Issuing store.
  kRisk = 10,      ///< Store. Never positive: what it let through and nobody has covered yet.
  kSuspense = 11,  ///< Store. Either sign: what a person has to look at.
  kTransit = 12,   ///< One for all: on the way between two members. Never negative over all shards.
};

/// "available", "escrow", …: the word in logs and reports.
std::string_view name_of(AccountKind kind);

/// Whether a balance of this kind may be below zero.
bool may_be_negative(AccountKind kind);

struct AccountKey {
  AccountKind kind = AccountKind::kIssuance;
  std::int64_t owner = 0;
  auto operator<=>(const AccountKey&) const = default;
};

inline AccountKey issuance(StoreId store) {
  return {AccountKind::kIssuance, store.value};
}
inline AccountKey available(MemberId member) {
  return {AccountKind::kAvailable, member.value};
}
inline AccountKey escrow(RightId right) {
  return {AccountKind::kEscrow, static_cast<std::int64_t>(right.value)};
}
inline AccountKey pending(MemberId member) {
  return {AccountKind::kPending, member.value};
}
inline AccountKey debt(MemberId member) {
  return {AccountKind::kDebt, member.value};
}
inline AccountKey redeemed(StoreId store) {
  return {AccountKind::kRedeemed, store.value};
}
inline AccountKey expired(StoreId issuer) {
  return {AccountKind::kExpired, issuer.value};
}
inline AccountKey risk(StoreId store) {
  return {AccountKind::kRisk, store.value};
}
inline AccountKey suspense(StoreId store) {
  return {AccountKind::kSuspense, store.value};
}
inline AccountKey transit() {
  return {AccountKind::kTransit, 0};
}

/// Why points moved; values are those of the tables.
enum class TransferCode : std::uint8_t {
  kAccrual = 1,
  kRedemption = 2,
  kHold = 3,
  kRelease = 4,
  kCancelAccrual = 5,
  kCancelRedemption = 6,
  kExcess = 7,     ///< A cancellation of more than was left to cancel.
  kRepayRisk = 8,  ///< Later points cover what a store let through for this member.
  kRepayDebt = 9,  ///< Later points cover what this member owes.
  kVest = 10,      ///< Pending points may be spent from now on.
  kExpiry = 11,    ///< The last day of the lot is over.
  kCorrection = 12,
  kLease = 13,     ///< Reserved for a member's visits to one store.
  kReturn = 14,    ///< What a lease did not use, or what nobody can be asked about any more.
  kDoubtful = 15,  ///< What a lease's holder says it has left, though more was used.
  kAdjustment = 30,
  kClear = 31,
  kTransfer = 32,   ///< Out of one member or into the other.
  kMergeMove = 34,  ///< From a merged member to the one it became, or back to cover what it owes.
};

/// One leg of a transaction. `lot` is set whenever a member's lot changes, and on legs of ESCROW;
/// on legs into and out of PENDING it has no id yet.
struct Transfer {
  AccountKey from;
  AccountKey to;
  Points points;  ///< Always above zero.
  TransferCode code = TransferCode::kAccrual;
  LotRef lot;
};

}  // namespace tally::ledger
