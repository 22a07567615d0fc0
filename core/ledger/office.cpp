#include "core/ledger/office.hpp"

#include "core/base/assert.hpp"
#include "core/ledger/posting.hpp"

namespace tally::ledger {
namespace {

constexpr OfficeResult refused(ActOutcome outcome) {
  return {outcome, TxnId{}};
}

Points magnitude(Points points) {
  return points < Points{0} ? -points : points;
}

Txn header_of(TxnKind kind, MemberId member, const LedgerTime& time) {
  Txn txn;
  txn.kind = kind;
  txn.member = member;
  txn.business_day = time.today;
  txn.happened_at = time.now;
  txn.posted_at = time.now;
  return txn;
}

/// The member an act is about: there, and not merged into another.
ActOutcome check_member(const MemberEntry* entry) {
  if (entry == nullptr) {
    return ActOutcome::kUnknownMember;
  }
  return entry->row.alias_of ? ActOutcome::kMerged : ActOutcome::kDone;
}

/// What stands in the way in the ledger as it is; nothing has been changed yet.
ActOutcome check_state(WorkingSet& set, const OfficeAct& act) {
  const MemberEntry* entry = set.member(act.member);
  if (const ActOutcome outcome = check_member(entry); outcome != ActOutcome::kDone) {
    return outcome;
  }
  const bool two = act.kind == OfficeActKind::kTransfer || act.kind == OfficeActKind::kMerge;
  const MemberEntry* other = two ? set.member(act.other) : nullptr;
  if (two) {
    if (const ActOutcome outcome = check_member(other); outcome != ActOutcome::kDone) {
      return outcome;
    }
  }
  switch (act.kind) {
    case OfficeActKind::kAdjust:
      return act.points < Points{0} && entry->row.available < -act.points
                 ? ActOutcome::kNotEnoughPoints
                 : ActOutcome::kDone;
    case OfficeActKind::kClear:
      return entry->row.available == Points{0} ? ActOutcome::kNothingToClear : ActOutcome::kDone;
    case OfficeActKind::kTransfer:
      if (entry->row.state == MemberState::kFrozen || other->row.state == MemberState::kFrozen) {
        return ActOutcome::kMemberFrozen;
      }
      return entry->row.available < act.points ? ActOutcome::kNotEnoughPoints : ActOutcome::kDone;
    case OfficeActKind::kReplaceCard:
      if (set.member_of_card(act.card) != act.member) {
        return ActOutcome::kUnknownCard;
      }
      if (set.state_of_card(act.card) != CardState::kActive) {
        return ActOutcome::kCardNotActive;
      }
      return set.member_of_card(act.new_card) ? ActOutcome::kCardTaken : ActOutcome::kDone;
    case OfficeActKind::kMerge:
      // A frozen member would be thawed by the back door.
      return entry->row.state == MemberState::kFrozen || other->row.state == MemberState::kFrozen
                 ? ActOutcome::kMemberFrozen
                 : ActOutcome::kDone;
    case OfficeActKind::kDecide:
      break;
  }
  TALLY_ASSERT(false);
  return ActOutcome::kDone;
}

TxnId adjust(WorkingSet& set, const OfficeAct& act, const LedgerTime& time) {
  Txn header = header_of(TxnKind::kAdjustment, act.member, time);
  header.points = act.points;
  header.store = act.issuer;
  Posting posting(set, std::move(header));
  if (act.points > Points{0}) {
    LotRef lot;
    lot.issuer = act.issuer;
    lot.expires_on = act.expires_on;
    posting.credit(issuance(act.issuer), lot, act.points, TransferCode::kAdjustment);
    posting.settle();
  } else {
    posting.debit(issuance(act.issuer), -act.points, TransferCode::kAdjustment);
  }
  return posting.finish().id;
}

/// Each lot goes to its own issuer's account.
TxnId clear(WorkingSet& set, const OfficeAct& act, const LedgerTime& time) {
  Txn header = header_of(TxnKind::kClear, act.member, time);
  const std::vector<Lot> lots = set.member(act.member)->lots.all();
  Posting posting(set, std::move(header));
  for (const Lot& lot : lots) {
    const bool expires = act.to == ClearTo::kExpired;
    const AccountKey to = expires ? expired(lot.ref.issuer) : issuance(lot.ref.issuer);
    posting.txn().points -= posting.debit_lot(to, lot.ref, lot.points, TransferCode::kClear);
    if (expires) {
      set.change_expired(bucket_of(act.member, lot.ref), lot.points);
    }
  }
  return posting.finish().id;
}

/// First half of a way between two members.
TxnId depart(WorkingSet& set,
             TxnKind kind,
             MemberId from,
             MemberId to,
             Points points,
             const LedgerTime& time) {
  Txn header = header_of(kind, from, time);
  header.points = -points;
  Posting posting(set, std::move(header));
  const TransferCode code =
      kind == TxnKind::kTransferOut ? TransferCode::kTransfer : TransferCode::kMergeMove;
  posting.debit(transit(), points, code);
  const TxnId txn = posting.finish().id;
  set.add_transit({txn, kind, from, to});
  return txn;
}

TxnId replace_card(WorkingSet& set, const OfficeAct& act) {
  set.set_card_state(act.card, act.card_state);
  set.add_card(act.new_card, act.member);
  // Not changed itself, but whoever keeps a copy of members has to hear of the cards.
  set.touch(*set.member(act.member));
  return TxnId{};
}

TxnId merge(WorkingSet& set, const OfficeAct& act, const LedgerTime& time) {
  MemberEntry& merged = *set.member(act.member);
  merged.row.alias_of = act.other;
  set.touch(merged);
  set.touch(*set.member(act.other));
  set.move_cards(act.member, act.other);
  return sweep_alias(set, act.member, time);
}

}  // namespace

std::string_view name_of(ActOutcome outcome) {
  switch (outcome) {
    case ActOutcome::kDone:
      return "done";
    case ActOutcome::kNeedsChecker:
      return "needs_checker";
    case ActOutcome::kKeyReused:
      return "key_reused";
    case ActOutcome::kNoSuchAct:
      return "no_such_act";
    case ActOutcome::kActDecided:
      return "act_decided";
    case ActOutcome::kNoMaker:
      return "no_maker";
    case ActOutcome::kSamePerson:
      return "same_person";
    case ActOutcome::kNoReason:
      return "no_reason";
    case ActOutcome::kAmountOutOfRange:
      return "amount_out_of_range";
    case ActOutcome::kExpiryOutOfRange:
      return "expiry_out_of_range";
    case ActOutcome::kSameMember:
      return "same_member";
    case ActOutcome::kUnknownMember:
      return "unknown_member";
    case ActOutcome::kMerged:
      return "member_merged";
    case ActOutcome::kMemberFrozen:
      return "member_frozen";
    case ActOutcome::kUnknownCard:
      return "unknown_card";
    case ActOutcome::kCardNotActive:
      return "card_not_active";
    case ActOutcome::kCardTaken:
      return "card_taken";
    case ActOutcome::kNumbersUsedUp:
      return "numbers_used_up";
    case ActOutcome::kNothingToClear:
      return "nothing_to_clear";
    case ActOutcome::kNotEnoughPoints:
      return "not_enough_points";
    case ActOutcome::kNotWaiting:
      return "not_waiting";
    case ActOutcome::kNotPostable:
      return "not_postable";
    case ActOutcome::kStillRefused:
      return "still_refused";
  }
  return "unknown";
}

std::string_view name_of(OfficeActKind kind) {
  switch (kind) {
    case OfficeActKind::kAdjust:
      return "adjust";
    case OfficeActKind::kClear:
      return "clear";
    case OfficeActKind::kTransfer:
      return "transfer";
    case OfficeActKind::kReplaceCard:
      return "replace_card";
    case OfficeActKind::kMerge:
      return "merge";
    case OfficeActKind::kDecide:
      return "decide";
  }
  return "unknown";
}

ActOutcome check_shape(const OfficeAct& act, const Policy& policy, BusinessDay today) {
  if (act.maker.empty()) {
    return ActOutcome::kNoMaker;
  }
  if (!act.checker.empty() && act.checker == act.maker) {
    return ActOutcome::kSamePerson;
  }
  if (act.reason.empty() || act.reason.size() > kOfficeReasonBytesMax) {
    return ActOutcome::kNoReason;
  }
  const Points most = policy.office.act_points_max;
  const bool moves = act.kind == OfficeActKind::kAdjust || act.kind == OfficeActKind::kTransfer;
  const bool zero_allowed = act.kind == OfficeActKind::kDecide;
  const bool may_fall = act.kind == OfficeActKind::kAdjust;
  if ((moves || zero_allowed) &&
      (magnitude(act.points) > most || (act.points == Points{0} && !zero_allowed) ||
       (act.points < Points{0} && !may_fall))) {
    return ActOutcome::kAmountOutOfRange;
  }
  const bool has_expiry = act.expires_on != kNoExpiry;
  if (has_expiry &&
      (act.kind != OfficeActKind::kAdjust || act.points < Points{0} || act.expires_on < today ||
       act.expires_on.days > today.days + policy.office.expiry_days_max)) {
    return ActOutcome::kExpiryOutOfRange;
  }
  const bool two = act.kind == OfficeActKind::kTransfer || act.kind == OfficeActKind::kMerge;
  return two && act.member == act.other ? ActOutcome::kSameMember : ActOutcome::kDone;
}

bool needs_checker(const OfficeAct& act, Points unchecked_today, const Policy& policy) {
  switch (act.kind) {
    case OfficeActKind::kAdjust:
    case OfficeActKind::kTransfer:
      return magnitude(act.points) + unchecked_today > policy.office.unchecked_points_max;
    case OfficeActKind::kReplaceCard:
      return false;
    case OfficeActKind::kClear:
    case OfficeActKind::kMerge:
    case OfficeActKind::kDecide:
      return true;
  }
  return true;
}

void plan_office(ReadPlan& plan, const OfficeAct& act) {
  if (act.member) {
    plan.members.insert(act.member);
  }
  if (act.other) {
    plan.members.insert(act.other);
  }
  if (act.kind == OfficeActKind::kReplaceCard) {
    plan.cards.insert(act.card);
    plan.cards.insert(act.new_card);
  }
}

OfficeResult perform(WorkingSet& set,
                     const OfficeAct& act,
                     Points unchecked_today,
                     const Policy& policy,
                     const LedgerTime& time) {
  if (const ActOutcome shape = check_shape(act, policy, time.today); shape != ActOutcome::kDone) {
    return refused(shape);
  }
  if (const ActOutcome state = check_state(set, act); state != ActOutcome::kDone) {
    return refused(state);
  }
  if (act.checker.empty() && needs_checker(act, unchecked_today, policy)) {
    return refused(ActOutcome::kNeedsChecker);
  }
  TxnId txn;
  switch (act.kind) {
    case OfficeActKind::kAdjust:
      txn = adjust(set, act, time);
      break;
    case OfficeActKind::kClear:
      txn = clear(set, act, time);
      break;
    case OfficeActKind::kTransfer:
      txn = depart(set, TxnKind::kTransferOut, act.member, act.other, act.points, time);
      break;
    case OfficeActKind::kReplaceCard:
      txn = replace_card(set, act);
      break;
    case OfficeActKind::kMerge:
      txn = merge(set, act, time);
      break;
    case OfficeActKind::kDecide:
      TALLY_ASSERT(false);
  }
  return {ActOutcome::kDone, txn};
}

TxnId arrive(WorkingSet& set,
             const Transit& way,
             const std::vector<Lot>& lots,
             const LedgerTime& time) {
  const bool is_transfer = way.kind == TxnKind::kTransferOut;
  Txn header = header_of(is_transfer ? TxnKind::kTransferIn : TxnKind::kMergeMove, way.to, time);
  header.cause = way.txn;
  Posting posting(set, std::move(header));
  for (const Lot& lot : lots) {
    LotRef ref = lot.ref;
    ref.id = LotId{};  // A number of the other member's.
    posting.credit(transit(),
                   ref,
                   lot.points,
                   is_transfer ? TransferCode::kTransfer : TransferCode::kMergeMove);
    posting.txn().points += lot.points;
  }
  posting.settle();
  set.end_transit(way.txn);
  return posting.finish().id;
}

TxnId sweep_alias(WorkingSet& set, MemberId merged, const LedgerTime& time) {
  const Member& alias = set.member(merged)->row;
  TALLY_ASSERT(alias.alias_of);
  const Member& heir = set.member(alias.alias_of)->row;
  if (alias.available > Points{0}) {
    return depart(set, TxnKind::kMergeMove, merged, heir.id, alias.available, time);
  }
  const Points open = -(alias.risk + alias.debt);
  const Points cover = open < heir.available ? open : heir.available;
  return cover > Points{0} ? depart(set, TxnKind::kMergeMove, heir.id, merged, cover, time)
                           : TxnId{};
}

}  // namespace tally::ledger
