// Builds one transaction on a working set: every move changes the accounts of its member at once
// and becomes a leg. All legs of one posting concern one member (or none). Nothing is durable until
// the store has written the set.
#pragma once

#include <vector>

#include "core/ledger/working_set.hpp"

namespace tally::ledger {

class Posting {
 public:
  /// `txn` without id; its member, when it has one, must be in the set.
  Posting(WorkingSet& set, Txn txn);

  /// `from` → AVAILABLE, into `lot` or the live lot of the same expiry and issuer. A lot without id
  /// gets the member's next one. Nothing when points is zero.
  LotRef credit(const AccountKey& from, LotRef lot, Points points, TransferCode code);

  /// `from` → PENDING, as a source of this transaction that waits for `vests_on`; vest() moves it
  /// into `lot`. Nothing when points is zero.
  void credit_pending(
      const AccountKey& from, LotRef lot, BusinessDay vests_on, Points points, TransferCode code);

  /// AVAILABLE → `to` in spending order; less when the lots hold less. Returns the parts.
  std::vector<Lot> debit(const AccountKey& to, Points up_to, TransferCode code);

  /// AVAILABLE → `to` out of one lot; returns how much was there.
  Points debit_lot(const AccountKey& to, const LotRef& lot, Points up_to, TransferCode code);

  /// Between accounts other than AVAILABLE. Nothing when points is zero.
  void move(const AccountKey& from,
            const AccountKey& to,
            Points points,
            TransferCode code,
            const LotRef& lot = {});

  /// Points that came back, or came anew, first cover what stores let through for this member
  /// (RISK), then what the member owes (DEBT): with points available neither is open.
  void settle();

  /// What a later cancellation gives back, and to where.
  void add_source(Source source) { txn_.sources.push_back(source); }

  Txn& txn() { return txn_; }

  /// Completes the transaction with the member's balance and adds it to the set.
  Txn& finish();

 private:
  void change(const AccountKey& key, Points delta);
  void leg(const Transfer& transfer);
  MemberEntry& entry();

  WorkingSet& set_;
  Txn txn_;
  MemberEntry* entry_ = nullptr;
  std::uint32_t legs_ = 0;
};

}  // namespace tally::ledger
