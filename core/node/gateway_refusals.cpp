// What the OA does not take from the gateway: a key it has not heard of yet, a byte that changed on
// the way, a record that hangs on nothing it has, what stands behind a hole.
#include <algorithm>
#include <utility>

#include "core/node/gateway_node.hpp"
#include "core/record/packed.hpp"

namespace tally::node {

void GatewayNode::on_oa_refusal(const link::RecordRefusal& refusal, Instant now) {
  const auto at = streams_.find(refusal.stream);
  if (at == streams_.end()) {
    return;
  }
  if (refusal.reason == link::RefusalReason::kBranch) {
    send_refusal(refusal);  // Posted all the same; the terminal is told where to go on.
    return;
  }
  ++counters_.records_refused;
  Stream& stream = at->second;
  if (refusal.reason == link::RefusalReason::kBadMac) {
    on_copy_refused(stream, refusal, now);
    return;
  }
  if (refusal.reason == link::RefusalReason::kBadChain &&
      refusal.seq <= stream.uplink.received().seq) {
    send_refusal(refusal);  // Of a branch.
    return;
  }
  stream.blocked = true;
  if (refusal.reason == link::RefusalReason::kUnknownKey) {
    // The OA has not heard of this enrolment yet: nothing is wrong with the records, they wait.
    rewind(stream, stream.uplink.received());
    stream.retry_at = now.boot + config_.unknown_key_pause;
    return;
  }
  stream.stuck = true;
  stream.retry_at = now.boot + config_.refused_pause;
  send_refusal(refusal);
}

/// Whether it changed here, before or behind nobody can tell: the copy goes again once, then its
/// terminal is asked for it. Each copy sent gets one verdict, and none is on its way while a copy
/// may be renewed: what the OA took is never changed here.
void GatewayNode::on_copy_refused(Stream& stream, const link::RecordRefusal& refusal, Instant now) {
  if (refusal.seq <= stream.uplink.received().seq || refusal.seq > stream.received.seq ||
      refusal.seq < stream.uplink.oldest()) {
    // Not what was sent from here: of a branch, which its terminal sends again by itself, or its
    // number changed on the way, or it was only passed on.
    rewind(stream, stream.uplink.received());
    give_turn(refusal.stream, stream);
    pump_uplink();
    return;
  }
  if (!stream.refused || stream.refused->seq != refusal.seq) {
    stream.refused = Refused{refusal.seq, 0, {}, false};
  }
  const std::uint32_t tries = ++stream.refused->tries;
  std::erase_if(stream.in_flight, [&](const StreamPosition& sent) {
    return sent.seq >= refusal.seq;  // What went before it is still to be acknowledged.
  });
  stream.uplink.rewind(stream.uplink.received(), stream.uplink.oldest());
  stream.blocked = true;
  stream.stuck = tries >= config_.refused_tries_max;
  if (tries == 1) {
    stream.retry_at = now.boot;
    retry_refused(now);
    pump_uplink();
    return;
  }
  stream.retry_at = now.boot + (stream.stuck ? config_.refused_pause : config_.unknown_key_pause);
  if (stream.stuck) {
    send_refusal(refusal);
  }
  send_received(refusal.stream, told_received(stream), true);
}

void GatewayNode::note_refused_copy(Stream& stream, ByteView packed) {
  if (!stream.refused) {
    return;
  }
  record::PackedReader reader(packed);
  while (const auto sealed = reader.next()) {
    const Result<record::Header> header = record::peek_header(*sealed);
    if (header && header->id.seq == stream.refused->seq) {
      stream.refused->copy = Refused::Copy{header->id, record::peek_mac(*sealed), header->prev_mac};
    }
  }
}

/// A record that the terminal was asked for again, in the place of the copy here. It must be the
/// same record: the same MAC, which covers all of it, or else the same id on the same predecessor,
/// and then nothing may hang on the MAC of the copy.
void GatewayNode::renew(StreamId id,
                        Stream& stream,
                        const record::Header& header,
                        ByteView sealed) {
  if (!stream.blocked || !stream.refused || stream.refused->seq != header.id.seq ||
      !stream.refused->copy || stream.refused->renewed) {
    return;
  }
  Refused& refused = *stream.refused;
  const Mac mac = record::peek_mac(sealed);
  const bool is_tail = header.id.seq == stream.tail.seq;
  const bool same_id = header.id == refused.copy->id && header.prev_mac == refused.copy->prev_mac;
  if (mac != refused.copy->mac && !(same_id && is_tail)) {
    return;
  }
  refused.renewed = true;
  stream.retry_at.reset();
  pending_.renewed.push_back({id, {header.id.seq, mac}, Bytes(sealed.begin(), sealed.end())});
  urgent_ = true;
  if (is_tail) {
    stream.tail.mac = mac;
    stream.disputed = false;
  }
}

/// What this gateway vouches for: nothing from a record on that it has to ask for again.
StreamPosition GatewayNode::told_received(const Stream& stream) {
  if (!stream.refused || !stream.refused->copy) {
    return stream.received;
  }
  return {Seq{stream.refused->seq.value - 1}, stream.refused->copy->prev_mac};
}

void GatewayNode::on_renewed(const RenewedRecord& renewed) {
  Stream& stream = streams_.at(renewed.stream);
  if (stream.received.seq == renewed.position.seq) {
    stream.received.mac = renewed.position.mac;
  }
  if (stream.refused && stream.refused->seq == renewed.position.seq) {
    stream.refused->copy.reset();
    stream.refused->renewed = false;
    stream.blocked = false;
    stream.retry_at.reset();
    rewind(stream, stream.uplink.received());
  }
  give_turn(renewed.stream, stream);
  acknowledge(renewed.stream, stream, false);
}

std::vector<HeldStream> GatewayNode::held() const {
  std::vector<HeldStream> held;
  for (const auto& [id, stream] : streams_) {
    const Seq forwarded = stream.uplink.received().seq;
    if (stream.stuck && forwarded < stream.received.seq) {
      held.push_back({id, stream.received.seq.value - forwarded.value});
    }
  }
  return held;
}

/// The OA has more of a stream than before.
void GatewayNode::settle_refused(StreamId id, Stream& stream) {
  const Seq taken = stream.uplink.received().seq;
  if (stream.refused && taken >= stream.refused->seq) {
    stream.refused.reset();
    stream.blocked = false;
    stream.retry_at.reset();
  }
  stream.stuck = stream.stuck && (stream.blocked || stream.refused);
  if (stream.missing_after && taken >= stream.uplink.oldest()) {
    stream.missing_after.reset();
  }
  if (stream.disputed && taken >= stream.tail.seq) {
    stream.disputed = false;
    acknowledge(id, stream, true);  // What comes now in its place is a branch.
  }
}

/// The OA asks for what this gateway does not have, or for something that does not get through: the
/// same at line speed would help nobody.
void GatewayNode::pace_rewinds(Stream& stream, Instant now) {
  if (stream.in_flight.empty() || ++stream.vain_rewinds < config_.vain_rewinds_max) {
    return;
  }
  stream.blocked = true;
  stream.stuck = stream.vain_rewinds >= 2 * config_.vain_rewinds_max;
  stream.retry_at = now.boot + (stream.stuck ? config_.refused_pause : config_.unknown_key_pause);
}

/// Its terminal left it out when this gateway first heard of the stream, and keeps it until it is
/// APPLIED.
void GatewayNode::ask_for_missing(StreamId id, Stream& stream, const StreamPosition& position) {
  if (position.seq.value + 1 < stream.uplink.oldest().value) {
    stream.missing_after = position;
    send_received(id, position, true);
  }
}

/// A record from before what is here goes to the OA as it is: it cannot be put in front.
void GatewayNode::pass_missing(Stream& stream, const record::Header& header, ByteView sealed) {
  if (uplink_up_ && stream.missing_after && header.id.seq > stream.missing_after->seq &&
      header.id.seq < stream.uplink.oldest()) {
    Bytes packed;
    record::append_packed(packed, sealed);
    actions_.push_back(SendToOa{link::RecordBatch{1, std::move(packed)}});
  }
}

void GatewayNode::send_refusal(const link::RecordRefusal& refusal) {
  const auto terminal = terminals_.find(refusal.stream.terminal);
  if (terminal != terminals_.end() && terminal->second.connection &&
      terminal->second.incarnation == refusal.stream.incarnation) {
    actions_.push_back(SendToTerminal{*terminal->second.connection, refusal});
  }
}

void GatewayNode::retry_refused(Instant now) {
  for (auto& [id, stream] : streams_) {
    if (stream.retry_at && now.boot >= *stream.retry_at) {
      stream.retry_at.reset();
      stream.blocked = false;
      give_turn(id, stream);
    }
  }
}

}  // namespace tally::node
