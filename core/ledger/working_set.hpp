// Everything a batch of asks and records touches, read before the decision and written after it
// (docs/formats/ledger.md, "Read, decide, write"). The store fills it with load_…(), the rules look
// things up and change them here, the store writes what changed. Belongs to the writer thread.
//
// A key the plan named and the store did not find is absent. A key the plan did not name is a
// programming error, so a forgotten read cannot pass for "not there".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/ledger/right.hpp"
#include "core/ledger/txn.hpp"

namespace tally::ledger {

/// What a batch needs to see. The store adds what hangs on it: the member of a card, the original
/// of a cancellation, its member and what expired of the lots it went into, rights and transactions
/// of a sale, open RISK of a member.
struct ReadPlan {
  std::set<RecordId> records;  ///< Of the batch, and the originals they name.
  std::set<SaleId> sales;
  std::set<std::string> cards;
  std::set<MemberId> members;
  std::set<RightId> rights;
  std::set<TicketKey> tickets;
  std::map<TxnId, MemberId> txns;    ///< Each with its member, who decides the shard.
  std::set<MemberId> leases_of;      ///< Their leases that are granted.
  std::set<StoreId> stores_at_risk;  ///< RISK, and budgets and fenced rights that are open.
};

/// Lots of one member, one expiry day and one issuer, live or not.
struct Bucket {
  MemberId member;
  BusinessDay expires_on;
  StoreId issuer;
  auto operator<=>(const Bucket&) const = default;
};

inline Bucket bucket_of(MemberId member, const LotRef& lot) {
  return {member, lot.expires_on, lot.issuer};
}

struct MemberEntry {
  Member row;
  LotList lots;
  std::vector<Lot> lots_read;    ///< As stored; the difference is what has to be written.
  std::vector<TxnId> risk_txns;  ///< Transactions that still have a RISK source, oldest first.
  bool is_new = false;
  bool dirty = false;
};

template <class T>
struct Entry {
  T row;
  bool is_new = false;
  bool dirty = false;
};

/// The last numbers given out.
struct Counters {
  std::int64_t txn = 0;
  std::int64_t right = 0;
  std::int64_t member = 0;
};

/// A card, and whose it is.
struct CardEntry {
  MemberId member;
  CardState state = CardState::kActive;
};

/// Numbers of rights that an OA gave out after the back-up from which the ledger was restored:
/// nobody knows them any more, though records name them.
struct LostRights {
  RightId first;
  RightId last;
};

struct NewTransfer {
  TxnId txn;
  MemberId member;  ///< Of the transaction: decides the shard.
  std::uint32_t leg = 0;
  Transfer transfer;
};

class WorkingSet {
 public:
  explicit WorkingSet(ReadPlan plan = {}) : plan_(std::move(plan)) {}

  // --- the store's side ---
  const ReadPlan& plan() const { return plan_; }
  void load_counters(Counters counters) { counters_ = counters; }
  void load_lost_rights(LostRights lost) { lost_rights_.push_back(lost); }
  void load_member(MemberEntry entry);
  void load_card(const std::string& token, MemberId member, CardState state = CardState::kActive);
  void load_txn(Txn txn);
  void load_right(Right right);
  void load_sale(Sale sale);
  void load_tombstone(const Tombstone& tombstone);
  void load_ticket(TicketKey key, RecordId owner);
  void load_expired(const Bucket& bucket, Points points);
  void load_risk(StoreId store, Points balance);

  // --- the rules' side: look-ups; a pointer stays valid until the set is gone ---
  MemberEntry* member(MemberId id);
  MemberId member_of_card(const std::string& token) const;  ///< None when nobody has it.
  CardState state_of_card(const std::string& token) const;  ///< Active when nobody has it.
  Txn* txn(TxnId id);
  Txn* txn_of_record(const RecordId& id);
  std::vector<TxnId> txns_of_sale(const SaleId& sale) const;
  Right* right(RightId id);
  std::vector<RightId> rights_of_sale(const SaleId& sale) const;
  /// Leases of the member that are granted.
  std::vector<RightId> leases_of(MemberId member) const;
  /// Budgets granted to the store's gateways and fenced rights of the store, as far as not all of
  /// them is used.
  std::vector<RightId> open_at_risk(StoreId store) const;
  /// The balance of RISK: zero or below.
  Points risk_of_store(StoreId store) const;
  bool may_be_lost(RightId id) const;  ///< Granted by a ledger that was lost, for all we know.
  Sale* sale(const SaleId& id);
  std::vector<Tombstone> tombstones_for(const RecordId& original, const SaleId& sale) const;
  std::optional<RecordId> ticket_owner(const TicketKey& key) const;
  /// What of a bucket has expired and was not taken back; read for the lots an accrual of the plan
  /// went into.
  Points expired_of(const Bucket& bucket) const;

  // --- the rules' side: changes ---
  MemberEntry& add_member(Member member);
  void add_card(const std::string& token, MemberId member);
  void set_card_state(const std::string& token, CardState state);
  /// All cards, also those that are not in the set.
  void move_cards(MemberId from, MemberId to);
  void add_transit(const Transit& transit) { new_transits_.push_back(transit); }
  void end_transit(TxnId txn) { ended_transits_.push_back(txn); }
  TxnId next_txn() { return TxnId{++counters_.txn}; }
  RightId next_right() { return RightId{static_cast<std::uint64_t>(++counters_.right)}; }
  MemberId next_member() { return MemberId{++counters_.member}; }
  void touch(MemberEntry& entry) { entry.dirty = true; }
  Txn& add_txn(Txn txn);
  void touch_txn(TxnId id);
  void add_transfer(const Txn& txn, std::uint32_t leg, const Transfer& transfer);
  Right& add_right(Right right);
  void touch_right(RightId id);
  Sale& open_sale(const SaleId& id);  ///< The row, made when there is none; counts as changed.
  void add_tombstone(const Tombstone& tombstone);
  void reserve_ticket(const TicketKey& key, const RecordId& owner);
  void change_expired(const Bucket& bucket, Points delta);

  // --- the store's side again: what changed ---
  const Counters& counters() const { return counters_; }
  const std::map<MemberId, MemberEntry>& members() const { return members_; }
  const std::map<std::string, MemberId>& new_cards() const { return new_cards_; }
  const std::map<std::string, CardState>& changed_cards() const { return changed_cards_; }
  const std::vector<std::pair<MemberId, MemberId>>& moved_cards() const { return moved_cards_; }
  const std::vector<Transit>& new_transits() const { return new_transits_; }
  const std::vector<TxnId>& ended_transits() const { return ended_transits_; }
  const std::map<TxnId, Entry<Txn>>& txns() const { return txns_; }
  const std::map<RightId, Entry<Right>>& rights() const { return rights_; }
  const std::map<SaleId, Entry<Sale>>& sales() const { return sales_; }
  const std::vector<NewTransfer>& transfers() const { return transfers_; }
  const std::vector<Tombstone>& new_tombstones() const { return new_tombstones_; }
  const std::map<TicketKey, RecordId>& new_tickets() const { return new_tickets_; }
  const std::map<Bucket, Points>& expired_changes() const { return expired_changes_; }

 private:
  ReadPlan plan_;
  Counters counters_;
  std::vector<LostRights> lost_rights_;
  std::map<MemberId, MemberEntry> members_;
  std::map<std::string, CardEntry> cards_;
  std::map<std::string, MemberId> new_cards_;
  std::map<std::string, CardState> changed_cards_;
  std::vector<std::pair<MemberId, MemberId>> moved_cards_;
  std::vector<Transit> new_transits_;
  std::vector<TxnId> ended_transits_;
  std::map<TxnId, Entry<Txn>> txns_;
  std::map<RecordId, TxnId> txn_of_record_;
  std::multimap<SaleId, TxnId> txns_of_sale_;
  std::map<RightId, Entry<Right>> rights_;
  std::multimap<SaleId, RightId> rights_of_sale_;
  std::map<SaleId, Entry<Sale>> sales_;
  std::vector<Tombstone> tombstones_;
  std::vector<Tombstone> new_tombstones_;
  std::map<TicketKey, RecordId> tickets_;
  std::map<TicketKey, RecordId> new_tickets_;
  std::map<Bucket, Points> expired_;
  std::map<Bucket, Points> expired_changes_;
  std::map<StoreId, Points> risks_;
  std::vector<NewTransfer> transfers_;
};

}  // namespace tally::ledger
