// A damaged gateway's journal: which packed rows are as they were written, and from where each
// terminal has to send again. What is not APPLIED yet its terminal still has.
#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "core/base/try.hpp"
#include "core/record/header.hpp"
#include "core/record/packed.hpp"

#include "storage/journal_format.hpp"
#include "storage/journal_rescue.hpp"

namespace tally::storage {
namespace {

using Pages = JournalRescue::Pages;

struct Row {
  std::int64_t id = 0;
  std::uint32_t count = 0;
  WallTime received_at;
  Bytes records;
};

using Rows = std::map<Seq, Row>;  ///< By the first record's number.

Seq last_of(const Rows::value_type& row) {
  return Seq{row.first.value + row.second.count - 1};
}

StreamPosition end_of(const Rows::value_type& row) {
  StreamPosition end{last_of(row), {}};
  record::PackedReader reader(row.second.records);
  while (const auto sealed = reader.next()) {
    end.mac = record::peek_mac(*sealed);
  }
  return end;
}

bool starts_with_gap(const Row& row) {
  record::PackedReader reader(row.records);
  const auto first = reader.next();
  const auto header =
      first ? record::peek_header(*first) : make_error(Errc::kInvalid, "packed row is empty");
  return header && header->kind == record::RecordKind::kGap;
}

std::map<StreamId, Rows> read_rows(JournalRescue& from) {
  constexpr const char* kForward =
      "SELECT terminal, incarnation, first_seq, count, received_at_us, crc, records, id "
      "FROM packed ORDER BY id";
  constexpr const char* kBackward =
      "SELECT terminal, incarnation, first_seq, count, received_at_us, crc, records, id "
      "FROM packed ORDER BY id DESC";
  std::map<StreamId, Rows> found;
  const auto take = [&](const Statement& row) {
    const StreamId stream{TerminalId{row.uint32(0)}, Incarnation{row.uint32(1)}};
    const Seq first{row.uint64(2)};
    const WallTime received_at{row.int64(4)};
    const ByteView records = row.blob(6);
    if (row.uint32(3) > 0 &&
        packed_row_crc(stream, first, row.uint32(3), received_at, records) == row.uint32(5)) {
      found[stream].try_emplace(
          first, Row{row.int64(7), row.uint32(3), received_at, {records.begin(), records.end()}});
    }
  };
  if (!from.read(Pages::kAny, kForward, take)) {
    from.read(Pages::kAny, kBackward, take);
  }
  return found;
}

struct Stream {
  StreamPosition received;
  StreamPosition forwarded;
  StreamPosition applied;
  Mac statement_mac{};
  StreamPosition archived;
  WallTime opened_at;
};

std::map<StreamId, Stream> read_streams(JournalRescue& from) {
  std::map<StreamId, Stream> found;
  const auto position_at = [](const Statement& row, int column) {
    return StreamPosition{Seq{row.uint64(column)}, row.array<16>(column + 1).value_or(Mac{})};
  };
  from.read(Pages::kSound,
            "SELECT terminal, incarnation, received_seq, received_mac, forwarded_seq, "
            "forwarded_mac, applied_seq, applied_mac, archived_seq, archived_mac, statement_mac, "
            "opened_at_us FROM stream",
            [&](const Statement& row) {
              found.try_emplace({TerminalId{row.uint32(0)}, Incarnation{row.uint32(1)}},
                                Stream{position_at(row, 2),
                                       position_at(row, 4),
                                       position_at(row, 6),
                                       row.array<16>(10).value_or(Mac{}),
                                       position_at(row, 8),
                                       WallTime{row.int64(11)}});
            });
  return found;
}

/// Rows without a hole between them.
std::vector<Rows> runs_of(const Rows& rows) {
  std::vector<Rows> runs;
  for (const auto& row : rows) {
    const bool follows =
        !runs.empty() &&
        (row.first.value == last_of(*runs.back().rbegin()).value + 1 ||
         (row.first > last_of(*runs.back().rbegin()) && starts_with_gap(row.second)));
    if (!follows) {
      runs.emplace_back();
    }
    runs.back().insert(row);
  }
  return runs;
}

/// Keeps the rows that go on from APPLIED without a hole, and lets the terminal send from their
/// end: it drops nothing that is not APPLIED. What is applied is left to the OA.
void settle(Stream& stream, Rows& rows) {
  const Seq applied = stream.applied.seq;
  std::vector<Rows> runs = runs_of(rows);
  const bool whole = runs.size() <= 1 && !rows.empty() && end_of(*rows.rbegin()) == stream.received;
  if (whole) {
    return;
  }
  const auto run = std::find_if(runs.begin(), runs.end(), [&](const Rows& each) {
    return each.begin()->first.value <= applied.value + 1 && last_of(*each.rbegin()) >= applied;
  });
  if (run != runs.end()) {
    stream.received = end_of(*run->rbegin());
    rows = std::move(*run);
  } else {
    stream.received = std::min(stream.received, stream.applied);
    rows.clear();
  }
  stream.forwarded = std::min(stream.forwarded, stream.received);
}

/// A stream whose positions are lost, by its rows: all of them are sent to the OA again.
Stream stream_of(Rows& rows) {
  rows = runs_of(rows).front();
  Stream stream;
  stream.received = end_of(*rows.rbegin());
  stream.opened_at = rows.begin()->second.received_at;
  return stream;
}

Status write(Db& fresh,
             const std::map<StreamId, Stream>& streams,
             const std::map<StreamId, Rows>& rows) {
  TALLY_TRY_ASSIGN(
      Statement open,
      fresh.prepare(
          "INSERT INTO stream(terminal, incarnation, received_seq, received_mac, forwarded_seq, "
          "forwarded_mac, applied_seq, applied_mac, archived_seq, archived_mac, statement_mac, "
          "opened_at_us) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"));
  for (const auto& [id, stream] : streams) {
    TALLY_TRY(open.run_with(id.terminal,
                            id.incarnation,
                            stream.received.seq,
                            ByteView(stream.received.mac),
                            stream.forwarded.seq,
                            ByteView(stream.forwarded.mac),
                            stream.applied.seq,
                            ByteView(stream.applied.mac),
                            stream.archived.seq,
                            ByteView(stream.archived.mac),
                            ByteView(stream.statement_mac),
                            stream.opened_at.us));
  }
  TALLY_TRY_ASSIGN(Statement insert,
                   fresh.prepare("INSERT INTO packed(id, terminal, incarnation, first_seq, count, "
                                 "received_at_us, crc, records) VALUES(?,?,?,?,?,?,?,?)"));
  for (const auto& [id, of_stream] : rows) {
    for (const auto& [first, row] : of_stream) {
      TALLY_TRY(insert.run_with(row.id,
                                id.terminal,
                                id.incarnation,
                                first,
                                row.count,
                                row.received_at.us,
                                packed_row_crc(id, first, row.count, row.received_at, row.records),
                                ByteView(row.records)));
    }
  }
  return {};
}

struct Node {
  GatewayId gateway;
  WallTime time_floor;
  /// 0: of no ledger. Then everything here is sent to the OA again.
  std::uint64_t ledger_stamp = 0;
};

}  // namespace

Result<std::optional<Rescue>> rescue_gateway_journal(const std::string& path, GatewayId gateway) {
  JournalRescue journal(path, gateway_journal_schema());
  return journal.run([&](Db& fresh, Rescue& rescue) -> Status {
    std::map<StreamId, Rows> rows = read_rows(journal);
    std::map<StreamId, Stream> streams = read_streams(journal);
    std::optional<Node> node;
    journal.read(Pages::kSound,
                 "SELECT gateway, time_floor_us, ledger_stamp FROM node",
                 [&](const Statement& row) {
                   node = {GatewayId{row.uint32(0)}, WallTime{row.int64(1)}, row.uint64(2)};
                 });
    if (node && node->gateway != gateway) {
      return make_error(Errc::kConflict, "journal belongs to another gateway");
    }
    rescue.positions_lost = !node;
    Node kept = node.value_or(Node{gateway, {}, 0});
    for (auto& [id, stream] : streams) {
      settle(stream, rows[id]);
    }
    for (auto& [id, of_stream] : rows) {
      if (!streams.contains(id)) {
        streams.emplace(id, stream_of(of_stream));
        rescue.positions_lost = true;
      }
      for (const auto& [first, row] : of_stream) {
        kept.time_floor = std::max(kept.time_floor, node ? kept.time_floor : row.received_at);
        ++rescue.rows_kept;
      }
    }
    TALLY_TRY_ASSIGN(
        Statement insert,
        fresh.prepare(
            "INSERT INTO node(id, gateway, time_floor_us, ledger_stamp) VALUES(1,?,?,?)"));
    TALLY_TRY(insert.run_with(kept.gateway, kept.time_floor.us, kept.ledger_stamp));
    return write(fresh, streams, rows);
  });
}

}  // namespace tally::storage
