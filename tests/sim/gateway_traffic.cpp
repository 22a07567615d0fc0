// What a simulated gateway hears and sends, as the oracle sees it, and what a fault makes of it.
#include "tests/sim/gateway_host.hpp"

namespace tally::sim {

void GatewayHost::note_time(std::uint64_t connection, const link::Message& message) {
  const auto* welcome = std::get_if<link::Welcome>(&message);
  const auto* anchor =
      welcome != nullptr ? &welcome->anchor : std::get_if<link::TimeAnchor>(&message);
  const Endpoint* client = world_.network.client_of(connection);
  if (anchor != nullptr && client != nullptr) {
    terminals_.at(client->number())
        ->time_watch()
        .on_told(*anchor, was_told_time_, world_.true_time());
  }
}

void GatewayHost::note_from_oa(const link::Message& message) {
  if (std::holds_alternative<link::Welcome>(message)) {
    was_told_time_ = true;
    sends_.on_connected();
  } else if (const auto* received = std::get_if<link::Received>(&message);
             received != nullptr && received->rewind) {
    for (const StreamMark& mark : received->positions) {
      sends_.on_rewound(mark.stream, mark.position.seq);
    }
  }
}

// What it takes for forwarded it will not send again: it must have been on the OA's disk.
void GatewayHost::check_forwarded() {
  for (const node::TerminalStatus& terminal : node_->terminals()) {
    const StreamId stream{terminal.terminal, terminal.incarnation};
    const Seq stored = world_.ledger.ever_stored(stream);
    if (terminal.forwarded > stored && !world_.truth.rolled_back(stream)) {
      world_.verdict.violated("I10",
                              name() + " takes records of terminal " +
                                  std::to_string(stream.terminal.value) + " up to " +
                                  std::to_string(terminal.forwarded.value) +
                                  " for forwarded, the OA has " + std::to_string(stored.value));
    }
  }
}

void GatewayHost::send_records(const link::RecordBatch& batch) {
  const auto send = [&](const link::RecordBatch& records) {
    world_.network.send(uplink_connection_, this, uplink_->send(records, now().boot));
  };
  const bool loses = world_.clockwork.now_ms() < loses_until_ms_;
  const std::int64_t fate = loses ? between(0, 3) : 0;
  if (fate == 1) {
    return;
  }
  if (fate == 2 && 2 * batch.count <= link::kBatchRecordsMax) {
    link::RecordBatch twice = batch;
    twice.count *= 2;
    twice.packed.insert(twice.packed.end(), batch.packed.begin(), batch.packed.end());
    send(twice);
    return;
  }
  send(batch);
  if (fate == 3) {
    send(batch);
  }
}

void GatewayHost::lose_records(std::int64_t for_ms) {
  loses_until_ms_ = world_.clockwork.now_ms() + for_ms;
  world_.clockwork.after(for_ms, [this] {
    if (running()) {
      drop_uplink(true);
    }
  });
}

}  // namespace tally::sim
