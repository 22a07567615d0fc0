#include "storage/cancelled_rows.hpp"

#include "core/base/try.hpp"

namespace tally::storage {

Result<std::vector<node::Cancelled>> read_cancelled(Db& db) {
  TALLY_TRY_ASSIGN(Statement rows,
                   db.prepare("SELECT terminal, incarnation, boot, seq, by, whole, "
                              "returned_minor FROM cancelled ORDER BY id"));
  std::vector<node::Cancelled> cancelled;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return cancelled;
    }
    const RecordId original{TerminalId{rows.uint32(0)},
                            Incarnation{rows.uint32(1)},
                            BootId{rows.uint64(2)},
                            Seq{rows.uint64(3)}};
    const auto by = rows.int64(4) == static_cast<std::int64_t>(node::CancelledBy::kVoid)
                        ? node::CancelledBy::kVoid
                        : node::CancelledBy::kRefund;
    cancelled.push_back({original, by, rows.boolean(5), rows.int64(6)});
  }
}

Status write_cancelled(Db& db, const std::vector<node::Cancelled>& cancelled) {
  if (cancelled.empty()) {
    return {};
  }
  TALLY_TRY_ASSIGN(
      Statement note,
      db.prepare("INSERT OR REPLACE INTO cancelled(terminal, incarnation, boot, seq, by, whole, "
                 "returned_minor) VALUES(?,?,?,?,?,?,?)"));
  for (const node::Cancelled& each : cancelled) {
    TALLY_TRY(note.run_with(each.original.terminal,
                            each.original.incarnation,
                            each.original.boot,
                            each.original.seq,
                            static_cast<std::int64_t>(each.by),
                            each.whole,
                            each.returned_minor));
  }
  TALLY_TRY_ASSIGN(
      Statement forget,
      db.prepare("DELETE FROM cancelled WHERE id <= (SELECT max(id) FROM cancelled) - ?"));
  return forget.run_with(static_cast<std::int64_t>(node::kCancelledMax));
}

}  // namespace tally::storage
