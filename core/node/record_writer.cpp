#include "core/node/record_writer.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/record_codec.hpp"

namespace tally::node {

RecordWriter::RecordWriter(RecordMaker maker, StreamPosition head) : maker_(maker), head_(head) {}

JournalRow RecordWriter::make(const Fact& fact, NodeClock& clock, Instant now) {
  JournalRow row = make_at(id_of(Seq{head_.seq.value + 1}), head_.mac, fact, clock, now);
  head_ = {row.seq, row.mac};
  return row;
}

JournalRow RecordWriter::make_gap(
    record::Gap gap, Mac mac_before, ProgramVersion program, NodeClock& clock, Instant now) {
  RecordId id = id_of(gap.last);
  id.boot.value ^= std::uint64_t{1} << 63;  // The record whose place it takes had an id as well.
  Fact fact;
  fact.program = program;
  fact.business = gap;
  JournalRow row = make_at(id, mac_before, fact, clock, now);
  row.shown = true;
  if (head_.seq == gap.last) {
    head_ = {row.seq, row.mac};
  }
  return row;
}

JournalRow RecordWriter::make_bridge(const StreamPosition& other,
                                     ProgramVersion program,
                                     NodeClock& clock,
                                     Instant now) {
  const StreamPosition& lower = other.seq <= head_.seq ? other : head_;
  const Seq place{std::max(other.seq, head_.seq).value + 1};
  Fact fact;
  fact.program = program;
  fact.business = record::Gap{Seq{lower.seq.value + 1}, place};
  JournalRow row = make_at(id_of(place), lower.mac, fact, clock, now);
  row.shown = true;
  head_ = {row.seq, row.mac};
  return row;
}

JournalRow RecordWriter::make_at(const RecordId& id,
                                 const Mac& prev_mac,
                                 const Fact& fact,
                                 NodeClock& clock,
                                 Instant now) const {
  record::Record record;
  record.header.kind = record::kind_of(fact.business);
  record.header.key_version = maker_.key_version;
  record.header.id = id;
  record.header.prev_mac = prev_mac;
  record.sale = fact.sale;
  record.card_token = fact.card_token;
  record.member = fact.member;
  record.funding = fact.funding;
  record.wall = clock.stamp(now);
  record.business_day = clock.business_day(record.wall);
  record.boot_time = now.boot;
  record.clock_quality = clock.quality(now);
  record.program = fact.program;
  record.cashier = fact.cashier;
  record.business = fact.business;

  const Result<Bytes> body = codec::encode_body(record);
  TALLY_ASSERT(body.has_value());
  const Result<Bytes> sealed = record::seal(record.header, *body, maker_.key);
  TALLY_ASSERT(sealed.has_value());
  return {id.seq, record::peek_mac(*sealed), *sealed, record.wall, false};
}

}  // namespace tally::node
