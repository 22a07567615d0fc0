#include "core/codec/envelope_codec.hpp"

#include <type_traits>
#include <utility>

#include "proto/link.pb.h"

#include "core/base/try.hpp"
#include "core/codec/ask_codec.hpp"
#include "core/codec/directory_codec.hpp"
#include "core/codec/wire.hpp"
#include "core/link/frame.hpp"
#include "core/record/header.hpp"
#include "core/record/packed.hpp"

namespace tally::codec {

struct EnvelopeCodec::Scratch {
  tally_wire_Envelope envelope;
};

namespace {

using link::Message;

Error bad(const char* what) {
  return make_error(Errc::kInvalid, what);
}

// --- Domain to wire: one overload a message, each fills the union member and names its tag. ---

void put_position(StreamId stream, const StreamPosition& position, tally_wire_Position& out) {
  out.terminal = stream.terminal.value;
  out.incarnation = stream.incarnation.value;
  out.seq = position.seq.value;
  if (position.seq) {
    put_bytes(position.mac, out.mac);
  }
}

void put_anchor(const link::TimeAnchor& anchor, tally_wire_TimeAnchor& out) {
  out.wall_time_us = anchor.wall.us;
  out.uncertainty_us = anchor.uncertainty_us;
  out.quality = static_cast<tally_wire_ClockQuality>(anchor.quality);
}

pb_size_t put(const link::Challenge& m, tally_wire_Envelope& out) {
  out.message.challenge.nonce = m.nonce;
  return tally_wire_Envelope_challenge_tag;
}

pb_size_t put(const link::Hello& m, tally_wire_Envelope& out) {
  auto& w = out.message.hello;
  w.nonce = m.nonce;
  w.version_min = m.version_min;
  w.version_max = m.version_max;
  w.role = static_cast<tally_wire_Role>(m.role);
  w.node = m.node;
  w.incarnation = m.incarnation.value;
  w.boot = m.boot.value;
  w.has_head = true;
  put_position({TerminalId{m.node}, m.incarnation}, m.head, w.head);
  w.oldest_seq = m.oldest.value;
  w.unsynced_records = m.unsynced_records;
  w.oldest_unsynced_age_ms =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, m.oldest_unsynced_age.ms));
  w.program_version = m.program.value;
  w.deny_list_version = m.deny_list.value;
  w.directory_version = m.directory_version;
  put_text(m.software, w.software);
  w.wall_time_us = m.wall.us;
  w.boot_time_ms = static_cast<std::uint64_t>(m.boot_time.ms);
  w.epoch = m.epoch.value;
  w.ledger_stamp = m.ledger_stamp;
  return tally_wire_Envelope_hello_tag;
}

pb_size_t put(const link::Welcome& m, tally_wire_Envelope& out) {
  auto& w = out.message.welcome;
  w.version = m.version;
  w.node = m.node;
  w.store = m.store.value;
  w.has_received = true;
  put_position({}, m.received, w.received);
  w.has_anchor = true;
  put_anchor(m.anchor, w.anchor);
  w.heartbeat_ms = static_cast<std::uint32_t>(m.heartbeat.ms);
  w.program_version = m.program.value;
  w.deny_list_version = m.deny_list.value;
  w.ledger_generation = m.ledger_generation;
  w.uplink_up = m.uplink_up;
  w.ledger_stamp = m.ledger_stamp;
  return tally_wire_Envelope_welcome_tag;
}

pb_size_t put(const link::Close& m, tally_wire_Envelope& out) {
  auto& w = out.message.close;
  w.reason = static_cast<tally_wire_CloseReason>(m.reason);
  w.retry_after_ms = static_cast<std::uint32_t>(m.retry_after.ms);
  put_text(m.text, w.text);
  return tally_wire_Envelope_close_tag;
}

pb_size_t put(const link::Ping& m, tally_wire_Envelope& out) {
  out.message.ping.token = m.token;
  return tally_wire_Envelope_ping_tag;
}

pb_size_t put(const link::Pong& m, tally_wire_Envelope& out) {
  out.message.pong.token = m.token;
  return tally_wire_Envelope_pong_tag;
}

pb_size_t put(const link::RecordBatch& m, tally_wire_Envelope& out) {
  auto& w = out.message.records;
  record::PackedReader reader(m.packed);
  while (const auto sealed = reader.next()) {
    TALLY_ASSERT(w.records_count < link::kBatchRecordsMax);
    put_bytes(*sealed, w.records[w.records_count++]);
  }
  TALLY_ASSERT(w.records_count == m.count);
  w.beside = m.beside;
  return tally_wire_Envelope_records_tag;
}

template <class Marks, class Wire>
void put_marks(const Marks& marks, Wire& out) {
  TALLY_ASSERT(marks.size() <= link::kPositionsMax);
  for (const StreamMark& mark : marks) {
    put_position(mark.stream, mark.position, out.positions[out.positions_count++]);
  }
}

pb_size_t put(const link::Received& m, tally_wire_Envelope& out) {
  put_marks(m.positions, out.message.received);
  out.message.received.rewind = m.rewind;
  out.message.received.beside = m.beside;
  return tally_wire_Envelope_received_tag;
}

pb_size_t put(const link::Applied& m, tally_wire_Envelope& out) {
  auto& w = out.message.applied;
  TALLY_ASSERT(m.statements.size() <= link::kPositionsMax);
  for (const link::AppliedStatement& statement : m.statements) {
    auto& s = w.statements[w.statements_count++];
    s.has_position = true;
    put_position(statement.stream, statement.position, s.position);
    put_bytes(statement.statement_mac, s.statement_mac);
  }
  return tally_wire_Envelope_applied_tag;
}

pb_size_t put(const link::Archived& m, tally_wire_Envelope& out) {
  put_marks(m.positions, out.message.archived);
  return tally_wire_Envelope_archived_tag;
}

pb_size_t put(const link::RecordRefusal& m, tally_wire_Envelope& out) {
  auto& w = out.message.refusal;
  w.has_position = true;
  put_position(m.stream, {m.seq, {}}, w.position);
  w.reason = static_cast<tally_wire_RefusalReason>(m.reason);
  w.has_continue_from = true;
  put_position(m.stream, m.continue_from, w.continue_from);
  return tally_wire_Envelope_refusal_tag;
}

pb_size_t put(const link::Refilled& m, tally_wire_Envelope& out) {
  out.message.refilled.ledger_stamp = m.ledger_stamp;
  return tally_wire_Envelope_refilled_tag;
}

pb_size_t put(const link::StoreState& m, tally_wire_Envelope& out) {
  auto& w = out.message.store_state;
  w.uplink_up = m.uplink_up;
  w.uplink_queue_records = m.uplink_queue_records;
  w.uplink_queue_age_ms =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, m.uplink_queue_age.ms));
  return tally_wire_Envelope_store_state_tag;
}

pb_size_t put(const link::TimeAnchor& m, tally_wire_Envelope& out) {
  put_anchor(m, out.message.time_anchor);
  return tally_wire_Envelope_time_anchor_tag;
}

// --- Wire to domain: every enum and fixed-size field is checked. ---

Result<StreamMark> get_position(const tally_wire_Position& w) {
  StreamMark mark{{TerminalId{w.terminal}, Incarnation{w.incarnation}}, {Seq{w.seq}, {}}};
  if (!get_fixed(w.mac, mark.position.mac)) {
    return bad("a position's MAC has not 16 bytes");
  }
  return mark;
}

link::TimeAnchor get_anchor(const tally_wire_TimeAnchor& w) {
  link::TimeAnchor anchor;
  anchor.wall.us = w.wall_time_us;
  anchor.uncertainty_us = w.uncertainty_us;
  anchor.quality = get_quality(w.quality);
  return anchor;
}

Duration get_duration(std::uint64_t ms) {
  return Duration{static_cast<std::int64_t>(std::min<std::uint64_t>(ms, INT64_MAX / 2))};
}

Result<Message> get(const tally_wire_Hello& w) {
  link::Hello m;
  m.nonce = w.nonce;
  m.version_min = w.version_min;
  m.version_max = w.version_max;
  if (!get_enum(w.role, Role::kOa, m.role)) {
    return bad("the hello names no role");
  }
  m.node = w.node;
  m.incarnation = Incarnation{w.incarnation};
  m.boot = BootId{w.boot};
  TALLY_TRY_ASSIGN(const StreamMark head, get_position(w.head));
  m.head = head.position;
  m.oldest = Seq{w.oldest_seq};
  m.unsynced_records = w.unsynced_records;
  m.oldest_unsynced_age = get_duration(w.oldest_unsynced_age_ms);
  m.program = ProgramVersion{w.program_version};
  m.deny_list = DenyListVersion{w.deny_list_version};
  m.directory_version = w.directory_version;
  m.software = w.software;
  m.wall = WallTime{w.wall_time_us};
  m.boot_time = BootTime{get_duration(w.boot_time_ms).ms};
  m.epoch = Epoch{w.epoch};
  m.ledger_stamp = w.ledger_stamp;
  return Message{std::move(m)};
}

Result<Message> get(const tally_wire_Welcome& w) {
  link::Welcome m;
  m.version = w.version;
  m.node = w.node;
  m.store = StoreId{w.store};
  TALLY_TRY_ASSIGN(const StreamMark received, get_position(w.received));
  m.received = received.position;
  m.anchor = get_anchor(w.anchor);
  m.heartbeat = Duration{w.heartbeat_ms};
  m.program = ProgramVersion{w.program_version};
  m.deny_list = DenyListVersion{w.deny_list_version};
  m.ledger_generation = w.ledger_generation;
  m.uplink_up = w.uplink_up;
  m.ledger_stamp = w.ledger_stamp;
  return Message{m};
}

Result<Message> get(const tally_wire_Close& w) {
  link::Close m;
  if (!get_enum(w.reason, link::CloseReason::kStorageFailed, m.reason)) {
    return bad("the close names no reason");
  }
  m.retry_after = Duration{w.retry_after_ms};
  m.text = w.text;
  return Message{std::move(m)};
}

Result<Message> get(const tally_wire_RecordBatch& w) {
  link::RecordBatch m;
  m.beside = w.beside;
  std::size_t bytes = 0;
  for (pb_size_t i = 0; i < w.records_count; ++i) {
    bytes += 2U + w.records[i].size;
  }
  m.packed.reserve(bytes);
  for (pb_size_t i = 0; i < w.records_count; ++i) {
    record::append_packed(m.packed, view(w.records[i]));
  }
  m.count = w.records_count;
  if (m.count == 0) {
    return bad("a record batch holds no record");
  }
  return Message{std::move(m)};
}

template <class Wire>
Result<std::vector<StreamMark>> get_marks(const Wire& w) {
  std::vector<StreamMark> marks;
  marks.reserve(w.positions_count);
  for (pb_size_t i = 0; i < w.positions_count; ++i) {
    TALLY_TRY_ASSIGN(const StreamMark mark, get_position(w.positions[i]));
    marks.push_back(mark);
  }
  return marks;
}

Result<Message> get(const tally_wire_Received& w) {
  TALLY_TRY_ASSIGN(auto positions, get_marks(w));
  return Message{link::Received{std::move(positions), w.rewind, w.beside}};
}

Result<Message> get(const tally_wire_Applied& w) {
  link::Applied m;
  for (pb_size_t i = 0; i < w.statements_count; ++i) {
    TALLY_TRY_ASSIGN(const StreamMark mark, get_position(w.statements[i].position));
    link::AppliedStatement statement{mark.stream, mark.position, {}};
    if (w.statements[i].statement_mac.size != statement.statement_mac.size() ||
        !get_fixed(w.statements[i].statement_mac, statement.statement_mac)) {
      return bad("an applied statement's MAC has not 16 bytes");
    }
    m.statements.push_back(statement);
  }
  return Message{std::move(m)};
}

Result<Message> get(const tally_wire_Archived& w) {
  TALLY_TRY_ASSIGN(auto positions, get_marks(w));
  return Message{link::Archived{std::move(positions)}};
}

Result<Message> get(const tally_wire_RecordRefusal& w) {
  link::RecordRefusal m;
  TALLY_TRY_ASSIGN(const StreamMark at, get_position(w.position));
  TALLY_TRY_ASSIGN(const StreamMark from, get_position(w.continue_from));
  m.stream = at.stream;
  m.seq = at.position.seq;
  m.continue_from = from.position;
  if (!get_enum(w.reason, link::RefusalReason::kBranch, m.reason)) {
    return bad("a refusal names no reason");
  }
  return Message{m};
}

template <class M>
Result<Message> as_message(Result<M>&& decoded) {
  if (!decoded) {
    return Error(decoded.error());
  }
  return Message{std::move(*decoded)};
}

Result<Message> get(const tally_wire_Envelope& e) {
  switch (e.which_message) {
    case tally_wire_Envelope_challenge_tag:
      return Message{link::Challenge{e.message.challenge.nonce}};
    case tally_wire_Envelope_hello_tag:
      return get(e.message.hello);
    case tally_wire_Envelope_welcome_tag:
      return get(e.message.welcome);
    case tally_wire_Envelope_close_tag:
      return get(e.message.close);
    case tally_wire_Envelope_ping_tag:
      return Message{link::Ping{e.message.ping.token}};
    case tally_wire_Envelope_pong_tag:
      return Message{link::Pong{e.message.pong.token}};
    case tally_wire_Envelope_records_tag:
      return get(e.message.records);
    case tally_wire_Envelope_received_tag:
      return get(e.message.received);
    case tally_wire_Envelope_applied_tag:
      return get(e.message.applied);
    case tally_wire_Envelope_archived_tag:
      return get(e.message.archived);
    case tally_wire_Envelope_refusal_tag:
      return get(e.message.refusal);
    case tally_wire_Envelope_refilled_tag:
      return Message{link::Refilled{e.message.refilled.ledger_stamp}};
    case tally_wire_Envelope_ask_tag:
      return as_message(codec::get(e.message.ask));
    case tally_wire_Envelope_answer_tag:
      return as_message(codec::get(e.message.answer));
    case tally_wire_Envelope_store_state_tag:
      return Message{link::StoreState{e.message.store_state.uplink_up,
                                      e.message.store_state.uplink_queue_records,
                                      get_duration(e.message.store_state.uplink_queue_age_ms)}};
    case tally_wire_Envelope_time_anchor_tag:
      return Message{get_anchor(e.message.time_anchor)};
    case tally_wire_Envelope_directory_chunk_tag:
      return as_message(codec::get(e.message.directory_chunk));
    case tally_wire_Envelope_directory_ack_tag:
      return Message{link::DirectoryAck{e.message.directory_ack.version}};
    case tally_wire_Envelope_directory_key_tag:
      return as_message(codec::get(e.message.directory_key));
    case tally_wire_Envelope_number_request_tag:
      return as_message(codec::get(e.message.number_request));
    case tally_wire_Envelope_number_block_tag:
      return as_message(codec::get(e.message.number_block));
    default:
      return make_error(
          Errc::kUnsupported, "a message kind this build does not use", e.which_message);
  }
}

}  // namespace

EnvelopeCodec::EnvelopeCodec() : scratch_(std::make_unique<Scratch>()) {}
EnvelopeCodec::~EnvelopeCodec() = default;
EnvelopeCodec::EnvelopeCodec(EnvelopeCodec&&) noexcept = default;
EnvelopeCodec& EnvelopeCodec::operator=(EnvelopeCodec&&) noexcept = default;

Bytes EnvelopeCodec::encode(const Message& message) {
  tally_wire_Envelope& envelope = scratch_->envelope;
  std::memset(&envelope, 0, sizeof envelope);
  envelope.which_message = std::visit([&](const auto& m) { return put(m, envelope); }, message);
  Bytes out(link::kFramePayloadBytesMax);
  pb_ostream_t stream = pb_ostream_from_buffer(out.data(), out.size());
  TALLY_ASSERT(pb_encode(&stream, tally_wire_Envelope_fields, &envelope));
  out.resize(stream.bytes_written);
  return out;
}

Result<Message> EnvelopeCodec::decode(ByteView payload) {
  tally_wire_Envelope& envelope = scratch_->envelope;
  envelope.which_message = 0;
  pb_istream_t stream = pb_istream_from_buffer(payload.data(), payload.size());
  if (!pb_decode(&stream, tally_wire_Envelope_fields, &envelope)) {
    return bad("the frame is not an Envelope, or a field exceeds its bound");
  }
  return get(envelope);
}

}  // namespace tally::codec
