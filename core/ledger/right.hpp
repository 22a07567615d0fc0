// The right: a numbered grant of points that may be spent in one place (docs/architecture.md,
// "Rights"). One state machine serves hold, lease, budget and slice:
//
//   GRANTED ──return_rest──▶ RETURNED        spending never changes the state;
//      └──────fence─────────▶ FENCED         a spend that arrives later is "late"
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
  MemberId member;        ///< None for budget and slice.
  SaleId sale;            ///< Hold only.
  std::vector<Lot> lots;  ///< What its ESCROW still holds, in spending order (hold and lease).
  WallTime granted_at;
  ProgramVersion program;

  /// Points its ESCROW still holds.
  Points escrowed() const;
};

/// What a spend under a right is paid from; the three add up to what was asked.
struct SpendParts {
  std::vector<Lot> in_time;  ///< Out of ESCROW.
  Points late;               ///< Granted once, given back since: a fact the member pays, then RISK.
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

/// Ends a granted right on the holder's word, checked against its own uses (G4): what its ESCROW
/// still holds comes back, not what the holder says. `put_aside` are points of uses that wait in
/// quarantine; they stay in doubt. When the rest is not `stated_rest`, all of it does. Nothing when
/// the right has ended already.
ReturnParts settle_return(Right& right, Points put_aside, Points stated_rest);

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
