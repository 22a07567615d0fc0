#include "tests/sim/gateway_watch.hpp"

#include <algorithm>

#include "core/record/header.hpp"
#include "core/record/packed.hpp"

namespace tally::sim {

void GatewayWatch::on_committed(const node::GatewayCommit& commit) {
  for (const node::RenewedRecord& renewed : commit.renewed) {
    if (!distrusted_.contains(renewed.stream) && !truth_.made(renewed.stream, renewed.position)) {
      verdict_.violated("I6",
                        name_ + " put what no terminal made in the place of record " +
                            std::to_string(renewed.position.seq.value));
    }
    StreamPosition& received = received_[renewed.stream];
    if (received.seq == renewed.position.seq) {
      received.mac = renewed.position.mac;
    }
  }
  for (const node::PackedRecords& pack : commit.append) {
    take(pack);
  }
}

void GatewayWatch::take(const node::PackedRecords& pack) {
  StreamPosition& received = received_[pack.stream];
  record::PackedReader reader(pack.packed);
  while (const auto sealed = reader.next()) {
    const auto header = record::peek_header(*sealed);
    if (!header || header->stream() != pack.stream) {
      verdict_.violated("I9", name_ + " synced a record under another stream");
      return;
    }
    const StreamPosition position{header->id.seq, record::peek_mac(*sealed)};
    const bool is_gap = header->kind == record::RecordKind::kGap;
    const bool may_leap = is_gap || ends_in_gap_.contains(pack.stream);
    if (received.seq && !may_leap &&
        (header->id.seq.value != received.seq.value + 1 || header->prev_mac != received.mac)) {
      verdict_.violated("I9",
                        name_ + " synced a record that does not follow: " + name_of(header->id));
      return;
    }
    if (!distrusted_.contains(pack.stream) && !truth_.made(pack.stream, position)) {
      verdict_.violated("I6",
                        name_ + " synced a record that no terminal made: " + name_of(header->id));
      return;
    }
    received = position;
    kept_[pack.stream][position.seq] = position.mac;
    if (is_gap) {
      ends_in_gap_.insert(pack.stream);
    } else {
      ends_in_gap_.erase(pack.stream);
    }
  }
}

void GatewayWatch::on_opened(const node::GatewaySnapshot& snapshot) {
  std::map<StreamId, StreamPosition> found;
  for (const node::GatewayStreamState& state : snapshot.streams) {
    found[state.stream] = state.received;
  }
  for (const auto& [stream, position] : received_) {
    const StreamPosition now = found[stream];
    if (now.seq < position.seq || (!in_doubt_ && now != position)) {
      verdict_.violated("I5",
                        name_ + " lost records it had synced, of terminal " +
                            std::to_string(stream.terminal.value) + ": it has " +
                            std::to_string(now.seq.value) + " of " +
                            std::to_string(position.seq.value));
    }
  }
  in_doubt_ = false;
  received_ = std::move(found);
  newest_.clear();
  for (const node::GatewayStreamState& state : snapshot.streams) {
    heard_of(state.stream);
  }
}

void GatewayWatch::check_told(StreamId stream, const StreamPosition& position, const char* word) {
  const auto at = received_.find(stream);
  const Seq synced = at == received_.end() ? Seq{} : at->second.seq;
  if (position.seq > synced) {
    verdict_.violated("I9",
                      name_ + " says " + word + " " + std::to_string(position.seq.value) +
                          " and has synced " + std::to_string(synced.value));
  }
}

std::map<StreamId, StreamPosition> GatewayWatch::synced() const {
  std::map<StreamId, StreamPosition> synced = received_;
  std::erase_if(synced, [&](const auto& stream) {
    return !stream.second.seq || distrusted_.contains(stream.first);
  });
  return synced;
}

std::map<StreamId, Seq> GatewayWatch::doubtful() const {
  std::map<StreamId, Seq> ends;
  for (const auto& [stream, position] : received_) {
    if (position.seq && distrusted_.contains(stream)) {
      ends[stream] = position.seq;
    }
  }
  return ends;
}

Seq GatewayWatch::oldest(StreamId stream) const {
  const auto kept = kept_.find(stream);
  return kept != kept_.end() && distrusted_.contains(stream) ? kept->second.begin()->first : Seq{1};
}

void GatewayWatch::check_end(const LedgerWatch& ledger) {
  for (const auto& [stream, records] : kept_) {
    for (const auto& [seq, mac] : records) {
      if (!distrusted_.contains(stream) && !ledger.holds(stream, {seq, mac})) {
        verdict_.violated("I5",
                          name_ + " has a record that never arrived at the OA: " +
                              std::to_string(stream.terminal.value) + "-" +
                              std::to_string(stream.incarnation.value) + "-" +
                              std::to_string(seq.value));
        return;
      }
    }
  }
}

void GatewayWatch::on_told(const link::Message& message) {
  const auto* received = std::get_if<link::Received>(&message);
  if (received == nullptr || received->rewind || received->beside) {
    return;  // Of what went beside the streams only the OA can say that it has it.
  }
  for (const StreamMark& mark : received->positions) {
    check_told(mark.stream, mark.position, "RECEIVED");
  }
}

void GatewayWatch::heard_of(StreamId stream) {
  Incarnation& newest = newest_[stream.terminal];
  newest = std::max(newest, stream.incarnation);
}

void GatewayWatch::on_welcomed(StreamId stream, const link::Welcome& welcome) {
  heard_of(stream);
  if (stream.incarnation < newest_[stream.terminal]) {
    verdict_.violated("I9",
                      name_ + " welcomed a box of terminal " +
                          std::to_string(stream.terminal.value) + " that was replaced");
  }
  check_told(stream, welcome.received, "RECEIVED at the welcome");
}

}  // namespace tally::sim
