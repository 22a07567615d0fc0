// The terminal's journal on disk: its records until the OA has applied them (and a while longer,
// for reprints), the shown marks, the sales about to ask for a right, the positions. What it keeps
// is described in core/node/terminal_journal.hpp, the tables in docs/formats/journal.md.
// One thread at a time; commits block for a disk sync.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/node/terminal_journal.hpp"

#include "storage/db.hpp"
#include "storage/rescue.hpp"

namespace tally::storage {

class TerminalJournal {
 public:
  /// Opens or creates the journal of one incarnation of one terminal. A damaged one is replaced by
  /// what of it is proven to be sound: rescued() then says what happened.
  /// Errors: kConflict when the file belongs to another terminal or incarnation (a swapped SD
  /// card); those of Db::open and Db::migrate.
  static Result<TerminalJournal> open(const std::string& path,
                                      TerminalId terminal,
                                      Incarnation incarnation);

  TerminalJournal(TerminalJournal&&) noexcept = default;
  /// To open again, destroy the old one first: it holds the lock.
  TerminalJournal& operator=(TerminalJournal&&) = delete;
  ~TerminalJournal() = default;

  /// The state at boot. Rows that cannot be read are left out; they are found when they are to be
  /// sent.
  Result<node::TerminalSnapshot> snapshot();

  /// Applies a change. On success all of it is on disk; on any error nothing of it may be assumed.
  ///
  /// Errors that leave the journal as it was and usable: kInvalid (detail: seq) for a record that
  /// does not follow the head in number or chain, is not of this terminal and incarnation, or does
  /// not match its MAC; a shown mark for a row that is not there; a position beyond the head or an
  /// APPLIED whose MAC is not the row's; pruning beyond APPLIED; kDuplicate for an open sale opened
  /// again. All others poison the journal: close it and open it again.
  Status commit(const node::TerminalCommit& commit);

  /// Rows from `first` on, in order, at most `records_max` and about `bytes_max` of sealed bytes
  /// (one row is always given). Empty when `first` is beyond the head.
  /// Errors: kNotFound when `first` was pruned; kCorrupt (detail: seq) when the row at `first` is
  /// damaged or missing. Damage further on ends the answer before it.
  Result<std::vector<node::JournalRow>> read(Seq first,
                                             std::uint32_t records_max,
                                             std::size_t bytes_max);

  /// As read(), for the machine: damage is an answer, not an error. Errors: kNotFound when `first`
  /// was pruned; those of the disk.
  Result<node::RowsRead> read_rows(Seq first, std::uint32_t records_max, std::size_t bytes_max);

  /// Housekeeping after answers have gone out; see Db::maintain().
  Status maintain() { return db_.maintain(); }
  /// For a clean shutdown; see Db::checkpoint().
  Status checkpoint() { return db_.checkpoint(); }
  bool poisoned() const { return db_.poisoned(); }
  /// What was done at opening, when the file was damaged.
  const std::optional<Rescue>& rescued() const { return rescue_; }

 private:
  struct Statements {
    Statement insert_record;
    Statement mark_shown;
    Statement open_sale;
    Statement close_sale;
    Statement update_head;
    Statement update_received;
    Statement update_applied;
    Statement raise_time_floor;
    Statement update_anchor;
    Statement prune;
    Statement remove;
    Statement read;
    Statement oldest;
    Statement mac_at;
  };

  TerminalJournal(Db db, StreamId stream) : db_(std::move(db)), stream_(stream) {}
  Status prepare();
  Status load_positions();
  Status append(const std::vector<node::JournalRow>& rows, StreamPosition& head);
  Status put_gap(const node::GapInPlace& gap, StreamPosition& head);
  Status check_row(const node::JournalRow& row) const;
  Status insert(const node::JournalRow& row);
  Result<node::UnreadableRows> unreadable_from(Seq first);
  Status check_position(const StreamPosition& position, Seq head, bool compare_mac);
  Status write(const node::TerminalCommit& commit, StreamPosition& head, Seq& applied);
  Result<Seq> oldest();

  Db db_;
  StreamId stream_;
  Statements statements_;
  StreamPosition head_;
  Seq applied_;
  std::optional<Rescue> rescue_;
};

}  // namespace tally::storage
