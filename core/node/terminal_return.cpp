// Void and refund at the terminal. A sale of this till is read back from its journal, or out of the
// receipt's own code when the journal has dropped it; of another till's sale only the record's name
// is known, and the office settles the points from the original.
#include <algorithm>
#include <utility>

#include "core/codec/record_codec.hpp"
#include "core/node/terminal_node.hpp"
#include "core/record/seal.hpp"

namespace tally::node {
namespace {

using sale::MessageId;

constexpr std::size_t kRecordsOfSaleMax = 2;

bool is_sale(const record::Record& record) {
  return std::holds_alternative<record::Accrual>(record.business) ||
         std::holds_alternative<record::Redemption>(record.business);
}

/// Each is the part between two cumulative shares, rounded down, so that the parts of a bill add up
/// to the whole: the ledger's own rule.
std::int64_t share(std::int64_t total,
                   std::int64_t before,
                   std::int64_t after,
                   std::int64_t whole) {
  return whole <= 0 ? total
                    : multiply_divide_floor(total, after, whole) -
                          multiply_divide_floor(total, before, whole);
}

bool are_neighbours(const RecordId& a, const RecordId& b) {
  return a.terminal == b.terminal && a.incarnation == b.incarnation && a.boot == b.boot &&
         (a.seq.value + 1 == b.seq.value || b.seq.value + 1 == a.seq.value);
}

}  // namespace

void TerminalNode::begin_void(const sale::VoidSale& effect, Instant now) {
  find_receipt(effect.which, true, now);
}

void TerminalNode::begin_find(const sale::FindReceipt& effect, Instant now) {
  if (!effect.further) {
    find_receipt(effect.which, false, now);
    return;
  }
  work_ = Work{};
  if (const auto* text = std::get_if<std::string>(&effect.which)) {
    find_further(*text, now);
  } else {
    refuse_receipt(MessageId::kNotAReceipt, now);
  }
}

void TerminalNode::find_receipt(const sale::WhichSale& which, bool void_at_once, Instant now) {
  originals_.clear();
  work_ = Work{};
  work_.void_at_once = void_at_once;
  work_.step = Step::kReadOriginal;
  if (journal_failed_) {
    decline(MessageId::kDiskFault, now);
  } else if (const auto* number = std::get_if<record::ReceiptNumber>(&which)) {
    if (number->terminal != config_.terminal || number->incarnation != config_.incarnation) {
      refuse_receipt(MessageId::kScanTheReceipt, now);
      return;
    }
    read_original(number->seq, Seq{std::max<std::uint64_t>(number->seq.value, 2) - 1});
  } else if (const auto* code = std::get_if<std::string>(&which)) {
    find_code(*code, now);
  } else if (last_sale_) {
    read_original(last_sale_->first, last_sale_->first);
  } else {
    refuse_receipt(MessageId::kNothingToVoid, now);
  }
}

void TerminalNode::find_code(const std::string& text, Instant now) {
  const auto code = record::peek_receipt_code(text);
  if (!code) {
    refuse_receipt(MessageId::kNotAReceipt, now);
    return;
  }
  const Seq seq = code->id.seq;
  if (StreamId{code->id.terminal, code->id.incarnation} == writer_.stream()) {
    work_.code = text;
    read_original(seq, Seq{std::max<std::uint64_t>(seq.value, 2) - 1});
    return;
  }
  if (work_.void_at_once && !(linked_ && uplink_up_)) {
    refuse_receipt(MessageId::kVoidNeedsConnection, now);
    return;
  }
  originals_.push_back({code->id, std::nullopt});
  found_receipt(now);
}

/// A sale that redeemed and earned has two records and two codes, one after the other.
void TerminalNode::find_further(const std::string& text, Instant now) {
  const auto code = record::peek_receipt_code(text);
  if (!code) {
    refuse_receipt(MessageId::kNotAReceipt, now);
    return;
  }
  const bool there = std::any_of(originals_.begin(), originals_.end(), [&](const Original& known) {
    return known.id == code->id;
  });
  if (!there) {
    Original further{code->id, std::nullopt};
    const Original& first = originals_.front();
    bool belongs = originals_.size() < kRecordsOfSaleMax && are_neighbours(first.id, further.id);
    if (belongs && first.record) {
      const Result<Bytes> sealed = record::open_receipt_code(text, writer_.key());
      Result<record::Record> record =
          sealed ? codec::decode_record(*sealed) : Result<record::Record>(sealed.error());
      belongs = record && record->sale == first.record->sale;
      if (belongs) {
        further.record = std::move(*record);
      }
    }
    if (!belongs) {
      refuse_receipt(MessageId::kOfAnotherSale, now);
      return;
    }
    originals_.push_back(std::move(further));
  }
  found_receipt(now);
}

void TerminalNode::read_original(Seq seq, Seq from) {
  work_.sought = seq;
  work_.read_from = from;
  actions_.push_back(ReadRows{ReadPurpose::kOriginal, from, 3});
}

void TerminalNode::on_original_rows(const std::vector<JournalRow>& rows, Instant now) {
  if (work_.step != Step::kReadOriginal) {
    return;
  }
  std::vector<record::Record> sales;
  for (const JournalRow& row : rows) {
    Result<record::Record> record = codec::decode_record(row.bytes);
    if (record && is_sale(*record)) {
      sales.push_back(std::move(*record));
    }
  }
  const auto named = std::find_if(sales.begin(), sales.end(), [&](const record::Record& record) {
    return record.header.id.seq == work_.sought;
  });
  if (named == sales.end() && rows.empty() && work_.read_from < work_.sought) {
    read_original(work_.sought, work_.sought);  // What stood before it may be gone.
    return;
  }
  if (named != sales.end()) {
    const auto code = record::peek_receipt_code(work_.code);
    if (code && code->id != named->header.id) {
      refuse_receipt(MessageId::kNotAReceipt, now);
      return;
    }
    const SaleId sale = named->sale;
    for (record::Record& record : sales) {
      if (record.sale == sale && originals_.size() < kRecordsOfSaleMax) {
        originals_.push_back({record.header.id, std::move(record)});
      }
    }
  } else if (const auto sealed = record::open_receipt_code(work_.code, writer_.key())) {
    Result<record::Record> record = codec::decode_record(*sealed);
    if (record && is_sale(*record)) {
      originals_.push_back({record->header.id, std::move(*record)});
    }
  }
  if (originals_.empty()) {
    refuse_receipt(MessageId::kNotAReceipt, now);
    return;
  }
  found_receipt(now);
}

void TerminalNode::found_receipt(Instant now) {
  std::sort(originals_.begin(), originals_.end(), [](const Original& a, const Original& b) {
    return a.id < b.id;
  });
  const bool known_void = work_.void_at_once && originals_.front().record.has_value();
  const MessageId refusal = refusal_of_return(!work_.void_at_once);
  if (refusal != MessageId::kNone) {
    refuse_receipt(refusal, now);
  } else if (known_void) {
    void_originals(now);
  } else {
    work_ = Work{};
    run(checkout_.on_receipt(return_panel()), now);
  }
}

MessageId TerminalNode::refusal_of_return(bool refund) const {
  for (const Original& original : originals_) {
    const auto known = cancelled_.find(original.id);
    if (known == cancelled_.end()) {
      continue;
    }
    if (known->second.by == CancelledBy::kVoid) {
      return MessageId::kAlreadyVoided;
    }
    if (known->second.whole) {
      return MessageId::kAlreadyRefunded;
    }
    if (!refund) {
      return MessageId::kPartlyRefunded;
    }
  }
  return MessageId::kNone;
}

void TerminalNode::refuse_receipt(MessageId message, Instant now) {
  if (work_.void_at_once) {
    decline(message, now);
    return;
  }
  work_ = Work{};
  run(checkout_.on_receipt_refused(message), now);
}

sale::ReturnPanel TerminalNode::return_panel() const {
  sale::ReturnPanel panel;
  const Original& first = originals_.front();
  panel.receipt_number = record::receipt_number(first.id);
  panel.codes = static_cast<std::uint32_t>(originals_.size());
  panel.known = first.record.has_value();
  panel.bill.currency = config_.program.bill_max.currency;
  panel.refunded = Money{returned_so_far(first.id), panel.bill.currency};
  for (const Original& original : originals_) {
    if (!original.record) {
      continue;
    }
    if (const auto* accrual = std::get_if<record::Accrual>(&original.record->business)) {
      panel.earned = accrual->points;
      panel.bill = panel.redeemed.value > 0 ? panel.bill : accrual->bill;
    } else if (const auto* spent = std::get_if<record::Redemption>(&original.record->business)) {
      panel.redeemed = spent->points;
      panel.bill = spent->bill;
    }
  }
  return panel;
}

void TerminalNode::begin_void_receipt(Instant now) {
  if (journal_failed_) {
    decline(MessageId::kDiskFault, now);
  } else if (const MessageId refusal = refusal_of_return(false); refusal != MessageId::kNone) {
    decline(refusal, now);
  } else if (!(linked_ && uplink_up_)) {
    decline(MessageId::kVoidNeedsConnection, now);
  } else {
    void_originals(now);
  }
}

void TerminalNode::void_originals(Instant now) {
  work_ = Work{};
  work_.receipt = ReceiptKind::kVoid;
  work_.sale = make_sale_id(config_.terminal, config_.boot, ++sale_count_);
  work_.step = Step::kAppend;
  const std::optional<record::Record>& known = originals_.front().record;
  work_.outcome.message = known ? MessageId::kVoided : MessageId::kVoidRecorded;
  if (known) {
    work_.card_token = known->card_token;
    work_.member = known->member;
    const sale::ReturnPanel panel = return_panel();
    work_.bill = panel.bill;
    work_.outcome.earned = panel.earned;
    work_.outcome.redeemed = panel.redeemed;
  }
  for (const Original& original : originals_) {
    if (original.record) {
      if (const auto* spent = std::get_if<record::Redemption>(&original.record->business)) {
        work_.outcome.discount = spent->discount;
      }
    }
    append(fact_of_work(record::Void{original.id, 0}), now);
    work_.rows.push_back(pending_.append.back());
    note_cancelled({original.id, CancelledBy::kVoid, true, 0});
  }
}

void TerminalNode::begin_refund(const sale::RefundReceipt& effect, Instant now) {
  work_ = Work{};
  work_.receipt = ReceiptKind::kRefund;
  if (journal_failed_) {
    decline(MessageId::kDiskFault, now);
    return;
  }
  if (const MessageId refusal = refusal_of_return(true); refusal != MessageId::kNone) {
    decline(refusal, now);
    return;
  }
  work_.sale = make_sale_id(config_.terminal, config_.boot, ++sale_count_);
  work_.step = Step::kAppend;
  if (originals_.front().record) {
    refund_known(effect.amount, now);
  } else {
    refund_unknown(effect.amount, now);
  }
}

/// `amount` is of the bill before points. What of it was paid with points comes back as points, the
/// rest as money; each record of the sale gets its own part.
void TerminalNode::refund_known(Money amount, Instant now) {
  const sale::ReturnPanel panel = return_panel();
  Money given = amount;
  if (given.minor_units == 0) {
    given = Money{panel.bill.minor_units - panel.refunded.minor_units, panel.bill.currency};
  }
  const record::Record& first = *originals_.front().record;
  work_.card_token = first.card_token;
  work_.member = first.member;
  work_.bill = given;
  work_.outcome.message = MessageId::kRefunded;
  work_.outcome.give_back = given;
  for (const Original& original : originals_) {
    const std::int64_t before = returned_so_far(original.id);
    if (const auto* spent = std::get_if<record::Redemption>(&original.record->business)) {
      const std::int64_t whole = spent->bill.minor_units;
      const std::int64_t after = before + given.minor_units;
      work_.outcome.redeemed = Points{share(spent->points.value, before, after, whole)};
      work_.outcome.discount =
          Money{share(spent->discount.minor_units, before, after, whole), given.currency};
      work_.outcome.give_back.minor_units -= work_.outcome.discount.minor_units;
      append_refund(original, given, spent->bill, now);
    } else if (const auto* accrual = std::get_if<record::Accrual>(&original.record->business);
               accrual != nullptr && work_.outcome.give_back.minor_units > 0) {
      const Money paid = work_.outcome.give_back;
      work_.outcome.earned = Points{share(
          accrual->points.value, before, before + paid.minor_units, accrual->bill.minor_units)};
      append_refund(original, paid, accrual->bill, now);
    }
  }
}

void TerminalNode::refund_unknown(Money amount, Instant now) {
  work_.bill = amount;
  work_.outcome.message = MessageId::kRefundRecorded;
  for (const Original& original : originals_) {
    append_refund(original, amount, Money{0, amount.currency}, now);
  }
}

void TerminalNode::append_refund(const Original& original,
                                 Money returned,
                                 Money whole,
                                 Instant now) {
  const std::int64_t in_all = returned_so_far(original.id) + returned.minor_units;
  const bool all_of_it = returned.minor_units == 0 || in_all == whole.minor_units;
  append(fact_of_work(record::Refund{original.id, returned, whole, 0}), now);
  work_.rows.push_back(pending_.append.back());
  note_cancelled({original.id, CancelledBy::kRefund, all_of_it, in_all});
}

std::int64_t TerminalNode::returned_so_far(const RecordId& original) const {
  const auto known = cancelled_.find(original);
  return known == cancelled_.end() ? 0 : known->second.returned_minor;
}

void TerminalNode::note_cancelled(const Cancelled& cancelled) {
  cancelled_.insert_or_assign(cancelled.original, cancelled);
  pending_.cancelled.push_back(cancelled);
}

}  // namespace tally::node
