// The OA's ledger as the oracle adds it up for itself, row by row as rows are written, with the
// sums that must agree. Filled in two ways that are compared now and then: from what SQLite was
// told to write, and by reading the tables.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "core/base/ids.hpp"

#include "tests/sim/table_tap.hpp"
#include "tests/sim/transfer_fold.hpp"

namespace tally::sim {

class Truth;

/// In the order of LedgerMirror::views().
enum class Table : std::uint8_t {
  kMember,
  kLot,
  kTxn,
  kTxnSource,
  kTransfer,
  kAccount,
  kRight,
  kRightLot,
  kRawRecord,
  kQuarantine,
};

struct MirrorMember {
  std::int64_t available = 0;
  std::int64_t held = 0;
  std::int64_t pending = 0;
  std::int64_t debt = 0;
  std::int64_t risk = 0;
  std::int64_t in_lots = 0;
  std::int64_t in_rights = 0;
  auto operator<=>(const MirrorMember&) const = default;
};

struct MirrorTxn {
  std::int64_t id = 0;
  std::int64_t member = 0;
  std::int64_t kind = 0;
  std::optional<RecordId> record;
  Mac mac{};
  SaleId sale;
  std::int64_t store = 0;
  std::int64_t points = 0;
  std::int64_t about = 0;
  std::int64_t cause = 0;
  std::int64_t cancelled = 0;  ///< By all that are about it.
  std::int64_t left = 0;       ///< In its sources.
  std::int64_t corrected = 0;  ///< By all corrections of it, signed.

  /// Void, refund, reversal: what is about another transaction and takes of it.
  bool is_cancellation() const { return about != 0 && kind >= 3 && kind <= 5; }
  std::int64_t whole() const { return std::abs(points + corrected); }
  auto operator<=>(const MirrorTxn&) const = default;
};

struct MirrorRight {
  std::int64_t kind = 0;
  std::int64_t state = 0;
  std::int64_t granted = 0;
  std::int64_t used = 0;
  std::int64_t member = 0;
  SaleId sale;
  std::int64_t in_lots = 0;
  auto operator<=>(const MirrorRight&) const = default;
};

struct MirrorRaw {
  RecordId id;
  std::int64_t copy = 0;
  Mac mac{};
  Mac prev_mac{};
  auto operator<=>(const MirrorRaw&) const = default;
};

/// Which entries a batch has touched: what has to be checked again.
struct Touched {
  std::set<std::int64_t> members;
  std::set<std::int64_t> rights;
  std::set<std::int64_t> originals;  ///< Transactions whose sources or cancellations changed.
  std::set<std::pair<std::int64_t, std::int64_t>> accounts;
  std::vector<std::int64_t> txns;   ///< New ones, in the order they were written.
  std::vector<std::int64_t> raws;   ///< New numbers.
  std::vector<std::int64_t> freed;  ///< Raw numbers that left quarantine.
  std::vector<std::string> wrong_lots;
};

class LedgerMirror {
 public:
  using Account = TransferFold::Account;
  using LotKey = TransferFold::LotKey;

  static std::span<const TableView> views();

  /// Takes one change that was committed.
  void take(const RowChange& change, Touched& touched);
  /// Everything that the tables say; the mirror must be empty.
  void load(const TableTap& tap);
  /// What differs from another mirror of the same ledger; empty when nothing does.
  std::string difference(const LedgerMirror& other) const;

  std::int64_t sum_of_all() const { return sum_of_all_; }
  const std::map<std::int64_t, MirrorMember>& members() const { return members_; }
  const MirrorTxn* txn(std::int64_t id) const;
  const std::map<std::int64_t, MirrorRight>& rights() const { return rights_; }
  const MirrorRight* right(std::int64_t id) const;
  const MirrorRaw* raw(std::int64_t number) const;
  /// Stored records at one place of a stream.
  std::vector<const MirrorRaw*> raws_at(StreamId stream, Seq seq) const;
  /// The last place of each stream at which a record is stored.
  std::map<StreamId, Seq> heads() const;
  std::size_t posted(const RecordId& id) const;
  /// The transaction that posts a record; null when none does.
  const MirrorTxn* txn_of(const RecordId& id) const;
  /// Whether one transaction cancels another, itself or by one it is the cause of.
  bool cancels(const MirrorTxn& cancellation, const MirrorTxn& original) const;
  bool is_quarantined(std::int64_t raw_number) const { return quarantined_.contains(raw_number); }
  std::size_t quarantine_count() const { return quarantined_.size(); }
  const std::vector<std::int64_t>& rights_of(const SaleId& sale) const;
  /// What the transfers add up to.
  std::int64_t folded(Account account) const { return transfers_.sum(account); }
  std::int64_t balance(Account account) const;
  /// Σ over the owners of one kind.
  std::int64_t balance_of_kind(std::int64_t kind) const;
  /// Whether lots folded from the transfers are those of the table, for one member.
  bool lots_agree(std::int64_t member) const { return transfers_.lots_are(member, lots_); }
  /// How many holds are granted under a sale.
  std::int64_t holds_of_sale(const SaleId& sale) const;
  /// A right that is still open although its terminal has sent everything; empty when none is.
  std::string open_rights(const Truth& truth) const;
  /// What another, older mirror has and this one lacks; empty when nothing.
  std::string lacks(const LedgerMirror& older) const;
  /// Tells the truth what is posted and what is in quarantine.
  void mark_posted(Truth& truth) const;

 private:
  void put(Table table, const Row& row, Touched& touched);
  void erase(Table table, const Row& row, Touched& touched);
  void put_txn(const Row& row, Touched& touched);
  void set_member(const Row& row, Touched& touched);

  bool loading_ = false;
  std::int64_t sum_of_all_ = 0;
  std::map<std::int64_t, MirrorMember> members_;
  std::map<LotKey, std::int64_t> lots_;
  std::map<std::int64_t, MirrorTxn> txns_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> sources_;  ///< By txn and number.
  std::map<RecordId, std::vector<std::int64_t>> posted_;     ///< Transactions of a record.
  std::map<std::int64_t, std::vector<std::int64_t>> about_;  ///< Cancellations of a transaction.
  TransferFold transfers_;
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, std::int64_t> accounts_;
  std::map<Account, std::int64_t> balances_;
  std::map<std::int64_t, MirrorRight> rights_;
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, std::int64_t> right_lots_;
  std::map<SaleId, std::vector<std::int64_t>> rights_of_sale_;
  std::map<std::int64_t, MirrorRaw> raws_;
  std::map<std::pair<StreamId, Seq>, std::vector<std::int64_t>> raws_at_;
  std::set<std::int64_t> quarantined_;
};

}  // namespace tally::sim
