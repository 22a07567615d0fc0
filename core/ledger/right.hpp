// The right: a numbered grant of points that may be spent in one place (docs/architecture.md,
// "Rights"). One state machine serves hold, lease, budget and slice:
//
//   GRANTED ──return_rest──▶ RETURNED        a spend that arrives later is a fact all the same:
//      └──────fence─────────▶ FENCED         the member pays, then the store's RISK
//
// A point's right to be spent is in exactly one place: available, a right, or a record (G1). Use is
// gross: nothing that is undone later comes back into the right (G2). Pure values; nothing is
// durable until the caller has stored the right together with the transfers it made of the parts.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/amount.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/ledger/lot.hpp"

namespace tally::ledger {

/// Values are those of the tables.
enum class RightState : std::uint8_t { kGranted = 1, kReturned = 2, kFenced = 3 };

struct Right {
  RightId id;  ///< Rising for each grantor and holder, never reused.
  RightKind kind = RightKind::kHold;
  RightState state = RightState::kGranted;
  Role holder_role = Role::kTerminal;
  std::uint32_t holder = 0;  ///< Terminal or gateway number.
  StoreId store;
  Epoch epoch;
  Points granted;
  Points used;            ///< By applied records, whether in time or late; never above `granted`.
  MemberId member;        ///< None for a budget.
  SaleId sale;            ///< Hold only.
  std::vector<Lot> lots;  ///< What its ESCROW still holds, in spending order (hold and lease).
  WallTime granted_at;
  ProgramVersion program;

  /// Points its ESCROW still holds.
  Points escrowed() const;

  /// Points that may still be spent under it, or were and nobody has heard of it yet.
  Points open() const { return granted - used; }
};

/// What a spend under a right is paid from; the three add up to what was asked.
struct SpendParts {
  std::vector<Lot> in_time;  ///< Out of ESCROW.
  Points from_member;        ///< Granted, but nothing is set aside for it: given back since, or a
                             ///< budget. The member pays, then RISK.
  Points beyond;             ///< Never granted: SUSPENSE, never the member.
};

/// A record spends `points` (above zero) under the right.
SpendParts spend(Right& right, Points points);

/// Ends a granted right: what is left goes back. Nothing when it has ended already.
std::vector<Lot> return_rest(Right& right);

/// Ends a granted right that its holder can no longer be asked about. Nothing when it has ended
/// already.
std::vector<Lot> fence(Right& right);

/// What comes back of a right whose end is proved: every use up to it is applied or put aside (G3).
struct ReturnParts {
  std::vector<Lot> to_grantor;  ///< Back into AVAILABLE.
  std::vector<Lot> in_doubt;    ///< SUSPENSE of the store, for a person.
};

/// Ends a granted right on the holder's word, checked against the uses that arrived (G4): what its
/// ESCROW still holds comes back, not what the holder says. It may be more, since use is gross at
/// the holder and a sale that was reversed used nothing here. When more was used than the holder
/// says it approved, all of the rest is in doubt. Nothing when the right has ended already.
ReturnParts settle_return(Right& right, Points stated_unspent);

/// For how long the holder may append uses, on its own boot time (G5).
struct RightLifetime {
  BootTime received_at;  ///< In the boot in which it is used; a right does not outlive the boot.
  Duration lifetime;
  Duration margin;  ///< Taken off the lifetime: clocks drift.
};

/// Whether a use may still be appended at `now`; asked again after the sync. Never before the right
/// was received: then the boot is another one.
bool may_spend_at(const RightLifetime& life, BootTime now);

}  // namespace tally::ledger
