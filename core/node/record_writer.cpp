#include "core/node/record_writer.hpp"

#include "core/base/assert.hpp"
#include "core/codec/record_codec.hpp"

namespace tally::node {

RecordWriter::RecordWriter(RecordMaker maker, StreamPosition head) : maker_(maker), head_(head) {}

JournalRow RecordWriter::make(const Fact& fact, NodeClock& clock, Instant now) {
  record::Record record;
  record.header.kind = record::kind_of(fact.business);
  record.header.key_version = maker_.key_version;
  record.header.id = id_of(Seq{head_.seq.value + 1});
  record.header.prev_mac = head_.mac;
  record.sale = fact.sale;
  record.card_token = fact.card_token;
  record.member = fact.member;
  record.funding = fact.funding;
  record.wall = clock.stamp(now);
  record.business_day = clock.business_day(record.wall);
  record.boot_time = now.boot;
  record.clock_quality = clock.quality();
  record.program = fact.program;
  record.cashier = fact.cashier;
  record.business = fact.business;

  const Result<Bytes> body = codec::encode_body(record);
  TALLY_ASSERT(body.has_value());
  const Result<Bytes> sealed = record::seal(record.header, *body, maker_.key);
  TALLY_ASSERT(sealed.has_value());
  head_ = {record.header.id.seq, record::peek_mac(*sealed)};
  return {head_.seq, head_.mac, *sealed, record.wall, false};
}

}  // namespace tally::node
