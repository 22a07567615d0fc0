// The oracle at the OA: after every commit it judges what was written, against the sums that must
// agree and against what really happened at the tills. Work per commit is bounded by what the
// commit touched; now and then everything is read again by SQL and compared.
#pragma once

#include <map>
#include <string>

#include "core/ledger/ledger_store.hpp"
#include "core/link/messages.hpp"

#include "tests/sim/ledger_mirror.hpp"
#include "tests/sim/truth.hpp"
#include "tests/sim/verdict.hpp"

namespace tally::sim {

class LedgerWatch {
 public:
  LedgerWatch(Verdict& verdict, Truth& truth)
      : verdict_(verdict), truth_(truth), tap_(LedgerMirror::views()) {}

  /// The ledger was opened: what was committed before must be there, and what the last commit left
  /// in doubt either is or is not.
  void on_opened(const std::string& path);
  void on_closing() { tap_.detach(); }

  void on_committed();
  /// What was written since the last call was rolled back.
  void on_rolled_back() { tap_.take(); }

  /// Reads every table and compares: the second way to the same figures.
  void recount();

  /// What the OA is about to tell a gateway must be on its disk.
  void on_told(const link::Message& message);

  /// A member was enrolled with this card, by the office.
  void on_enrolled(const std::string& card_token, MemberId member) { cards_[card_token] = member; }
  /// The office moved cards about: whose a card is can no longer be foretold.
  void forget_cards() { cards_.clear(); }

  /// The ledger was put back to an older state by a restore.
  void on_restored();
  /// That ledger has not been opened yet.
  bool is_being_restored() const { return restored_; }

  /// At the end, when every queue is empty.
  void check_end();

  /// The last record of a stream that was ever on the OA's disk.
  Seq ever_stored(StreamId stream) const;

  /// Whether the record with this MAC is stored.
  bool holds(StreamId stream, const StreamPosition& position) const;
  const LedgerMirror& mirror() const { return mirror_; }
  std::int64_t exposure_reached() const { return exposure_reached_; }
  MemberId owner_of(const std::string& card_token) const;

 private:
  using Touched = tally::sim::Touched;

  void judge(const Touched& touched);
  void judge_sums(const Touched& touched);
  void judge_raws(const Touched& touched);
  bool has_predecessor(const MirrorRaw& raw, const Fact& fact);
  void judge_txn(const MirrorTxn& txn);
  void judge_record(const MirrorTxn& txn, Fact& fact);
  void judge_cancellation(const MirrorTxn& txn);
  void judge_pairs(const Fact& fact);
  void judge_pair(const RecordId& cancellation, const RecordId& original);
  void judge_rights(const Touched& touched);
  void judge_refusal(const link::RecordRefusal& refusal);
  bool names(const MirrorTxn& cancellation, const MirrorTxn& original);
  void judge_number(std::int64_t id, const MirrorRight& right);
  void forgive_lost(const LedgerMirror& restored);

  Verdict& verdict_;
  Truth& truth_;
  TableTap tap_;
  LedgerMirror mirror_;
  std::map<std::string, MemberId> cards_;
  std::map<StreamId, Seq> ever_stored_;
  /// Whose sale each number of a right was given to, in every ledger there was.
  std::map<std::int64_t, std::pair<std::int64_t, SaleId>> numbers_given_;
  std::vector<link::NumberBlock> blocks_told_;
  bool opened_before_ = false;
  bool restored_ = false;
  std::int64_t exposure_reached_ = 0;
};

}  // namespace tally::sim
