// What people at the office do to points and cards: adjust, clear, transfer, replace a card, merge
// two members (docs/formats/ledger.md, "Office acts"). Pure functions on a working set, like
// rules.hpp. Nobody checks their own work: an act that needs a checker names two different people.
// Repeats are told apart by the caller, who keeps the act with its Idempotency-Key in the same
// transaction.
//
// Points between two members travel in two transactions, one for each member's shard:
//
//   AVAILABLE[from] ── transfer out ──▶ TRANSIT ── transfer in ──▶ AVAILABLE[to]
//
// The first leaves a row of the transit queue behind, the second removes it; whoever is interrupted
// between them goes on from the queue.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/ledger/policy.hpp"
#include "core/ledger/working_set.hpp"

namespace tally::ledger {

/// Values are those of the tables.
enum class OfficeActKind : std::uint8_t {
  kAdjust = 1,       ///< Points of a member, up or down.
  kClear = 2,        ///< All available points of a member end.
  kTransfer = 3,     ///< Points from one member to another.
  kReplaceCard = 4,  ///< A card is lost or worn out and another takes its place.
  kMerge = 5,        ///< Two members are one person.
  kDecide = 6,       ///< What becomes of a record in quarantine (core/node/oa_repair.cpp).
};

/// Where cleared points go. Values are those of the tables.
enum class ClearTo : std::uint8_t {
  kExpired = 1,   ///< As if they had expired.
  kIssuance = 2,  ///< As if they had never been promised.
};

/// What becomes of a record in quarantine. Values are those of the tables; 0 is "not decided".
enum class QuarantineDecision : std::uint8_t {
  kPost = 1,      ///< It posts, to the member named and with the points named, if any.
  kWriteOff = 2,  ///< It moves nothing, ever.
};

/// In order of precedence: of two that apply the earlier is given.
enum class ActOutcome : std::uint8_t {
  kDone,
  kKeyReused,  ///< The Idempotency-Key stands for another act.
  kNoSuchAct,
  kActDecided,  ///< It was approved or declined before.
  kNoMaker,     ///< Nobody is named who asks for it.
  kSamePerson,  ///< Maker and checker are one.
  kNoReason,
  kAmountOutOfRange,
  kExpiryOutOfRange,
  kSameMember,
  kUnknownMember,
  kMerged,  ///< The member was merged into another; act on that one.
  kMemberFrozen,
  kUnknownCard,    ///< Nobody, or another member, has the card.
  kCardNotActive,  ///< It was replaced before.
  kCardTaken,
  kNumbersUsedUp,  ///< There is no card number left to be given out.
  kNothingToClear,
  kNotEnoughPoints,
  kNotWaiting,    ///< No record with this number is in quarantine, or it was decided.
  kNotPostable,   ///< This record can only be written off.
  kStillRefused,  ///< It would go into quarantine again.
  kNeedsChecker,  ///< All is well, but a second person has to approve it first.
};

/// "done", "same_person", …: the code of the API and of logs.
std::string_view name_of(ActOutcome outcome);
std::string_view name_of(OfficeActKind kind);

/// One act as its maker asked for it. Which fields count depends on the kind.
struct OfficeAct {
  OfficeActKind kind = OfficeActKind::kAdjust;
  MemberId member;  ///< Adjusted, cleared; transfer: from; card: its owner; merge: the one that
                    ///< becomes an alias; decide: to whom (none: as the record says).
  MemberId other;   ///< Transfer: to; merge: into.
  Points points;    ///< Adjust: signed; transfer; decide: corrected (0: as the record says).
  BusinessDay expires_on = kNoExpiry;  ///< Adjust upwards: the last day of the new points.
  StoreId issuer;                      ///< Adjust: who promised them; none: the office itself.
  ClearTo to = ClearTo::kExpired;
  std::string card;      ///< The old card.
  std::string new_card;  ///< Decided by the caller when the maker named none.
  CardState card_state = CardState::kLost;
  std::int64_t quarantine = 0;  ///< Decide: number of the record.
  QuarantineDecision decision = QuarantineDecision::kPost;
  std::string reason;
  std::string maker;
  std::string checker;  ///< Empty: nobody has approved it yet.
  bool operator==(const OfficeAct&) const = default;
};

struct OfficeResult {
  ActOutcome outcome = ActOutcome::kDone;
  TxnId txn;  ///< kDone, of acts that move points: the (first) transaction.
};

inline constexpr std::size_t kOfficeReasonBytesMax = 200;
inline constexpr std::size_t kOfficeNameBytesMax = 64;

/// What the act says of itself, whatever the ledger holds: reason, people, amounts. kDone when
/// there is nothing against it.
ActOutcome check_shape(const OfficeAct& act, const Policy& policy, BusinessDay today);

/// Whether a second person has to approve the act. `unchecked_today` is what its maker has moved
/// today without one: several small acts count as one.
bool needs_checker(const OfficeAct& act, Points unchecked_today, const Policy& policy);

void plan_office(ReadPlan& plan, const OfficeAct& act);

/// Does the act, or says why not; kNeedsChecker when it is missing only that. Every kind but
/// kDecide. Of a transfer and a merge this is the first half: arrive() and sweep_alias() follow.
OfficeResult perform(WorkingSet& set,
                     const OfficeAct& act,
                     Points unchecked_today,
                     const Policy& policy,
                     const LedgerTime& time);

/// Second half of a transfer or of a sweep: what left under `transit` reaches its member, in lots
/// of the same expiry and issuer. `lots` are those of the first half. Plan: the member.
TxnId arrive(WorkingSet& set,
             const Transit& transit,
             const std::vector<Lot>& lots,
             const LedgerTime& time);

/// Moves what a merged member has available on towards the member it became; when stores have let
/// something through for it, or it owes, the other way round. One transaction with a row of the
/// transit queue; none when there is nothing to move. Plan: both members.
TxnId sweep_alias(WorkingSet& set, MemberId merged, const LedgerTime& time);

}  // namespace tally::ledger
