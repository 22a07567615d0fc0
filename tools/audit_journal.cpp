#include "tools/audit_journal.hpp"

#include <algorithm>
#include <set>

#include "core/base/try.hpp"
#include "core/codec/record_codec.hpp"
#include "core/record/header.hpp"
#include "core/record/packed.hpp"

#include "storage/journal_format.hpp"

namespace tally::tools {

using storage::Db;
using storage::Statement;

namespace {

std::string place(StreamId stream, Seq seq) {
  return "terminal " + std::to_string(stream.terminal.value) + ", incarnation " +
         std::to_string(stream.incarnation.value) + ", seq " + std::to_string(seq.value);
}

// Reports breaches of one table of one database.
class Finder {
 public:
  Finder(AuditReport& report, const std::string& database) : report_(report), database_(database) {}
  void add(
      const char* invariant, const char* table, StreamId stream, Seq seq, std::string text) const {
    report_.add({invariant, database_, table, place(stream, seq), std::move(text)});
  }

 private:
  AuditReport& report_;
  const std::string& database_;
};

Result<StreamPosition> position_at(const Statement& row, int column) {
  TALLY_TRY_ASSIGN(const Mac mac, row.array<16>(column + 1));
  return StreamPosition{Seq{row.uint64(column)}, mac};
}

bool is_gap(ByteView sealed) {
  const Result<record::Header> header = record::peek_header(sealed);
  return header && header->kind == record::RecordKind::kGap;
}

// Checks one sealed record against the place it should stand in, and takes it.
void take_record(ByteView sealed,
                 StreamId stream,
                 Seq seq,
                 std::optional<Mac> previous,
                 const char* table,
                 const Finder& finder,
                 StreamContent& content) {
  const Result<record::Header> header = record::peek_header(sealed);
  if (!header) {
    finder.add("journal", table, stream, seq, header.error().what);
    return;
  }
  if (header->stream() != stream || header->id.seq != seq) {
    finder.add("journal",
               table,
               stream,
               seq,
               "the record says " + place(header->stream(), header->id.seq));
    return;
  }
  if (previous && header->prev_mac != *previous) {
    finder.add("I6", table, stream, seq, "the chain is broken: prev_mac is not the MAC before");
  }
  // A GAP record stands here for others, which may well be elsewhere under this number.
  if (header->kind != record::RecordKind::kGap) {
    content.records[seq].push_back(record::peek_mac(sealed));
  }
}

bool wants_shown_mark(const record::Record& record) {
  return std::holds_alternative<record::Accrual>(record.business) ||
         std::holds_alternative<record::Redemption>(record.business);
}

// Rows without a shown mark, judged against what came after them.
class ShownCheck {
 public:
  ShownCheck(const Finder& finder, StreamId stream) : finder_(finder), stream_(stream) {}

  void take(Seq seq, bool shown, ByteView sealed) {
    const Result<record::Record> record = codec::decode_record(sealed);
    if (!record) {
      return;  // A newer kind: nothing is known of its marks.
    }
    // The sale at the very end may still be on its way to the display.
    for (const auto& [open_seq, boot, sale] : open_) {
      if (boot != record->header.id.boot || sale != record->sale) {
        finder_.add("I5",
                    "record",
                    stream_,
                    open_seq,
                    "neither shown nor reversed, though the terminal went on");
      }
    }
    std::erase_if(open_, [&](const Open& open) {
      return open.boot != record->header.id.boot || open.sale != record->sale;
    });
    if (!shown && wants_shown_mark(*record)) {
      open_.push_back({seq, record->header.id.boot, record->sale});
    }
  }

 private:
  struct Open {
    Seq seq;
    BootId boot;
    SaleId sale;
  };
  const Finder& finder_;
  StreamId stream_;
  std::vector<Open> open_;
};

}  // namespace

Result<NodeContent> audit_terminal_journal(Db& db,
                                           const std::string& database,
                                           AuditReport& report) {
  const Finder finder(report, database);
  NodeContent node{database, {}};
  TALLY_TRY_ASSIGN(Statement head,
                   db.prepare("SELECT terminal, incarnation, head_seq, head_mac, received_seq, "
                              "received_mac, applied_seq, applied_mac FROM node"));
  TALLY_TRY_ASSIGN(const bool claimed, head.step());
  if (!claimed) {
    return node;  // Made and never opened by its terminal.
  }
  const StreamId stream{TerminalId{head.uint32(0)}, Incarnation{head.uint32(1)}};
  StreamContent& content = node.streams[stream];
  TALLY_TRY_ASSIGN(content.head, position_at(head, 2));
  TALLY_TRY_ASSIGN(content.received, position_at(head, 4));
  TALLY_TRY_ASSIGN(content.applied, position_at(head, 6));
  if (content.received.seq > content.head.seq) {
    finder.add("journal", "node", stream, content.received.seq, "RECEIVED is beyond the head");
  }
  if (content.applied.seq > content.head.seq) {
    finder.add("journal", "node", stream, content.applied.seq, "APPLIED is beyond the head");
  }

  ShownCheck shown(finder, stream);
  StreamPosition last;
  bool any = false;
  bool last_known = true;  // Nothing stands before the first record.
  TALLY_TRY_ASSIGN(Statement rows,
                   db.prepare("SELECT seq, made_at_us, shown, crc, sealed FROM record "
                              "ORDER BY seq"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      break;
    }
    const Seq seq{rows.uint64(0)};
    const ByteView sealed = rows.blob(4);
    const bool gap = is_gap(sealed);
    if (any && seq.value != last.seq.value + 1 && !gap) {
      finder.add("journal", "record", stream, Seq{last.seq.value + 1}, "the row is missing");
    }
    const bool follows = any && seq.value == last.seq.value + 1;
    any = true;
    if (storage::journal_row_crc(seq, WallTime{rows.int64(1)}, sealed) != rows.uint32(3) ||
        sealed.size() < record::kMacBytes) {
      finder.add("journal", "record", stream, seq, "the row's checksum does not match");
      last = {seq, {}};
      last_known = false;
      continue;
    }
    const bool first_of_all = seq.value == 1;
    const bool chained = gap ? any && !follows : follows || first_of_all;
    const std::optional<Mac> previous =
        last_known && chained ? std::optional(last.mac) : std::nullopt;
    take_record(sealed, stream, seq, previous, "record", finder, content);
    shown.take(seq, rows.boolean(2), sealed);
    last = {seq, record::peek_mac(sealed)};
    last_known = !gap;  // What follows a gap names a MAC that nobody can read any more.
  }
  if (last.seq != content.head.seq || (last_known && last.mac != content.head.mac)) {
    finder.add("journal", "node", stream, content.head.seq, "the head is not the last row");
  }
  const auto applied_row = content.records.find(content.applied.seq);
  if (applied_row != content.records.end() && applied_row->second.front() != content.applied.mac) {
    finder.add("I6", "node", stream, content.applied.seq, "APPLIED names another MAC than the row");
  }
  return node;
}

Result<NodeContent> audit_gateway_journal(Db& db,
                                          const std::string& database,
                                          AuditReport& report) {
  const Finder finder(report, database);
  NodeContent node{database, {}};
  TALLY_TRY_ASSIGN(Statement streams,
                   db.prepare("SELECT terminal, incarnation, received_seq, received_mac, "
                              "forwarded_seq, forwarded_mac, applied_seq, applied_mac "
                              "FROM stream"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, streams.step());
    if (!there) {
      break;
    }
    const StreamId stream{TerminalId{streams.uint32(0)}, Incarnation{streams.uint32(1)}};
    StreamContent& content = node.streams[stream];
    TALLY_TRY_ASSIGN(content.head, position_at(streams, 2));
    TALLY_TRY_ASSIGN(content.forwarded, position_at(streams, 4));
    TALLY_TRY_ASSIGN(content.applied, position_at(streams, 6));
    content.received = content.head;
  }

  StreamId at;
  StreamPosition last;
  bool last_known = false;
  TALLY_TRY_ASSIGN(Statement rows,
                   db.prepare("SELECT terminal, incarnation, first_seq, count, received_at_us, "
                              "crc, records FROM packed "
                              "ORDER BY terminal, incarnation, first_seq"));
  std::map<StreamId, StreamPosition> ends;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      break;
    }
    const StreamId stream{TerminalId{rows.uint32(0)}, Incarnation{rows.uint32(1)}};
    const Seq first{rows.uint64(2)};
    const std::uint32_t count = rows.uint32(3);
    const ByteView packed = rows.blob(6);
    const bool same_stream = stream == at;
    at = stream;
    const bool follows = same_stream && first.value == last.seq.value + 1;
    record::PackedReader peek(packed);
    const auto opening = peek.next();
    const bool jumps = opening && is_gap(*opening) && first > last.seq;
    if (same_stream && !follows && !jumps) {
      finder.add(
          "I9",
          "packed",
          stream,
          first,
          first <= last.seq ? "records stand in two rows" : "records before this row are missing");
    }
    StreamContent& content = node.streams[stream];
    if (storage::packed_row_crc(stream, first, count, WallTime{rows.int64(4)}, packed) !=
        rows.uint32(5)) {
      finder.add("journal", "packed", stream, first, "the row's checksum does not match");
      last = {Seq{first.value + count - 1}, content.head.mac};
      last_known = false;
      ends[stream] = last;
      continue;
    }
    const bool chained = jumps ? same_stream && !follows : follows;
    std::optional<Mac> previous = chained && last_known ? std::optional(last.mac) : std::nullopt;
    record::PackedReader reader(packed);
    Seq seq = first;
    Mac end_mac{};
    for (; const auto sealed = reader.next(); ++seq.value) {
      take_record(*sealed, stream, seq, previous, "packed", finder, content);
      end_mac = sealed->size() >= record::kMacBytes ? record::peek_mac(*sealed) : Mac{};
      previous = is_gap(*sealed) || sealed->size() < record::kMacBytes ? std::nullopt
                                                                       : std::optional(end_mac);
    }
    if (reader.truncated() || seq.value - first.value != count) {
      finder.add(
          "journal", "packed", stream, first, "the row does not hold as many records as it says");
    }
    last = {Seq{seq.value - 1}, end_mac};
    last_known = previous.has_value();
    ends[stream] = last;
  }

  for (const auto& [stream, content] : node.streams) {
    const auto end = ends.find(stream);
    if (end != ends.end() && end->second != content.head) {
      finder.add("journal", "stream", stream, content.head.seq, "RECEIVED is not the last record");
    }
    if (content.forwarded.seq > content.head.seq) {
      finder.add(
          "journal", "stream", stream, content.forwarded.seq, "forwarded is beyond RECEIVED");
    }
    // A gateway that took over a running stream may know of APPLIED before it has forwarded.
    const bool from_the_start = content.records.empty() || content.records.count(Seq{1}) != 0;
    if (from_the_start && content.applied.seq > content.forwarded.seq) {
      finder.add("journal", "stream", stream, content.applied.seq, "APPLIED is beyond forwarded");
    }
  }
  return node;
}

Result<NodeContent> read_oa_records(Db& db, const std::string& database) {
  NodeContent node{database, {}};
  TALLY_TRY_ASSIGN(Statement rows,
                   db.prepare("SELECT terminal, incarnation, seq, mac FROM raw_record "
                              "ORDER BY terminal, incarnation, seq"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      break;
    }
    const StreamId stream{TerminalId{rows.uint32(0)}, Incarnation{rows.uint32(1)}};
    TALLY_TRY_ASSIGN(const Mac mac, rows.array<16>(3));
    node.streams[stream].records[Seq{rows.uint64(2)}].push_back(mac);
  }
  TALLY_TRY_ASSIGN(Statement cursors,
                   db.prepare("SELECT terminal, incarnation, seq, mac FROM cursor"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, cursors.step());
    if (!there) {
      break;
    }
    const StreamId stream{TerminalId{cursors.uint32(0)}, Incarnation{cursors.uint32(1)}};
    TALLY_TRY_ASSIGN(node.streams[stream].head, position_at(cursors, 2));
    node.streams[stream].applied = node.streams[stream].head;
  }
  return node;
}

}  // namespace tally::tools
