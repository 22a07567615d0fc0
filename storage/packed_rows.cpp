#include "storage/packed_rows.hpp"

#include <optional>
#include <utility>

#include "core/base/try.hpp"
#include "core/record/header.hpp"
#include "core/record/packed.hpp"

#include "storage/journal_format.hpp"

namespace tally::storage {

using node::PackedRecords;

namespace {

// Columns 0…6 of a packed row.
#define TALLY_PACKED_COLUMNS "terminal, incarnation, first_seq, count, received_at_us, crc, records"

StreamId stream_of(const Statement& statement) {
  return {TerminalId{statement.uint32(0)}, Incarnation{statement.uint32(1)}};
}

// The row's records as a view, after its checksum was compared.
Result<ByteView> checked_records(const Statement& row) {
  const Seq first{row.uint64(2)};
  const ByteView packed = row.blob(6);
  if (packed_row_crc(stream_of(row), first, row.uint32(3), WallTime{row.int64(4)}, packed) !=
      row.uint32(5)) {
    return error_at(Errc::kCorrupt, "packed journal row is damaged", first);
  }
  return packed;
}

}  // namespace

bool is_gap(ByteView sealed) {
  const Result<record::Header> header = record::peek_header(sealed);
  return header && header->kind == record::RecordKind::kGap;
}

Status PackedRows::prepare(Db& db) {
  const std::pair<Statement*, const char*> all[] = {
      {&insert_, "INSERT INTO packed(" TALLY_PACKED_COLUMNS ") VALUES(?,?,?,?,?,?,?)"},
      {&row_with_,
       "SELECT " TALLY_PACKED_COLUMNS
       ", id FROM packed WHERE terminal = ?1 AND incarnation = ?2 AND first_seq <= ?3 "
       "ORDER BY first_seq DESC LIMIT 1"},
      {&rewrite_, "UPDATE packed SET crc = ?2, records = ?3 WHERE id = ?1"},
      {&read_,
       "SELECT " TALLY_PACKED_COLUMNS
       " FROM packed WHERE terminal = ?1 AND incarnation = ?2 AND first_seq >= "
       "(SELECT first_seq FROM packed WHERE terminal = ?1 AND incarnation = ?2 "
       "AND first_seq <= ?3 ORDER BY first_seq DESC LIMIT 1) ORDER BY first_seq"},
      {&received_at_,
       "SELECT received_at_us FROM packed WHERE terminal = ?1 AND incarnation = ?2 "
       "AND first_seq >= coalesce((SELECT first_seq FROM packed WHERE terminal = ?1 "
       "AND incarnation = ?2 AND first_seq <= ?3 ORDER BY first_seq DESC LIMIT 1), 0) "
       "ORDER BY first_seq LIMIT 1"},
      {&oldest_,
       "SELECT coalesce(min(first_seq), 0) FROM packed WHERE terminal = ? AND incarnation = ?"},
      // Only ARCHIVED, only past retention, only so many: the bound is here and nowhere else.
      {&prune_,
       "DELETE FROM packed WHERE id IN (SELECT p.id FROM packed p JOIN stream s "
       "ON s.terminal = p.terminal AND s.incarnation = p.incarnation "
       "WHERE p.first_seq + p.count - 1 <= s.archived_seq AND p.received_at_us < ?1 "
       "ORDER BY p.id LIMIT ?2)"},
      {&queued_bytes_,
       "SELECT coalesce(sum(length(p.records)), 0) FROM stream s CROSS JOIN packed p "
       "ON p.terminal = s.terminal AND p.incarnation = s.incarnation "
       "AND p.first_seq > s.forwarded_seq WHERE s.forwarded_seq < s.received_seq"},
  };
  for (const auto& [statement, sql] : all) {
    TALLY_TRY_ASSIGN(*statement, db.prepare(sql));
  }
  return {};
}

Status PackedRows::insert(const PackedRecords& records, WallTime received_at) {
  return insert_.run_with(
      records.stream.terminal,
      records.stream.incarnation,
      records.first,
      records.count,
      received_at.us,
      packed_row_crc(records.stream, records.first, records.count, received_at, records.packed),
      ByteView(records.packed));
}

Result<PackedRows::Row> PackedRows::row_with(StreamId stream, Seq seq) {
  Statement& select = row_with_;
  select.bind_all(stream.terminal, stream.incarnation, seq);
  TALLY_TRY_ASSIGN(const bool there, select.step());
  Row row;
  Result<ByteView> packed = ByteView{};
  if (there) {
    packed = checked_records(select);
    row = {select.int64(7), Seq{select.uint64(2)}, select.uint32(3), WallTime{select.int64(4)}, {}};
    row.packed.assign(packed.value_or(ByteView{}).begin(), packed.value_or(ByteView{}).end());
  }
  select.reset();
  if (!packed) {
    return Error(packed.error());
  }
  if (row.first.value + row.count <= seq.value) {
    return error_at(Errc::kNotFound, "records are not in the journal", seq);
  }
  return row;
}

Status PackedRows::rewrite(StreamId stream, const Row& row, ByteView records) {
  return rewrite_.run_with(
      row.id, packed_row_crc(stream, row.first, row.count, row.received_at, records), records);
}

Result<PackedRecords> PackedRows::read(
    StreamId stream, Seq first, Seq received, std::uint32_t records_max, std::size_t bytes_max) {
  PackedRecords out;
  out.stream = stream;
  out.first = first;
  if (first > received || records_max == 0) {
    return out;
  }
  Statement& select = read_;
  select.bind_all(stream.terminal, stream.incarnation, first);
  std::optional<Error> damage;
  Seq expected = first;  // Next to be taken.
  bool full = false;
  while (!full && expected <= received) {
    const Result<bool> there = select.step();
    if (!there) {
      return there.error();
    }
    const Seq row_first{*there ? select.uint64(2) : 0};
    if (*there && row_first.value + select.uint32(3) <= expected.value) {
      continue;  // Ends before a hole in which `first` stands.
    }
    if (!*there) {
      damage = error_at(Errc::kNotFound, "records are not in the journal", expected);
      break;
    }
    const Result<ByteView> packed = checked_records(select);
    if (!packed) {
      damage = packed.error();
      break;
    }
    record::PackedReader reader(*packed);
    for (Seq seq = row_first; !full; ++seq.value) {
      const auto sealed = reader.next();
      if (!sealed) {
        break;
      }
      if (seq < expected) {
        continue;
      }
      if (seq > expected && !is_gap(*sealed)) {
        damage = error_at(Errc::kNotFound, "records are not in the journal", expected);
        break;
      }
      full = out.count == records_max ||
             (out.count > 0 && out.packed.size() + 2 + sealed->size() > bytes_max);
      if (!full) {
        record::append_packed(out.packed, *sealed);
        out.end = {seq, record::peek_mac(*sealed)};
        ++out.count;
        expected = Seq{seq.value + 1};
      }
    }
    full = full || damage || out.count == records_max;
  }
  select.reset();
  if (out.count == 0 && damage) {
    return *damage;
  }
  return out;
}

Status PackedRows::visit_since(Db& db,
                               WallTime since,
                               const std::function<void(const PackedRecords&, WallTime)>& visit) {
  TALLY_TRY_ASSIGN(Statement select,
                   db.prepare("SELECT " TALLY_PACKED_COLUMNS " FROM packed ORDER BY id DESC"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, select.step());
    if (!there || select.int64(4) < since.us) {
      return {};
    }
    if (const Result<ByteView> packed = checked_records(select); packed) {
      PackedRecords row;
      row.stream = stream_of(select);
      row.first = Seq{select.uint64(2)};
      row.count = select.uint32(3);
      row.packed.assign(packed->begin(), packed->end());
      row.end.seq = Seq{row.first.value + row.count - 1};
      visit(row, WallTime{select.int64(4)});
    }
  }
}

Result<Seq> PackedRows::oldest(StreamId stream) {
  oldest_.bind_all(stream.terminal, stream.incarnation);
  TALLY_TRY(oldest_.step());
  const Seq oldest{oldest_.uint64(0)};
  oldest_.reset();
  return oldest;
}

Result<WallTime> PackedRows::received_at(StreamId stream, Seq seq) {
  received_at_.bind_all(stream.terminal, stream.incarnation, seq);
  TALLY_TRY_ASSIGN(const bool there, received_at_.step());
  const WallTime at = there ? WallTime{received_at_.int64(0)} : WallTime{};
  received_at_.reset();
  return at;
}

Result<std::uint64_t> PackedRows::queued_bytes() {
  TALLY_TRY(queued_bytes_.step());
  const std::uint64_t bytes = queued_bytes_.uint64(0);
  queued_bytes_.reset();
  return bytes;
}

Status PackedRows::prune(WallTime before, std::int64_t rows_max) {
  return prune_.run_with(before.us, rows_max);
}

}  // namespace tally::storage
