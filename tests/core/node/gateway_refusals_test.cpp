// What a gateway does about records that the OA refuses because a byte of them changed on the way
// (ADR 23).
#include "tests/support/gateway_rig.hpp"

using namespace tally;
using namespace tally::test;

namespace {

link::RecordBatch batch_of(const std::vector<Bytes>& records) {
  link::RecordBatch out;
  for (const Bytes& sealed : records) {
    record::append_packed(out.packed, sealed);
    ++out.count;
  }
  return out;
}

/// The record with a bit changed, `from_end` bytes before its end: 1…16 are the MAC's.
Bytes changed(Bytes sealed, std::size_t from_end) {
  sealed.at(sealed.size() - from_end) ^= 1U;
  return sealed;
}

}  // namespace

TEST_GROUP_BASE(GatewayRefusals, GatewayRig){};

TEST(GatewayRefusals, RecordOnAnotherThanTheTail_WaitsUntilTheOaHasTheTail) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch first = batch(1);
  hear(kFirst, first);
  sync_all();
  read_back(first);
  const StreamPosition tail = written;
  written.mac[0] ^= 1U;
  const link::RecordBatch other = batch(1);
  hear(kFirst, other);
  CHECK(last_to_terminal<link::RecordRefusal>() == nullptr);
  oa_has(tail);
  CHECK_TRUE(last_to_terminal<link::Received>()->rewind);
  CHECK_TRUE(last_to_terminal<link::Received>()->positions.at(0).position == tail);
  hear(kFirst, other);
  CHECK(last_to_terminal<link::RecordRefusal>()->reason == link::RefusalReason::kBadChain);
}

TEST(GatewayRefusals, HoleInManyBatches_IsToldOnceUntilItsSenderStartsAgain) {
  hello(kFirst);
  hear(kFirst, batch(1));
  batch(1);
  const link::RecordBatch third = batch(1);
  hear(kFirst, third);
  hear(kFirst, batch(1));
  hear(kFirst, batch(1));
  LONGLONGS_EQUAL(1, gateway->counters().rewinds);
  hear(kFirst, third);
  LONGLONGS_EQUAL(2, gateway->counters().rewinds);
}

TEST(GatewayRefusals, CopyRefusedByTheOa_GoesAgainAndThenTheTerminalIsAsked) {
  oa_up();
  hello(kFirst);
  const Bytes first = record_after({});
  const Bytes second = record_after({Seq{1}, record::peek_mac(first)});
  hear(kFirst, batch_of({first, changed(second, 17)}));
  sync_all();
  read_back(batch_of({first, changed(second, 17)}));
  to_oa.clear();
  refuse(2, link::RefusalReason::kBadMac);
  oa_has({Seq{1}, record::peek_mac(first)});
  read_back(batch_of(
      {first, changed(second, 17)}));  // Asked for before the OA said that it has the first.
  read_back(batch_of({changed(second, 17)}));
  LONGS_EQUAL(1, to_oa.size());
  CHECK_FALSE(last_to_terminal<link::Received>()->rewind);
  refuse(2, link::RefusalReason::kBadMac);
  CHECK_TRUE(last_to_terminal<link::Received>()->rewind);
  CHECK_TRUE(last_to_terminal<link::Received>()->positions.at(0).position ==
             (StreamPosition{Seq{1}, record::peek_mac(first)}));
  CHECK_FALSE(gateway->terminals().at(0).stream_blocked);

  hear(kFirst, batch_of({second}));
  LONGS_EQUAL(1, waiting->renewed.size());
  CHECK_TRUE(waiting->renewed.at(0).sealed == second);
  const std::size_t before = reads.size();
  LONGLONGS_EQUAL(1, last_to_terminal<link::Received>()->positions.at(0).position.seq.value);
  sync_all();
  LONGLONGS_EQUAL(2, last_to_terminal<link::Received>()->positions.at(0).position.seq.value);
  LONGS_EQUAL(before + 1, reads.size());
  LONGLONGS_EQUAL(2, reads.back().first.value);
}

TEST(GatewayRefusals, FirstRecordLeftOutByItsTerminal_IsAskedForAndPassedOn) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch first = batch(1);
  const StreamPosition first_end = written;
  const link::RecordBatch second = batch(1);
  hear(kFirst, second);
  sync_all();
  read_back(second);
  to_oa.clear();
  from_oa(link::Received{{{kStream, {}}}, true});
  CHECK_TRUE(last_to_terminal<link::Received>()->rewind);
  CHECK_TRUE(last_to_terminal<link::Received>()->positions.at(0).position == StreamPosition{});

  hear(kFirst, first);
  LONGS_EQUAL(1, to_oa.size());
  CHECK_TRUE(std::get<link::RecordBatch>(to_oa.front()).packed == first.packed);
  oa_has(first_end);
  read_back(second);
  oa_has(written);
  LONGLONGS_EQUAL(0, gateway->uplink().queue_records);
  // Once the OA has it, a copy is only a copy.
  to_oa.clear();
  hear(kFirst, first);
  CHECK_TRUE(to_oa.empty());
}

TEST(GatewayRefusals, MissingRecordThatTheOaRefuses_IsAskedForAgain) {
  oa_up();
  hello(kFirst);
  const Bytes first = record_after({});
  hear(kFirst, batch_of({record_after({Seq{1}, record::peek_mac(first)})}));
  sync_all();
  read_back(batch_of({record_after({Seq{1}, record::peek_mac(first)})}));
  from_oa(link::Received{{{kStream, {}}}, true});
  hear(kFirst, batch_of({changed(first, 17)}));
  to_terminals.clear();
  refuse(1, link::RefusalReason::kBadMac);
  read_back(batch_of({record_after({Seq{1}, record::peek_mac(first)})}));
  from_oa(link::Received{{{kStream, {}}}, true});
  CHECK_TRUE(last_to_terminal<link::Received>()->rewind);
  hear(kFirst, batch_of({first}));
  CHECK_TRUE(std::get<link::RecordBatch>(to_oa.back()).packed == batch_of({first}).packed);
}

TEST(GatewayRefusals, RecordBeforeTheOldestThatNobodyAskedFor_IsNotPassedOn) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch first = batch(1);
  hear(kFirst, batch(1));
  sync_all();
  to_oa.clear();
  hear(kFirst, first);
  CHECK_TRUE(to_oa.empty());
}

TEST(GatewayRefusals, RenewedTail_IsWhatTheNextRecordHangsOn) {
  oa_up();
  hello(kFirst);
  const Bytes first = record_after({});
  const StreamPosition own{Seq{1}, record::peek_mac(first)};
  hear(kFirst, batch_of({changed(first, 1)}));
  sync_all();
  for (int i = 0; i < 2; ++i) {
    read_back(batch_of({changed(first, 1)}));
    refuse(1, link::RefusalReason::kBadMac);
  }
  hear(kFirst, batch_of({first, record_after(own)}));
  LONGS_EQUAL(1, waiting->renewed.size());
  CHECK_TRUE(waiting->renewed.at(0).position == own);
  sync_all();
  LONGLONGS_EQUAL(2, gateway->terminals().at(0).received.value);
  LONGLONGS_EQUAL(0, gateway->counters().rewinds);
}

TEST(GatewayRefusals, OtherRecordInThePlaceOfARefusedOne_IsNotTakenForIt) {
  oa_up();
  hello(kFirst);
  const Bytes first = record_after({});
  hear(kFirst, batch_of({changed(first, 17)}));
  sync_all();
  for (int i = 0; i < 2; ++i) {
    read_back(batch_of({changed(first, 17)}));
    refuse(1, link::RefusalReason::kBadMac);
  }
  record::Header header{
      record::RecordKind::kNote, 1, {TerminalId{101}, Incarnation{1}, BootId{10}, Seq{1}}, {}};
  hear(kFirst, batch_of({*record::seal(header, as_bytes("y"), record::RecordKey{1})}));
  CHECK_FALSE(waiting.has_value());
}

TEST(GatewayRefusals, TerminalThatComesBack_IsAskedForTheRefusedCopy) {
  oa_up();
  hello(kFirst);
  const Bytes first = record_after({});
  const Bytes second = record_after({Seq{1}, record::peek_mac(first)});
  hear(kFirst, batch_of({first, changed(second, 17)}));
  sync_all();
  take(gateway->on_terminal_closed(kFirst, now()));
  read_back(batch_of({first, changed(second, 17)}));
  for (int i = 0; i < 2; ++i) {
    refuse(2, link::RefusalReason::kBadMac);
    read_back(batch_of({first, changed(second, 17)}));
  }
  hello(kSecond);
  CHECK_TRUE(last_to_terminal<link::Welcome>()->received ==
             (StreamPosition{Seq{1}, record::peek_mac(first)}));
}

TEST(GatewayRefusals, RecordThatStaysBad_IsToldAndTriedSeldomAndNothingIsDropped) {
  oa_up();
  hello(kFirst);
  const Bytes bad = changed(record_after({}), 17);
  hear(kFirst, batch_of({bad}));
  sync_all();
  for (std::uint32_t i = 0; i < config.refused_tries_max; ++i) {
    CHECK(last_to_terminal<link::RecordRefusal>() == nullptr);
    read_back(batch_of({bad}));
    refuse(1, link::RefusalReason::kBadMac);
    boot_ms += i > 0 && i + 1 < config.refused_tries_max ? config.unknown_key_pause.ms : 0;
    take(gateway->tick(now()));
  }
  CHECK(last_to_terminal<link::RecordRefusal>()->reason == link::RefusalReason::kBadMac);
  CHECK_TRUE(gateway->terminals().at(0).stream_blocked);
  LONGLONGS_EQUAL(1, gateway->held().at(0).records);
  const std::size_t before = reads.size();
  boot_ms += config.refused_pause.ms - 1;
  take(gateway->tick(now()));
  LONGS_EQUAL(before, reads.size());
  boot_ms += 1;
  take(gateway->tick(now()));
  LONGS_EQUAL(before + 1, reads.size());
  read_back(batch_of({bad}));
  oa_has({Seq{1}, record::peek_mac(bad)});
  CHECK_FALSE(gateway->terminals().at(0).stream_blocked);
  CHECK_TRUE(gateway->held().empty());
}
