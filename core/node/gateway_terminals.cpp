// The gateway towards its terminals: who is connected, what records they bring, what they ask.
#include <algorithm>
#include <utility>

#include "core/base/mutant.hpp"
#include "core/node/gateway_node.hpp"
#include "core/record/packed.hpp"

namespace tally::node {
namespace {

constexpr std::int64_t kAnchorUncertaintyUs = 1'000'000;

}  // namespace

GatewayActions GatewayNode::on_terminal_message(ConnectionId connection,
                                                const link::Message& message,
                                                Instant now) {
  if (const auto* hello = std::get_if<link::Hello>(&message)) {
    on_hello(connection, *hello, now);
    return take();
  }
  const auto known = connections_.find(connection);
  if (known == connections_.end()) {
    return take();  // Being closed; what was still on its way no longer counts.
  }
  const StreamId stream = known->second;
  Terminal& terminal = terminals_.at(stream.terminal);
  terminal.status.last_contact = clock_.read(now);
  if (terminal.contest && terminal.connection == connection) {
    settle_contest(terminal, true, now);
  }
  if (const auto* batch = std::get_if<link::RecordBatch>(&message)) {
    on_records(connection, stream, *batch, now);
  } else if (const auto* ask = std::get_if<link::Ask>(&message)) {
    on_ask(connection, stream, *ask, now);
  } else if (const auto* request = std::get_if<link::NumberRequest>(&message)) {
    on_number_request(connection, *request);
  } else if (std::holds_alternative<link::Close>(message) ||
             std::holds_alternative<link::Pong>(message)) {
    // Close: the connection ends next. Pong: it was heard, that is all it is for.
  } else {
    actions_.push_back(CloseTerminal{connection,
                                     link::CloseReason::kUnexpectedMessage,
                                     "this message does not go from a terminal to a gateway",
                                     {}});
  }
  return take();
}

GatewayActions GatewayNode::on_terminal_closed(ConnectionId connection, Instant now) {
  for (auto& [id, terminal] : terminals_) {
    if (terminal.contest && terminal.contest->challenger == connection) {
      terminal.contest.reset();
    }
  }
  const auto known = connections_.find(connection);
  if (known != connections_.end()) {
    Terminal& terminal = terminals_.at(known->second.terminal);
    connections_.erase(known);
    if (terminal.connection == connection) {
      terminal.connection.reset();
      terminal.status.last_contact = clock_.read(now);
      if (terminal.contest) {
        settle_contest(terminal, false, now);
      }
    }
  }
  return take();
}

void GatewayNode::on_hello(ConnectionId connection, const link::Hello& hello, Instant now) {
  const TerminalId id{hello.node};
  if (journal_failed_) {
    refuse(connection,
           id,
           link::CloseReason::kStorageFailed,
           "the gateway's disk refuses to write",
           Duration{5'000});
    return;
  }
  Terminal& terminal = terminals_[id];
  if (hello.incarnation < terminal.incarnation &&
      !TALLY_MUTANT("nonce/retired-incarnation-welcomed")) {
    refuse(connection,
           id,
           link::CloseReason::kIncarnationRetired,
           "a newer enrolment of this terminal exists",
           Duration{60'000});
    return;
  }
  if (hello.incarnation > terminal.incarnation) {
    retire(terminal, id);
  }
  if (!terminal.connection) {
    welcome(connection, hello, now);
    return;
  }
  ++counters_.identities_contested;
  if (terminal.contest) {
    refuse(connection,
           id,
           link::CloseReason::kIdentityInUse,
           "this identity is being contested already",
           Duration{5'000});
    return;
  }
  // The live connection gets a moment to prove that it lives: after a power cut it is only a
  // shadow.
  terminal.contest = Contest{connection, hello, now.boot + config_.contest_deadline};
  actions_.push_back(SendToTerminal{*terminal.connection, link::Ping{connection.value}});
}

void GatewayNode::settle_contest(Terminal& terminal, bool holder_lives, Instant now) {
  const Contest contest = std::exchange(terminal.contest, std::nullopt).value();
  if (holder_lives) {
    refuse(contest.challenger,
           TerminalId{contest.hello.node},
           link::CloseReason::kIdentityInUse,
           "another live connection has this terminal's identity",
           Duration{10'000});
    return;
  }
  let_go(terminal,
         link::CloseReason::kIdleTimeout,
         "did not answer while its identity was contested",
         {});
  welcome(contest.challenger, contest.hello, now);
}

void GatewayNode::let_go(Terminal& terminal,
                         link::CloseReason reason,
                         std::string text,
                         Duration retry_after) {
  if (const auto connection = std::exchange(terminal.connection, std::nullopt)) {
    connections_.erase(*connection);
    actions_.push_back(CloseTerminal{*connection, reason, std::move(text), retry_after});
  }
}

/// A newer enrolment has come. However alive the box of the older one is, it does not keep this one
/// out.
void GatewayNode::retire(Terminal& terminal, TerminalId id) {
  constexpr auto kReason = link::CloseReason::kIncarnationRetired;
  constexpr const char* kText = "a newer enrolment of this terminal has come";
  constexpr Duration kRetryAfter{60'000};
  if (const auto contest = std::exchange(terminal.contest, std::nullopt)) {
    refuse(contest->challenger, id, kReason, kText, kRetryAfter);
  }
  let_go(terminal, kReason, kText, kRetryAfter);
}

void GatewayNode::refuse(ConnectionId connection,
                         TerminalId terminal,
                         link::CloseReason reason,
                         std::string text,
                         Duration retry_after) {
  if (const auto known = terminals_.find(terminal); known != terminals_.end()) {
    ++known->second.status.connections_refused;
    known->second.status.last_refusal = reason;
  }
  actions_.push_back(CloseTerminal{connection, reason, std::move(text), retry_after});
}

void GatewayNode::welcome(ConnectionId connection, const link::Hello& hello, Instant now) {
  const StreamId id{TerminalId{hello.node}, hello.incarnation};
  Terminal& terminal = terminals_[id.terminal];
  terminal.incarnation = hello.incarnation;
  terminal.connection = connection;
  terminal.status.last_contact = clock_.read(now);
  terminal.status.clock_skew_s = (hello.wall.us - clock_.read(now).us) / 1'000'000;
  terminal.status.unsynced_records = hello.unsynced_records;
  terminal.status.software = hello.software;
  connections_.insert_or_assign(connection, id);

  auto [at, opened] = streams_.try_emplace(id, opened_stream());
  if (opened) {
    pending_.streams_opened.push_back(id);
  }
  Stream& stream = at->second;
  stream.hole_told = {};

  link::Welcome welcome;
  welcome.version = link::common_version(hello.version_max);
  welcome.node = config_.gateway.value;
  welcome.store = config_.store;
  welcome.received = told_received(stream);
  welcome.anchor = anchor_now(now);
  welcome.heartbeat = config_.heartbeat;
  welcome.program = config_.program;
  welcome.uplink_up = uplink_up_;
  actions_.push_back(SendToTerminal{connection, welcome});
  if (stream.applied.position.seq) {
    actions_.push_back(SendToTerminal{connection, link::Applied{{stream.applied}}});
  }
}

void GatewayNode::on_records(ConnectionId connection,
                             StreamId id,
                             const link::RecordBatch& batch,
                             Instant) {
  Stream& stream = streams_.at(id);
  if (batch.beside) {
    pass_beside(connection, id, batch);
    return;
  }
  std::vector<PackedRecords> packs;
  record::PackedReader reader(batch.packed);
  bool whole = true;
  while (const auto sealed = reader.next()) {
    if (!take_record(connection, id, stream, *sealed, packs)) {
      whole = false;
      break;
    }
  }
  if (!packs.empty()) {
    for (PackedRecords& pack : packs) {
      counters_.records_received += pack.count;
      pending_.append.push_back(std::move(pack));
    }
    urgent_ = true;
    if (TALLY_MUTANT("sync/received-before-commit")) {
      acknowledge(id, stream, false);
    }
  } else if (whole && stream.tail.seq == stream.received.seq) {
    acknowledge(id, stream, false);  // Nothing new: the sender missed an acknowledgement.
  }
}

bool GatewayNode::take_record(ConnectionId connection,
                              StreamId id,
                              Stream& stream,
                              ByteView sealed,
                              std::vector<PackedRecords>& packs) {
  const Result<record::Header> header = record::peek_header(sealed);
  if (!header || header->stream() != id) {
    ++counters_.records_refused;
    actions_.push_back(CloseTerminal{connection,
                                     link::CloseReason::kRecordRefused,
                                     header ? "a record of another terminal" : header.error().what,
                                     Duration{30'000}});
    return false;
  }
  const Seq seq = header->id.seq;
  if (seq <= stream.tail.seq) {
    renew(id, stream, *header, sealed);
    pass_missing(stream, *header, sealed);
    ++counters_.records_duplicate;
    return true;
  }
  // A gateway that has nothing of a stream starts wherever the terminal starts: the OA has the
  // rest.
  const bool first_contact = !stream.tail.seq;
  const bool is_gap = header->kind == record::RecordKind::kGap;
  const bool is_next = seq.value == stream.tail.seq.value + 1;
  const bool is_chained = header->prev_mac == stream.tail.mac;
  if (!first_contact && !is_next && !(is_gap && is_chained)) {
    // What was on its way behind a hole when its sender was told of it is not worth telling again.
    const bool is_told = stream.hole_told && stream.hole_told < seq;
    stream.hole_told = seq;
    if (!is_told) {
      ++counters_.rewinds;
      acknowledge(id, stream, true);
    }
    return false;
  }
  stream.hole_told = {};
  // Around a gap the MACs need not meet: what stood between cannot be read any more. The OA, which
  // knows what the gap says, judges it.
  if (!first_contact && !is_chained && !is_gap && !stream.tail_is_gap &&
      !TALLY_MUTANT("chain/gateway-skips-comparison")) {
    if (stream.uplink.received().seq < stream.tail.seq) {
      stream.disputed = true;  // Which of the two is the terminal's, only the OA can tell.
      return false;
    }
    ++counters_.records_refused;
    actions_.push_back(SendToTerminal{
        connection, link::RecordRefusal{id, seq, link::RefusalReason::kBadChain, stream.tail}});
    return false;
  }
  if (first_contact) {
    stream.uplink.rewind({}, seq);
  }
  if (packs.empty() || is_gap) {
    packs.push_back(PackedRecords{id, seq, 0, {}, {}});
  }
  PackedRecords& pack = packs.back();
  record::append_packed(pack.packed, sealed);
  ++pack.count;
  stream.tail = {seq, record::peek_mac(sealed)};
  stream.tail_is_gap = is_gap;
  pack.end = stream.tail;
  return true;
}

/// Records of a branch stand where this gateway has others. They go to the OA as they are, which
/// posts both and answers for each; until then the terminal keeps them.
void GatewayNode::pass_beside(ConnectionId connection,
                              StreamId id,
                              const link::RecordBatch& batch) {
  record::PackedReader reader(batch.packed);
  while (const auto sealed = reader.next()) {
    const Result<record::Header> header = record::peek_header(*sealed);
    if (!header || header->stream() != id) {
      ++counters_.records_refused;
      actions_.push_back(CloseTerminal{connection,
                                       link::CloseReason::kRecordRefused,
                                       "a record of another terminal",
                                       Duration{30'000}});
      return;
    }
  }
  // What was taken before goes first: when the OA refuses that, there is no branch.
  const Stream& stream = streams_.at(id);
  const bool chain_refused = stream.stuck && !stream.refused;
  if (uplink_up_ && (chain_refused || stream.uplink.received().seq >= stream.tail.seq)) {
    actions_.push_back(SendToOa{batch});
  }
}

void GatewayNode::acknowledge(StreamId id, const Stream& stream, bool rewind) {
  send_received(
      id,
      rewind || TALLY_MUTANT("sync/received-before-commit") ? stream.tail : told_received(stream),
      rewind);
}

void GatewayNode::send_received(StreamId id, const StreamPosition& position, bool rewind) {
  const auto terminal = terminals_.find(id.terminal);
  if (terminal == terminals_.end() || !terminal->second.connection ||
      terminal->second.incarnation != id.incarnation) {
    return;
  }
  actions_.push_back(
      SendToTerminal{*terminal->second.connection, link::Received{{{id, position}}, rewind}});
}

void GatewayNode::on_ask(ConnectionId connection,
                         StreamId stream,
                         const link::Ask& ask,
                         Instant now) {
  ++counters_.asks;
  const auto* inquire = std::get_if<link::Inquire>(&ask.question);
  // An inquiry leaves time to be answered from the directory when the OA is slow.
  const Duration deadline{inquire == nullptr ? ask.deadline.ms : ask.deadline.ms * 2 / 3};
  PendingAsk pending{connection,
                     ask.ask_id,
                     ask.sale,
                     now.boot + deadline,
                     inquire == nullptr ? std::string{} : inquire->card_token};
  if (!uplink_up_ || asks_.size() >= config_.asks_max || ask.deadline.ms <= 0) {
    if (!look_up(pending)) {
      fail_ask(pending);
    }
    return;
  }
  const std::uint64_t up_id = ++ask_count_;
  asks_[up_id] = std::move(pending);
  link::Ask forwarded = ask;
  forwarded.ask_id = up_id;
  forwarded.terminal = stream.terminal;
  forwarded.incarnation = stream.incarnation;
  actions_.push_back(SendToOa{std::move(forwarded)});
}

link::TimeAnchor GatewayNode::anchor_now(Instant now) const {
  const std::optional<std::int64_t> own = clock_.uncertainty_us(now);
  return {clock_.read(now), own.value_or(0) + kAnchorUncertaintyUs, clock_.quality(now)};
}

/// Terminals that came before the gateway knew the time learn it now.
void GatewayNode::broadcast_anchor(Instant now) {
  for (const auto& [connection, stream] : connections_) {
    actions_.push_back(SendToTerminal{connection, anchor_now(now)});
  }
}

void GatewayNode::broadcast_store_state() {
  const UplinkStatus status = uplink();
  for (const auto& [connection, stream] : connections_) {
    actions_.push_back(
        SendToTerminal{connection, link::StoreState{uplink_up_, status.queue_records, {}}});
  }
}

}  // namespace tally::node
