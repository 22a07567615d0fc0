// A gateway towards the OA: what it forwards, what it passes back.
#include "tests/support/gateway_rig.hpp"

using namespace tally;
using namespace tally::test;
using node::ConnectionId;

TEST_GROUP_BASE(GatewayUplink, GatewayRig){};

TEST(GatewayUplink, SyncedRecords_AreForwardedVerbatimAndOnce) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch sent = batch(2);
  hear(kFirst, sent);
  sync_all();
  LONGS_EQUAL(1, reads.size());
  take(gateway->on_stream_read(kStream, Seq{1}, 2, sent.packed, now()));
  CHECK(std::get<link::RecordBatch>(to_oa.back()).packed == sent.packed);
  LONGS_EQUAL(1, reads.size());
  LONGLONGS_EQUAL(2, gateway->uplink().queue_records);
  oa_has(written);
  LONGLONGS_EQUAL(0, gateway->uplink().queue_records);
}

TEST(GatewayUplink, AcknowledgementOfAnotherBranch_RecordsStayQueued) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch sent = batch(2);
  hear(kFirst, sent);
  sync_all();
  take(gateway->on_stream_read(kStream, Seq{1}, 2, sent.packed, now()));
  take(gateway->on_uplink_message(link::Received{{{kStream, {Seq{2}, Mac{0xee}}}}, false}, now()));
  take(gateway->on_uplink_message(link::Received{{{kStream, {Seq{9}, Mac{0xee}}}}, false}, now()));
  LONGLONGS_EQUAL(2, gateway->uplink().queue_records);
}

TEST(GatewayUplink, AcknowledgementWithinABatch_TheRestStaysQueued) {
  oa_up();
  hello(kFirst);
  link::RecordBatch sent = batch(1);
  const StreamPosition first = written;
  record::append_packed(sent.packed, record_after(written));
  ++sent.count;
  hear(kFirst, sent);
  sync_all();
  take(gateway->on_stream_read(kStream, Seq{1}, 2, sent.packed, now()));
  oa_has(first);
  LONGLONGS_EQUAL(1, gateway->uplink().queue_records);
}

TEST(GatewayUplink, OaAheadAtTheConnection_WhatItHasNotAcknowledgedIsSentAgain) {
  hello(kFirst);
  hear(kFirst, batch(2));
  sync_all();
  oa_up();
  take(gateway->on_uplink_message(link::Received{{{kStream, {Seq{2}, Mac{0xee}}}}, true}, now()));
  LONGLONGS_EQUAL(2, gateway->uplink().queue_records);
  LONGLONGS_EQUAL(1, reads.back().first.value);
}

TEST(GatewayUplink, RewindsThatLeadNowhere_ArePacedAndThenLeftToAPerson) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch sent = batch(1);
  hear(kFirst, sent);
  sync_all();
  const auto in_vain = [&] {
    read_back(sent);
    from_oa(link::Received{{{kStream, {}}}, true});
  };
  for (std::uint32_t i = 1; i < config.vain_rewinds_max; ++i) {
    in_vain();
    LONGS_EQUAL(i + 1, reads.size());
  }
  for (std::uint32_t i = 0; i < config.vain_rewinds_max; ++i) {
    const std::size_t before = reads.size();
    in_vain();
    LONGS_EQUAL(before, reads.size());
    CHECK_TRUE(gateway->held().empty());
    boot_ms += config.unknown_key_pause.ms;
    take(gateway->tick(now()));
    LONGS_EQUAL(before + 1, reads.size());
  }
  in_vain();
  LONGLONGS_EQUAL(1, gateway->held().at(0).records);
  boot_ms += config.refused_pause.ms;
  take(gateway->tick(now()));
  read_back(sent);
  oa_has(written);
  CHECK_TRUE(gateway->held().empty());
  LONGLONGS_EQUAL(0, gateway->uplink().queue_records);
}

TEST(GatewayUplink, OaAsksForARewind_SendsAgain) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch sent = batch(2);
  hear(kFirst, sent);
  sync_all();
  take(gateway->on_stream_read(kStream, Seq{1}, 2, sent.packed, now()));
  take(gateway->on_uplink_message(link::Received{{{kStream, {}}}, true}, now()));
  LONGLONGS_EQUAL(1, reads.back().first.value);
  LONGS_EQUAL(2, reads.size());
}

TEST(GatewayUplink, OaDoesNotKnowTheEnrolmentYet_SendsAgainAfterAPause) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch sent = batch(2);
  hear(kFirst, sent);
  sync_all();
  take(gateway->on_stream_read(kStream, Seq{1}, 2, sent.packed, now()));
  take(gateway->on_uplink_message(
      link::RecordRefusal{kStream, Seq{1}, link::RefusalReason::kUnknownKey, {}}, now()));
  CHECK(last_to_terminal<link::RecordRefusal>() == nullptr);
  boot_ms += 2'999;
  take(gateway->tick(now()));
  LONGS_EQUAL(1, reads.size());
  boot_ms += 1;
  take(gateway->tick(now()));
  LONGS_EQUAL(2, reads.size());
  LONGLONGS_EQUAL(1, reads.back().first.value);
}

TEST(GatewayUplink, OaRefusesARecord_BlocksTheStreamAndTellsItsTerminal) {
  oa_up();
  hello(kFirst);
  hear(kFirst, batch(1));
  sync_all();
  take(gateway->on_uplink_message(
      link::RecordRefusal{kStream, Seq{1}, link::RefusalReason::kBadChain, {}}, now()));
  CHECK(last_to_terminal<link::RecordRefusal>()->reason == link::RefusalReason::kBadChain);
  boot_ms += 60'000;
  take(gateway->tick(now()));
  CHECK_TRUE(gateway->terminals().at(0).stream_blocked);
}

TEST(GatewayUplink, BranchAtTheOa_IsToldAndHoldsUpNothing) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch sent = batch(2);
  hear(kFirst, sent);
  sync_all();
  const StreamPosition head{Seq{9}, Mac{9}};
  take(gateway->on_uplink_message(
      link::RecordRefusal{kStream, Seq{1}, link::RefusalReason::kBranch, head}, now()));
  CHECK_TRUE(last_to_terminal<link::RecordRefusal>()->continue_from == head);
  CHECK_FALSE(gateway->terminals().at(0).stream_blocked);
  LONGLONGS_EQUAL(0, gateway->counters().records_refused);
}

TEST(GatewayUplink, OaRestored_RewindsAndBelievesTheLowerApplied) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch sent = batch(2);
  hear(kFirst, sent);
  sync_all();
  take(gateway->on_stream_read(kStream, Seq{1}, 2, sent.packed, now()));
  oa_has(written);
  take(gateway->on_uplink_message(link::Applied{{{kStream, written, Mac{4}}}}, now()));
  sync_all();
  take(gateway->on_uplink_down(now()));
  oa_up();
  const StreamPosition older{Seq{1}, Mac{1}};
  take(gateway->on_uplink_message(link::Received{{{kStream, older}}, true}, now()));
  take(gateway->on_uplink_message(link::Applied{{{kStream, older, Mac{5}}}}, now()));
  LONGLONGS_EQUAL(2, reads.back().first.value);
  LONGLONGS_EQUAL(1, gateway->uplink().queue_records);
  LONGLONGS_EQUAL(1, gateway->terminals().at(0).applied.value);
  take(gateway->tick(now()));
  LONGLONGS_EQUAL(1, waiting->applied.back().position.seq.value);
}

TEST(GatewayUplink, NewLedgerGeneration_SendsAgainAndSaysSoOnlyWhenAllIsThere) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch sent = batch(2);
  hear(kFirst, sent);
  sync_all();
  const StreamPosition second = written;
  take(gateway->on_stream_read(kStream, Seq{1}, 2, sent.packed, now()));
  oa_has(second);
  take(gateway->on_uplink_down(now()));
  to_oa.clear();
  oa_up(77);
  LONGLONGS_EQUAL(1, std::get<link::Hello>(to_oa.front()).ledger_stamp);
  LONGLONGS_EQUAL(1, reads.back().first.value);  // What the lost ledger acknowledged is nothing.
  take(gateway->on_uplink_message(link::Received{{{kStream, {}}}, true}, now()));
  take(gateway->on_stream_read(kStream, Seq{1}, 2, sent.packed, now()));
  take(gateway->tick(now()));
  sync_all();
  CHECK_TRUE(std::holds_alternative<link::RecordBatch>(to_oa.back()));
  // New records do not move the goal.
  hear(kFirst, batch(1));
  sync_all();
  oa_has(second);
  CHECK_TRUE(std::holds_alternative<link::RecordBatch>(to_oa.back()));
  LONGLONGS_EQUAL(77, *waiting->ledger_stamp);
  sync();
  LONGLONGS_EQUAL(77, std::get<link::Refilled>(to_oa.back()).ledger_stamp);
  take(gateway->on_uplink_down(now()));
  to_oa.clear();
  oa_up(77);
  LONGLONGS_EQUAL(77, std::get<link::Hello>(to_oa.front()).ledger_stamp);
  LONGLONGS_EQUAL(3, reads.back().first.value);
}

TEST(GatewayUplink, NewLedgerGenerationAndNothingToSend_SaysSoAtOnce) {
  oa_up(77);
  take(gateway->tick(now()));
  sync_all();
  LONGLONGS_EQUAL(77, std::get<link::Refilled>(to_oa.back()).ledger_stamp);
}

TEST(GatewayUplink, OaAheadOfAGatewayThatLostItsDisk_NothingIsSent) {
  oa_up();
  hello(kFirst);
  take(gateway->on_uplink_message(link::Received{{{kStream, {Seq{50}, Mac{5}}}}, true}, now()));
  hear(kFirst, batch(2));
  sync_all();
  LONGLONGS_EQUAL(2, gateway->uplink().queue_records);
  LONGLONGS_EQUAL(1, reads.back().first.value);
}

TEST(GatewayUplink, Applied_ReachesTheTerminalNowOrWithItsNextWelcome) {
  oa_up();
  hello(kFirst);
  hear(kFirst, batch(1));
  sync_all();
  take(gateway->on_uplink_message(link::Applied{{{kStream, written, Mac{4}}}}, now()));
  CHECK(last_to_terminal<link::Applied>()->statements.at(0).statement_mac == Mac{4});
  take(gateway->on_terminal_closed(kFirst, now()));
  to_terminals.clear();
  hello(kSecond);
  CHECK(last_to_terminal<link::Applied>() != nullptr);
}

TEST(GatewayUplink, RecordsBesideTheStream_PassToTheOaAndTakeNoPlace) {
  hello(kFirst);
  const link::RecordBatch stored = batch(2);
  hear(kFirst, stored);
  sync();
  link::RecordBatch beside;
  beside.beside = true;
  beside.count = 1;
  record::append_packed(beside.packed, record_after({Seq{1}, Mac{7}}));
  const auto batches = [&] {
    std::size_t found = 0;
    for (const link::Message& message : to_oa) {
      const auto* sent = std::get_if<link::RecordBatch>(&message);
      found += sent != nullptr && sent->beside ? 1U : 0U;
    }
    return found;
  };
  hear(kFirst, beside);
  LONGS_EQUAL(0, batches());  // Without the uplink they wait at the terminal.
  oa_up();
  hear(kFirst, beside);
  LONGS_EQUAL(0, batches());  // Until the OA has judged what is here.
  read_back(stored);
  oa_has(written);
  hear(kFirst, beside);
  LONGS_EQUAL(1, batches());
  const StreamPosition at{Seq{2}, Mac{9}};
  take(gateway->on_uplink_message(link::Received{{{kStream, at}}, false, true}, now()));
  CHECK_TRUE(last_to_terminal<link::Received>()->beside);
  CHECK_TRUE(last_to_terminal<link::Received>()->positions.at(0).position == at);
  LONGLONGS_EQUAL(0, closed.size());
}

TEST(GatewayUplink, RecordOfAnotherTerminalBesideTheStream_EndsTheConnection) {
  oa_up();
  hello(kFirst);
  link::RecordBatch beside;
  beside.beside = true;
  beside.count = 1;
  record::append_packed(beside.packed, record_after({}, 102));
  hear(kFirst, beside);
  CHECK_TRUE(closed.at(0).reason == link::CloseReason::kRecordRefused);
}
