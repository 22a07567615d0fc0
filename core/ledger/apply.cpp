#include <algorithm>
#include <utility>
#include <variant>

#include "core/base/mutant.hpp"
#include "core/ledger/cancel.hpp"
#include "core/ledger/correction.hpp"
#include "core/ledger/funding.hpp"
#include "core/ledger/posting.hpp"
#include "core/ledger/rules.hpp"
#include "core/ledger/sale_rights.hpp"
#include "core/member/number_block.hpp"

namespace tally::ledger {
namespace {

using record::Record;

/// One record being applied.
struct Fact {
  WorkingSet& set;
  const Record& record;
  const RecordContext& context;
  const Policy& policy;
};

RuleContext context_of(const Fact& fact) {
  return {fact.set, fact.policy, fact.context.time};
}

Disposition quarantined(QuarantineReason reason) {
  return {Disposition::Kind::kQuarantined, TxnId{}, reason};
}

Disposition posted(const Txn& txn) {
  return {Disposition::Kind::kPosted, txn.id, {}};
}

/// The transaction of this record, without member and effect.
Txn header_of(const Fact& fact) {
  const Record& record = fact.record;
  Txn txn;
  txn.kind = static_cast<TxnKind>(record::kind_of(record.business));
  txn.record = record.header.id;
  txn.mac = fact.context.mac;
  txn.sale = record.sale;
  txn.store = fact.context.store;
  txn.terminal = record.header.id.terminal;
  txn.business_day = record.business_day;
  txn.happened_at = record.wall;
  txn.posted_at = fact.context.time.now;
  return txn;
}

/// From now on nothing more is granted under this record's sale id, and what was is given back.
void close_sale(const Fact& fact) {
  if (owns_sale(fact.record)) {
    if (!TALLY_MUTANT("right/kept-after-sale")) {
      release_rights_of_sale(context_of(fact), fact.record.sale);
    }
    fact.set.open_sale(fact.record.sale).closed = true;
  }
}

/// Cancellations that were here before their original.
void apply_tombstones(const Fact& fact, const Txn& original) {
  const TxnId id = original.id;
  for (const Tombstone& tombstone :
       fact.set.tombstones_for(fact.record.header.id, fact.record.sale)) {
    if (tombstone.store != original.store || TALLY_MUTANT("apply/tombstone-never-used")) {
      continue;
    }
    Txn header;
    header.kind = tombstone.kind;
    header.cause = tombstone.by;
    header.sale = tombstone.sale;
    header.store = tombstone.store;
    header.business_day = fact.record.business_day;
    header.happened_at = fact.context.time.now;
    header.posted_at = fact.context.time.now;
    const CancelClaim claim = tombstone.kind == TxnKind::kRefund
                                  ? refund_claim(tombstone.returned_minor, tombstone.whole_minor)
                                  : CancelClaim{};
    cancel(context_of(fact), id, claim, std::move(header));
  }
}

void credit_accrual(const Fact& fact, Posting& posting, const LotRef& lot, Points points) {
  const AccountKey issued = issuance(fact.context.store);
  const auto waits_until =
      fact.context.claimed
          ? std::optional(kNeverVests)
          : vests_on(fact.record.business_day, fact.context.time.today, fact.policy);
  if (waits_until) {
    posting.credit_pending(issued, lot, *waits_until, points, TransferCode::kAccrual);
    return;
  }
  const LotRef landed = posting.credit(issued, lot, points, TransferCode::kAccrual);
  posting.add_source({AccountKind::kAvailable, StoreId{}, landed, points});
  if (!TALLY_MUTANT("apply/owed-never-repaid")) {
    posting.settle();
  }
}

Disposition apply_one(const Fact& fact, const record::Accrual& accrual) {
  close_sale(fact);
  const RecordId& id = fact.record.header.id;
  if (!accrual.ticket_hash.empty()) {
    const TicketKey ticket{fact.context.store, accrual.ticket_hash};
    const auto owner = fact.set.ticket_owner(ticket);
    if (owner && *owner != id) {
      return quarantined(QuarantineReason::kTicketUsed);
    }
    if (!owner) {
      fact.set.reserve_ticket(ticket, id);
    }
  }
  if (accrual.points < Points{0} || accrual.points > fact.policy.record_points_max) {
    return quarantined(QuarantineReason::kAmountOutOfRange);
  }
  const MemberId member = member_of(fact.set, fact.record);
  if (!member) {
    return quarantined(QuarantineReason::kUnknownCard);
  }
  Txn header = header_of(fact);
  header.member = member;
  header.points = accrual.points;
  header.bill = accrual.bill;
  Posting posting(fact.set, std::move(header));
  if (accrual.points > Points{0}) {
    LotRef lot;
    lot.issuer = fact.context.store;
    lot.expires_on = expiry_of(fact.record.business_day, fact.context.time.today, fact.policy);
    credit_accrual(fact, posting, lot, accrual.points);
  }
  const Txn& txn = posting.finish();
  if (const auto due = points_due(fact.record, accrual, fact.policy)) {
    correct(context_of(fact), txn.id, *due, CorrectionRule::kPointsEarned, txn.id);
  }
  apply_tombstones(fact, txn);
  return posted(txn);
}

Disposition apply_one(const Fact& fact, const record::Redemption& redemption) {
  const StoreId store = fact.context.store;
  const MemberId member = payer_of(fact.set, fact.record, store);
  const bool in_range =
      redemption.points > Points{0} && redemption.points <= fact.policy.record_points_max;
  if (!in_range || !member) {
    close_sale(fact);
    return quarantined(in_range ? QuarantineReason::kUnknownCard
                                : QuarantineReason::kAmountOutOfRange);
  }
  const Payment payment = pay_from_rights(fact.set, fact.record, store, member, redemption.points);
  // Before the member is asked for what no right covers: points held for this sale are theirs.
  close_sale(fact);
  Txn header = header_of(fact);
  header.member = member;
  header.points = -redemption.points;
  header.bill = redemption.bill;
  header.discount = redemption.discount;
  const AccountKey accepted = redeemed(store);
  Posting posting(fact.set, std::move(header));
  for (const auto& [right, lot] : payment.from_rights) {
    posting.move(escrow(right), accepted, lot.points, TransferCode::kRedemption, lot.ref);
    posting.add_source({AccountKind::kAvailable, StoreId{}, lot.ref, lot.points});
  }
  Points open = payment.from_member;
  for (const Lot& lot : posting.debit(accepted, open, TransferCode::kRedemption)) {
    posting.add_source({AccountKind::kAvailable, StoreId{}, lot.ref, lot.points});
    open -= lot.points;
  }
  if (open > Points{0} && !TALLY_MUTANT("right/shortfall-forgotten")) {
    posting.move(risk(store), accepted, open, TransferCode::kRedemption);
    posting.add_source({AccountKind::kRisk, store, LotRef{}, open});
  }
  if (payment.unknown > Points{0}) {
    posting.move(suspense(store), accepted, payment.unknown, TransferCode::kRedemption);
    posting.add_source({AccountKind::kSuspense, store, LotRef{}, payment.unknown});
  }
  const Txn& txn = posting.finish();
  if (open > Points{0}) {
    fact.set.member(member)->risk_txns.push_back(txn.id);
  }
  apply_tombstones(fact, txn);
  return posted(txn);
}

/// The record's own row when it moves nothing itself.
const Txn& post_without_effect(const Fact& fact, MemberId member, TxnResult result) {
  Txn header = header_of(fact);
  header.member = member;
  header.result = result;
  return Posting(fact.set, std::move(header)).finish();
}

Disposition apply_cancellation(const Fact& fact,
                               const RecordId& original_id,
                               const CancelClaim& claim) {
  if (original_id == fact.record.header.id) {
    return quarantined(QuarantineReason::kNotCancellable);
  }
  const Txn* original = fact.set.txn_of_record(original_id);
  if (original == nullptr) {
    const Txn& waiting =
        post_without_effect(fact, member_of(fact.set, fact.record), TxnResult::kAwaitsOriginal);
    Tombstone tombstone;
    tombstone.original = original_id;
    tombstone.sale = fact.record.sale;
    tombstone.by = waiting.id;
    tombstone.kind = waiting.kind;
    tombstone.store = fact.context.store;
    tombstone.returned_minor = claim.returned_minor;
    tombstone.whole_minor = claim.whole_minor;
    if (!TALLY_MUTANT("apply/tombstone-not-kept")) {
      fact.set.add_tombstone(tombstone);
    }
    return posted(waiting);
  }
  if (!can_be_cancelled(*original) || original->store != fact.context.store) {
    return quarantined(QuarantineReason::kNotCancellable);
  }
  return posted(cancel(context_of(fact), original->id, claim, header_of(fact)));
}

Disposition apply_one(const Fact& fact, const record::Void& body) {
  return apply_cancellation(fact, body.original, CancelClaim{});
}

Disposition apply_one(const Fact& fact, const record::Refund& body) {
  if (!record::is_in_range(body)) {
    return quarantined(QuarantineReason::kAmountOutOfRange);
  }
  return apply_cancellation(
      fact, body.original, refund_claim(body.returned.minor_units, body.whole.minor_units));
}

Disposition apply_one(const Fact& fact, const record::Reversal& body) {
  if (body.original) {
    return apply_cancellation(fact, *body.original, CancelClaim{});
  }
  if (!owns_sale(fact.record)) {
    return quarantined(QuarantineReason::kNotCancellable);
  }
  close_sale(fact);
  const SaleId sale = fact.record.sale;
  const std::vector<TxnId> of_sale = fact.set.txns_of_sale(sale);
  const Txn& txn = post_without_effect(fact, member_of(fact.set, fact.record), TxnResult::kPosted);
  Tombstone tombstone;
  tombstone.sale = sale;
  tombstone.by = txn.id;
  tombstone.kind = TxnKind::kReversal;
  tombstone.store = fact.context.store;
  for (const TxnId id : of_sale) {
    const Txn* original = fact.set.txn(id);
    if (!can_be_cancelled(*original) || original->store != fact.context.store) {
      continue;
    }
    Txn header = header_of(fact);
    header.record.reset();
    header.cause = txn.id;
    cancel(context_of(fact), id, CancelClaim{}, std::move(header));
  }
  fact.set.add_tombstone(tombstone);
  return posted(txn);
}

Disposition apply_one(const Fact& fact, const record::Enrolment& body) {
  EnrolRequest request;
  request.card_token = card_of_enrolment(fact.record);
  request.masked_name = body.masked_name;
  if (request.card_token.empty()) {
    return quarantined(QuarantineReason::kUnknownCard);
  }
  const MemberId member = enrol(fact.set, request, fact.context.time);
  if (!member) {
    return quarantined(QuarantineReason::kCardTaken);
  }
  // The number out of a block is a card of the member's as well; one from elsewhere is nothing.
  if (member::is_till_number(body.member_number) && !fact.set.member_of_card(body.member_number)) {
    fact.set.add_card(body.member_number, member);
  }
  return posted(post_without_effect(fact, member, TxnResult::kNoted));
}

Disposition note(const Fact& fact) {
  return posted(post_without_effect(fact, MemberId{}, TxnResult::kNoted));
}

Disposition apply_one(const Fact& fact, const record::Note&) {
  return note(fact);
}
Disposition apply_one(const Fact& fact, const record::Gap&) {
  return note(fact);
}
Disposition apply_one(const Fact& fact, const record::ShiftClose&) {
  return note(fact);
}

struct Planner {
  ReadPlan& plan;
  StoreId store;

  void operator()(const record::Accrual& body) const {
    if (!body.ticket_hash.empty()) {
      plan.tickets.insert(TicketKey{store, body.ticket_hash});
    }
  }
  void operator()(const record::Void& body) const { plan.records.insert(body.original); }
  void operator()(const record::Refund& body) const { plan.records.insert(body.original); }
  void operator()(const record::Reversal& body) const {
    if (body.original) {
      plan.records.insert(*body.original);
    }
  }
  void operator()(const record::Enrolment& body) const { plan.cards.insert(body.member_number); }
  void operator()(const record::Redemption&) const {}
  void operator()(const record::Note&) const {}
  void operator()(const record::Gap&) const {}
  void operator()(const record::ShiftClose&) const {}
};

}  // namespace

void plan_record(ReadPlan& plan, const Record& record, StoreId store) {
  plan.records.insert(record.header.id);
  plan.sales.insert(record.sale);
  plan.cards.insert(record.card_token);
  if (record.member) {
    plan.members.insert(record.member);
  }
  for (const record::FundingLeg& leg : record.funding) {
    plan.rights.insert(leg.right);
  }
  std::visit(Planner{plan, store}, record.business);
}

Disposition apply(WorkingSet& set,
                  const Record& record,
                  const RecordContext& context,
                  const Policy& policy) {
  if (const Txn* known = set.txn_of_record(record.header.id)) {
    if (known->mac != context.mac) {
      return quarantined(QuarantineReason::kFork);  // A receipt was claimed with other content.
    }
    return {Disposition::Kind::kDuplicate, known->id, {}};
  }
  if (context.terminal_quarantined) {
    return quarantined(QuarantineReason::kTerminalQuarantined);
  }
  const Fact fact{set, record, context, policy};
  return std::visit([&](const auto& body) { return apply_one(fact, body); }, record.business);
}

}  // namespace tally::ledger
