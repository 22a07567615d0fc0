#include "tests/sim/send_watch.hpp"

#include <algorithm>

#include "core/record/header.hpp"
#include "core/record/packed.hpp"

namespace tally::sim {

void SendWatch::on_position(StreamId stream, Seq position) {
  streams_[stream] = {Seq{position.value + 1}, position};
}

void SendWatch::on_acknowledged(StreamId stream, Seq position) {
  const auto at = streams_.find(stream);
  if (at != streams_.end() && at->second.next) {
    at->second.next = std::max(*at->second.next, Seq{position.value + 1});
  }
}

void SendWatch::on_sent(const link::RecordBatch& batch,
                        const std::function<Seq(StreamId)>& there,
                        const std::function<Seq(StreamId)>& oldest_of) {
  record::PackedReader reader(batch.packed);
  std::optional<record::Header> first;
  std::optional<record::Header> last;
  while (const auto sealed = reader.next()) {
    const auto header = record::peek_header(*sealed);
    if (header) {
      first = first ? first : *header;
      last = *header;
    }
  }
  if (!first) {
    return;
  }
  Stream& stream = streams_[first->stream()];
  const Seq oldest = oldest_of(first->stream());
  // A GAP record leaves out what it stands for.
  const bool is_gap = first->kind == record::RecordKind::kGap;
  const std::uint64_t known =
      std::max({there(first->stream()).value, stream.sent.value, oldest.value - 1});
  if (!is_gap && first->id.seq.value > known + 1) {
    verdict_.violated("I10",
                      name_ + " sends on from " + name_of(first->id) +
                          ", the other side has nothing after " + std::to_string(known));
  }
  const bool is_next =
      !stream.next || first->id.seq == *stream.next ||
      (*stream.next < oldest && first->id.seq > *stream.next && first->id.seq <= oldest);
  if (!is_gap && !is_next) {
    verdict_.violated("I10",
                      name_ + " sends on from " + name_of(first->id) +
                          ", the other side told that it stands before " +
                          std::to_string(stream.next->value));
  }
  stream.sent = std::max(stream.sent, last->id.seq);
  if (stream.next) {
    stream.next = Seq{last->id.seq.value + 1};
  }
}

}  // namespace tally::sim
