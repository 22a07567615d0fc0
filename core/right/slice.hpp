// A terminal's part of its store's budget: what it may let through when it has lost even its
// gateway. In memory only, on purpose: it dies with the boot, so a disk that was put back to an
// older image brings no spending power. The order that never changes:
//
//   begin_spend → append the record → its sync → finish_spend → shown mark → show
//
// One sale at a time, as the till works. What a sync leaves unknown counts as spent, and the slice
// is let go. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "core/right/budget_book.hpp"
#include "core/right/limits.hpp"
#include "core/right/member_uses.hpp"

namespace tally::right {

struct SliceConfig {
  StoreId store;
  crypto::PublicKey oa_key{};
  OfflineLimits limits;
  Duration margin{60'000};
};

/// What became of a slice that arrived. In order of precedence.
enum class SliceOutcome : std::uint8_t {
  kTaken = 1,
  kKnown = 2,     ///< This one, or one before it: it is spent from, given back or over.
  kBusy = 3,      ///< Another one is held; it has to be given back first.
  kForeign = 4,   ///< Of another store.
  kOldEpoch = 5,  ///< Fenced.
  kForged = 6,    ///< The OA did not sign its budget.
  kTooLarge = 7,  ///< More than the OA lets a gateway cut, or than there is in the budget.
  kPastDeadline = 8,
};

class TerminalSlice {
 public:
  explicit TerminalSlice(SliceConfig config) : config_(std::move(config)) {}

  /// A gateway cut a slice for this terminal.
  SliceOutcome take(const CutSlice& slice, BootTime now);

  /// Judges a redemption before its record is appended; `attempt.in_a_row` is counted here.
  /// Approved: the leg belongs into the record, and one of the two calls below has to follow.
  SpendVerdict begin_spend(const Attempt& attempt, BootTime now);
  /// The record is synced. Whether it may be shown as approved: the deadline, or a fence, may have
  /// passed meanwhile. Then the sale has to be reversed; its points are spent all the same.
  bool finish_spend(BootTime now);
  /// The sync failed: nobody knows whether the record exists. Nothing is spent any more.
  void fail_spend();

  /// A redemption was approved by the OA or the gateway: the row of lonely ones is over.
  void went_online() { in_a_row_ = 0; }

  /// Gives back what is left; the terminal's journal ends at `head`. None when nothing is held, or
  /// while a spend is open.
  std::optional<SliceReturn> give_back(Seq head);

  /// An epoch of the gateway ended.
  void fence(GatewayId gateway, Epoch epoch);

  /// What may be spent at most; zero without a slice.
  Points left() const { return slice_ ? slice_->points - used_ : Points{0}; }
  bool held() const { return slice_.has_value(); }
  std::uint32_t in_a_row() const { return in_a_row_; }

 private:
  struct OpenSpend {
    MemberId member;
    Points points;
    BusinessDay today;
  };

  bool may_spend(BootTime now) const;
  void count(const OpenSpend& spend);
  void drop();

  SliceConfig config_;
  std::optional<CutSlice> slice_;
  std::optional<OpenSpend> open_;
  Points used_;
  BootTime received_at_;
  std::map<GatewayId, Epoch> epochs_;  ///< The newest the OA is known to have signed.
  std::map<std::pair<GatewayId, BootId>, std::uint64_t> newest_;  ///< Slice of that gateway's boot.
  MemberUses uses_;  ///< Caps begin anew with an epoch.
  std::uint32_t in_a_row_ = 0;
};

}  // namespace tally::right
