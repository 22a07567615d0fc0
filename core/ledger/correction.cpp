#include "core/ledger/correction.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/ledger/cancel.hpp"
#include "core/ledger/posting.hpp"

namespace tally::ledger {
namespace {

/// Where points of the accrual go: where those went that are still there, or by the rules of today.
Source place_of(const RuleContext& context, const Txn& accrual) {
  if (!accrual.sources.empty()) {
    return accrual.sources.back();
  }
  Source place;
  const BusinessDay today = context.time.today;
  place.lot.issuer = accrual.store;
  place.lot.expires_on = expiry_of(accrual.business_day, today, context.policy);
  if (const auto day = vests_on(accrual.business_day, today, context.policy)) {
    place.kind = AccountKind::kPending;
    place.vests_on = *day;
  }
  return place;
}

void add_to_accrual(const RuleContext& context, Posting& posting, Txn& accrual, Points points) {
  const AccountKey issued = issuance(accrual.store);
  Source place = place_of(context, accrual);
  if (place.kind == AccountKind::kPending) {
    posting.move(issued, pending(accrual.member), points, TransferCode::kCorrection, place.lot);
  } else {
    const LotRef lot = returned_to(place.lot, context.time.today, context.policy);
    place.lot = posting.credit(issued, lot, points, TransferCode::kCorrection);
  }
  const auto same =
      std::find_if(accrual.sources.begin(), accrual.sources.end(), [&place](const Source& source) {
        return source.kind == place.kind && source.lot == place.lot &&
               source.vests_on == place.vests_on;
      });
  if (same != accrual.sources.end()) {
    same->points += points;
  } else {
    place.points = points;
    accrual.sources.push_back(place);
  }
}

}  // namespace

std::optional<Points> points_due(const record::Record& record,
                                 const record::Accrual& accrual,
                                 const Policy& policy) {
  const program::Program& program = policy.program;
  const bool knows_program =
      record.program == program.version || (record.program && policy.correct_other_programs);
  const bool knows_bill = accrual.bill.currency == program.earn_step.currency &&
                          accrual.bill.minor_units >= 0 &&
                          accrual.bill.minor_units <= program.bill_max.minor_units;
  if (!knows_program || !knows_bill) {
    return std::nullopt;
  }
  const Points due = program::points_earned(program, accrual.bill);
  return due <= policy.record_points_max ? std::optional(due) : std::nullopt;
}

std::optional<TxnId> correct(
    const RuleContext& context, TxnId accrual_id, Points due, CorrectionRule rule, TxnId cause) {
  Txn* accrual = context.set.txn(accrual_id);
  TALLY_ASSERT(accrual != nullptr && accrual->kind == TxnKind::kAccrual && due >= Points{0});
  const Points wanted = due - accrual->whole();
  const Points change = std::max(wanted, -accrual->left_to_cancel());
  if (change == Points{0}) {
    return std::nullopt;
  }
  Txn header;
  header.kind = TxnKind::kCorrection;
  header.member = accrual->member;
  header.store = accrual->store;
  header.business_day = context.time.today;
  header.happened_at = context.time.now;
  header.posted_at = context.time.now;
  header.points = change;
  header.about = accrual_id;
  header.cause = cause;
  header.rule = rule;
  Posting posting(context.set, std::move(header));
  if (change > Points{0}) {
    add_to_accrual(context, posting, *accrual, change);
  } else {
    take_back_accrual(context, posting, *accrual, -change, TransferCode::kCorrection);
  }
  accrual->corrected += change;
  context.set.touch_txn(accrual_id);
  posting.settle();
  return posting.finish().id;
}

}  // namespace tally::ledger
