// What a gateway keeps on its disk about the rights it holds: one row for each lease, budget,
// slice, approved sale and member, and what has changed of them since the last commit. Plain values
// between the books of this folder and whoever writes them (docs/formats/right.md). A book hands
// out its changes once; they are durable, and anything may be told, when the commit that holds them
// is. After a commit that failed the books are made anew from the rows on disk.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/right/grant.hpp"

namespace tally::right {

/// Names a right for ever: an OA restored from a back-up may give an id again, in a new epoch.
struct RightKey {
  Epoch epoch;
  RightId id;
  auto operator<=>(const RightKey&) const = default;
};

inline RightKey key_of(const Grant& grant) {
  return {grant.epoch, grant.id};
}
inline RightKey key_of(const record::FundingLeg& leg) {
  return {leg.epoch, leg.right};
}

/// Names a slice between a gateway and a terminal; the OA knows none.
struct SliceId {
  Epoch epoch;
  BootId gateway_boot;
  std::uint64_t n = 0;  ///< Rises for each gateway, over its boots.
  auto operator<=>(const SliceId&) const = default;
};

struct LeaseRow {
  SignedGrant lease;
  WallTime received;    ///< The earliest it can have been.
  bool closed = false;  ///< Nothing is spent any more; to be returned.
  Points used;          ///< Gross: nothing that is undone comes back.
  bool operator==(const LeaseRow&) const = default;

  Points unspent() const { return lease.grant.points - used; }
};

struct BudgetRow {
  SignedGrant budget;
  WallTime received;  ///< The earliest it can have been.
  bool fenced = false;
  Points direct;     ///< Approved at the gateway, gross.
  Points by_slices;  ///< Used, or not given back, by slices that ended.
  bool operator==(const BudgetRow&) const = default;
};

/// A slice at a terminal, until it is known what the terminal spent of it.
struct SliceRow {
  SliceId id;
  RightKey budget;  ///< The grant it was cut from.
  StreamId stream;
  BootId terminal_boot;
  Points points;
  Points used;                   ///< By records that are here.
  std::optional<Seq> ends_at;    ///< No record behind this one uses it.
  std::optional<Points> stated;  ///< Unspent, as the terminal said when it gave it back.
  bool operator==(const SliceRow&) const = default;
};

/// A sale that was approved here, or by a terminal alone, and is not known to be at the OA.
struct ApprovalRow {
  SaleId sale;
  StreamId stream;
  MemberId member;
  Money bill;
  ProgramVersion program;
  record::FundingLeg leg;
  std::optional<Seq>
      closed_by;  ///< The redemption or reversal with which it ends, once it is here.
  bool operator==(const ApprovalRow&) const = default;
};

/// What is forgotten of a terminal's sales: those up to this counter, in this boot.
struct SaleMarkRow {
  TerminalId terminal;
  BootId boot;
  std::uint32_t counter = 0;
  Incarnation
      incarnation;  ///< With seq, the record that raised it: a boot behind it is a newer one.
  Seq seq;
  bool operator==(const SaleMarkRow&) const = default;
};

/// What a member was let spend without the OA.
struct MemberUseRow {
  MemberId member;
  Points under_cap;  ///< Out of budgets of this epoch.
  BusinessDay day;
  Points day_points;  ///< On that day, out of leases and budgets.
  std::uint32_t day_sales = 0;
  bool operator==(const MemberUseRow&) const = default;
};

struct HolderRow {
  Epoch epoch;            ///< Rights of older ones have ended.
  RightId watermark;      ///< The highest id of this epoch that came, kept or not.
  RightId newest_budget;  ///< Of this epoch, whether it is still there or used up.
  std::uint64_t slices_cut = 0;
  bool operator==(const HolderRow&) const = default;
};

inline RightKey key_of(const LeaseRow& row) {
  return key_of(row.lease.grant);
}
inline RightKey key_of(const BudgetRow& row) {
  return key_of(row.budget.grant);
}
inline SliceId key_of(const SliceRow& row) {
  return row.id;
}
inline SaleId key_of(const ApprovalRow& row) {
  return row.sale;
}
inline TerminalId key_of(const SaleMarkRow& row) {
  return row.terminal;
}
inline MemberId key_of(const MemberUseRow& row) {
  return row.member;
}

template <class Key, class Row>
struct RowChanges {
  std::vector<Row> written;  ///< Whole rows, new or in place of the old.
  std::vector<Key> erased;   ///< Perhaps of rows that were never written.

  bool empty() const { return written.empty() && erased.empty(); }
};

/// All rows, as a start finds them.
struct RightRows {
  HolderRow holder;
  std::vector<LeaseRow> leases;
  std::vector<BudgetRow> budgets;
  std::vector<SliceRow> slices;
  std::vector<ApprovalRow> approvals;
  std::vector<SaleMarkRow> sale_marks;
  std::vector<MemberUseRow> member_uses;
};

/// What belongs into the next commit, all of it or nothing.
struct RightChanges {
  std::optional<HolderRow> holder;
  RowChanges<RightKey, LeaseRow> leases;
  RowChanges<RightKey, BudgetRow> budgets;
  RowChanges<SliceId, SliceRow> slices;
  RowChanges<SaleId, ApprovalRow> approvals;
  RowChanges<TerminalId, SaleMarkRow> sale_marks;
  RowChanges<MemberId, MemberUseRow> member_uses;

  bool empty() const {
    return !holder && leases.empty() && budgets.empty() && slices.empty() && approvals.empty() &&
           sale_marks.empty() && member_uses.empty();
  }
};

/// Rows by their key, and which of them have changed.
template <class Key, class Row>
class RowTable {
 public:
  RowTable() = default;
  explicit RowTable(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      rows_.emplace(key_of(row), row);
    }
  }

  const std::map<Key, Row>& rows() const { return rows_; }
  std::size_t size() const { return rows_.size(); }

  const Row* find(const Key& key) const {
    const auto row = rows_.find(key);
    return row == rows_.end() ? nullptr : &row->second;
  }

  /// The row to change; it must be there.
  Row& change(const Key& key) {
    changed_.insert(key);
    return rows_.at(key);
  }

  void put(const Row& row) {
    changed_.insert(key_of(row));
    rows_.insert_or_assign(key_of(row), row);
  }

  void erase(const Key& key) {
    if (rows_.erase(key) != 0) {
      changed_.insert(key);
    }
  }

  /// What has changed since this was asked for last.
  RowChanges<Key, Row> take_changes() {
    RowChanges<Key, Row> changes;
    for (const Key& key : changed_) {
      if (const Row* row = find(key)) {
        changes.written.push_back(*row);
      } else {
        changes.erased.push_back(key);
      }
    }
    changed_.clear();
    return changes;
  }

 private:
  std::map<Key, Row> rows_;
  std::set<Key> changed_;
};

}  // namespace tally::right
