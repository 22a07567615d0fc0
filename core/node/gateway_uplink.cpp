// The gateway towards the OA: forwarding in turn, the acknowledgements, answers to asks.
#include <algorithm>
#include <utility>

#include "core/base/mutant.hpp"
#include "core/node/gateway_node.hpp"
#include "core/record/packed.hpp"

namespace tally::node {
namespace {

/// A pushed anchor is no older than a link that heartbeats keep alive: the idle time-out.
constexpr Duration kAnchorAgeMax{15'000};

std::vector<StreamPosition> positions_in(ByteView packed) {
  std::vector<StreamPosition> positions;
  record::PackedReader reader(packed);
  while (const auto sealed = reader.next()) {
    if (const Result<record::Header> header = record::peek_header(*sealed)) {
      positions.push_back({header->id.seq, record::peek_mac(*sealed)});
    }
  }
  return positions;
}

}  // namespace

GatewayActions GatewayNode::on_uplink_message(const link::Message& message, Instant now) {
  uplink_contact_ = clock_.read(now);
  if (const auto* challenge = std::get_if<link::Challenge>(&message)) {
    link::Hello hello;
    hello.nonce = challenge->nonce;
    hello.role = Role::kGateway;
    hello.node = config_.gateway.value;
    hello.incarnation = config_.incarnation;
    hello.boot = config_.boot;
    hello.unsynced_records = uplink().queue_records;
    hello.directory_version = directory_.on_hello();
    hello.software = config_.software;
    hello.wall = now.wall;
    hello.boot_time = now.boot;
    hello.ledger_stamp = ledger_stamp_;
    hello_at_ = now.boot;
    actions_.push_back(SendToOa{std::move(hello)});
  } else if (const auto* welcome = std::get_if<link::Welcome>(&message)) {
    clock_.anchor(welcome->anchor, hello_at_ ? now.boot - *hello_at_ : kAnchorAgeMax, now);
    broadcast_anchor(now);
    pending_.time_floor = clock_.floor();
    uplink_up_ = true;
    oa_has_directory_ = welcome->version >= link::kVersionWithDirectory;
    numbers_ordered_at_.reset();
    order_numbers(now);
    for (auto& [id, stream] : streams_) {
      if (!TALLY_MUTANT("positions/reconnect-goes-on-from-sent")) {
        rewind(stream, stream.uplink.received());
      }
      stream.blocked = false;
      stream.stuck = false;
      stream.vain_rewinds = 0;
      stream.refused.reset();
      stream.retry_at.reset();
      give_turn(id, stream);
    }
    begin_refill(welcome->ledger_stamp);
    broadcast_store_state();
    pump_uplink();
  } else if (const auto* received = std::get_if<link::Received>(&message)) {
    on_oa_received(*received, now);
  } else if (const auto* applied = std::get_if<link::Applied>(&message)) {
    on_oa_applied(*applied);
  } else if (const auto* archived = std::get_if<link::Archived>(&message)) {
    pending_.archived.insert(
        pending_.archived.end(), archived->positions.begin(), archived->positions.end());
  } else if (const auto* refusal = std::get_if<link::RecordRefusal>(&message)) {
    on_oa_refusal(*refusal, now);
  } else if (const auto* answer = std::get_if<link::Answer>(&message)) {
    on_oa_answer(*answer);
  } else if (const auto* anchor = std::get_if<link::TimeAnchor>(&message)) {
    clock_.anchor(*anchor, kAnchorAgeMax, now);
    broadcast_anchor(now);
  } else {
    on_oa_directory(message, now);
  }
  return take();
}

GatewayActions GatewayNode::on_uplink_down(Instant now) {
  if (std::exchange(uplink_up_, false)) {
    broadcast_store_state();
    directory_.on_uplink_down(uplink_contact_);
  }
  fail_asks(now, true);
  return take();
}

void GatewayNode::pump_uplink() {
  if (!uplink_up_ || journal_failed_) {
    return;
  }
  // One turn a stream and round, so that a long queue of one terminal does not hold up the others.
  for (std::size_t turns = uplink_turns_.size();
       turns > 0 && reads_in_flight_ < config_.reads_in_flight_max;
       --turns) {
    const StreamId id = uplink_turns_.front();
    uplink_turns_.pop_front();
    Stream& stream = streams_.at(id);
    stream.in_turn = false;
    pump_stream(id, stream);
  }
}

void GatewayNode::give_turn(StreamId id, Stream& stream) {
  if (!std::exchange(stream.in_turn, true)) {
    uplink_turns_.push_back(id);
  }
}

void GatewayNode::pump_stream(StreamId id, Stream& stream) {
  if (stream.reading || stream.blocked) {
    return;
  }
  const Seq last =
      stream.refused ? std::min(stream.refused->seq, stream.received.seq) : stream.received.seq;
  const std::uint64_t count =
      std::min<std::uint64_t>(stream.uplink.sendable(last), link::kBatchRecordsMax);
  if (count == 0) {
    return;
  }
  stream.reading = true;
  ++reads_in_flight_;
  actions_.push_back(ReadStream{id, stream.uplink.next(), static_cast<std::uint32_t>(count)});
}

GatewayActions GatewayNode::on_stream_read(
    StreamId id, Seq first, std::uint32_t count, Bytes packed, Instant) {
  const auto at = streams_.find(id);
  if (at == streams_.end() || !at->second.reading) {
    return take();  // From before the journal was reopened.
  }
  Stream& stream = at->second;
  stream.reading = false;
  --reads_in_flight_;
  if (count == 0) {
    stream.blocked = true;
    stream.stuck = true;
  } else if (uplink_up_ && first == stream.uplink.next()) {
    const std::vector<StreamPosition> sent = positions_in(packed);
    stream.in_flight.insert(stream.in_flight.end(), sent.begin(), sent.end());
    stream.uplink.sent_through(sent.empty() ? Seq{} : sent.back().seq);
    note_refused_copy(stream, packed);
    actions_.push_back(SendToOa{link::RecordBatch{count, std::move(packed)}});
  }
  give_turn(id, stream);
  pump_uplink();
  return take();
}

void GatewayNode::on_oa_received_beside(const link::Received& received) {
  std::map<StreamId, std::vector<StreamMark>> by_stream;
  for (const StreamMark& mark : received.positions) {
    by_stream[mark.stream].push_back(mark);
  }
  for (auto& [stream, marks] : by_stream) {
    const auto terminal = terminals_.find(stream.terminal);
    if (terminal != terminals_.end() && terminal->second.connection &&
        terminal->second.incarnation == stream.incarnation) {
      actions_.push_back(SendToTerminal{*terminal->second.connection,
                                        link::Received{std::move(marks), false, true}});
    }
  }
}

void GatewayNode::on_oa_received(const link::Received& received, Instant now) {
  if (received.beside) {
    on_oa_received_beside(received);
    return;
  }
  for (const StreamMark& mark : received.positions) {
    const auto at = streams_.find(mark.stream);
    if (at == streams_.end()) {
      continue;
    }
    Stream& stream = at->second;
    // Batches that were on their way behind a refused record ask for it again: it goes by itself.
    if (received.rewind && stream.refused && mark.position.seq >= stream.uplink.received().seq) {
      continue;
    }
    if (received.rewind && !TALLY_MUTANT("positions/rewind-taken-for-acknowledgement")) {
      ++counters_.rewinds;
      pace_rewinds(stream, now);
      ask_for_missing(mark.stream, stream, mark.position);
      // What the OA has beyond what it acknowledged here may be another branch's: that it has this
      // gateway's records, too, only their own acknowledgement says.
      rewind(stream,
             TALLY_MUTANT("restore/gateway-sends-nothing-again")
                 ? stream.uplink.received()
                 : std::min(mark.position, stream.uplink.received()));
    } else if (!acknowledge_sent(stream, mark.position)) {
      continue;
    }
    pending_.forwarded.push_back({mark.stream, stream.uplink.received()});
    while (!stream.queued_since.empty() &&
           stream.queued_since.front().first <= stream.uplink.received().seq) {
      stream.queued_since.pop_front();
    }
    settle_refused(mark.stream, stream);
    give_turn(mark.stream, stream);
  }
  check_refill();
  pump_uplink();
}

void GatewayNode::rewind(Stream& stream, const StreamPosition& position) {
  stream.in_flight.clear();
  stream.uplink.rewind(position, stream.uplink.oldest());
}

// By the MAC, too: where two branches meet at one seq, an acknowledgement is of one of them.
bool GatewayNode::acknowledge_sent(Stream& stream, const StreamPosition& position) {
  const auto named = std::find(stream.in_flight.begin(), stream.in_flight.end(), position);
  if (named == stream.in_flight.end()) {
    return false;
  }
  stream.in_flight.erase(stream.in_flight.begin(), named + 1);
  stream.vain_rewinds = 0;
  return stream.uplink.acknowledge(position);
}

void GatewayNode::begin_refill(std::uint64_t stamp) {
  refill_.reset();
  if (stamp == 0 || stamp == ledger_stamp_) {
    return;  // 0: not told.
  }
  Refill refill;
  refill.stamp = stamp;
  for (auto& [id, stream] : streams_) {
    refill.goals.emplace(id, stream.received.seq);
    // What another ledger acknowledged is nothing to this one; it tells what it has.
    if (!TALLY_MUTANT("restore/gateway-sends-nothing-again")) {
      rewind(stream, {});
    }
  }
  refill_ = std::move(refill);
}

// A stream that cannot be sent on, because a person has to look at it, keeps nobody waiting.
void GatewayNode::check_refill() {
  if (!refill_ || refill_->done) {
    return;
  }
  const bool done = std::all_of(
      refill_->goals.begin(), refill_->goals.end(), [&](const std::pair<StreamId, Seq>& goal) {
        const Stream& stream = streams_.at(goal.first);
        return TALLY_MUTANT("restore/refilled-at-once") ||
               stream.uplink.received().seq >= goal.second || stream.stuck;
      });
  if (done) {
    refill_->done = true;
    pending_.ledger_stamp = refill_->stamp;
    urgent_ = true;
  }
}

void GatewayNode::settle_refill(std::uint64_t stamp) {
  ledger_stamp_ = stamp;
  if (uplink_up_ && refill_ && refill_->stamp == stamp) {
    actions_.push_back(SendToOa{link::Refilled{stamp}});
    refill_.reset();
  }
}

void GatewayNode::on_oa_applied(const link::Applied& applied) {
  for (const link::AppliedStatement& statement : applied.statements) {
    const auto at = streams_.find(statement.stream);
    if (at == streams_.end()) {
      continue;
    }
    // Whatever the OA says now holds, also when it is less than before: it was restored.
    if (at->second.applied != statement) {
      at->second.applied = statement;
      pending_.applied.push_back(statement);
    }
    const auto terminal = terminals_.find(statement.stream.terminal);
    if (terminal != terminals_.end() && terminal->second.connection &&
        terminal->second.incarnation == statement.stream.incarnation) {
      actions_.push_back(SendToTerminal{*terminal->second.connection, link::Applied{{statement}}});
    }
  }
}

void GatewayNode::on_oa_answer(const link::Answer& answer) {
  const auto at = asks_.find(answer.ask_id);
  if (at == asks_.end()) {
    return;  // Its deadline has passed; the terminal settled the sale without it.
  }
  link::Answer down = answer;
  down.ask_id = at->second.ask_id;
  actions_.push_back(SendToTerminal{at->second.connection, std::move(down)});
  asks_.erase(at);
}

void GatewayNode::fail_asks(Instant now, bool all) {
  for (auto at = asks_.begin(); at != asks_.end();) {
    if (all || now.boot >= at->second.deadline) {
      if (!look_up(at->second)) {
        fail_ask(at->second);
      }
      at = asks_.erase(at);
    } else {
      ++at;
    }
  }
}

void GatewayNode::fail_ask(const PendingAsk& ask) {
  ++counters_.asks_unavailable;
  actions_.push_back(SendToTerminal{
      ask.connection, link::Answer{ask.ask_id, ask.sale, link::AskOutcome::kUnavailable, {}, {}}});
}

}  // namespace tally::node
