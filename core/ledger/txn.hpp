// One transaction: what a record, an ask or the office did to the ledger. Its row is the proof that
// the record was posted and the answer to every repeat; rows are never changed but for the running
// figures of what is still left to cancel. Pure values.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/base/amount.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/ledger/account.hpp"
#include "core/ledger/lot.hpp"
#include "core/ledger/outcome.hpp"

namespace tally::ledger {

/// Values are those of the tables; those of records are record::RecordKind's.
enum class TxnKind : std::uint8_t {
  kAccrual = 1,
  kRedemption = 2,
  kVoid = 3,
  kRefund = 4,
  kReversal = 5,
  kEnrolment = 6,
  kNote = 7,
  kGap = 8,
  kShiftClose = 9,
  kHold = 20,
  kRelease = 21,
  kVest = 22,
  kExpire = 23,
  kCorrection = 24,
  kLease = 25,
  kLeaseReturned = 26,
  kLeaseFenced = 27,
  kAdjustment = 30,
  kClear = 31,
  kTransferOut = 32,
  kTransferIn = 33,  ///< Its cause is the transfer out.
  kMergeMove = 34,   ///< Out, and in with the former as its cause.
  kWriteOff = 35,    ///< A record that moves nothing, by decision of the office.
  kClaimFreed = 40,  ///< The stream has passed a claimed receipt: as kVest.
};

/// Which rule's figure a correction puts right; values are those of the tables.
enum class CorrectionRule : std::uint8_t {
  kNone = 0,
  kPointsEarned = 1,  ///< What the bill earns by the program.
};

enum class TxnResult : std::uint8_t {
  kPosted = 1,
  kAwaitsOriginal = 2,  ///< A cancellation that came first; a later transaction names it as cause.
  kNoted = 3,           ///< Moves no points by its nature.
};

/// Pending points that wait for an event instead of a day.
inline constexpr BusinessDay kNeverVests{std::numeric_limits<std::int32_t>::max()};

/// Where points of an accrual or redemption are taken from or go back to when it is cancelled. One
/// of kind kPending is also the record of what waits in PENDING: where to and until when.
struct Source {
  AccountKind kind = AccountKind::kAvailable;  ///< kAvailable, kPending, kRisk or kSuspense.
  StoreId store;                               ///< Of kRisk and kSuspense.
  LotRef lot;                                  ///< Of kAvailable; of kPending without id.
  Points points;                               ///< Still to be given back; above zero.
  BusinessDay vests_on{};                      ///< Of kPending: the first day in AVAILABLE.
  bool operator==(const Source&) const = default;
};

struct Txn {
  TxnId id;
  TxnKind kind = TxnKind::kNote;
  TxnResult result = TxnResult::kPosted;
  MemberId member;                 ///< None when it concerns nobody.
  std::optional<RecordId> record;  ///< The record it posts.
  Mac mac{};                       ///< That record's MAC: equal MAC is equal content.
  SaleId sale;
  StoreId store;
  TerminalId terminal;
  BusinessDay business_day;  ///< The terminal's claim.
  WallTime happened_at;      ///< The terminal's claim; of the ledger's own ones, its time.
  WallTime posted_at;
  Points points;         ///< What it did to the member's points, signed.
  Points balance_after;  ///< AVAILABLE, after it.
  Money bill;
  Money discount;
  TxnId about;  ///< The transaction it cancels or corrects.
  TxnId cause;  ///< What made the ledger post this: the cancellation that had waited for its
                ///< original, the accrual that vests.

  std::vector<Source> sources;      ///< What is left to cancel, by where it goes back to.
  std::int64_t returned_minor = 0;  ///< Of an original: money refunded so far.
  Points corrected;                 ///< Of an original: Σ its corrections, signed.
  CorrectionRule rule = CorrectionRule::kNone;  ///< Of a correction.

  /// What it did to the member's points with all corrections so far, without sign.
  Points whole() const {
    const Points sum = points + corrected;
    return sum < Points{0} ? -sum : sum;
  }

  Points left_to_cancel() const {
    Points sum;
    for (const Source& source : sources) {
      sum += source.points;
    }
    return sum;
  }
};

/// A cancellation that waits: for one record, or for whatever else arrives under a sale id.
struct Tombstone {
  std::optional<RecordId> original;  ///< None: of the whole sale.
  SaleId sale;
  TxnId by;  ///< The cancelling record's transaction.
  TxnKind kind = TxnKind::kReversal;
  StoreId store;                    ///< Of the cancelling record; bears the excess.
  std::int64_t returned_minor = 0;  ///< Refund only.
  std::int64_t whole_minor = 0;     ///< Refund only.
};

/// What is known of a sale id: the first answer given under it and whether a record settled it.
struct Sale {
  SaleId id;
  bool closed = false;
  bool answered = false;
  std::string card_token;  ///< What was asked: another content is a mismatch.
  Points points;
  Money bill;
  ProgramVersion program;
  TerminalId terminal;
  Incarnation incarnation;
  AskOutcome outcome = AskOutcome::kUnavailable;  ///< What was answered.
  RightId right;
  MemberId member;
};

enum class MemberState : std::uint8_t { kActive = 1, kFrozen = 2 };

struct Member {
  MemberId id;
  MemberState state = MemberState::kActive;
  std::string masked_name;
  std::uint32_t tier = 0;
  Points available;  ///< Σ live lots.
  Points held;       ///< Σ ESCROW of this member's rights.
  Points pending;    ///< Σ sources of kind kPending.
  Points debt;       ///< At most zero.
  Points risk;       ///< At most zero: this member's part of RISK.
  LotId last_lot;
  WallTime enrolled_at;
  MemberId alias_of;  ///< The member this one was merged into; none otherwise.
};

/// Values are those of the tables. A record made with a lost or replaced card still posts to its
/// member; nothing is authorised with it.
enum class CardState : std::uint8_t { kActive = 1, kLost = 2, kReplaced = 3 };

/// Points that left one member and have not reached the other (core/ledger/office.hpp).
struct Transit {
  TxnId txn;  ///< The transaction with which they left.
  TxnKind kind = TxnKind::kTransferOut;
  MemberId from;
  MemberId to;
  bool operator==(const Transit&) const = default;
};

/// A till ticket; one accrual each, ever.
struct TicketKey {
  StoreId store;
  Bytes hash;
  auto operator<=>(const TicketKey&) const = default;
};

}  // namespace tally::ledger
