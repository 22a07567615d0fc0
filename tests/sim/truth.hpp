// What really happened at the tills, kept outside the system: every record a terminal has synced,
// what every customer was shown, which streams a fault has taken the ground from. The other parts
// of the oracle judge the layers against it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/node/terminal_journal.hpp"
#include "core/record/record.hpp"
#include "core/record/seal.hpp"

#include "tests/sim/verdict.hpp"

namespace tally::sim {

struct RecordIdHash {
  std::size_t operator()(const RecordId& id) const {
    const std::uint64_t stream = (std::uint64_t{id.terminal.value} << 32) | id.incarnation.value;
    return static_cast<std::size_t>((stream * 0x9e3779b97f4a7c15U) ^ id.boot.value ^
                                    (id.seq.value * 0xbf58476d1ce4e5b9U));
  }
};

/// One record that a terminal has synced.
struct Fact {
  RecordId id;
  Mac mac{};
  Mac prev_mac{};
  record::RecordKind kind = record::RecordKind::kNote;
  SaleId sale;
  std::string card_token;
  Points points;                     ///< Of an accrual or redemption, above zero.
  Money bill;                        ///< Of an accrual or redemption.
  std::optional<RecordId> original;  ///< Of a void, refund, reversal.
  Money returned;                    ///< Of a refund.
  std::optional<record::ReversalReason> reversal;
  std::vector<record::FundingLeg> funding;
  BusinessDay business_day;
  WallTime wall;
  BootTime boot_time;
  ClockQuality clock_quality = ClockQuality::kUnknown;
  bool marked = false;  ///< Its shown mark is synced.
  bool undone = false;  ///< Reversed at a boot because nobody had seen it.
  bool seen = false;    ///< A customer saw it approved.
  bool posted = false;  ///< At the OA.
  bool aside = false;   ///< In quarantine at the OA.
};

/// A result on a screen.
struct Seen {
  std::string receipt_number;
  Points earned;
  Points redeemed;
  bool is_return = false;  ///< A void or refund.
  bool offline = false;
};

class Truth {
 public:
  explicit Truth(Verdict& verdict) : verdict_(verdict) {}

  void set_key(StreamId stream, const record::RecordKey& key) { keys_[stream] = key; }

  /// The terminal's disk has taken this change.
  void on_committed(StreamId stream, const node::TerminalCommit& commit);
  /// The terminal's disk refused the change, or died over it: what is there is told at the opening.
  void on_opened(StreamId stream,
                 const node::TerminalSnapshot& snapshot,
                 const std::vector<node::JournalRow>& after_known);
  /// The last record known to be on a terminal's disk.
  StreamPosition head(StreamId stream) const;
  /// The first one that is sure to be there still.
  Seq oldest(StreamId stream) const;

  /// A result was shown (and printed): it must be on disk with its mark by now. Gives its records.
  std::vector<const Fact*> on_seen(StreamId stream, const Seen& seen);

  /// The disk was replaced by an older or another one: what it holds no longer binds this stream.
  void on_disk_rolled_back(StreamId stream);
  /// The stream's disk is gone for good: what the OA has not got is lost with it.
  void on_disk_lost(StreamId stream);
  /// The OA's ledger was put back: what is posted and put aside is told anew.
  void on_ledger_restored();
  /// So many points may be overspent because of a fault, whatever happens to the tills.
  void allow_exposure(Points points) { exposure_allowed_ += points; }
  bool rolled_back(StreamId stream) const { return rolled_back_.contains(stream); }
  bool lost(StreamId stream) const { return lost_.contains(stream); }
  /// Whether any stream of a terminal has lost its ground.
  bool any_lost(TerminalId terminal) const;

  Fact* find(const RecordId& id);
  /// All records of a sale, in order.
  const std::vector<RecordId>& of_sale(const SaleId& sale) const;
  /// Voids, refunds and reversals that name this record.
  const std::vector<RecordId>& naming(const RecordId& original) const;
  /// The OA is about to say that it has applied all up to this record.
  void on_applied_said(StreamId stream, const StreamPosition& position) {
    streams_[stream].said_applied.insert(position);
  }
  /// All records ever made in one place of a stream, one a branch.
  const std::vector<RecordId>& at(StreamId stream, Seq seq) const;
  /// Whether a terminal made a record with this MAC at this place.
  bool made(StreamId stream, const StreamPosition& position) const;

  /// At the end: what customers saw is at the OA, once.
  void check_all_arrived();
  /// What a store's redemptions under a lost ground could have overspent, and what was allowed.
  Points exposure_bound() const;

  std::uint64_t sales() const { return sales_; }
  std::uint64_t redemptions() const { return redemptions_; }
  std::uint64_t offline_redemptions() const { return offline_redemptions_; }

 private:
  struct Stream {
    StreamPosition head;
    Seq applied;
    Seq oldest{1};
    std::set<StreamPosition> said_applied;  ///< By the OA.
    WallTime last_wall;                     ///< Of the record made last.
    std::set<RecordId> unshown;  ///< Sales that the last opening found without their mark.
    std::map<Seq, std::vector<RecordId>> by_seq;
  };

  void add_row(StreamId id, Stream& stream, const node::JournalRow& row);
  void check_time(Stream& stream, const record::Record& record);
  void check_reversal(const Fact& reversal);
  void check_recovery(StreamId id, Stream& stream, const node::TerminalCommit& commit);
  StreamPosition before(StreamId id, const node::JournalRow& row) const;

  Verdict& verdict_;
  std::map<StreamId, record::RecordKey> keys_;
  std::map<StreamId, Stream> streams_;
  std::unordered_map<RecordId, Fact, RecordIdHash> facts_;
  std::map<SaleId, std::vector<RecordId>> sales_of_;
  std::unordered_map<RecordId, std::vector<RecordId>, RecordIdHash> naming_;
  std::set<StreamId> rolled_back_;
  std::set<StreamId> lost_;
  Points exposure_allowed_;
  std::uint64_t sales_ = 0;
  std::uint64_t redemptions_ = 0;
  std::uint64_t offline_redemptions_ = 0;
};

}  // namespace tally::sim
