// The steps of a look-up, a sale and a redemption at the terminal.
#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/mutant.hpp"
#include "core/codec/record_codec.hpp"
#include "core/node/terminal_node.hpp"
#include "core/record/seal.hpp"

namespace tally::node {
namespace {

sale::MessageId message_of(link::AskOutcome outcome) {
  switch (outcome) {
    case link::AskOutcome::kOk:
      return sale::MessageId::kApproved;
    case link::AskOutcome::kUnavailable:
      return sale::MessageId::kRedeemNeedsConnection;
    case link::AskOutcome::kSaleClosed:
    case link::AskOutcome::kSaleMismatch:
      return sale::MessageId::kSaleClosed;
    case link::AskOutcome::kUnknownCard:
      return sale::MessageId::kUnknownCard;
    case link::AskOutcome::kMemberFrozen:
      return sale::MessageId::kMemberFrozen;
    case link::AskOutcome::kAmountOutOfRange:
      return sale::MessageId::kPointsOutOfRange;
    case link::AskOutcome::kBelowMinimum:
      return sale::MessageId::kBelowMinimum;
    case link::AskOutcome::kAboveBillShare:
      return sale::MessageId::kAboveBillShare;
    case link::AskOutcome::kNotEnoughPoints:
      return sale::MessageId::kNotEnoughPoints;
  }
  return sale::MessageId::kInternalFault;
}

sale::MemberPanel panel_of(const link::MemberView& member) {
  sale::MemberPanel panel;
  panel.id = member.member;
  panel.masked_name = member.masked_name;
  panel.tier = member.tier;
  panel.available = member.available;
  panel.pending = member.pending;
  panel.expiring = member.expiring;
  panel.expiring_on = member.expiring_on;
  panel.looked_up = true;
  return panel;
}

}  // namespace

void TerminalNode::begin_look_up(const sale::LookUp& effect, Instant now) {
  work_ = Work{};
  work_.step = Step::kLookUp;
  work_.card_token = effect.card_token;
  if (!linked_) {
    ask_failed(now);
    return;
  }
  send_ask(link::Inquire{effect.card_token}, config_.lookup_deadline, now);
}

void TerminalNode::begin_earn(const sale::Earn& effect, Instant now) {
  work_ = Work{};
  if (journal_failed_) {
    decline(sale::MessageId::kDiskFault, now);
    return;
  }
  work_.sale = make_sale_id(config_.terminal, config_.boot, ++sale_count_);
  work_.card_token = effect.card_token;
  work_.member = effect.member;
  work_.bill = effect.bill;
  const Points earned = program::points_earned(config_.program, effect.bill);
  work_.outcome.earned = earned;
  const sale::MemberPanel& panel = checkout_.view().member;
  if (panel.looked_up) {
    work_.outcome.balance_after = panel.available + earned;
  }
  work_.step = Step::kAppend;
  append(fact_of_work(record::Accrual{effect.bill, earned, {}, {}, {}}), now);
  work_.rows = {pending_.append.back()};
  if (TALLY_MUTANT("sync/approved-before-append")) {
    finish(now);
  }
}

void TerminalNode::begin_redeem(const sale::Redeem& effect, Instant now) {
  work_ = Work{};
  if (journal_failed_) {
    decline(sale::MessageId::kDiskFault, now);
    return;
  }
  if (!linked_) {
    decline(sale::MessageId::kRedeemNeedsConnection, now);
    return;
  }
  if (!clock_.knows_time()) {
    decline(sale::MessageId::kTimeUnknown, now);  // Grants wait for an anchor.
    return;
  }
  work_.step = Step::kOpenSale;
  work_.sale = make_sale_id(config_.terminal, config_.boot, ++sale_count_);
  work_.card_token = effect.card_token;
  work_.member = effect.member;
  work_.bill = effect.bill;
  work_.points = effect.points;
  pending_.open_sales.push_back(work_.sale);
  urgent_ = true;
  if (TALLY_MUTANT("sync/asked-before-open-sale")) {
    work_.step = Step::kAuthorise;
    send_ask(link::Authorise{work_.card_token, work_.points, work_.bill, config_.program.version},
             config_.authorise_deadline,
             now);
  }
}

void TerminalNode::send_ask(link::Question question, Duration deadline, Instant now) {
  work_.ask_id = ++ask_count_;
  work_.deadline = now.boot + deadline;
  if (!linked_) {
    ask_failed(now);
    return;
  }
  actions_.push_back(SendUplink{link::Ask{work_.ask_id,
                                          work_.sale,
                                          deadline,
                                          config_.terminal,
                                          config_.incarnation,
                                          std::move(question)}});
}

void TerminalNode::on_answer(const link::Answer& answer, Instant now) {
  if (answer.ask_id != work_.ask_id) {
    return;  // Too late: its sale has been settled by a record, which resolves the right as well.
  }
  if (work_.step == Step::kAuthorise) {
    on_authorised(answer, now);
    return;
  }
  if (work_.step != Step::kLookUp) {
    return;
  }
  if (answer.outcome == link::AskOutcome::kUnavailable ||
      (answer.outcome == link::AskOutcome::kOk && !answer.member)) {
    ask_failed(now);
    return;
  }
  const std::string card_token = work_.card_token;
  work_ = Work{};
  if (answer.outcome != link::AskOutcome::kOk) {
    recent_.forget(card_token);
    run(checkout_.on_lookup_refused(message_of(answer.outcome)), now);
  } else if (answer.member->frozen) {
    recent_.forget(card_token);
    run(checkout_.on_lookup_refused(sale::MessageId::kMemberFrozen), now);
  } else {
    recent_.remember(card_token, *answer.member);
    sale::MemberPanel panel = panel_of(*answer.member);
    if (!uplink_up_) {
      panel.as_of = answer.member->as_of;  // From the gateway's directory.
    }
    run(checkout_.on_member(std::move(panel)), now);
  }
}

void TerminalNode::look_up_here(Instant now) {
  const auto known = recent_.find(work_.card_token, clock_.read(now));
  work_ = Work{};
  sale::MemberPanel panel;
  if (known) {
    panel = panel_of(*known);
    panel.as_of = known->as_of;
  }
  run(checkout_.on_member(std::move(panel)), now);
}

void TerminalNode::ask_failed(Instant now) {
  if (work_.step == Step::kLookUp) {
    look_up_here(now);
    return;
  }
  if (work_.step == Step::kAuthorise) {
    abandon_sale(record::ReversalReason::kAbandonedSale,
                 linked_ ? sale::MessageId::kNoAnswer : sale::MessageId::kRedeemNeedsConnection,
                 now);
  }
}

void TerminalNode::on_authorised(const link::Answer& answer, Instant now) {
  if (answer.outcome == link::AskOutcome::kUnavailable) {
    ask_failed(now);
    return;
  }
  if (answer.outcome != link::AskOutcome::kOk || !answer.right ||
      answer.right->points != work_.points) {
    if (answer.outcome == link::AskOutcome::kOk) {
      abandon_sale(record::ReversalReason::kAbandonedSale, sale::MessageId::kInternalFault, now);
      return;
    }
    // Declined: no right was granted, so the open sale ends without a record.
    pending_.closed_sales.push_back(work_.sale);
    decline(message_of(answer.outcome), now);
    return;
  }
  work_.member = answer.right->member;
  const Money discount = program::worth_of(config_.program, work_.points);
  const Money rest{work_.bill.minor_units - discount.minor_units, work_.bill.currency};
  const Points earned = program::points_earned(
      config_.program, TALLY_MUTANT("rounding/earn-on-whole-bill") ? work_.bill : rest);
  work_.outcome.redeemed = work_.points;
  work_.outcome.discount = discount;
  work_.outcome.earned = earned;
  if (answer.member) {
    work_.outcome.balance_after = answer.member->available + earned;
  }
  Fact redemption = fact_of_work(record::Redemption{work_.bill, work_.points, discount});
  redemption.funding = {
      {answer.right->kind, answer.right->id, answer.right->epoch, answer.right->points}};
  work_.step = Step::kAppend;
  append(std::move(redemption), now);
  work_.rows = {pending_.append.back()};
  if (earned.value > 0) {
    append(fact_of_work(record::Accrual{rest, earned, {}, {}, {}}), now);
    work_.rows.push_back(pending_.append.back());
  }
  if (!TALLY_MUTANT("shown/paid-sale-stays-open")) {
    pending_.closed_sales.push_back(work_.sale);
  }
}

void TerminalNode::abandon_sale(record::ReversalReason reason,
                                sale::MessageId message,
                                Instant now) {
  Fact reversal = fact_of_work(record::Reversal{std::nullopt, reason});
  pending_.closed_sales.push_back(work_.sale);
  append(std::move(reversal), now);
  decline(message, now);
}

void TerminalNode::cancel_work(Instant now) {
  if (work_.step == Step::kAuthorise || work_.step == Step::kOpenSale) {
    abandon_sale(record::ReversalReason::kCancelled, sale::MessageId::kUndone, now);
  }
}

void TerminalNode::after_append(Instant now) {
  if (work_.receipt == ReceiptKind::kVoid || work_.receipt == ReceiptKind::kEnrolment) {
    finish(now);  // These stand as soon as they are on disk: they carry their mark from the start.
    return;
  }
  work_.step = Step::kMarkShown;
  for (const JournalRow& row : work_.rows) {
    pending_.shown.push_back(row.seq);
  }
  urgent_ = true;
  if (TALLY_MUTANT("shown/approved-before-mark")) {
    finish(now);
  }
}

void TerminalNode::finish(Instant now) {
  sale::Outcome outcome = work_.outcome;
  const Seq first = work_.rows.front().seq;
  outcome.receipt_number = record::receipt_number(writer_.id_of(first));
  outcome.offline = !linked_;
  ReceiptFacts facts = receipt_facts(now);
  facts.receipt_number = outcome.receipt_number;
  const bool is_return =
      work_.receipt == ReceiptKind::kVoid || work_.receipt == ReceiptKind::kRefund;
  if (is_return && !originals_.empty()) {
    facts.original_number = record::receipt_number(originals_.front().id);
  }
  if (work_.receipt == ReceiptKind::kSale) {
    LastSale last{outcome.receipt_number, {}, first};
    for (const JournalRow& row : work_.rows) {
      last.records.push_back(writer_.id_of(row.seq));
    }
    last_sale_ = std::move(last);
  } else if (work_.receipt == ReceiptKind::kVoid) {
    last_sale_.reset();
  } else if (work_.receipt == ReceiptKind::kEnrolment) {
    remember_enrolled(facts, now);
  }
  work_ = Work{};
  run(checkout_.on_finished(outcome), now);
  actions_.push_back(PrintReceipt{std::move(facts)});
}

void TerminalNode::decline(sale::MessageId message, Instant now) {
  work_ = Work{};
  sale::Outcome outcome;
  const bool fault = message == sale::MessageId::kDiskFull ||
                     message == sale::MessageId::kDiskFault ||
                     message == sale::MessageId::kInternalFault;
  outcome.result = fault ? sale::ResultKind::kAttention : sale::ResultKind::kDeclined;
  outcome.message = message;
  run(checkout_.on_finished(outcome), now);
}

Fact TerminalNode::fact_of_work(record::Business business) const {
  return {work_.sale,
          work_.card_token,
          work_.member,
          {},
          config_.program.version,
          config_.cashier,
          std::move(business)};
}

ReceiptFacts TerminalNode::receipt_facts(Instant now) const {
  const sale::CheckoutView& view = checkout_.view();
  ReceiptFacts facts;
  facts.kind = work_.receipt;
  facts.store = config_.store;
  facts.terminal = config_.terminal;
  facts.at = clock_.read(now);
  facts.utc_offset_s = config_.utc_offset_s;
  facts.masked_name = view.member.masked_name;
  facts.card_tail = work_.card_token.substr(work_.card_token.size() -
                                            std::min<std::size_t>(4, work_.card_token.size()));
  facts.bill = work_.bill;
  facts.discount = work_.outcome.discount;
  facts.give_back = work_.outcome.give_back;
  facts.settled_later = work_.outcome.message == sale::MessageId::kVoidRecorded ||
                        work_.outcome.message == sale::MessageId::kRefundRecorded;
  facts.earned = work_.outcome.earned;
  facts.redeemed = work_.outcome.redeemed;
  facts.balance_after = work_.outcome.balance_after;
  facts.expiring = view.member.expiring;
  facts.expiring_on = view.member.expiring_on;
  facts.offline = !linked_;
  facts.language = view.language;
  for (const JournalRow& row : work_.rows) {
    if (auto code = record::receipt_code(row.bytes, writer_.key())) {
      facts.record_codes.push_back(std::move(*code));
    }
  }
  return facts;
}

}  // namespace tally::node
