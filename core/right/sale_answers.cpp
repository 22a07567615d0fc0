#include "core/right/sale_answers.hpp"

#include <algorithm>
#include <tuple>

namespace tally::right {
namespace {

/// A sale id taken apart (make_sale_id()).
SaleMarkRow mark_of(const SaleId& sale) {
  return {TerminalId{load_be<std::uint32_t>(sale.bytes.data())},
          BootId{load_be<std::uint64_t>(sale.bytes.data() + 4)},
          load_be<std::uint32_t>(sale.bytes.data() + 12),
          {},
          {}};
}

bool is_behind(const SaleMarkRow& mark, const SaleMarkRow& known) {
  return std::tie(mark.incarnation, mark.seq) > std::tie(known.incarnation, known.seq);
}

}  // namespace

SaleAnswers::SaleAnswers(const std::vector<ApprovalRow>& rows,
                         const std::vector<SaleMarkRow>& marks)
    : table_(rows), marks_(marks) {}

SaleAnswers::Known SaleAnswers::recall(const LocalAsk& ask) const {
  const SaleMarkRow asked = mark_of(ask.sale);
  if (asked.terminal != ask.stream.terminal) {
    return Known::kMismatch;
  }
  if (asked.boot != ask.boot) {
    return Known::kClosed;
  }
  if (const ApprovalRow* row = find(ask.sale)) {
    if (row->closed_by) {
      return Known::kClosed;
    }
    return row->stream == ask.stream && row->member == ask.member &&
                   row->leg.points == ask.points && row->bill == ask.bill &&
                   row->program == ask.program
               ? Known::kSame
               : Known::kMismatch;
  }
  return is_closed(ask.sale) ? Known::kClosed : Known::kNew;
}

bool SaleAnswers::is_closed(const SaleId& sale) const {
  const SaleMarkRow asked = mark_of(sale);
  const SaleMarkRow* mark = marks_.find(asked.terminal);
  return mark != nullptr && mark->boot == asked.boot && asked.counter <= mark->counter;
}

void SaleAnswers::approve(const LocalAsk& ask, const record::FundingLeg& leg) {
  table_.put({ask.sale, ask.stream, ask.member, ask.bill, ask.program, leg, {}});
}

void SaleAnswers::note_let_through(const LocalAsk& sale, const record::FundingLeg& leg, Seq seq) {
  table_.put({sale.sale, sale.stream, sale.member, sale.bill, sale.program, leg, seq});
}

void SaleAnswers::closed_by(StreamId stream, const SaleId& sale, Seq seq) {
  const ApprovalRow* row = find(sale);
  if (row == nullptr) {
    if (mark_of(sale).terminal == stream.terminal) {
      raise_mark(sale, stream.incarnation, seq);
    }
  } else if (row->stream == stream && !row->closed_by) {
    table_.change(sale).closed_by = seq;
  }
}

std::vector<ApprovalRow> SaleAnswers::applied(StreamId stream, Seq seq) {
  std::vector<ApprovalRow> settled;
  for (const auto& [sale, row] : table_.rows()) {
    if (row.stream == stream && row.closed_by && *row.closed_by <= seq) {
      settled.push_back(row);
    }
  }
  for (const ApprovalRow& row : settled) {
    forget(row);
  }
  return settled;
}

std::optional<ApprovalRow> SaleAnswers::settle(const SaleId& sale) {
  const ApprovalRow* known = find(sale);
  if (known == nullptr) {
    return std::nullopt;
  }
  const ApprovalRow row = *known;
  forget(row);
  return row;
}

void SaleAnswers::forget_all_under(const RightKey& right) {
  std::vector<ApprovalRow> rows;
  for (const auto& [sale, row] : table_.rows()) {
    if (key_of(row.leg) == right) {
      rows.push_back(row);
    }
  }
  for (const ApprovalRow& row : rows) {
    forget(row);
  }
}

void SaleAnswers::forget(const ApprovalRow& row) {
  table_.erase(row.sale);
  raise_mark(row.sale, row.stream.incarnation, row.closed_by.value_or(Seq{}));
}

void SaleAnswers::raise_mark(const SaleId& sale, Incarnation incarnation, Seq seq) {
  SaleMarkRow mark = mark_of(sale);
  mark.incarnation = incarnation;
  mark.seq = seq;
  const SaleMarkRow* known = marks_.find(mark.terminal);
  if (known == nullptr) {
    marks_.put(mark);
  } else if (known->boot == mark.boot) {
    mark.counter = std::max(mark.counter, known->counter);
    if (is_behind(*known, mark)) {
      mark.incarnation = known->incarnation;
      mark.seq = known->seq;
    }
    if (mark != *known) {
      marks_.put(mark);
    }
  } else if (seq && is_behind(mark, *known)) {
    marks_.put(mark);
  }
}

bool SaleAnswers::any_under(const RightKey& right) const {
  return std::any_of(table_.rows().begin(), table_.rows().end(), [&](const auto& row) {
    return key_of(row.second.leg) == right;
  });
}

Points SaleAnswers::waiting() const {
  Points sum;
  for (const auto& [sale, row] : table_.rows()) {
    sum += row.leg.points;
  }
  return sum;
}

}  // namespace tally::right
