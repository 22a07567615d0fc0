#include "core/ledger/posting.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"

namespace tally::ledger {

Posting::Posting(WorkingSet& set, Txn txn) : set_(set), txn_(std::move(txn)) {
  txn_.id = set_.next_txn();
  if (txn_.member) {
    entry_ = set_.member(txn_.member);
    TALLY_ASSERT(entry_ != nullptr);
  }
}

MemberEntry& Posting::entry() {
  TALLY_ASSERT(entry_ != nullptr);
  set_.touch(*entry_);
  return *entry_;
}

void Posting::change(const AccountKey& key, Points delta) {
  Points* balance = nullptr;
  switch (key.kind) {
    case AccountKind::kAvailable:
      TALLY_ASSERT(key == available(txn_.member));
      balance = &entry().row.available;
      break;
    case AccountKind::kEscrow:
      balance = &entry().row.held;
      break;
    case AccountKind::kPending:
      balance = &entry().row.pending;
      break;
    case AccountKind::kDebt:
      balance = &entry().row.debt;
      break;
    case AccountKind::kRisk:
      balance = &entry().row.risk;
      break;
    case AccountKind::kIssuance:
    case AccountKind::kRedeemed:
    case AccountKind::kExpired:
    case AccountKind::kSuspense:
    case AccountKind::kTransit:
      return;  // Not this member's; the store folds them from the legs.
  }
  *balance += delta;
  TALLY_ASSERT(may_be_negative(key.kind) ? *balance <= Points{0} : *balance >= Points{0});
}

void Posting::leg(const Transfer& transfer) {
  TALLY_ASSERT(transfer.from != transfer.to);
  change(transfer.from, -transfer.points);
  change(transfer.to, transfer.points);
  set_.add_transfer(txn_, ++legs_, transfer);
}

LotRef Posting::credit(const AccountKey& from, LotRef lot, Points points, TransferCode code) {
  if (points == Points{0}) {
    return lot;
  }
  MemberEntry& member = entry();
  if (!lot.id) {
    lot.id = LotId{member.row.last_lot.value + 1};
  }
  const LotRef landed = member.lots.add(lot, points);
  member.row.last_lot = std::max(member.row.last_lot, landed.id);
  leg({from, available(txn_.member), points, code, landed});
  return landed;
}

void Posting::credit_pending(
    const AccountKey& from, LotRef lot, BusinessDay vests_on, Points points, TransferCode code) {
  if (points == Points{0}) {
    return;
  }
  lot.id = LotId{};
  leg({from, pending(txn_.member), points, code, lot});
  add_source({AccountKind::kPending, StoreId{}, lot, points, vests_on});
}

std::vector<Lot> Posting::debit(const AccountKey& to, Points up_to, TransferCode code) {
  std::vector<Lot> parts = entry().lots.take(up_to);
  for (const Lot& part : parts) {
    leg({available(txn_.member), to, part.points, code, part.ref});
  }
  return parts;
}

Points Posting::debit_lot(const AccountKey& to,
                          const LotRef& lot,
                          Points up_to,
                          TransferCode code) {
  const Points taken = entry().lots.take_from(lot, up_to);
  if (taken > Points{0}) {
    leg({available(txn_.member), to, taken, code, lot});
  }
  return taken;
}

void Posting::move(const AccountKey& from,
                   const AccountKey& to,
                   Points points,
                   TransferCode code,
                   const LotRef& lot) {
  TALLY_ASSERT(from.kind != AccountKind::kAvailable && to.kind != AccountKind::kAvailable);
  if (points > Points{0}) {
    leg({from, to, points, code, lot});
  }
}

void Posting::settle() {
  MemberEntry& member = entry();
  while (member.row.available > Points{0} && !member.risk_txns.empty()) {
    const TxnId oldest = member.risk_txns.front();
    Txn* covered = set_.txn(oldest);
    TALLY_ASSERT(covered != nullptr);
    const auto open =
        std::find_if(covered->sources.begin(), covered->sources.end(), [](const Source& source) {
          return source.kind == AccountKind::kRisk;
        });
    if (open == covered->sources.end()) {
      member.risk_txns.erase(member.risk_txns.begin());
      continue;
    }
    const Points points = std::min(open->points, member.row.available);
    const StoreId store = open->store;
    open->points -= points;
    if (open->points == Points{0}) {
      covered->sources.erase(open);
    }
    // From now on a cancellation of that redemption gives these lots back, not the store's risk.
    for (const Lot& part : debit(risk(store), points, TransferCode::kRepayRisk)) {
      covered->sources.push_back(Source{AccountKind::kAvailable, StoreId{}, part.ref, part.points});
    }
    set_.touch_txn(oldest);
  }
  if (member.row.debt < Points{0}) {
    debit(debt(txn_.member), -member.row.debt, TransferCode::kRepayDebt);
  }
}

Txn& Posting::finish() {
  if (entry_ != nullptr) {
    txn_.balance_after = entry_->row.available;
  }
  return set_.add_txn(std::move(txn_));
}

}  // namespace tally::ledger
