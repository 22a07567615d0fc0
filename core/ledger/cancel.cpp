#include "core/ledger/cancel.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/mutant.hpp"

namespace tally::ledger {
namespace {

/// Points due for a refund. Each part is the difference of two cumulative shares, rounded down, so
/// that parts which add up to the bill add up to the whole.
Points claimed_points(Txn& original, const CancelClaim& claim) {
  const Points total = original.whole();
  const std::int64_t bill =
      original.bill.minor_units > 0 && !TALLY_MUTANT("refund-sums/bill-of-the-claim")
          ? original.bill.minor_units
          : claim.whole_minor;
  if (claim.whole || bill <= 0) {
    return total;
  }
  const std::int64_t before = original.returned_minor;
  original.returned_minor += std::min(claim.returned_minor, bill);
  if (TALLY_MUTANT("refund-sums/parts-rounded-alone")) {
    return Points{multiply_divide_floor(total.value, claim.returned_minor, bill)};
  }
  if (TALLY_MUTANT("refund-sums/share-of-what-is-left")) {
    return Points{
        multiply_divide_floor(original.left_to_cancel().value, claim.returned_minor, bill)};
  }
  return Points{multiply_divide_floor(total.value, original.returned_minor, bill) -
                multiply_divide_floor(total.value, before, bill)};
}

/// Takes `points` out of the original's sources: what is pending first, of the others in proportion
/// to what each still has.
std::vector<Source> take_sources(Txn& original, Points points) {
  std::vector<Points> pending_parts;
  std::vector<Points> weights;
  Points rest = points;
  for (const Source& source : original.sources) {
    const bool waits = source.kind == AccountKind::kPending;
    pending_parts.push_back(waits ? std::min(source.points, rest) : Points{0});
    weights.push_back(waits ? Points{0} : source.points);
    rest -= pending_parts.back();
  }
  const std::vector<Points> parts = split_by_largest_remainder(rest, weights);
  std::vector<Source> taken;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Points part = pending_parts[i] + parts[i];
    if (part > Points{0}) {
      taken.push_back(original.sources[i]);
      taken.back().points = part;
      original.sources[i].points -= part;
    }
  }
  std::erase_if(original.sources, [](const Source& source) { return source.points == Points{0}; });
  return taken;
}

/// What has expired of the lot is gone for the member already: it is not asked of them again.
Points take_back_expired(WorkingSet& set,
                         Posting& posting,
                         const Txn& original,
                         const Source& source,
                         Points up_to,
                         TransferCode code) {
  const Bucket bucket = bucket_of(original.member, source.lot);
  const Points points = std::min(up_to, set.expired_of(bucket));
  if (points > Points{0}) {
    posting.move(expired(source.lot.issuer), issuance(original.store), points, code, source.lot);
    set.change_expired(bucket, -points);
  }
  return points;
}

void give_back_redemption(const RuleContext& context,
                          Posting& posting,
                          const Txn& original,
                          const std::vector<Source>& taken) {
  const AccountKey accepted = redeemed(original.store);
  for (const Source& source : taken) {
    switch (source.kind) {
      case AccountKind::kRisk:
        posting.move(accepted, risk(source.store), source.points, TransferCode::kCancelRedemption);
        break;
      case AccountKind::kSuspense:
        posting.move(
            accepted, suspense(source.store), source.points, TransferCode::kCancelRedemption);
        break;
      default:
        posting.credit(accepted,
                       TALLY_MUTANT("lot-order/given-back-to-own-store")
                           ? LotRef{source.lot.expires_on, original.store, {}}
                           : returned_to(source.lot, context.time.today, context.policy),
                       source.points,
                       TransferCode::kCancelRedemption);
        break;
    }
  }
  posting.settle();
}

}  // namespace

void take_back_accrual(
    const RuleContext& context, Posting& posting, Txn& original, Points points, TransferCode code) {
  const AccountKey issued = issuance(original.store);
  const AccountKey owing =
      context.policy.program.debt_allowed ? debt(original.member) : suspense(posting.txn().store);
  for (const Source& source : take_sources(original, points)) {
    Points open = source.points;
    if (source.kind == AccountKind::kPending) {
      posting.move(pending(original.member), issued, open, code, source.lot);
      continue;
    }
    open -= posting.debit_lot(issued, source.lot, open, code);
    open -= take_back_expired(context.set, posting, original, source, open, code);
    for (const Lot& part : posting.debit(issued, open, code)) {
      open -= part.points;
    }
    if (!TALLY_MUTANT("refund-sums/debt-forgotten")) {
      posting.move(owing, issued, open, code);
    }
  }
}

CancelClaim refund_claim(std::int64_t returned_minor, std::int64_t whole_minor) {
  return {returned_minor == 0, returned_minor, whole_minor};
}

bool can_be_cancelled(const Txn& txn) {
  return txn.record && (txn.kind == TxnKind::kAccrual || txn.kind == TxnKind::kRedemption);
}

Txn& cancel(const RuleContext& context, TxnId original_id, const CancelClaim& claim, Txn header) {
  WorkingSet& set = context.set;
  Txn& original = *set.txn(original_id);
  TALLY_ASSERT(can_be_cancelled(original));
  const bool is_accrual = original.kind == TxnKind::kAccrual;
  const Points claimed = claimed_points(original, claim);
  const Points covered = std::min(claimed, original.left_to_cancel());
  const Points excess = TALLY_MUTANT("refund-sums/excess-dropped") ? Points{0} : claimed - covered;
  if (!TALLY_MUTANT("refund-sums/original-not-stored")) {
    set.touch_txn(original_id);
  }

  header.member = original.member;
  header.about = original_id;
  header.points = is_accrual ? -covered : covered;
  Posting posting(set, std::move(header));
  const AccountKey claimant = suspense(posting.txn().store);
  if (is_accrual) {
    take_back_accrual(context, posting, original, covered, TransferCode::kCancelAccrual);
    posting.move(claimant, issuance(original.store), excess, TransferCode::kExcess);
  } else {
    give_back_redemption(context, posting, original, take_sources(original, covered));
    posting.move(redeemed(original.store), claimant, excess, TransferCode::kExcess);
  }
  return posting.finish();
}

}  // namespace tally::ledger
