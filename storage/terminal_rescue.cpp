// A damaged terminal's journal: which rows are as they were written, and where the node stood.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/base/try.hpp"
#include "core/record/header.hpp"

#include "storage/journal_format.hpp"
#include "storage/journal_rescue.hpp"
#include "storage/recent_member_rows.hpp"

namespace tally::storage {
namespace {

using Pages = JournalRescue::Pages;

struct Row {
  WallTime made_at;
  bool shown = false;
  Bytes sealed;
};

struct Found {
  std::map<Seq, Row> rows;
  bool another_node = false;

  /// `shown` is what the row says of it, or what else is known of it.
  void take(const Statement& row, StreamId stream, const std::function<bool(Seq, bool)>& shown) {
    const Seq seq{row.uint64(0)};
    const WallTime made_at{row.int64(1)};
    const ByteView sealed = row.blob(4);
    if (sealed.size() < record::kHeaderBytes + record::kMacBytes ||
        journal_row_crc(seq, made_at, sealed) != row.uint32(3)) {
      return;
    }
    const Result<record::Header> header = record::peek_header(sealed);
    another_node = another_node || (header && header->stream() != stream);
    rows.try_emplace(seq, Row{made_at, shown(seq, row.boolean(2)), {sealed.begin(), sealed.end()}});
  }
};

Found read_rows(JournalRescue& from, StreamId stream) {
  constexpr const char* kForward =
      "SELECT seq, made_at_us, shown, crc, sealed FROM record ORDER BY seq";
  constexpr const char* kBackward =
      "SELECT seq, made_at_us, shown, crc, sealed FROM record ORDER BY seq DESC";
  Found found;
  const auto as_it_says = [&](const Statement& row) {
    found.take(row, stream, [](Seq, bool shown) { return shown; });
  };
  if (from.read(Pages::kSound, kForward, as_it_says)) {
    return found;
  }
  from.read(Pages::kSound, kBackward, as_it_says);
  // The mark of a row on a damaged page stands in the index a second time. When that cannot be
  // read either, the customer may have seen the sale approved: it is not taken back.
  std::set<Seq> unshown;
  from.read(Pages::kSound,
            "SELECT seq FROM record INDEXED BY record_unshown WHERE shown = 0",
            [&](const Statement& row) { unshown.insert(Seq{row.uint64(0)}); });
  const auto as_the_index_says = [&](const Statement& row) {
    found.take(row, stream, [&](Seq seq, bool) { return !unshown.contains(seq); });
  };
  if (!from.read(Pages::kAny, kForward, as_the_index_says)) {
    from.read(Pages::kAny, kBackward, as_the_index_says);
  }
  return found;
}

Status write_rows(Db& fresh, const Found& found) {
  TALLY_TRY_ASSIGN(
      Statement insert,
      fresh.prepare("INSERT INTO record(seq, made_at_us, shown, crc, sealed) VALUES(?,?,?,?,?)"));
  for (const auto& [seq, row] : found.rows) {
    TALLY_TRY(insert.run_with(seq,
                              row.made_at.us,
                              row.shown,
                              journal_row_crc(seq, row.made_at, row.sealed),
                              ByteView(row.sealed)));
  }
  return {};
}

constexpr const char* kNodeColumns =
    "SELECT terminal, incarnation, head_seq, head_mac, received_seq, received_mac, applied_seq, "
    "applied_mac, time_floor_us, anchor_us, anchor_chip_ahead_us, anchor_uncertainty_us FROM node";

/// Writes the node's row as it stood. False: it cannot be known.
Result<bool> copy_node(JournalRescue& from, Db& fresh, StreamId stream, Found& found) {
  Status written;
  bool known = false;
  const bool whole = from.read(Pages::kSound, kNodeColumns, [&](const Statement& row) {
    found.another_node = found.another_node || row.uint32(0) != stream.terminal.value ||
                         row.uint32(1) != stream.incarnation.value;
    known = true;
    Result<Statement> insert = fresh.prepare("INSERT INTO node VALUES(1,?,?,?,?,?,?,?,?,?,?,?,?)");
    if (!insert) {
      written = Status(insert.error());
      return;
    }
    insert->bind_all(row.int64(0),
                     row.int64(1),
                     row.int64(2),
                     row.blob(3),
                     row.int64(4),
                     row.blob(5),
                     row.int64(6),
                     row.blob(7),
                     row.int64(8),
                     row.int64(9),
                     row.int64(10),
                     row.int64(11));
    if (row.is_null(9)) {
      insert->bind_null(10);
    }
    written = insert->run();
  });
  TALLY_TRY(written);
  return whole && known;
}

/// What the rows themselves say. Rows are dropped below APPLIED only, and the one at it stays.
Status make_node(Db& fresh, StreamId stream, const Found& found) {
  TALLY_TRY_ASSIGN(
      Statement insert,
      fresh.prepare("INSERT INTO node(id, terminal, incarnation, head_seq, head_mac, applied_seq, "
                    "applied_mac, time_floor_us) VALUES(1,?,?,?,?,?,?,?)"));
  StreamPosition head;
  StreamPosition applied;
  WallTime floor;
  if (!found.rows.empty()) {
    const auto& [last, newest] = *found.rows.rbegin();
    const auto& [first, oldest] = *found.rows.begin();
    head = {last, record::peek_mac(newest.sealed)};
    applied = first.value > 1 ? StreamPosition{first, record::peek_mac(oldest.sealed)} : applied;
    floor = newest.made_at;
  }
  return insert.run_with(stream.terminal,
                         stream.incarnation,
                         head.seq,
                         ByteView(head.mac),
                         applied.seq,
                         ByteView(applied.mac),
                         floor.us);
}

/// Rows of a table whose columns are copied as they are; those that can be read.
Status copy_table(
    JournalRescue& from, Db& fresh, const char* select, const char* insert_sql, int columns) {
  TALLY_TRY_ASSIGN(Statement insert, fresh.prepare(insert_sql));
  Status written;
  from.read(Pages::kSound, select, [&](const Statement& row) {
    if (!written) {
      return;
    }
    for (int i = 0; i < columns; ++i) {
      insert.bind(i + 1, row.int64(i));
    }
    written = insert.run();
  });
  return written;
}

}  // namespace

Result<std::optional<Rescue>> rescue_terminal_journal(const std::string& path, StreamId stream) {
  JournalRescue journal(path, terminal_journal_schema());
  return journal.run([&](Db& fresh, Rescue& rescue) -> Status {
    Found found = read_rows(journal, stream);
    TALLY_TRY_ASSIGN(const bool node_known, copy_node(journal, fresh, stream, found));
    if (found.another_node) {
      return make_error(Errc::kConflict, "journal belongs to another terminal or incarnation");
    }
    if (!node_known) {
      TALLY_TRY(make_node(fresh, stream, found));
    }
    TALLY_TRY(write_rows(fresh, found));
    TALLY_TRY_ASSIGN(Statement open_sale, fresh.prepare("INSERT INTO open_sale VALUES(?)"));
    Status written;
    journal.read(Pages::kSound, "SELECT sale FROM open_sale", [&](const Statement& row) {
      written = written ? open_sale.run_with(row.blob(0)) : written;
    });
    TALLY_TRY(written);
    TALLY_TRY(copy_table(journal,
                         fresh,
                         "SELECT id, terminal, incarnation, boot, seq, by, whole, returned_minor "
                         "FROM cancelled ORDER BY id",
                         "INSERT INTO cancelled VALUES(?,?,?,?,?,?,?,?)",
                         8));
    if (Result<Db> readable = journal.open(Pages::kSound)) {
      if (auto recent = read_recent_members(*readable)) {
        node::TerminalCommit commit;
        commit.recent = std::move(*recent);
        TALLY_TRY(write_recent_members(fresh, commit));
      }
    }
    rescue.rows_kept = found.rows.size();
    rescue.positions_lost = !node_known;
    return {};
  });
}

}  // namespace tally::storage
