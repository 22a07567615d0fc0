// The table `packed` of the gateway's journal (docs/formats/journal.md): records of one stream, a
// commit to a row, each row under its own checksum. Knows what a row holds; what may follow what is
// the journal's business. Internal to storage/gateway_journal.hpp.
#pragma once

#include <functional>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/node/gateway_journal.hpp"

#include "storage/db.hpp"

namespace tally::storage {

/// Whether a sealed record is a GAP record.
bool is_gap(ByteView sealed);

class PackedRows {
 public:
  struct Row {
    std::int64_t id = 0;
    Seq first;
    std::uint32_t count = 0;
    WallTime received_at;
    Bytes packed;
  };

  /// Before any other call; the Db must outlive this. Errors: those of Db::prepare.
  Status prepare(Db& db);

  /// Inside a transaction.
  Status insert(const node::PackedRecords& records, WallTime received_at);

  /// The row in which a record stands, copied.
  /// Errors: kNotFound when it stands in none; kCorrupt (detail: seq) when the row is damaged.
  Result<Row> row_with(StreamId stream, Seq seq);

  /// Other bytes for a row that holds as many records as before. Inside a transaction.
  Status rewrite(StreamId stream, const Row& row, ByteView records);

  /// As GatewayJournal::read(), of a stream that ends at `received`.
  Result<node::PackedRecords> read(
      StreamId stream, Seq first, Seq received, std::uint32_t records_max, std::size_t bytes_max);

  /// As GatewayJournal::visit_since().
  static Status visit_since(Db& db,
                            WallTime since,
                            const std::function<void(const node::PackedRecords&, WallTime)>& visit);

  /// The first record of a stream that is still here; 0 when none is.
  Result<Seq> oldest(StreamId stream);
  /// When the row of a record came, or the first one behind it; 0 when there is none.
  Result<WallTime> received_at(StreamId stream, Seq seq);
  /// Bytes of the rows that hold records not yet forwarded.
  Result<std::uint64_t> queued_bytes();

  /// Drops at most `rows_max` rows that are ARCHIVED whole and came before `before`. Inside a
  /// transaction.
  Status prune(WallTime before, std::int64_t rows_max);

 private:
  Statement insert_;
  Statement row_with_;
  Statement rewrite_;
  Statement read_;
  Statement received_at_;
  Statement oldest_;
  Statement prune_;
  Statement queued_bytes_;
};

}  // namespace tally::storage
