#include "core/ledger/funding.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/ledger/rules.hpp"

namespace tally::ledger {
namespace {

using record::FundingLeg;
using record::Record;

/// The OA does not know slices: their legs name the budget they were cut from.
RightKind granted_kind(RightKind leg) {
  return leg == RightKind::kSlice ? RightKind::kBudget : leg;
}

bool is_granted_for(const Right& right,
                    const FundingLeg& leg,
                    const Record& record,
                    StoreId store,
                    MemberId payer) {
  if (right.kind != granted_kind(leg.kind) || right.epoch != leg.epoch) {
    return false;
  }
  switch (right.kind) {
    case RightKind::kHold:
      return right.member == payer && right.holder == record.header.id.terminal.value &&
             right.sale == record.sale;
    case RightKind::kLease:
      return right.member == payer && right.store == store;
    case RightKind::kBudget:
      return right.store == store;
    case RightKind::kSlice:
      return false;
  }
  return false;
}

/// Whether the leg names a lease that this member had before being merged into `member`.
bool is_lease_of_alias(WorkingSet& set, const FundingLeg& leg, StoreId store, MemberId member) {
  const Right* right = leg.kind == RightKind::kLease ? set.right(leg.right) : nullptr;
  if (right == nullptr || right->kind != RightKind::kLease || right->store != store) {
    return false;
  }
  const MemberEntry* holder = set.member(right->member);
  return member && holder != nullptr && holder->row.alias_of == member;
}

}  // namespace

bool owns_sale(const Record& record) {
  return record.sale && terminal_of(record.sale) == record.header.id.terminal;
}

MemberId member_of(WorkingSet& set, const Record& record) {
  if (!record.card_token.empty()) {
    if (const MemberId member = set.member_of_card(record.card_token)) {
      return member;
    }
  }
  const bool known = record.member && set.member(record.member) != nullptr;
  return known ? record.member : MemberId{};
}

MemberId payer_of(WorkingSet& set, const Record& record, StoreId store) {
  if (owns_sale(record)) {
    for (const FundingLeg& leg : record.funding) {
      const Right* right = set.right(leg.right);
      if (right != nullptr && right->kind == RightKind::kHold && leg.kind == RightKind::kHold &&
          right->sale == record.sale) {
        return right->member;
      }
    }
  }
  const MemberId member = member_of(set, record);
  for (const FundingLeg& leg : record.funding) {
    if (is_lease_of_alias(set, leg, store, member)) {
      return set.right(leg.right)->member;
    }
  }
  return member;
}

Payment pay_from_rights(
    WorkingSet& set, const Record& record, StoreId store, MemberId payer, Points points) {
  Payment payment;
  Points open = points;
  for (const FundingLeg& leg : record.funding) {
    const Points part = std::min(leg.points, open);
    if (part <= Points{0}) {
      continue;
    }
    open -= part;
    Right* right = set.right(leg.right);
    if (right == nullptr || !is_granted_for(*right, leg, record, store, payer)) {
      // What went down with a lost ledger had been granted: as one that has ended.
      const bool lost = right == nullptr && set.may_be_lost(leg.right);
      (lost || TALLY_MUTANT("right/unknown-right-billed-to-member") ? payment.from_member
                                                                    : payment.unknown) += part;
      continue;
    }
    const SpendParts parts = spend(*right, part);
    set.touch_right(leg.right);
    for (const Lot& lot : parts.in_time) {
      payment.from_rights.emplace_back(leg.right, lot);
    }
    payment.from_member += parts.from_member;
    payment.unknown += parts.beyond;
  }
  payment.from_member += open;
  return payment;
}

}  // namespace tally::ledger
