#include "storage/gateway_journal.hpp"

#include <utility>

#include "core/base/try.hpp"
#include "core/record/header.hpp"
#include "core/record/packed.hpp"

#include "storage/journal_format.hpp"
#include "storage/journal_rescue.hpp"

namespace tally::storage {

using node::GatewayCommit;
using node::GatewaySnapshot;
using node::GatewayStreamState;
using node::PackedRecords;

namespace {

Result<StreamPosition> position_of(const Statement& statement, int column) {
  TALLY_TRY_ASSIGN(const Mac mac, statement.array<16>(column + 1));
  return StreamPosition{Seq{statement.uint64(column)}, mac};
}

}  // namespace

Result<GatewayJournal> GatewayJournal::open(const std::string& path, GatewayId gateway) {
  TALLY_TRY_ASSIGN(std::optional<Rescue> rescue, rescue_gateway_journal(path, gateway));
  TALLY_TRY_ASSIGN(Db db, Db::open(path, OpenMode::kOwner));
  TALLY_TRY(db.migrate(gateway_journal_schema()));
  GatewayJournal journal(std::move(db));
  journal.rescue_ = std::move(rescue);
  {
    TALLY_TRY_ASSIGN(Statement claim,
                     journal.db_.prepare("INSERT OR IGNORE INTO node(id, gateway) VALUES(1,?)"));
    TALLY_TRY(claim.run_with(gateway));
    TALLY_TRY_ASSIGN(Statement owner, journal.db_.prepare("SELECT gateway FROM node"));
    TALLY_TRY(owner.step());
    if (owner.uint32(0) != gateway.value) {
      return make_error(Errc::kConflict, "journal belongs to another gateway");
    }
  }
  TALLY_TRY(journal.prepare());
  return journal;
}

Status GatewayJournal::prepare() {
  const std::pair<Statement*, const char*> all[] = {
      {&statements_.open_stream,
       "INSERT OR IGNORE INTO stream(terminal, incarnation, opened_at_us) VALUES(?,?,?)"},
      {&statements_.received_of,
       "SELECT received_seq, received_mac FROM stream WHERE terminal = ? AND incarnation = ?"},
      {&statements_.set_received,
       "UPDATE stream SET received_seq = ?3, received_mac = ?4 "
       "WHERE terminal = ?1 AND incarnation = ?2"},
      {&statements_.set_forwarded,
       "UPDATE stream SET forwarded_seq = ?3, forwarded_mac = ?4 "
       "WHERE terminal = ?1 AND incarnation = ?2"},
      {&statements_.set_applied,
       "UPDATE stream SET applied_seq = ?3, applied_mac = ?4, statement_mac = ?5 "
       "WHERE terminal = ?1 AND incarnation = ?2"},
      {&statements_.set_archived,
       "UPDATE stream SET archived_seq = ?3, archived_mac = ?4 "
       "WHERE terminal = ?1 AND incarnation = ?2"},
      {&statements_.raise_time_floor,
       "UPDATE node SET time_floor_us = ?1 WHERE time_floor_us < ?1"},
      {&statements_.set_stamp, "UPDATE node SET ledger_stamp = ?"},
  };
  for (const auto& [statement, sql] : all) {
    TALLY_TRY_ASSIGN(*statement, db_.prepare(sql));
  }
  return packed_.prepare(db_);
}

Result<GatewaySnapshot> GatewayJournal::snapshot() {
  GatewaySnapshot snapshot;
  TALLY_TRY_ASSIGN(Statement node, db_.prepare("SELECT time_floor_us, ledger_stamp FROM node"));
  TALLY_TRY(node.step());
  snapshot.time_floor = WallTime{node.int64(0)};
  snapshot.ledger_stamp = node.uint64(1);
  TALLY_TRY_ASSIGN(Statement select,
                   db_.prepare("SELECT terminal, incarnation, received_seq, received_mac, "
                               "forwarded_seq, forwarded_mac, applied_seq, applied_mac, "
                               "archived_seq, archived_mac, statement_mac FROM stream "
                               "ORDER BY terminal, incarnation"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, select.step());
    if (!there) {
      break;
    }
    GatewayStreamState state;
    state.stream = {TerminalId{select.uint32(0)}, Incarnation{select.uint32(1)}};
    state.applied.stream = state.stream;
    TALLY_TRY_ASSIGN(state.received, position_of(select, 2));
    TALLY_TRY_ASSIGN(state.forwarded, position_of(select, 4));
    TALLY_TRY_ASSIGN(state.applied.position, position_of(select, 6));
    TALLY_TRY_ASSIGN(state.archived, position_of(select, 8));
    TALLY_TRY_ASSIGN(state.applied.statement_mac, select.array<16>(10));
    TALLY_TRY_ASSIGN(state.ends_in_gap, check_end(state));
    TALLY_TRY_ASSIGN(state.oldest, packed_.oldest(state.stream));
    if (state.forwarded.seq < state.received.seq) {
      const Seq unforwarded{state.forwarded.seq.value + 1};
      TALLY_TRY_ASSIGN(state.oldest_unforwarded_at, packed_.received_at(state.stream, unforwarded));
    }
    snapshot.streams.push_back(state);
  }
  return snapshot;
}

// Gives whether the last record is a GAP.
Result<bool> GatewayJournal::check_end(const GatewayStreamState& state) {
  if (!state.received.seq) {
    return false;
  }
  const Result<PackedRecords> last = read(state.stream, state.received.seq, 1, 0);
  if (!last && last.error().code == Errc::kNotFound) {
    return false;  // Archived and pruned.
  }
  if (!last) {
    return Error(last.error());
  }
  if (last->end != state.received) {
    return error_at(Errc::kCorrupt, "stream does not end at RECEIVED", state.received.seq);
  }
  record::PackedReader reader(last->packed);
  return is_gap(*reader.next());
}

Status GatewayJournal::commit(const GatewayCommit& commit, WallTime now) {
  if (commit.empty()) {
    return {};
  }
  TALLY_TRY_ASSIGN(Transaction transaction, Transaction::begin(db_));
  TALLY_TRY(write(commit, now));
  return transaction.commit();
}

Status GatewayJournal::write(const GatewayCommit& commit, WallTime now) {
  for (const StreamId& stream : commit.streams_opened) {
    TALLY_TRY(statements_.open_stream.run_with(stream.terminal, stream.incarnation, now.us));
  }
  for (const node::RenewedRecord& renewed : commit.renewed) {
    TALLY_TRY(renew(renewed));
  }
  for (const PackedRecords& records : commit.append) {
    TALLY_TRY(append(records, now));
  }
  for (const StreamMark& mark : commit.forwarded) {
    TALLY_TRY(set_forwarded(mark));
  }
  for (const node::AppliedStatement& statement : commit.applied) {
    TALLY_TRY(statements_.set_applied.run_with(statement.stream.terminal,
                                               statement.stream.incarnation,
                                               statement.position.seq,
                                               ByteView(statement.position.mac),
                                               ByteView(statement.statement_mac)));
  }
  for (const StreamMark& mark : commit.archived) {
    TALLY_TRY(set_archived(mark));
  }
  if (commit.time_floor) {
    TALLY_TRY(statements_.raise_time_floor.run_with(commit.time_floor->us));
  }
  if (commit.ledger_stamp) {
    TALLY_TRY(statements_.set_stamp.run_with(*commit.ledger_stamp));
  }
  return {};
}

// One record in the place of its copy. Its MAC may be another one only where nothing hangs on it.
Status GatewayJournal::renew(const node::RenewedRecord& renewed) {
  const StreamId stream = renewed.stream;
  const auto [seq, mac] = renewed.position;
  const Result<record::Header> header = record::peek_header(renewed.sealed);
  if (!header || header->stream() != stream || header->id.seq != seq ||
      record::peek_mac(renewed.sealed) != mac) {
    return error_at(Errc::kInvalid, "renewed record is not what it is said to be", seq);
  }
  TALLY_TRY_ASSIGN(const StreamPosition received, position(stream));
  TALLY_TRY_ASSIGN(const PackedRows::Row row, packed_.row_with(stream, seq));
  Bytes records;
  record::PackedReader reader(row.packed);
  for (Seq at = row.first; const auto sealed = reader.next(); ++at.value) {
    const bool is_copy = at == seq;
    if (is_copy && record::peek_mac(*sealed) != mac) {
      const Result<record::Header> copy = record::peek_header(*sealed);
      if (!copy || copy->prev_mac != header->prev_mac || seq != received.seq) {
        return error_at(Errc::kInvalid, "renewed record is not the one that stands here", seq);
      }
    }
    record::append_packed(records, is_copy ? ByteView(renewed.sealed) : *sealed);
  }
  TALLY_TRY(packed_.rewrite(stream, row, records));
  if (seq != received.seq) {
    return {};
  }
  return statements_.set_received.run_with(stream.terminal, stream.incarnation, seq, ByteView(mac));
}

Status GatewayJournal::append(const PackedRecords& records, WallTime now) {
  TALLY_TRY_ASSIGN(StreamPosition end, position(records.stream));
  // What stands before the first record of a new stream is for the OA to judge.
  bool chain_known = static_cast<bool>(end.seq);
  if (!end.seq) {
    end.seq = Seq{records.first.value - 1};
  } else {
    TALLY_TRY_ASSIGN(chain_known, continues(records, end));
    end.seq = Seq{records.first.value - 1};
  }
  record::PackedReader reader(records.packed);
  std::uint32_t count = 0;
  while (const auto sealed = reader.next()) {
    const Result<record::Header> header = record::peek_header(*sealed);
    const Seq expected{end.seq.value + 1};
    if (!header || header->stream() != records.stream || header->id.seq != expected) {
      return error_at(Errc::kInvalid, "record is not what its packed row says", expected);
    }
    if (chain_known && header->prev_mac != end.mac) {
      return error_at(Errc::kInvalid, "record breaks the stream's chain", expected);
    }
    chain_known = header->kind != record::RecordKind::kGap;
    end = {expected, record::peek_mac(*sealed)};
    ++count;
  }
  if (reader.truncated() || count == 0 || count != records.count || end != records.end) {
    return error_at(Errc::kInvalid, "packed row does not end where it says", records.first);
  }
  TALLY_TRY(packed_.insert(records, now));
  return statements_.set_received.run_with(
      records.stream.terminal, records.stream.incarnation, end.seq, ByteView(end.mac));
}

// Whether the first record must name the MAC at `end`: a GAP record need not when its number is
// the next, nor what follows one. Errors: kInvalid when there is a hole that no GAP record bridges.
Result<bool> GatewayJournal::continues(const PackedRecords& records, const StreamPosition& end) {
  record::PackedReader reader(records.packed);
  const auto first = reader.next();
  const Result<record::Header> header =
      first ? record::peek_header(*first) : make_error(Errc::kInvalid, "packed row is empty");
  if (!header) {
    return error_at(Errc::kInvalid, "record is not what its packed row says", records.first);
  }
  const bool starts_with_gap = header->kind == record::RecordKind::kGap;
  const bool is_next = records.first.value == end.seq.value + 1;
  if (!is_next && !(starts_with_gap && records.first > end.seq)) {
    return error_at(Errc::kInvalid, "records do not follow RECEIVED", records.first);
  }
  if (!is_next || header->prev_mac == end.mac) {
    return true;
  }
  if (starts_with_gap) {
    return false;
  }
  const Result<PackedRecords> last = read(records.stream, end.seq, 1, 0);
  if (!last) {
    return true;  // Pruned, or damaged: nothing says that it was a gap.
  }
  record::PackedReader before(last->packed);
  return !is_gap(*before.next());
}

Result<StreamPosition> GatewayJournal::position(StreamId stream) {
  Statement& select = statements_.received_of;
  select.bind_all(stream.terminal, stream.incarnation);
  TALLY_TRY_ASSIGN(const bool there, select.step());
  Result<StreamPosition> found =
      there ? position_of(select, 0)
            : Result<StreamPosition>{
                  make_error(Errc::kNotFound, "stream was never opened at this gateway")};
  select.reset();
  return found;
}

Status GatewayJournal::set_forwarded(const StreamMark& mark) {
  TALLY_TRY_ASSIGN(const StreamPosition received, position(mark.stream));
  if (mark.position.seq > received.seq) {
    return error_at(Errc::kInvalid, "position is beyond RECEIVED", mark.position.seq);
  }
  return statements_.set_forwarded.run_with(mark.stream.terminal,
                                            mark.stream.incarnation,
                                            mark.position.seq,
                                            ByteView(mark.position.mac));
}

Status GatewayJournal::set_archived(const StreamMark& mark) {
  // The back-up may hold another branch than is here: then nothing here is known to be in it.
  const Result<PackedRecords> here = read(mark.stream, mark.position.seq, 1, 0);
  if (here && here->count > 0 && here->end != mark.position) {
    return {};
  }
  if (!here && db_.poisoned()) {
    return Error(here.error());
  }
  return statements_.set_archived.run_with(mark.stream.terminal,
                                           mark.stream.incarnation,
                                           mark.position.seq,
                                           ByteView(mark.position.mac));
}

Result<PackedRecords> GatewayJournal::read(StreamId stream,
                                           Seq first,
                                           std::uint32_t records_max,
                                           std::size_t bytes_max) {
  TALLY_TRY_ASSIGN(const StreamPosition received, position(stream));
  return packed_.read(stream, first, received.seq, records_max, bytes_max);
}

Status GatewayJournal::visit_since(
    WallTime since, const std::function<void(const PackedRecords&, WallTime)>& visit) {
  return PackedRows::visit_since(db_, since, visit);
}

Result<std::uint64_t> GatewayJournal::queued_bytes() {
  return packed_.queued_bytes();
}

Result<std::int64_t> GatewayJournal::prune(WallTime now, std::int64_t rows_max) {
  TALLY_TRY_ASSIGN(Transaction transaction, Transaction::begin(db_));
  TALLY_TRY(packed_.prune(WallTime{now.us - kRetentionUs}, rows_max));
  const std::int64_t dropped = db_.changes();
  TALLY_TRY(transaction.commit());
  return dropped;
}

}  // namespace tally::storage
