#include "core/node/gateway_node.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/mutant.hpp"

namespace tally::node {
namespace {

constexpr std::size_t kQueueMarksMax = 256;

}  // namespace

GatewayNode::GatewayNode(GatewayConfig config, const GatewaySnapshot& snapshot)
    : config_(std::move(config)),
      clock_(std::max(config_.build_time, snapshot.time_floor), config_.utc_offset_s) {
  load(snapshot);
}

GatewayNode::Stream GatewayNode::opened_stream() const {
  return Stream(config_.uplink_window_records);
}

void GatewayNode::load(const GatewaySnapshot& snapshot) {
  streams_.clear();
  uplink_turns_.clear();
  ledger_stamp_ = snapshot.ledger_stamp;
  refill_.reset();
  for (const GatewayStreamState& state : snapshot.streams) {
    Stream stream = opened_stream();
    stream.tail = state.received;
    stream.tail_is_gap = state.ends_in_gap;
    stream.received = state.received;
    stream.applied = state.applied;
    stream.uplink.rewind(
        TALLY_MUTANT("positions/received-taken-for-forwarded") ? state.received : state.forwarded,
        state.oldest);
    if (state.forwarded.seq < state.received.seq) {
      stream.queued_since.emplace_back(state.received.seq, state.oldest_unforwarded_at);
    }
    Stream& kept = streams_.insert_or_assign(state.stream, std::move(stream)).first->second;
    give_turn(state.stream, kept);
    Terminal& terminal = terminals_[state.stream.terminal];
    terminal.incarnation = std::max(terminal.incarnation, state.stream.incarnation);
  }
}

GatewayActions GatewayNode::on_committed(Instant now) {
  TALLY_ASSERT(in_flight_.has_value());
  const GatewayCommit done = std::exchange(in_flight_, std::nullopt).value();
  ++counters_.commits;
  for (const RenewedRecord& renewed : done.renewed) {
    on_renewed(renewed);
  }
  for (const PackedRecords& pack : done.append) {
    Stream& stream = streams_.at(pack.stream);
    stream.received = pack.end;
    if (stream.queued_since.size() < kQueueMarksMax) {
      stream.queued_since.emplace_back(pack.end.seq, clock_.read(now));
    } else {
      stream.queued_since.back().first = pack.end.seq;
    }
    give_turn(pack.stream, stream);
    acknowledge(pack.stream, stream, false);
  }
  if (done.ledger_stamp) {
    settle_refill(*done.ledger_stamp);
  }
  pump_uplink();
  return take();
}

GatewayActions GatewayNode::on_commit_failed(const Error& error, Instant) {
  in_flight_.reset();
  pending_ = {};
  urgent_ = false;
  journal_failed_ = true;
  for (const auto& [connection, stream] : connections_) {
    actions_.push_back(
        CloseTerminal{connection, link::CloseReason::kStorageFailed, error.what, Duration{5'000}});
  }
  connections_.clear();
  for (auto& [id, terminal] : terminals_) {
    terminal.connection.reset();
    terminal.contest.reset();
  }
  return take();
}

GatewayActions GatewayNode::on_journal_reopened(const GatewaySnapshot& snapshot, Instant) {
  journal_failed_ = false;
  reads_in_flight_ = 0;
  load(snapshot);
  if (uplink_up_) {
    actions_.push_back(DropUplink{link::CloseReason::kShutdown, "the journal was reopened"});
    uplink_up_ = false;
    directory_.on_uplink_down(uplink_contact_);
  }
  return take();
}

GatewayActions GatewayNode::tick(Instant now) {
  for (auto& [id, terminal] : terminals_) {
    if (terminal.contest && now.boot >= terminal.contest->deadline) {
      settle_contest(terminal, false, now);
    }
  }
  fail_asks(now, false);
  retry_refused(now);
  order_numbers(now);
  check_refill();
  if (!pending_.empty()) {
    urgent_ = true;
  }
  pump_uplink();
  return take();
}

void GatewayNode::flush() {
  if (in_flight_ || !urgent_ || pending_.empty() || journal_failed_) {
    return;
  }
  in_flight_ = std::exchange(pending_, {});
  urgent_ = false;
  actions_.push_back(CommitGateway{*in_flight_});
}

GatewayActions GatewayNode::take() {
  flush();
  pump_directory();
  return std::exchange(actions_, {});
}

std::vector<TerminalStatus> GatewayNode::terminals() const {
  std::vector<TerminalStatus> all;
  for (const auto& [id, terminal] : terminals_) {
    TerminalStatus status = terminal.status;
    status.terminal = id;
    status.incarnation = terminal.incarnation;
    status.connected = terminal.connection.has_value();
    if (const auto stream = streams_.find({id, terminal.incarnation}); stream != streams_.end()) {
      status.received = stream->second.received.seq;
      status.forwarded = stream->second.uplink.received().seq;
      status.applied = stream->second.applied.position.seq;
      status.stream_blocked = stream->second.stuck;
    }
    all.push_back(std::move(status));
  }
  return all;
}

UplinkStatus GatewayNode::uplink() const {
  UplinkStatus status{uplink_up_, uplink_contact_, 0, {}};
  for (const auto& [id, stream] : streams_) {
    const std::uint64_t forwarded = stream.uplink.received().seq.value;
    if (stream.received.seq.value > forwarded) {
      status.queue_records += stream.received.seq.value - forwarded;
      const WallTime since =
          stream.queued_since.empty() ? WallTime{} : stream.queued_since.front().second;
      if (status.oldest_queued_at.us == 0 || since < status.oldest_queued_at) {
        status.oldest_queued_at = since;
      }
    }
  }
  return status;
}

}  // namespace tally::node
