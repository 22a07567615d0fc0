// The gateway's journal on disk: every record of every terminal of the store, verbatim, packed a
// commit and stream to a row, from RECEIVED until it is ARCHIVED at the OA and 30 days old; and the
// positions of each stream. What it keeps is described in core/node/gateway_journal.hpp, the tables
// in docs/formats/journal.md. One thread at a time (the writer thread); commits block for a sync.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/node/gateway_journal.hpp"

#include "storage/db.hpp"
#include "storage/packed_rows.hpp"
#include "storage/rescue.hpp"

namespace tally::storage {

/// How long a record stays after the gateway received it, even when archived.
inline constexpr std::int64_t kRetentionUs = std::int64_t{30} * 24 * 3600 * 1'000'000;

class GatewayJournal {
 public:
  /// Opens or creates the journal of one gateway. A damaged one is replaced by what of it is proven
  /// to be sound, and what is lost the terminals send again: rescued() then says what happened.
  /// Errors: kConflict when the file belongs to another gateway; those of Db::open and migrate.
  static Result<GatewayJournal> open(const std::string& path, GatewayId gateway);

  GatewayJournal(GatewayJournal&&) noexcept = default;
  /// To open again, destroy the old one first: it holds the lock.
  GatewayJournal& operator=(GatewayJournal&&) = delete;
  ~GatewayJournal() = default;

  /// The state at start. Errors: kCorrupt (detail: seq) when a stream's last row cannot be read or
  /// is not where RECEIVED says.
  Result<node::GatewaySnapshot> snapshot();

  /// Applies a change. On success all of it is on disk; on any error nothing of it may be assumed.
  /// `now` is kept with appended rows, for the queue's age and for retention.
  ///
  /// Errors that leave the journal as it was and usable: kNotFound for records or FORWARDED of a
  /// stream never opened, and for a renewed record whose copy is not here; kInvalid (detail: seq)
  /// for packed records that do not follow RECEIVED in number or chain (a stream that holds nothing
  /// yet may start anywhere: the terminal may have pruned; a GAP record may jump ahead,
  /// docs/formats/record.md), that are not of their stream, or do not end where they say, for a
  /// renewed record that is another than the one here, and for FORWARDED beyond RECEIVED. kCorrupt
  /// when the row of a renewed record is damaged. All others poison the journal:
  /// close it and open it again. APPLIED and ARCHIVED are the OA's word and kept as said, unless
  /// ARCHIVED names another record than stands here; for a stream never opened they are left out.
  /// Opening a stream again changes nothing.
  Status commit(const node::GatewayCommit& commit, WallTime now);

  /// Consecutive records of a stream from `first` on, at most `records_max` and about `bytes_max`
  /// packed bytes (one record is always given); where GAP records stand for others, the numbers
  /// jump. Count 0 when `first` is beyond RECEIVED.
  /// Errors: kNotFound when the stream is unknown or `first` was pruned or never here; kCorrupt
  /// (detail: seq) when the row that holds `first` is damaged. Damage further on ends the answer
  /// before it.
  Result<node::PackedRecords> read(StreamId stream,
                                   Seq first,
                                   std::uint32_t records_max,
                                   std::size_t bytes_max);

  /// Calls `visit` for rows received since `since`, newest first; damaged rows are left out. The
  /// packed records are valid during the call. For figures shown, not for decisions.
  Status visit_since(WallTime since,
                     const std::function<void(const node::PackedRecords&, WallTime)>& visit);

  /// Bytes of the rows that hold records not yet forwarded; for the page.
  Result<std::uint64_t> queued_bytes();

  /// Drops at most `rows_max` rows whose records are all ARCHIVED and that were received more than
  /// kRetentionUs before `now`. Gives the number dropped. Repeat until 0.
  Result<std::int64_t> prune(WallTime now, std::int64_t rows_max);

  /// Housekeeping after answers have gone out; see Db::maintain().
  Status maintain() { return db_.maintain(); }
  /// For a clean shutdown; see Db::checkpoint().
  Status checkpoint() { return db_.checkpoint(); }
  bool poisoned() const { return db_.poisoned(); }
  /// What was done at opening, when the file was damaged.
  const std::optional<Rescue>& rescued() const { return rescue_; }

 private:
  struct Statements {
    Statement open_stream;
    Statement received_of;
    Statement set_received;
    Statement set_forwarded;
    Statement set_applied;
    Statement set_archived;
    Statement raise_time_floor;
    Statement set_stamp;
  };

  explicit GatewayJournal(Db db) : db_(std::move(db)) {}
  Status prepare();
  Status write(const node::GatewayCommit& commit, WallTime now);
  Status renew(const node::RenewedRecord& renewed);
  Status append(const node::PackedRecords& records, WallTime now);
  Result<StreamPosition> position(StreamId stream);
  Status set_forwarded(const StreamMark& mark);
  Status set_archived(const StreamMark& mark);
  Result<bool> check_end(const node::GatewayStreamState& state);
  Result<bool> continues(const node::PackedRecords& records, const StreamPosition& end);

  Db db_;
  Statements statements_;
  PackedRows packed_;
  std::optional<Rescue> rescue_;
};

}  // namespace tally::storage
