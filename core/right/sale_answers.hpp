// One sale, one answer: the sales that were approved here, or by a terminal alone, until they are
// at the OA. Asking again under the same sale id gives the first answer; other contents are a
// mismatch. What is forgotten leaves a mark: a terminal numbers its sales within a boot, so
// everything up to the mark is closed. Part of GatewayRights.
#pragma once

#include <optional>
#include <vector>

#include "core/right/right_rows.hpp"

namespace tally::right {

/// What a terminal asks to be let through.
struct LocalAsk {
  SaleId sale;
  StreamId stream;
  MemberId member;
  Points points;
  Money bill;
  ProgramVersion program;
  BootId
      boot;  ///< Of the terminal, as its connection said. Nobody asks for a sale of another boot.
};

class SaleAnswers {
 public:
  /// Approvals that may wait for the OA; more are facts of terminals only.
  static constexpr std::size_t kApprovalsMax = 4'096;

  enum class Known : std::uint8_t { kNew, kSame, kMismatch, kClosed };

  SaleAnswers(const std::vector<ApprovalRow>& rows, const std::vector<SaleMarkRow>& marks);

  const ApprovalRow* find(const SaleId& sale) const { return table_.find(sale); }
  const std::map<SaleId, ApprovalRow>& rows() const { return table_.rows(); }

  Known recall(const LocalAsk& ask) const;
  bool is_full() const { return table_.size() >= kApprovalsMax; }

  void approve(const LocalAsk& ask, const record::FundingLeg& leg);

  /// A terminal let the sale through alone, as its record at `seq` says.
  void note_let_through(const LocalAsk& sale, const record::FundingLeg& leg, Seq seq);
  /// The record at `seq` of the terminal's stream ends the sale. One that was never approved here
  /// is marked as closed; one of another stream stays as it is.
  void closed_by(StreamId stream, const SaleId& sale, Seq seq);

  /// The stream is applied up to `seq`: sales that ended by then are forgotten, and returned.
  std::vector<ApprovalRow> applied(StreamId stream, Seq seq);
  /// The sale is at the OA by another way. None when it was not known.
  std::optional<ApprovalRow> settle(const SaleId& sale);

  /// All sales of a right that has ended.
  void forget_all_under(const RightKey& right);

  /// Whether the sale is one of those that are forgotten.
  bool is_closed(const SaleId& sale) const;

  bool any_under(const RightKey& right) const;
  Points waiting() const;

  RowChanges<SaleId, ApprovalRow> take_changes() { return table_.take_changes(); }
  RowChanges<TerminalId, SaleMarkRow> take_mark_changes() { return marks_.take_changes(); }

 private:
  void forget(const ApprovalRow& row);
  /// `seq`: of the record that ended the sale, 0 when it is not known. Boots are random: only their
  /// records tell which of two is the newer one.
  void raise_mark(const SaleId& sale, Incarnation incarnation, Seq seq);

  RowTable<SaleId, ApprovalRow> table_;
  RowTable<TerminalId, SaleMarkRow> marks_;
};

}  // namespace tally::right
