#include <algorithm>

#include "core/base/assert.hpp"
#include "core/base/mutant.hpp"
#include "core/ledger/posting.hpp"
#include "core/ledger/rules.hpp"
#include "core/ledger/sale_rights.hpp"

namespace tally::ledger {
namespace {

AskOutcome check_amounts(const AuthoriseRequest& request,
                         const Member& member,
                         const Policy& policy) {
  const program::Program& program = policy.program;
  if (request.points > policy.record_points_max || request.bill.minor_units <= 0 ||
      request.bill.minor_units > program.bill_max.minor_units ||
      request.bill.currency != program.redeem_step_worth.currency) {
    return AskOutcome::kAmountOutOfRange;
  }
  switch (program::check_redemption(program, request.bill, member.available, request.points)) {
    case program::RedeemCheck::kOk:
      return AskOutcome::kOk;
    case program::RedeemCheck::kNotAStep:
      return AskOutcome::kAmountOutOfRange;
    case program::RedeemCheck::kBelowMinimum:
      return AskOutcome::kBelowMinimum;
    case program::RedeemCheck::kAboveBillShare:
      return AskOutcome::kAboveBillShare;
    case program::RedeemCheck::kNotEnoughPoints:
      return AskOutcome::kNotEnoughPoints;
  }
  return AskOutcome::kAmountOutOfRange;
}

bool same_content(const Sale& sale, const Asker& asker, const AuthoriseRequest& request) {
  return sale.card_token == request.card_token && sale.points == request.points &&
         sale.bill == request.bill && sale.program == request.program &&
         sale.terminal == asker.terminal && sale.incarnation == asker.incarnation;
}

RightId grant_hold(WorkingSet& set,
                   const Asker& asker,
                   const AuthoriseRequest& request,
                   MemberId member,
                   const LedgerTime& time) {
  Right right;
  right.id = set.next_right();
  right.holder = asker.terminal.value;
  right.store = asker.store;
  right.granted = request.points;
  right.member = member;
  right.sale = asker.sale;
  right.granted_at = time.now;
  right.program = request.program;

  Txn txn;
  txn.kind = TxnKind::kHold;
  txn.member = member;
  txn.sale = asker.sale;
  txn.store = asker.store;
  txn.terminal = asker.terminal;
  txn.business_day = time.today;
  txn.happened_at = time.now;
  txn.posted_at = time.now;
  txn.points = -request.points;
  Posting posting(set, std::move(txn));
  right.lots = posting.debit(escrow(right.id), request.points, TransferCode::kHold);
  TALLY_ASSERT(right.escrowed() == request.points);
  posting.finish();
  return set.add_right(std::move(right)).id;
}

}  // namespace

TerminalId terminal_of(const SaleId& sale) {
  return TerminalId{load_be<std::uint32_t>(sale.bytes.data())};
}

const std::string& card_of_enrolment(const record::Record& record) {
  const auto* body = std::get_if<record::Enrolment>(&record.business);
  return record.card_token.empty() && body != nullptr ? body->member_number : record.card_token;
}

MemberId enrol(WorkingSet& set, const EnrolRequest& request, const LedgerTime& time) {
  TALLY_ASSERT(!request.card_token.empty());
  if (set.member_of_card(request.card_token)) {
    return MemberId{};
  }
  Member member;
  member.id = set.next_member();
  member.masked_name = request.masked_name;
  member.tier = request.tier;
  member.enrolled_at = time.now;
  const MemberId id = set.add_member(std::move(member)).row.id;
  set.add_card(request.card_token, id);
  return id;
}

void plan_inquire(ReadPlan& plan, const std::string& card_token) {
  plan.cards.insert(card_token);
}

AskResult inquire(const WorkingSet& set, const std::string& card_token) {
  const MemberId member = set.member_of_card(card_token);
  return {member ? AskOutcome::kOk : AskOutcome::kUnknownCard, member, RightId{}};
}

void plan_authorise(ReadPlan& plan, const Asker& asker, const AuthoriseRequest& request) {
  plan.sales.insert(asker.sale);
  plan.cards.insert(request.card_token);
}

AskResult authorise(WorkingSet& set,
                    const Asker& asker,
                    const AuthoriseRequest& request,
                    const Policy& policy,
                    const LedgerTime& time) {
  const MemberId member = set.member_of_card(request.card_token);
  if (terminal_of(asker.sale) != asker.terminal) {
    return {AskOutcome::kSaleMismatch, MemberId{}, RightId{}};
  }
  if (const Sale* known = set.sale(asker.sale)) {
    if (known->closed && !TALLY_MUTANT("right/granted-to-closed-sale")) {
      return {AskOutcome::kSaleClosed, member, RightId{}};
    }
    if (known->answered && !TALLY_MUTANT("right/second-ask-second-hold")) {
      return same_content(*known, asker, request)
                 ? AskResult{known->outcome, known->member, known->right}
                 : AskResult{AskOutcome::kSaleMismatch, member, RightId{}};
    }
  }

  Sale& sale = set.open_sale(asker.sale);
  sale.answered = true;
  sale.card_token = request.card_token;
  sale.points = request.points;
  sale.bill = request.bill;
  sale.program = request.program;
  sale.terminal = asker.terminal;
  sale.incarnation = asker.incarnation;
  sale.member = member;
  const MemberEntry* entry = member ? set.member(member) : nullptr;
  if (entry == nullptr || set.state_of_card(request.card_token) != CardState::kActive) {
    sale.outcome = AskOutcome::kUnknownCard;
  } else if (entry->row.state == MemberState::kFrozen) {
    sale.outcome = AskOutcome::kMemberFrozen;
  } else {
    sale.outcome = check_amounts(request, entry->row, policy);
  }
  if (sale.outcome == AskOutcome::kOk) {
    sale.right = grant_hold(set, asker, request, member, time);
  }
  return {sale.outcome, sale.member, sale.right};
}

void plan_release(ReadPlan& plan, const Asker& asker) {
  plan.sales.insert(asker.sale);
}

AskResult release(WorkingSet& set,
                  const Asker& asker,
                  const Policy& policy,
                  const LedgerTime& time) {
  if (terminal_of(asker.sale) != asker.terminal) {
    return {AskOutcome::kSaleMismatch, MemberId{}, RightId{}};
  }
  for (const TxnId id : set.txns_of_sale(asker.sale)) {
    if (set.txn(id)->record) {
      return {AskOutcome::kSaleClosed, MemberId{}, RightId{}};
    }
  }
  release_rights_of_sale({set, policy, time}, asker.sale);
  Sale& sale = set.open_sale(asker.sale);
  sale.closed = true;
  return {AskOutcome::kOk, sale.member, RightId{}};
}

AskResult sale_status(WorkingSet& set, const Asker& asker) {
  if (terminal_of(asker.sale) != asker.terminal) {
    return {AskOutcome::kSaleMismatch, MemberId{}, RightId{}};
  }
  const Sale* sale = set.sale(asker.sale);
  if (sale == nullptr) {
    return {AskOutcome::kOk, MemberId{}, RightId{}};
  }
  if (sale->closed) {
    return {AskOutcome::kSaleClosed, sale->member, RightId{}};
  }
  return {sale->outcome, sale->member, sale->right};
}

}  // namespace tally::ledger
