#include "core/ledger/sweep.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/ledger/posting.hpp"

namespace tally::ledger {
namespace {

bool waits(const Source& source) {
  return source.kind == AccountKind::kPending;
}

/// A transaction that no record asked for.
Txn sweep_header(TxnKind kind, MemberId member, const LedgerTime& time) {
  Txn txn;
  txn.kind = kind;
  txn.member = member;
  txn.business_day = time.today;
  txn.happened_at = time.now;
  txn.posted_at = time.now;
  return txn;
}

}  // namespace

std::optional<TxnId> vest(WorkingSet& set, TxnId accrual, const LedgerTime& time, TxnKind kind) {
  Txn* original = set.txn(accrual);
  TALLY_ASSERT(original != nullptr);
  if (std::none_of(original->sources.begin(), original->sources.end(), waits)) {
    return std::nullopt;
  }
  Txn header = sweep_header(kind, original->member, time);
  header.store = original->store;
  header.cause = accrual;
  Posting posting(set, std::move(header));
  for (Source& source : original->sources) {
    if (waits(source)) {
      source.lot =
          posting.credit(pending(original->member), source.lot, source.points, TransferCode::kVest);
      source.kind = AccountKind::kAvailable;
      source.vests_on = BusinessDay{};
      posting.txn().points += source.points;
    }
  }
  set.touch_txn(accrual);
  posting.settle();
  return posting.finish().id;
}

BusinessDay swept_until(BusinessDay today) {
  return BusinessDay{today.days - 2};
}

std::optional<TxnId> expire(WorkingSet& set, MemberId member, const LedgerTime& time) {
  const MemberEntry* entry = set.member(member);
  TALLY_ASSERT(entry != nullptr);
  std::vector<Lot> over;
  for (const Lot& lot : entry->lots.all()) {
    if (lot.ref.expires_on <= swept_until(time.today)) {
      over.push_back(lot);
    }
  }
  if (over.empty()) {
    return std::nullopt;
  }
  Posting posting(set, sweep_header(TxnKind::kExpire, member, time));
  for (const Lot& lot : over) {
    const AccountKey breakage = expired(lot.ref.issuer);
    const Points gone = posting.debit_lot(breakage, lot.ref, lot.points, TransferCode::kExpiry);
    posting.txn().points -= gone;
    set.change_expired(bucket_of(member, lot.ref), gone);
  }
  return posting.finish().id;
}

}  // namespace tally::ledger
