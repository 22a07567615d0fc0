#include "core/node/gateway_node.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/record/packed.hpp"
#include "core/record/seal.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using node::ConnectionId;

namespace {

constexpr StreamId kStream{TerminalId{101}, Incarnation{1}};
constexpr ConnectionId kFirst{1};
constexpr ConnectionId kSecond{2};

}  // namespace

TEST_GROUP(GatewayNode) {
  node::GatewayConfig config;
  std::unique_ptr<node::GatewayNode> gateway;
  node::GatewaySnapshot disk;
  std::optional<node::GatewayCommit> waiting;
  std::vector<std::pair<ConnectionId, link::Message>> to_terminals;
  std::vector<node::CloseTerminal> closed;
  std::vector<link::Message> to_oa;
  std::vector<node::ReadStream> reads;
  StreamPosition written;
  std::int64_t boot_ms = 1'000;

  void setup() override {
    config.gateway = GatewayId{11};
    config.incarnation = Incarnation{1};
    config.boot = BootId{3};
    gateway = std::make_unique<node::GatewayNode>(config, disk);
  }

  Instant now() const {
    return {WallTime{1'800'000'000'000'000 + boot_ms * 1'000}, BootTime{boot_ms}};
  }

  void take(node::GatewayActions actions) {
    for (auto& action : actions) {
      if (auto* commit = std::get_if<node::CommitGateway>(&action)) {
        waiting = std::move(commit->commit);
      } else if (auto* send = std::get_if<node::SendToTerminal>(&action)) {
        to_terminals.emplace_back(send->connection, std::move(send->message));
      } else if (auto* close = std::get_if<node::CloseTerminal>(&action)) {
        closed.push_back(*close);
      } else if (auto* up = std::get_if<node::SendToOa>(&action)) {
        to_oa.push_back(std::move(up->message));
      } else if (auto* read = std::get_if<node::ReadStream>(&action)) {
        reads.push_back(*read);
      }
    }
  }

  void sync() {
    CHECK_TRUE(waiting.has_value());
    waiting.reset();
    take(gateway->on_committed(now()));
  }

  void hear(ConnectionId connection, const link::Message& message) {
    take(gateway->on_terminal_message(connection, message, now()));
  }

  void hello(ConnectionId connection, std::uint32_t incarnation = 1, std::uint32_t terminal = 101) {
    link::Hello hello;
    hello.node = terminal;
    hello.incarnation = Incarnation{incarnation};
    hello.boot = BootId{9};
    hear(connection, hello);
  }

  void oa_up(std::uint64_t generation = 1) {
    take(gateway->on_uplink_message(link::Challenge{5}, now()));
    link::Welcome welcome;
    welcome.ledger_stamp = generation;
    welcome.anchor = {now().wall, 0, ClockQuality::kAnchored};
    take(gateway->on_uplink_message(welcome, now()));
  }

  Bytes record_after(
      StreamPosition previous, std::uint32_t terminal = 101, std::uint64_t numbers_lost = 0) const {
    record::Header header;
    header.kind = numbers_lost > 0 ? record::RecordKind::kGap : record::RecordKind::kNote;
    header.id = {TerminalId{terminal},
                 Incarnation{1},
                 BootId{9},
                 Seq{previous.seq.value + 1 + numbers_lost}};
    header.prev_mac = previous.mac;
    return *record::seal(header, as_bytes("x"), record::RecordKey{1});
  }

  /// `count` records that follow what was written before.
  link::RecordBatch batch(std::uint32_t count) {
    link::RecordBatch out;
    for (; out.count < count; ++out.count) {
      const Bytes sealed = record_after(written);
      record::append_packed(out.packed, sealed);
      written = {Seq{written.seq.value + 1}, record::peek_mac(sealed)};
    }
    return out;
  }

  template <class T>
  const T* last_to_terminal() const {
    for (auto at = to_terminals.rbegin(); at != to_terminals.rend(); ++at) {
      if (const T* message = std::get_if<T>(&at->second)) {
        return message;
      }
    }
    return nullptr;
  }
};

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
  while (waiting) {
    sync();
  }
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
  hello(kFirst);
  hear(kFirst, batch(1));
  written.mac[0] ^= 1U;
  hear(kFirst, batch(1));
  CHECK(last_to_terminal<link::RecordRefusal>()->reason == link::RefusalReason::kBadChain);
  LONGLONGS_EQUAL(1, gateway->counters().records_refused);
}

TEST(GatewayNode, WrongPredecessor_DoesNotHoldUpWhatIsHere) {
  hello(kFirst);
  const link::RecordBatch good = batch(2);
  hear(kFirst, good);
  while (waiting) {
    sync();
  }
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
  while (waiting) {
    sync();
  }
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
  while (waiting) {
    sync();
  }
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
  while (waiting) {
    sync();
  }
  LONGLONGS_EQUAL(43, last_to_terminal<link::Received>()->positions.at(0).position.seq.value);
}

TEST(GatewayNode, SecondConnectionOfALiveTerminal_IsRefused) {
  hello(kFirst);
  hello(kSecond);
  CHECK(last_to_terminal<link::Ping>() != nullptr);
  CHECK_TRUE(closed.empty());
  hear(kFirst, link::Pong{2});
  CHECK(closed.at(0).connection == kSecond);
  CHECK(closed.at(0).reason == link::CloseReason::kIdentityInUse);
  LONGLONGS_EQUAL(1, gateway->terminals().at(0).connections_refused);
}

TEST(GatewayNode, SecondConnectionAfterAPowerCut_TakesOverFromTheShadow) {
  hello(kFirst);
  hello(kSecond);
  boot_ms += 2'000;
  take(gateway->tick(now()));
  CHECK(closed.at(0).connection == kFirst);
  CHECK(to_terminals.back().first == kSecond);
  CHECK(std::holds_alternative<link::Welcome>(to_terminals.back().second));
}

TEST(GatewayNode, ThirdConnectionDuringAContest_IsRefused) {
  hello(kFirst);
  hello(kSecond);
  hello(ConnectionId{3});
  CHECK(closed.at(0).connection == ConnectionId{3});
}

TEST(GatewayNode, ChallengerThatLeaves_EndsTheContest) {
  hello(kFirst);
  hello(kSecond);
  take(gateway->on_terminal_closed(kSecond, now()));
  boot_ms += 5'000;
  take(gateway->tick(now()));
  CHECK_TRUE(closed.empty());
  CHECK_TRUE(gateway->terminals().at(0).connected);
}

TEST(GatewayNode, OlderIncarnation_IsRetired) {
  hello(kFirst, 2);
  take(gateway->on_terminal_closed(kFirst, now()));
  hello(kSecond, 1);
  CHECK(closed.at(0).reason == link::CloseReason::kIncarnationRetired);
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

TEST(GatewayNode, SyncedRecords_AreForwardedVerbatimAndOnce) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch sent = batch(2);
  hear(kFirst, sent);
  while (waiting) {
    sync();
  }
  LONGS_EQUAL(1, reads.size());
  take(gateway->on_stream_read(kStream, Seq{1}, 2, sent.packed, now()));
  CHECK(std::get<link::RecordBatch>(to_oa.back()).packed == sent.packed);
  LONGS_EQUAL(1, reads.size());
  LONGLONGS_EQUAL(2, gateway->uplink().queue_records);
  take(gateway->on_uplink_message(link::Received{{{kStream, written}}, false}, now()));
  LONGLONGS_EQUAL(0, gateway->uplink().queue_records);
}

TEST(GatewayNode, OaAsksForARewind_SendsAgain) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch sent = batch(2);
  hear(kFirst, sent);
  while (waiting) {
    sync();
  }
  take(gateway->on_stream_read(kStream, Seq{1}, 2, sent.packed, now()));
  take(gateway->on_uplink_message(link::Received{{{kStream, {}}}, true}, now()));
  LONGLONGS_EQUAL(1, reads.back().first.value);
  LONGS_EQUAL(2, reads.size());
}

TEST(GatewayNode, OaDoesNotKnowTheEnrolmentYet_SendsAgainAfterAPause) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch sent = batch(2);
  hear(kFirst, sent);
  while (waiting) {
    sync();
  }
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

TEST(GatewayNode, OaRefusesARecord_BlocksTheStreamAndTellsItsTerminal) {
  oa_up();
  hello(kFirst);
  hear(kFirst, batch(1));
  while (waiting) {
    sync();
  }
  take(gateway->on_uplink_message(
      link::RecordRefusal{kStream, Seq{1}, link::RefusalReason::kBadMac, {}}, now()));
  CHECK(last_to_terminal<link::RecordRefusal>()->reason == link::RefusalReason::kBadMac);
  boot_ms += 60'000;
  take(gateway->tick(now()));
  CHECK_TRUE(gateway->terminals().at(0).stream_blocked);
}

TEST(GatewayNode, BranchAtTheOa_IsToldAndHoldsUpNothing) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch sent = batch(2);
  hear(kFirst, sent);
  while (waiting) {
    sync();
  }
  const StreamPosition head{Seq{9}, Mac{9}};
  take(gateway->on_uplink_message(
      link::RecordRefusal{kStream, Seq{1}, link::RefusalReason::kBranch, head}, now()));
  CHECK_TRUE(last_to_terminal<link::RecordRefusal>()->continue_from == head);
  CHECK_FALSE(gateway->terminals().at(0).stream_blocked);
  LONGLONGS_EQUAL(0, gateway->counters().records_refused);
}

TEST(GatewayNode, OaRestored_RewindsAndBelievesTheLowerApplied) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch sent = batch(2);
  hear(kFirst, sent);
  while (waiting) {
    sync();
  }
  take(gateway->on_stream_read(kStream, Seq{1}, 2, sent.packed, now()));
  take(gateway->on_uplink_message(link::Received{{{kStream, written}}, false}, now()));
  take(gateway->on_uplink_message(link::Applied{{{kStream, written, Mac{4}}}}, now()));
  while (waiting) {
    sync();
  }
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

TEST(GatewayNode, NewLedgerGeneration_SendsAgainAndSaysSoOnlyWhenAllIsThere) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch sent = batch(2);
  hear(kFirst, sent);
  while (waiting) {
    sync();
  }
  const StreamPosition second = written;
  take(gateway->on_stream_read(kStream, Seq{1}, 2, sent.packed, now()));
  take(gateway->on_uplink_message(link::Received{{{kStream, second}}, false}, now()));
  take(gateway->on_uplink_down(now()));
  to_oa.clear();
  oa_up(77);
  LONGLONGS_EQUAL(1, std::get<link::Hello>(to_oa.front()).ledger_stamp);
  LONGLONGS_EQUAL(1, reads.back().first.value);  // What the lost ledger acknowledged is nothing.
  take(gateway->on_uplink_message(link::Received{{{kStream, {}}}, true}, now()));
  take(gateway->on_stream_read(kStream, Seq{1}, 2, sent.packed, now()));
  take(gateway->tick(now()));
  while (waiting) {
    sync();
  }
  CHECK_TRUE(std::holds_alternative<link::RecordBatch>(to_oa.back()));
  // New records do not move the goal.
  hear(kFirst, batch(1));
  while (waiting) {
    sync();
  }
  take(gateway->on_uplink_message(link::Received{{{kStream, second}}, false}, now()));
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

TEST(GatewayNode, NewLedgerGenerationAndNothingToSend_SaysSoAtOnce) {
  oa_up(77);
  take(gateway->tick(now()));
  while (waiting) {
    sync();
  }
  LONGLONGS_EQUAL(77, std::get<link::Refilled>(to_oa.back()).ledger_stamp);
}

TEST(GatewayNode, OaAheadOfAGatewayThatLostItsDisk_NothingIsSent) {
  oa_up();
  hello(kFirst);
  take(gateway->on_uplink_message(link::Received{{{kStream, {Seq{50}, Mac{5}}}}, true}, now()));
  hear(kFirst, batch(2));
  while (waiting) {
    sync();
  }
  LONGLONGS_EQUAL(2, gateway->uplink().queue_records);
  LONGLONGS_EQUAL(1, reads.back().first.value);
}

TEST(GatewayNode, Applied_ReachesTheTerminalNowOrWithItsNextWelcome) {
  oa_up();
  hello(kFirst);
  hear(kFirst, batch(1));
  while (waiting) {
    sync();
  }
  take(gateway->on_uplink_message(link::Applied{{{kStream, written, Mac{4}}}}, now()));
  CHECK(last_to_terminal<link::Applied>()->statements.at(0).statement_mac == Mac{4});
  take(gateway->on_terminal_closed(kFirst, now()));
  to_terminals.clear();
  hello(kSecond);
  CHECK(last_to_terminal<link::Applied>() != nullptr);
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

TEST(GatewayNode, RecordsBesideTheStream_PassToTheOaAndTakeNoPlace) {
  hello(kFirst);
  hear(kFirst, batch(2));
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
  LONGS_EQUAL(1, batches());
  const StreamPosition at{Seq{2}, Mac{9}};
  take(gateway->on_uplink_message(link::Received{{{kStream, at}}, false, true}, now()));
  CHECK_TRUE(last_to_terminal<link::Received>()->beside);
  CHECK_TRUE(last_to_terminal<link::Received>()->positions.at(0).position == at);
  LONGLONGS_EQUAL(0, closed.size());
}

TEST(GatewayNode, RecordOfAnotherTerminalBesideTheStream_EndsTheConnection) {
  oa_up();
  hello(kFirst);
  link::RecordBatch beside;
  beside.beside = true;
  beside.count = 1;
  record::append_packed(beside.packed, record_after({}, 102));
  hear(kFirst, beside);
  CHECK_TRUE(closed.at(0).reason == link::CloseReason::kRecordRefused);
}

TEST(GatewayNode, TimeLearntFromTheOa_IsTold) {
  hello(kFirst);
  CHECK_TRUE(last_to_terminal<link::Welcome>()->anchor.quality == ClockQuality::kUnknown);
  oa_up();
  CHECK_TRUE(last_to_terminal<link::TimeAnchor>()->quality == ClockQuality::kAnchored);
}
