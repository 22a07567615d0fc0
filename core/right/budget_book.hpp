// The budgets a gateway holds: what it approved itself for members without enough lease, and the
// slices it cut for its terminals (docs/formats/right.md). At every moment
//
//   grant = unsliced + direct + used by slices that ended + slices out
//
// A slice ends when it is known what its terminal spent: the terminal gave it back, or started
// anew, at a position of its stream, and the stream is here up to that position. What the records
// say counts; the terminal's own word only lowers it. A slice whose end cannot be proved stays out
// until the OA fences the epoch, and stays in the exposure even then. Part of GatewayRights.
#pragma once

#include <map>
#include <vector>

#include "core/right/lease_book.hpp"
#include "core/right/lifetimes.hpp"
#include "core/right/limits.hpp"
#include "core/right/right_rows.hpp"

namespace tally::right {

/// A slice as it goes to its terminal, with the OA's word for it.
struct CutSlice {
  SliceId id;
  SignedGrant budget;
  Points points;
  Duration lifetime;  ///< What is left of the budget's.
};

/// In order of precedence.
enum class CutOutcome : std::uint8_t {
  kCut = 1,  ///< New, or the one the terminal has already.
  kFrozen = 2,
  kNoBudget = 3,
  kFull = 4,       ///< Too many slices are out.
  kNotEnough = 5,  ///< Nothing is left to cut, or no terminal is to have any.
};

struct CutResult {
  CutOutcome outcome = CutOutcome::kNoBudget;
  CutSlice slice;
};

/// A terminal asks for a slice.
struct SliceAsk {
  StreamId stream;
  BootId boot;
  Points wanted;
};

/// A terminal gave its slice back: it appends nothing under it behind `head`.
struct SliceReturn {
  SliceId slice;
  Points unspent;
  Seq head;
};

class BudgetBook {
 public:
  static constexpr std::size_t kBudgetsMax = 64;
  static constexpr std::size_t kSlicesMax = 1'024;

  BudgetBook(const std::vector<BudgetRow>& rows,
             const std::vector<SliceRow>& slices,
             Duration margin);

  const BudgetRow* find(const RightKey& budget) const { return budgets_.find(budget); }
  const std::map<RightKey, BudgetRow>& rows() const { return budgets_.rows(); }
  const std::map<SliceId, SliceRow>& slices() const { return slices_.rows(); }

  /// Keeps a grant that is verified and new.
  TakeOutcome take(const SignedGrant& budget, const Moment& now);

  /// Decrements the first budget that allows it, or says how much the best one would.
  SpendVerdict spend(const Attempt& attempt,
                     const OfflineLimits& limits,
                     const MemberSoFar& so_far,
                     BootTime now);

  bool may_spend(const RightKey& budget, BootTime now) const;

  /// Cuts a slice for a terminal; one that has a slice of this boot gets the same again and must
  /// know it by its id. `id` is for a new one.
  CutResult cut(const SliceAsk& ask, const SliceId& id, BootTime now);

  /// The terminal's stream ends the slice at `head`; `received` is how far it is here. False when
  /// the slice is not out, or not this stream's, or when more of the stream is here than there is.
  bool give_back(StreamId stream, const SliceReturn& statement, Seq received);
  /// The terminal started anew, with its journal at `head`; `received` is how far it is here. A
  /// journal that is shorter than that was put back to an older one: it proves nothing.
  void terminal_started(StreamId stream, BootId boot, Seq head, Seq received);
  /// A record of the stream spent under a slice of the budget. False when the slices that were out
  /// to that terminal do not cover it.
  bool count_use(StreamId stream, BootId boot, Seq seq, const record::FundingLeg& leg);
  /// The stream is here up to `seq`: slices that ended by then are settled.
  void received(StreamId stream, Seq seq);

  /// Ends all budgets of epochs before `epoch`. Those with slices out are kept, to know the
  /// exposure.
  void fence(Epoch epoch);
  void resume(const Moment& now);
  /// Forgets a budget of which nothing is left and nothing is out.
  void erase_if_spent(const RightKey& budget);

  Points unsliced(const RightKey& budget) const;
  /// What may still be spent here or be cut.
  Points unsliced() const;
  /// Points at terminals of which nothing is known, under budgets that are fenced or are not.
  Points slices_out(bool fenced) const;

  RowChanges<RightKey, BudgetRow> take_budget_changes() { return budgets_.take_changes(); }
  RowChanges<SliceId, SliceRow> take_slice_changes() { return slices_.take_changes(); }

 private:
  void settle(const SliceId& slice);

  RowTable<RightKey, BudgetRow> budgets_;
  RowTable<SliceId, SliceRow> slices_;
  Lifetimes lifetimes_;
};

}  // namespace tally::right
