// What the terminal's machine asks its disk to keep, and what it gets back at boot: plain data
// between core/node (which decides) and storage/ (which persists). One TerminalCommit is one
// transaction.
#pragma once

#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/link/messages.hpp"
#include "core/node/node_clock.hpp"

namespace tally::node {

/// One record in a terminal's journal. `bytes` is the sealed record, verbatim, with its MAC at the
/// end.
struct JournalRow {
  Seq seq;
  Mac mac{};
  Bytes bytes;
  WallTime made_at;    ///< By the terminal's own clock, for the age shown to the cashier.
  bool shown = false;  ///< The shown mark: synced before the display said approved.
};

/// Rows [first, last] that were asked for and are damaged or gone.
struct UnreadableRows {
  Seq first;
  Seq last;
  std::optional<Mac> mac_before;  ///< Of row `first` − 1 when that can be read.
};

/// The answer to a wish for rows.
struct RowsRead {
  std::vector<JournalRow> rows;
  std::optional<UnreadableRows> unreadable;  ///< Why there are none.
};

/// A GAP record in the place of rows [first, row.seq] (docs/formats/record.md, "Gap").
struct GapInPlace {
  Seq first;
  JournalRow row;
};

enum class CancelledBy : std::uint8_t { kVoid = 1, kRefund = 2 };

/// What this till has taken back of a record, its own or another till's of the store.
struct Cancelled {
  RecordId original;
  CancelledBy by = CancelledBy::kVoid;
  bool whole = true;                ///< Nothing of it is left.
  std::int64_t returned_minor = 0;  ///< By refunds: of the record's bill, in all.
  bool operator==(const Cancelled&) const = default;
};

/// The newest ones are kept: years of voids and refunds.
inline constexpr std::size_t kCancelledMax = 4'096;

/// A member this terminal met, for when nobody can be asked; the card under a key of its own.
struct RecentMember {
  Mac token_hash{};
  link::MemberView view;
};

/// A change to the terminal's journal; everything in it becomes durable together or not at all.
struct TerminalCommit {
  std::vector<JournalRow> append;          ///< In seq order, the first following the head.
  std::optional<GapInPlace> gap;           ///< Takes the place of rows nobody can read.
  std::vector<Seq> shown;                  ///< Rows that get the shown mark.
  std::vector<Cancelled> cancelled;        ///< New, or in place of the one known.
  std::vector<SaleId> open_sales;          ///< Sales about to ask for a right.
  std::vector<SaleId> closed_sales;        ///< Sales settled by a record.
  std::optional<StreamPosition> received;  ///< RECEIVED by a gateway; may move backwards.
  std::optional<StreamPosition> applied;   ///< APPLIED by the OA, statement verified.
  std::optional<Seq> prune_below;  ///< Rows that may be dropped: below APPLIED, kept for reprints.
  std::optional<WallTime> time_floor;  ///< The node's time never lies below this.
  std::optional<HeldAnchor> anchor;    ///< What the clock goes on from after a restart.
  std::vector<RecentMember> recent;    ///< New, or in place of the one known.
  std::vector<Mac> recent_dropped;

  bool empty() const {
    return append.empty() && !gap && shown.empty() && cancelled.empty() && open_sales.empty() &&
           closed_sales.empty() && !received && !applied && !prune_below && !time_floor &&
           !anchor && recent.empty() && recent_dropped.empty();
  }
};

/// The journal at boot.
struct TerminalSnapshot {
  StreamPosition head;
  StreamPosition received;
  StreamPosition applied;
  Seq oldest;                       ///< First row still there; 0 when there is none.
  WallTime oldest_unreceived_at;    ///< made_at of the first row after `received`; 0 when none.
  std::vector<JournalRow> unshown;  ///< Rows without the shown mark, in seq order.
  std::vector<SaleId> open_sales;
  std::vector<Cancelled> cancelled;
  std::vector<RecentMember> recent;  ///< Oldest first.
  WallTime time_floor;
  std::optional<HeldAnchor> anchor;
};

}  // namespace tally::node
