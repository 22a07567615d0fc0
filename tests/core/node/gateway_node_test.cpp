// A gateway towards its terminals: records, asks, its journal.
#include "tests/support/gateway_rig.hpp"

using namespace tally;
using namespace tally::test;
using node::ConnectionId;

TEST_GROUP_BASE(GatewayNode, GatewayRig){};

TEST(GatewayNode, Records_AreAcknowledgedOnlyAfterTheSync) {
  hello(kFirst);
  hear(kFirst, batch(3));
  CHECK(last_to_terminal<link::Received>() == nullptr);
  sync();
  if (waiting) {
    sync();
  }
  LONGLONGS_EQUAL(3, last_to_terminal<link::Received>()->positions.at(0).position.seq.value);
}

TEST(GatewayNode, RecordsDuringACommit_GoIntoTheNextOne) {
  hello(kFirst);
  hear(kFirst, batch(1));
  const auto first = *waiting;
  hear(kFirst, batch(2));
  hear(kFirst, batch(2));
  sync();
  LONGS_EQUAL(2, waiting->append.size());
  LONGLONGS_EQUAL(2, waiting->append.at(0).first.value);
}

TEST(GatewayNode, DuplicateRecords_AreAcknowledgedAgainWithoutEffect) {
  hello(kFirst);
  const link::RecordBatch sent = batch(2);
  hear(kFirst, sent);
  sync_all();
  to_terminals.clear();
  hear(kFirst, sent);
  CHECK_FALSE(waiting.has_value());
  LONGLONGS_EQUAL(2, last_to_terminal<link::Received>()->positions.at(0).position.seq.value);
  LONGLONGS_EQUAL(2, gateway->counters().records_duplicate);
}

TEST(GatewayNode, GapInTheStream_AsksForARewind) {
  hello(kFirst);
  hear(kFirst, batch(1));
  batch(1);
  hear(kFirst, batch(1));
  const auto* received = last_to_terminal<link::Received>();
  CHECK_TRUE(received->rewind);
  LONGLONGS_EQUAL(1, received->positions.at(0).position.seq.value);
}

TEST(GatewayNode, WrongPredecessor_IsRefusedBackToItsSource) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch first = batch(1);
  hear(kFirst, first);
  sync_all();
  read_back(first);
  oa_has(written);
  written.mac[0] ^= 1U;
  hear(kFirst, batch(1));
  CHECK(last_to_terminal<link::RecordRefusal>()->reason == link::RefusalReason::kBadChain);
  LONGLONGS_EQUAL(1, gateway->counters().records_refused);
}

TEST(GatewayNode, WrongPredecessor_DoesNotHoldUpWhatIsHere) {
  hello(kFirst);
  const link::RecordBatch good = batch(2);
  hear(kFirst, good);
  sync_all();
  StreamPosition wrong = written;
  wrong.mac[0] ^= 1;
  link::RecordBatch bad;
  bad.count = 1;
  record::append_packed(bad.packed, record_after(wrong));
  hear(kFirst, bad);
  oa_up();
  LONGS_EQUAL(1, reads.size());
  LONGLONGS_EQUAL(1, reads.back().first.value);
}

TEST(GatewayNode, GapRecord_LetsTheStreamGoOn) {
  oa_up();
  hello(kFirst);
  link::RecordBatch sent = batch(1);
  const Bytes gap = record_after(written, 101, 4);
  record::append_packed(sent.packed, gap);
  // The record after the gap names the MAC of one that nobody can read.
  const Bytes next = record_after({Seq{6}, Mac{0xee}});
  record::append_packed(sent.packed, next);
  hear(kFirst, sent);
  LONGS_EQUAL(2, waiting->append.size());
  LONGLONGS_EQUAL(6, waiting->append.at(1).first.value);
  sync_all();
  CHECK_TRUE(last_to_terminal<link::Received>()->positions.at(0).position ==
             (StreamPosition{Seq{7}, record::peek_mac(next)}));
  LONGLONGS_EQUAL(1, reads.back().first.value);
  take(gateway->on_stream_read(kStream, Seq{1}, 3, sent.packed, now()));
  take(gateway->on_uplink_message(
      link::Received{{{kStream, {Seq{7}, record::peek_mac(next)}}}, false}, now()));
  LONGLONGS_EQUAL(0, gateway->uplink().queue_records);
  LONGS_EQUAL(1, reads.size());
}

TEST(GatewayNode, GapThatHangsOnAnotherRecord_AsksForARewind) {
  hello(kFirst);
  hear(kFirst, batch(2));
  sync_all();
  link::RecordBatch sent;
  sent.count = 1;
  record::append_packed(sent.packed, record_after({Seq{5}, Mac{7}}, 101, 2));
  hear(kFirst, sent);
  CHECK_TRUE(last_to_terminal<link::Received>()->rewind);
  LONGLONGS_EQUAL(2, last_to_terminal<link::Received>()->positions.at(0).position.seq.value);
}

TEST(GatewayNode, RecordOfAnotherTerminal_ClosesThatConnection) {
  hello(kFirst);
  link::RecordBatch foreign{1, {}};
  record::append_packed(foreign.packed, record_after({}, 102));
  hear(kFirst, foreign);
  CHECK(closed.at(0).reason == link::CloseReason::kRecordRefused);
}

TEST(GatewayNode, MalformedRecord_ClosesThatConnection) {
  hello(kFirst);
  link::RecordBatch bad{1, {}};
  record::append_packed(bad.packed, as_bytes("nonsense"));
  hear(kFirst, bad);
  CHECK(closed.at(0).reason == link::CloseReason::kRecordRefused);
}

TEST(GatewayNode, NewGateway_TakesAStreamUpWhereTheTerminalStands) {
  written = {Seq{41}, Mac{7}};
  hello(kFirst);
  hear(kFirst, batch(2));
  sync_all();
  LONGLONGS_EQUAL(43, last_to_terminal<link::Received>()->positions.at(0).position.seq.value);
}

TEST(GatewayNode, AskWithoutUplink_IsUnavailableAtOnce) {
  hello(kFirst);
  hear(kFirst, link::Ask{8, {}, Duration{1'000}, {}, {}, link::Inquire{"1"}});
  const auto* answer = last_to_terminal<link::Answer>();
  LONGLONGS_EQUAL(8, answer->ask_id);
  CHECK(answer->outcome == link::AskOutcome::kUnavailable);
}

TEST(GatewayNode, Ask_GoesUpUnderAnotherIdAndComesBackUnderItsOwn) {
  oa_up();
  hello(kFirst);
  hear(kFirst, link::Ask{8, {}, Duration{1'000}, {}, {}, link::Inquire{"1"}});
  const auto& up = std::get<link::Ask>(to_oa.back());
  CHECK(up.terminal == TerminalId{101});
  take(gateway->on_uplink_message(
      link::Answer{up.ask_id, {}, link::AskOutcome::kUnknownCard, {}, {}}, now()));
  LONGLONGS_EQUAL(8, last_to_terminal<link::Answer>()->ask_id);
  CHECK(last_to_terminal<link::Answer>()->outcome == link::AskOutcome::kUnknownCard);
}

TEST(GatewayNode, AskBeyondItsDeadline_IsUnavailableAndALateAnswerIsDropped) {
  oa_up();
  hello(kFirst);
  hear(kFirst, link::Ask{8, {}, Duration{1'000}, {}, {}, link::Inquire{"1"}});
  const std::uint64_t up_id = std::get<link::Ask>(to_oa.back()).ask_id;
  boot_ms += 1'000;
  take(gateway->tick(now()));
  CHECK(last_to_terminal<link::Answer>()->outcome == link::AskOutcome::kUnavailable);
  const std::size_t sent = to_terminals.size();
  take(gateway->on_uplink_message(link::Answer{up_id, {}, link::AskOutcome::kOk, {}, {}}, now()));
  LONGS_EQUAL(sent, to_terminals.size());
}

TEST(GatewayNode, UplinkLost_FailsTheAsksAndTellsTheTerminals) {
  oa_up();
  hello(kFirst);
  hear(kFirst, link::Ask{8, {}, Duration{1'000}, {}, {}, link::Inquire{"1"}});
  take(gateway->on_uplink_down(now()));
  CHECK(last_to_terminal<link::Answer>()->outcome == link::AskOutcome::kUnavailable);
  CHECK_FALSE(last_to_terminal<link::StoreState>()->uplink_up);
}

TEST(GatewayNode, JournalFails_ClosesEveryTerminalAndAcceptsNone) {
  hello(kFirst);
  hear(kFirst, batch(1));
  waiting.reset();
  take(gateway->on_commit_failed(make_error(Errc::kExhausted, "disk is full"), now()));
  CHECK(closed.at(0).reason == link::CloseReason::kStorageFailed);
  hello(kSecond);
  CHECK(closed.at(1).reason == link::CloseReason::kStorageFailed);
  take(gateway->on_journal_reopened({}, now()));
  hello(ConnectionId{3});
  CHECK(std::holds_alternative<link::Welcome>(to_terminals.back().second));
}

TEST(GatewayNode, MessageOfTheOtherDirection_ClosesThatConnection) {
  hello(kFirst);
  hear(kFirst, link::Received{});
  CHECK(closed.at(0).reason == link::CloseReason::kUnexpectedMessage);
}

TEST(GatewayNode, TimeLearntFromTheOa_IsTold) {
  hello(kFirst);
  CHECK_TRUE(last_to_terminal<link::Welcome>()->anchor.quality == ClockQuality::kUnknown);
  oa_up();
  CHECK_TRUE(last_to_terminal<link::TimeAnchor>()->quality == ClockQuality::kAnchored);
}
