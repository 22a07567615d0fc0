#include "storage/terminal_journal.hpp"

#include <algorithm>
#include <utility>

#include "core/base/mutant.hpp"
#include "core/base/try.hpp"
#include "core/codec/record_codec.hpp"
#include "core/record/header.hpp"

#include "storage/cancelled_rows.hpp"
#include "storage/journal_format.hpp"
#include "storage/journal_rescue.hpp"
#include "storage/recent_member_rows.hpp"

namespace tally::storage {

using node::JournalRow;
using node::TerminalCommit;
using node::TerminalSnapshot;

namespace {

// Columns 0…4 of a row: seq, made_at_us, shown, crc, sealed.
constexpr const char* kReadRows =
    "SELECT seq, made_at_us, shown, crc, sealed FROM record WHERE seq >= ?1 ORDER BY seq LIMIT ?2";
constexpr const char* kReadUnshown =
    "SELECT seq, made_at_us, shown, crc, sealed FROM record WHERE shown = 0 ORDER BY seq";

Result<JournalRow> row_of(const Statement& statement) {
  JournalRow row;
  row.seq = Seq{statement.uint64(0)};
  row.made_at = WallTime{statement.int64(1)};
  row.shown = statement.boolean(2);
  const ByteView sealed = statement.blob(4);
  if (sealed.size() < record::kHeaderBytes + record::kMacBytes ||
      journal_row_crc(row.seq, row.made_at, sealed) != statement.uint32(3)) {
    return error_at(Errc::kCorrupt, "journal row is damaged", row.seq);
  }
  row.bytes.assign(sealed.begin(), sealed.end());
  row.mac = record::peek_mac(sealed);
  return row;
}

/// Whether the row is a GAP record that stands for `seq` too.
bool stands_for(const JournalRow& row, Seq seq) {
  const Result<record::Header> header = record::peek_header(row.bytes);
  if (!header || header->kind != record::RecordKind::kGap) {
    return false;
  }
  const Result<record::Record> record = codec::decode_record(row.bytes);
  const auto* gap = record ? std::get_if<record::Gap>(&record->business) : nullptr;
  return gap != nullptr && gap->first <= seq && seq <= row.seq;
}

Result<StreamPosition> position_of(const Statement& statement, int column) {
  TALLY_TRY_ASSIGN(const Mac mac, statement.array<16>(column + 1));
  return StreamPosition{Seq{statement.uint64(column)}, mac};
}

}  // namespace

Result<TerminalJournal> TerminalJournal::open(const std::string& path,
                                              TerminalId terminal,
                                              Incarnation incarnation) {
  const StreamId stream{terminal, incarnation};
  TALLY_TRY_ASSIGN(std::optional<Rescue> rescue, rescue_terminal_journal(path, stream));
  TALLY_TRY_ASSIGN(Db db, Db::open(path, OpenMode::kOwner));
  TALLY_TRY(db.migrate(terminal_journal_schema()));
  TerminalJournal journal(std::move(db), stream);
  journal.rescue_ = std::move(rescue);
  {
    TALLY_TRY_ASSIGN(
        Statement claim,
        journal.db_.prepare("INSERT OR IGNORE INTO node(id, terminal, incarnation) VALUES(1,?,?)"));
    TALLY_TRY(claim.run_with(terminal, incarnation));
    TALLY_TRY_ASSIGN(Statement owner,
                     journal.db_.prepare("SELECT terminal, incarnation FROM node"));
    TALLY_TRY(owner.step());
    if (owner.uint32(0) != terminal.value || owner.uint32(1) != incarnation.value) {
      return make_error(Errc::kConflict, "journal belongs to another terminal or incarnation");
    }
  }
  TALLY_TRY(journal.prepare());
  TALLY_TRY(journal.load_positions());
  return journal;
}

Status TerminalJournal::prepare() {
  const std::pair<Statement*, const char*> all[] = {
      {&statements_.insert_record,
       "INSERT INTO record(seq, made_at_us, shown, crc, sealed) VALUES(?,?,?,?,?)"},
      {&statements_.mark_shown, "UPDATE record SET shown = 1 WHERE seq = ?"},
      {&statements_.open_sale, "INSERT INTO open_sale VALUES(?)"},
      {&statements_.close_sale, "DELETE FROM open_sale WHERE sale = ?"},
      {&statements_.update_head, "UPDATE node SET head_seq = ?, head_mac = ?"},
      {&statements_.update_received, "UPDATE node SET received_seq = ?, received_mac = ?"},
      {&statements_.update_applied, "UPDATE node SET applied_seq = ?, applied_mac = ?"},
      {&statements_.raise_time_floor,
       "UPDATE node SET time_floor_us = ?1 WHERE time_floor_us < ?1"},
      {&statements_.update_anchor,
       "UPDATE node SET anchor_us = ?, anchor_chip_ahead_us = ?, anchor_uncertainty_us = ?"},
      {&statements_.prune, "DELETE FROM record WHERE seq < ?"},
      {&statements_.remove, "DELETE FROM record WHERE seq BETWEEN ? AND ?"},
      {&statements_.read, kReadRows},
      {&statements_.oldest, "SELECT coalesce(min(seq), 0) FROM record"},
      {&statements_.mac_at, "SELECT sealed FROM record WHERE seq = ?"},
  };
  for (const auto& [statement, sql] : all) {
    TALLY_TRY_ASSIGN(*statement, db_.prepare(sql));
  }
  return {};
}

Status TerminalJournal::load_positions() {
  TALLY_TRY_ASSIGN(Statement node,
                   db_.prepare("SELECT head_seq, head_mac, applied_seq, "
                               "coalesce((SELECT max(seq) FROM record), 0) FROM node"));
  TALLY_TRY(node.step());
  TALLY_TRY_ASSIGN(head_, position_of(node, 0));
  applied_ = Seq{node.uint64(2)};
  // Rows at the end that are gone are found when they are to be sent, like any others.
  if (node.uint64(3) > head_.seq.value) {
    return error_at(Errc::kCorrupt, "journal has rows behind its head", head_.seq);
  }
  // The row has a checksum, the copy of its MAC has none.
  if (const auto last = read(head_.seq, 1, 0); last && !last->empty()) {
    head_.mac = last->front().mac;
  }
  return {};
}

Result<Seq> TerminalJournal::oldest() {
  TALLY_TRY(statements_.oldest.step());
  const Seq seq{statements_.oldest.uint64(0)};
  statements_.oldest.reset();
  return seq;
}

Result<TerminalSnapshot> TerminalJournal::snapshot() {
  TerminalSnapshot snapshot;
  {
    TALLY_TRY_ASSIGN(Statement node,
                     db_.prepare("SELECT head_seq, head_mac, received_seq, received_mac, "
                                 "applied_seq, applied_mac, time_floor_us, anchor_us, "
                                 "anchor_chip_ahead_us, anchor_uncertainty_us FROM node"));
    TALLY_TRY(node.step());
    snapshot.head = head_;
    TALLY_TRY_ASSIGN(snapshot.received, position_of(node, 2));
    TALLY_TRY_ASSIGN(snapshot.applied, position_of(node, 4));
    snapshot.time_floor = WallTime{node.int64(6)};
    if (!node.is_null(7)) {
      snapshot.anchor = node::HeldAnchor{WallTime{node.int64(7)}, node.int64(8), node.int64(9)};
    }
  }
  TALLY_TRY_ASSIGN(snapshot.oldest, oldest());
  if (snapshot.head.seq && (!snapshot.oldest || snapshot.oldest > applied_)) {
    snapshot.oldest = std::max(applied_, Seq{1});  // Only what lies below it was ever dropped.
  }
  const Seq unreceived{std::max(snapshot.received.seq.value + 1, snapshot.oldest.value)};
  if (snapshot.oldest && unreceived <= snapshot.head.seq) {
    const auto rows = read(unreceived, 1, 0);
    snapshot.oldest_unreceived_at = rows ? rows->front().made_at : snapshot.time_floor;
  }
  TALLY_TRY_ASSIGN(Statement unshown, db_.prepare(kReadUnshown));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, unshown.step());
    if (!there) {
      break;
    }
    if (Result<JournalRow> row = row_of(unshown)) {
      snapshot.unshown.push_back(std::move(*row));
    }
  }
  TALLY_TRY_ASSIGN(Statement sales, db_.prepare("SELECT sale FROM open_sale ORDER BY sale"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, sales.step());
    if (!there) {
      break;
    }
    TALLY_TRY_ASSIGN(const auto sale, sales.array<16>(0));
    snapshot.open_sales.push_back(SaleId{sale});
  }
  TALLY_TRY_ASSIGN(snapshot.cancelled, read_cancelled(db_));
  TALLY_TRY_ASSIGN(snapshot.recent, read_recent_members(db_));
  return snapshot;
}

Status TerminalJournal::commit(const TerminalCommit& commit) {
  if (commit.empty()) {
    return {};
  }
  TALLY_TRY_ASSIGN(Transaction transaction, Transaction::begin(db_));
  StreamPosition head = head_;
  Seq applied = applied_;
  TALLY_TRY(write(commit, head, applied));
  TALLY_TRY(transaction.commit());
  head_ = head;
  applied_ = applied;
  return {};
}

Status TerminalJournal::write(const TerminalCommit& commit, StreamPosition& head, Seq& applied) {
  if (!commit.append.empty()) {
    TALLY_TRY(append(commit.append, head));
  }
  if (commit.gap) {
    TALLY_TRY(put_gap(*commit.gap, head));
  }
  for (const Seq seq : commit.shown) {
    TALLY_TRY(statements_.mark_shown.run_with(seq));
    if (db_.changes() != 1) {
      return error_at(Errc::kInvalid, "shown mark for a row that is not in the journal", seq);
    }
    if (TALLY_MUTANT("shown/only-first-row-marked")) {
      break;
    }
  }
  for (const SaleId& sale : commit.open_sales) {
    TALLY_TRY(statements_.open_sale.run_with(ByteView(sale.bytes)));
  }
  for (const SaleId& sale : commit.closed_sales) {
    TALLY_TRY(statements_.close_sale.run_with(ByteView(sale.bytes)));
  }
  TALLY_TRY(write_recent_members(db_, commit));
  TALLY_TRY(write_cancelled(db_, commit.cancelled));
  if (commit.received) {
    TALLY_TRY(check_position(*commit.received, head.seq, false));
    TALLY_TRY(
        statements_.update_received.run_with(commit.received->seq, ByteView(commit.received->mac)));
  }
  if (commit.applied) {
    TALLY_TRY(check_position(*commit.applied, head.seq, true));
    TALLY_TRY(
        statements_.update_applied.run_with(commit.applied->seq, ByteView(commit.applied->mac)));
    applied = commit.applied->seq;
  }
  if (commit.prune_below) {
    if (*commit.prune_below > applied) {
      return error_at(Errc::kInvalid, "pruning of a row that is not applied", *commit.prune_below);
    }
    TALLY_TRY(statements_.prune.run_with(*commit.prune_below));
  }
  if (commit.time_floor) {
    TALLY_TRY(statements_.raise_time_floor.run_with(commit.time_floor->us));
  }
  if (commit.anchor) {
    TALLY_TRY(statements_.update_anchor.run_with(
        commit.anchor->wall.us, commit.anchor->chip_ahead_us, commit.anchor->uncertainty_us));
  }
  return {};
}

Status TerminalJournal::append(const std::vector<JournalRow>& rows, StreamPosition& head) {
  for (const JournalRow& row : rows) {
    TALLY_TRY(check_row(row));
    const Seq next{head.seq.value + 1};
    if (row.seq < next || (row.seq > next && !stands_for(row, next))) {
      return error_at(Errc::kInvalid, "record does not follow the journal's head", row.seq);
    }
    const bool bridges = stands_for(row, next);  // It may hang on a record of another disk.
    if (!bridges && record::peek_header(row.bytes)->prev_mac != head.mac) {
      return error_at(Errc::kInvalid, "record breaks the journal's chain", row.seq);
    }
    TALLY_TRY(insert(row));
    head = {row.seq, row.mac};
  }
  return statements_.update_head.run_with(head.seq, ByteView(head.mac));
}

Status TerminalJournal::check_row(const JournalRow& row) const {
  const Result<record::Header> header = record::peek_header(row.bytes);
  if (!header || header->stream() != stream_ || header->id.seq != row.seq ||
      record::peek_mac(row.bytes) != row.mac) {
    return error_at(Errc::kInvalid, "record is not what its journal row says", row.seq);
  }
  return {};
}

Status TerminalJournal::insert(const JournalRow& row) {
  return statements_.insert_record.run_with(row.seq,
                                            row.made_at.us,
                                            row.shown,
                                            journal_row_crc(row.seq, row.made_at, row.bytes),
                                            ByteView(row.bytes));
}

Status TerminalJournal::put_gap(const node::GapInPlace& gap, StreamPosition& head) {
  TALLY_TRY(check_row(gap.row));
  if (!gap.first || !stands_for(gap.row, gap.first) || gap.row.seq > head.seq) {
    return error_at(Errc::kInvalid, "gap does not stand for these rows", gap.row.seq);
  }
  TALLY_TRY(statements_.remove.run_with(gap.first, gap.row.seq));
  TALLY_TRY(insert(gap.row));
  if (gap.row.seq == head.seq) {
    head.mac = gap.row.mac;
    return statements_.update_head.run_with(head.seq, ByteView(head.mac));
  }
  return {};
}

Status TerminalJournal::check_position(const StreamPosition& position, Seq head, bool compare_mac) {
  if (position.seq > head) {
    return error_at(Errc::kInvalid, "position is beyond the journal's head", position.seq);
  }
  if (!compare_mac || !position.seq) {
    return {};
  }
  statements_.mac_at.bind(1, position.seq);
  TALLY_TRY_ASSIGN(const bool there, statements_.mac_at.step());
  const ByteView sealed = there ? statements_.mac_at.blob(0) : ByteView{};
  const bool differs =
      sealed.size() >= record::kMacBytes && record::peek_mac(sealed) != position.mac;
  statements_.mac_at.reset();
  if (differs) {
    return error_at(Errc::kInvalid, "position has another MAC than the row", position.seq);
  }
  return {};
}

Result<std::vector<JournalRow>> TerminalJournal::read(Seq first,
                                                      std::uint32_t records_max,
                                                      std::size_t bytes_max) {
  std::vector<JournalRow> rows;
  if (!first || first > head_.seq || records_max == 0) {
    return rows;
  }
  Statement& select = statements_.read;
  select.bind_all(first, records_max);
  std::size_t bytes = 0;
  std::optional<Error> damage;
  for (Seq expected = first; rows.size() < records_max; ++expected.value) {
    const Result<bool> there = select.step();
    if (!there) {
      return there.error();
    }
    if (!*there) {
      damage = error_at(Errc::kCorrupt, "journal row is missing", expected);
      break;
    }
    Result<JournalRow> row = row_of(select);
    if (row && row->seq > expected && !stands_for(*row, expected)) {
      damage = error_at(Errc::kCorrupt, "journal row is missing", expected);
      break;
    }
    if (!row) {
      damage = row.error();
      break;
    }
    expected = row->seq;
    bytes += row->bytes.size();
    if (!rows.empty() && bytes > bytes_max) {
      break;
    }
    rows.push_back(std::move(*row));
    if (expected == head_.seq) {
      break;
    }
  }
  select.reset();
  if (!rows.empty() || !damage) {
    return rows;
  }
  TALLY_TRY_ASSIGN(const Seq kept_from, oldest());
  if (kept_from > first && first < applied_) {
    return error_at(Errc::kNotFound, "journal row was pruned", first);
  }
  return *damage;
}

Result<node::RowsRead> TerminalJournal::read_rows(Seq first,
                                                  std::uint32_t records_max,
                                                  std::size_t bytes_max) {
  node::RowsRead answer;
  Result<std::vector<JournalRow>> rows = read(first, records_max, bytes_max);
  if (rows) {
    answer.rows = std::move(*rows);
    return answer;
  }
  if (rows.error().code != Errc::kCorrupt || db_.poisoned()) {
    return rows.error();
  }
  TALLY_TRY_ASSIGN(answer.unreadable, unreadable_from(first));
  return answer;
}

Result<node::UnreadableRows> TerminalJournal::unreadable_from(Seq first) {
  node::UnreadableRows lost{first, head_.seq, std::nullopt};
  TALLY_TRY_ASSIGN(Statement rows,
                   db_.prepare("SELECT seq, made_at_us, shown, crc, sealed FROM record "
                               "WHERE seq > ? ORDER BY seq"));
  rows.bind_all(first);
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      break;
    }
    if (const Result<JournalRow> row = row_of(rows)) {
      // Two gaps that follow each other could not be told from a hole: they become one.
      const bool gap = stands_for(*row, row->seq);
      lost.last = gap ? row->seq : Seq{row->seq.value - 1};
      break;
    }
  }
  if (first.value > 1) {
    const auto before = read(Seq{first.value - 1}, 1, 0);
    if (before && !before->empty() && before->front().seq.value + 1 == first.value) {
      lost.mac_before = before->front().mac;
    }
  }
  return lost;
}

}  // namespace tally::storage
