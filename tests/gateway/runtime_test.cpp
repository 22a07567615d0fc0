// The running gateway over real sockets and a real journal: what terminals and the office see.
#include <algorithm>

#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>

#include "tests/gateway/gateway_fixture.hpp"
#include "tests/support/faulty_disk.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::test;
using link::CloseReason;
using tests::RecordChain;

namespace {

constexpr StreamId kStream{TerminalId{101}, Incarnation{1}};

bool received_up_to(const Talker& terminal, std::uint64_t seq) {
  const auto* received = terminal.last<link::Received>();
  return received != nullptr && received->positions.at(0).position.seq.value == seq;
}

}  // namespace

TEST_GROUP(GatewayRuntime) {
  std::unique_ptr<GatewayFixture> fixture = std::make_unique<GatewayFixture>();
  transport::TlsIdentity who = fixture->terminal_identity(101);
  RecordChain chain{kStream};

  void setup() override {
    fixture->start();
  }
  void teardown() override {
    fixture.reset();
  }

  void send(Talker & terminal, std::uint32_t count) {
    terminal.say(GatewayFixture::batch(chain, count));
    CHECK_TRUE(fixture->run([&] { return received_up_to(terminal, chain.head().seq.value); }));
  }
  void closes_with(Talker & terminal, CloseReason reason) {
    CHECK_TRUE(fixture->run([&] { return terminal.closed; }));
    const auto* close = terminal.last<link::Close>();
    CHECK_TRUE(close != nullptr);
    STRCMP_EQUAL(std::string(link::name_of(reason)).c_str(),
                 std::string(link::name_of(close->reason)).c_str());
  }
  double closed_count(const std::string& reason) {
    return fixture->metrics
        .counter("tally_link_closed_total",
                 "Connections that ended, by side and reason.",
                 {{"side", "terminal"}, {"reason", reason}})
        .value();
  }
};

TEST(GatewayRuntime, Records_AreReceivedAndStillThereAfterARestart) {
  Talker& terminal = fixture->terminal(who);
  CHECK_TRUE(terminal.last<link::Welcome>()->received == StreamPosition{});
  send(terminal, 5);
  send(terminal, 3);
  CHECK_TRUE(terminal.last<link::Received>()->positions[0].position == chain.head());
  fixture->gateway.reset();
  fixture->start();
  Talker& again = fixture->terminal(who, chain.head());
  CHECK_TRUE(again.last<link::Welcome>()->received == chain.head());
}

TEST(GatewayRuntime, RecordsAgain_AreAcknowledgedOnce) {
  Talker& terminal = fixture->terminal(who);
  send(terminal, 4);
  RecordChain from_the_start(kStream);
  terminal.say(GatewayFixture::batch(from_the_start, 4));
  CHECK_TRUE(fixture->run([&] { return terminal.count<link::Received>() == 2; }));
  CHECK_TRUE(received_up_to(terminal, 4));
}

TEST(GatewayRuntime, Records_GoUpVerbatimAndAppliedComesDown) {
  Talker& terminal = fixture->terminal(who);
  send(terminal, 3);
  Talker& office = fixture->welcome_gateway();
  CHECK_TRUE(fixture->run([&] { return office.last<link::RecordBatch>() != nullptr; }));
  RecordChain same(kStream);
  CHECK_TRUE(office.last<link::RecordBatch>()->packed == GatewayFixture::batch(same, 3).packed);
  office.say(link::Received{{{kStream, chain.head()}}, false});
  link::AppliedStatement statement{kStream, chain.head(), {}};
  statement.statement_mac.fill(4);
  office.say(link::Applied{{statement}});
  CHECK_TRUE(fixture->run([&] { return terminal.last<link::Applied>() != nullptr; }));
  CHECK_TRUE(terminal.last<link::Applied>()->statements[0].statement_mac ==
             statement.statement_mac);
  const nlohmann::json overview = fixture->overview();
  CHECK_TRUE(overview["uplink"]["state"] == "up");
  LONGLONGS_EQUAL(0, overview["queue"]["records"].get<int>());
}

TEST(GatewayRuntime, OfficeComesBack_QueueDrains) {
  Talker& terminal = fixture->terminal(who);
  Talker& office = fixture->welcome_gateway();
  office.connection->abort();
  fixture->office = nullptr;
  send(terminal, 30);
  send(terminal, 10);
  Talker& again = fixture->welcome_gateway();
  CHECK_TRUE(fixture->run([&] {
    std::size_t records = 0;
    for (const link::Message& message : again.heard) {
      if (const auto* batch = std::get_if<link::RecordBatch>(&message)) {
        records += batch->count;
      }
    }
    return records == 40;
  }));
}

TEST(GatewayRuntime, NarrowUplink_HoldsBackAndLosesNothing) {
  fixture->gateway.reset();
  fixture->uplink_link.send_queue_bytes_max = 5'000;  // One batch of 32 fits, two do not.
  fixture->start();
  Talker& terminal = fixture->terminal(who);
  for (int i = 0; i < 20; ++i) {
    send(terminal, 32);
  }
  Talker& first = fixture->welcome_gateway();
  CHECK_TRUE(fixture->run([&] { return first.count<link::RecordBatch>() >= 3; }));
  first.connection->abort();  // In the middle of it.
  fixture->office = nullptr;
  Talker& office = fixture->welcome_gateway();
  std::uint64_t last = 0;
  CHECK_TRUE(fixture->run([&] {
    last = 0;
    for (const link::Message& message : office.heard) {
      if (const auto* batch = std::get_if<link::RecordBatch>(&message)) {
        record::PackedReader reader(batch->packed);
        while (const auto sealed = reader.next()) {
          CHECK_TRUE(record::peek_header(*sealed)->id.seq.value == last + 1);
          ++last;
        }
      }
    }
    return last == 640;
  }));
}

TEST(GatewayRuntime, Ask_GoesUpAndItsAnswerComesDown) {
  Talker& terminal = fixture->terminal(who);
  Talker& office = fixture->welcome_gateway();
  CHECK_TRUE(fixture->run([&] {
    const auto* state = terminal.last<link::StoreState>();
    return state != nullptr && state->uplink_up;
  }));
  link::Ask ask;
  ask.ask_id = 77;
  ask.sale.bytes.fill(1);
  ask.deadline = Duration{5'000};
  ask.question = link::Inquire{"card"};
  terminal.say(ask);
  CHECK_TRUE(fixture->run([&] { return office.last<link::Ask>() != nullptr; }));
  const link::Ask seen = *office.last<link::Ask>();
  CHECK_TRUE(seen.terminal == TerminalId{101});
  office.say(link::Answer{seen.ask_id, seen.sale, link::AskOutcome::kUnknownCard, {}, {}});
  CHECK_TRUE(fixture->run([&] { return terminal.last<link::Answer>() != nullptr; }));
  LONGLONGS_EQUAL(77, terminal.last<link::Answer>()->ask_id);
}

TEST(GatewayRuntime, AskWithoutOffice_IsUnavailableAtOnce) {
  Talker& terminal = fixture->terminal(who);
  link::Ask ask;
  ask.ask_id = 1;
  ask.sale.bytes.fill(1);
  ask.deadline = Duration{5'000};
  ask.question = link::Inquire{"card"};
  terminal.say(ask);
  CHECK_TRUE(fixture->run([&] { return terminal.last<link::Answer>() != nullptr; }));
  CHECK_TRUE(terminal.last<link::Answer>()->outcome == link::AskOutcome::kUnavailable);
}

TEST(GatewayRuntime, MalformedFrame_EndsThatConnectionOnly) {
  Talker& bad = fixture->terminal(fixture->terminal_identity(102));
  Talker& good = fixture->terminal(who);
  bad.raw({0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff});
  closes_with(bad, CloseReason::kFrameMalformed);
  send(good, 1);
  CHECK_FALSE(good.closed);
  DOUBLES_EQUAL(1, closed_count("frame_malformed"), 0);
  const nlohmann::json refused = fixture->terminals()["refused"];
  CHECK_TRUE(refused.at(0)["code"] == "frame_malformed");
  LONGLONGS_EQUAL(102, refused.at(0)["terminal"].get<int>());
}

TEST(GatewayRuntime, OversizedFrame_IsNamed) {
  Talker& terminal = fixture->terminal(who);
  terminal.raw({0x7f, 0xff, 0xff, 0xff});
  closes_with(terminal, CloseReason::kFrameTooLarge);
}

TEST(GatewayRuntime, MessageOfTheWrongSide_IsNamed) {
  Talker& terminal = fixture->terminal(who);
  terminal.say(link::Applied{});
  closes_with(terminal, CloseReason::kUnexpectedMessage);
}

TEST(GatewayRuntime, ForeignRecord_IsRefused) {
  Talker& terminal = fixture->terminal(who);
  RecordChain foreign({TerminalId{102}, Incarnation{1}});
  terminal.say(GatewayFixture::batch(foreign, 1));
  closes_with(terminal, CloseReason::kRecordRefused);
}

TEST(GatewayRuntime, TerminalOfAnotherStore_IsRefused) {
  Talker& terminal = fixture->connect(fixture->terminal_identity(101, StoreId{8}));
  closes_with(terminal, CloseReason::kIdentityMismatch);
}

TEST(GatewayRuntime, GatewayInPlaceOfATerminal_IsRefused) {
  Talker& other = fixture->connect(fixture->authority.gateway());
  closes_with(other, CloseReason::kIdentityMismatch);
}

TEST(GatewayRuntime, HelloOfAnotherTerminal_IsRefused) {
  Talker& terminal = fixture->connect(who);
  CHECK_TRUE(fixture->run([&] { return terminal.last<link::Challenge>() != nullptr; }));
  link::Hello hello;
  hello.nonce = terminal.last<link::Challenge>()->nonce;
  hello.node = 102;
  hello.incarnation = Incarnation{1};
  hello.boot = BootId{1};
  terminal.say(hello);
  closes_with(terminal, CloseReason::kIdentityMismatch);
}

TEST(GatewayRuntime, CertificateOfAnotherRoot_IsRefusedAndListed) {
  TestAuthority stranger;
  transport::TlsIdentity forged = stranger.terminal();
  forged.root_pem = fixture->identity.root_pem;
  Talker& terminal = fixture->connect(forged);
  CHECK_TRUE(fixture->run([&] { return terminal.closed; }));
  CHECK_TRUE(terminal.last<link::Challenge>() == nullptr);
  nlohmann::json refused;
  CHECK_TRUE(fixture->run([&] {
    refused = fixture->terminals()["refused"];
    return !refused.empty();
  }));
  CHECK_TRUE(refused.at(0)["code"] == "certificate_refused");
}

TEST(GatewayRuntime, NotTls_IsRefusedAndListed) {
  asio::ip::tcp::socket socket(fixture->loop);
  socket.connect({asio::ip::make_address("127.0.0.1"), fixture->gateway->link_port()});
  asio::write(socket, asio::buffer(std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n")));
  nlohmann::json refused;
  CHECK_TRUE(fixture->run([&] {
    refused = fixture->terminals()["refused"];
    return !refused.empty();
  }));
  CHECK_TRUE(refused.at(0)["code"] == "not_tls");
}

TEST(GatewayRuntime, TwoTerminalsWithOneIdentity_TheSecondIsRefused) {
  Talker& first = fixture->terminal(who);
  Talker& second = fixture->terminal(who);
  closes_with(second, CloseReason::kIdentityInUse);
  send(first, 1);
  const nlohmann::json refused = fixture->terminals()["refused"];
  CHECK_TRUE(refused.at(0)["code"] == "identity_in_use");
}

TEST(GatewayRuntime, OlderEnrolment_IsRefused) {
  fixture->terminal(fixture->terminal_identity(101, GatewayFixture::kStore, Incarnation{2}));
  Talker& old = fixture->terminal(who);
  closes_with(old, CloseReason::kIncarnationRetired);
}

TEST(GatewayRuntime, DiskFull_TerminalsAreToldAndThePageSaysSo) {
  fixture->gateway.reset();
  tests::TemporaryDirectory other;
  tests::FaultyDisk disk(other.path());
  fixture->data_dir = other.path();
  fixture->start();
  Talker& terminal = fixture->terminal(who);
  send(terminal, 1);
  disk.fail_at(disk.operations(), tests::DiskFault::kFull, true);
  terminal.say(GatewayFixture::batch(chain, 1));
  closes_with(terminal, CloseReason::kStorageFailed);
  CHECK_TRUE(fixture->overview()["disk"]["state"] == "failed");
  Talker& again = fixture->terminal(who);
  closes_with(again, CloseReason::kStorageFailed);
  fixture->gateway.reset();
}

TEST(GatewayRuntime, Stop_SaysGoodbyeToTerminals) {
  Talker& terminal = fixture->terminal(who);
  fixture->gateway->stop();
  closes_with(terminal, CloseReason::kShutdown);
}

TEST(GatewayRuntime, View_ShowsTerminalsAndQueue) {
  Talker& terminal = fixture->terminal(who);
  send(terminal, 7);
  const nlohmann::json overview = fixture->overview();
  LONGLONGS_EQUAL(7, overview["queue"]["records"].get<int>());
  LONGLONGS_EQUAL(1, overview["terminals"]["connected"].get<int>());
  LONGLONGS_EQUAL(11, overview["gateway"]["id"].get<int>());
  LONGLONGS_EQUAL(7, overview["store"]["id"].get<int>());
  CHECK_TRUE(overview["disk"]["state"] == "ok" || overview["disk"]["state"] == "low");
  const nlohmann::json shown = fixture->terminals()["terminals"].at(0);
  LONGLONGS_EQUAL(101, shown["id"].get<int>());
  CHECK_TRUE(shown["connected"].get<bool>());
  CHECK_TRUE(shown["received_seq"] == "7");
  CHECK_TRUE(shown["applied_seq"] == "0");
}
