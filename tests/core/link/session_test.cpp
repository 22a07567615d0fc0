#include "core/link/session.hpp"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace tally;
using link::CloseReason;

namespace {

constexpr BootTime kStart{1'000};
constexpr std::uint64_t kNonce = 77;
const link::PeerIdentity kTerminal{Role::kTerminal, 101, Incarnation{1}};
const link::PeerIdentity kGateway{Role::kGateway, 11, Incarnation{1}};

link::Hello hello(std::uint64_t nonce = kNonce) {
  link::Hello hello;
  hello.nonce = nonce;
  hello.node = 101;
  hello.incarnation = Incarnation{1};
  hello.boot = BootId{5};
  return hello;
}

}  // namespace

TEST_GROUP(LinkSession) {
  link::Session server{link::Side::kServer, kTerminal, {}, kNonce, kStart};
  link::Session client{link::Side::kClient, kGateway, {}, 0, kStart};
  codec::EnvelopeCodec codec;
  std::vector<link::Message> heard;

  Bytes frame(const link::Message& message) {
    return link::make_frame(codec.encode(message));
  }

  CloseReason server_refuses(const link::Message& message) {
    const auto failure = server.receive(frame(message), kStart, heard);
    CHECK_TRUE(failure.has_value());
    return failure->reason;
  }

  void open_both() {
    CHECK_FALSE(client.receive(server.start(), kStart, heard).has_value());
    CHECK_FALSE(
        server.receive(client.send(hello(client.nonce()), kStart), kStart, heard).has_value());
    CHECK_FALSE(client.receive(server.send(link::Welcome{}, kStart), kStart, heard).has_value());
    CHECK_TRUE(server.open());
    CHECK_TRUE(client.open());
    heard.clear();
  }
};

TEST(LinkSession, ChallengeHelloWelcome_OpensBothSides) {
  open_both();
  CHECK_FALSE(server.receive(client.send(link::RecordBatch{1, {0, 1, 7}}, kStart), kStart, heard)
                  .has_value());
  LONGS_EQUAL(1, heard.size());
}

TEST(LinkSession, BytesInAnyPieces_GiveTheSameMessages) {
  open_both();
  Bytes bytes = client.send(link::RecordBatch{1, {0, 1, 7}}, kStart);
  const Bytes second =
      client.send(link::Ask{1, {}, Duration{1}, {}, {}, link::Inquire{"1"}}, kStart);
  bytes.insert(bytes.end(), second.begin(), second.end());
  for (const std::uint8_t byte : bytes) {
    CHECK_FALSE(server.receive(ByteView(&byte, 1), kStart, heard).has_value());
  }
  LONGS_EQUAL(2, heard.size());
}

TEST(LinkSession, HelloWithAnotherNonce_IsRefused) {
  CHECK(server_refuses(hello(kNonce + 1)) == CloseReason::kUnexpectedMessage);
}

TEST(LinkSession, HelloOfAnotherNodeThanTheCertificate_IsRefused) {
  link::Hello other = hello();
  other.node = 102;
  CHECK(server_refuses(other) == CloseReason::kIdentityMismatch);
}

TEST(LinkSession, HelloOfAnotherRoleOrIncarnation_IsRefused) {
  link::Hello other = hello();
  other.incarnation = Incarnation{2};
  CHECK(server_refuses(other) == CloseReason::kIdentityMismatch);
}

TEST(LinkSession, HelloWithoutCommonVersion_IsRefused) {
  link::Hello newer = hello();
  newer.version_min = link::kVersionMax + 1;
  newer.version_max = link::kVersionMax + 2;
  CHECK(server_refuses(newer) == CloseReason::kUnsupportedVersion);
}

TEST(LinkSession, NextVersionThatStillSpeaksOurs_IsAccepted) {
  link::Hello newer = hello();
  newer.version_max = link::kVersionMax + 1;
  CHECK_FALSE(server.receive(frame(newer), kStart, heard).has_value());
}

TEST(LinkSession, RecordsBeforeTheHello_AreRefused) {
  CHECK(server_refuses(link::RecordBatch{1, {0, 1, 7}}) == CloseReason::kUnexpectedMessage);
}

TEST(LinkSession, RecordsBeforeTheWelcome_AreRefused) {
  CHECK_FALSE(server.receive(frame(hello()), kStart, heard).has_value());
  CHECK(server_refuses(link::RecordBatch{1, {0, 1, 7}}) == CloseReason::kUnexpectedMessage);
}

TEST(LinkSession, SecondHello_IsRefused) {
  open_both();
  CHECK(server_refuses(hello()) == CloseReason::kUnexpectedMessage);
}

TEST(LinkSession, OversizedFrame_IsRefusedBeforeItsBytesCome) {
  const auto failure = server.receive(*from_hex("00004001"), kStart, heard);
  CHECK(failure->reason == CloseReason::kFrameTooLarge);
}

TEST(LinkSession, OversizedFrameBehindAGoodOne_IsRefused) {
  open_both();
  Bytes bytes = client.send(link::RecordBatch{1, {0, 1, 7}}, kStart);
  bytes.insert(bytes.end(), {0xff, 0xff, 0xff, 0xff});
  CHECK(server.receive(bytes, kStart, heard)->reason == CloseReason::kFrameTooLarge);
}

TEST(LinkSession, EmptyFrame_IsMalformed) {
  CHECK(server.receive(*from_hex("00000000"), kStart, heard)->reason ==
        CloseReason::kFrameMalformed);
}

TEST(LinkSession, GarbageEnvelope_IsMalformed) {
  CHECK(server.receive(*from_hex("00000003ffffff"), kStart, heard)->reason ==
        CloseReason::kFrameMalformed);
}

TEST(LinkSession, UnknownMessageKind_IsNamed) {
  CHECK(server.receive(*from_hex("00000003da0700"), kStart, heard)->reason ==
        CloseReason::kUnknownMessage);
}

TEST(LinkSession, NoHelloWithinTheDeadline_EndsTheSession) {
  CHECK_FALSE(server.tick(kStart + Duration{4'999}).has_value());
  CHECK(server.tick(kStart + Duration{5'000})->reason == CloseReason::kHandshakeTimeout);
}

TEST(LinkSession, Silence_IsAnsweredWithAPingThenWithAnEnd) {
  open_both();
  CHECK_FALSE(server.tick(kStart + Duration{5'000}).has_value());
  const auto replies = server.take_replies();
  LONGS_EQUAL(1, replies.size());
  CHECK_FALSE(client.receive(replies[0], kStart, heard).has_value());
  const auto pong = client.take_replies();
  LONGS_EQUAL(1, pong.size());
  CHECK_FALSE(server.receive(pong[0], kStart + Duration{6'000}, heard).has_value());
  CHECK_FALSE(server.tick(kStart + Duration{20'999}).has_value());
  CHECK(server.tick(kStart + Duration{21'000})->reason == CloseReason::kIdleTimeout);
}

TEST(LinkSession, Close_ReachesThePeerWithReasonAndText) {
  CHECK_FALSE(client
                  .receive(server.close_frame(CloseReason::kOverloaded, "busy", Duration{500}),
                           kStart,
                           heard)
                  .has_value());
  const auto& close = std::get<link::Close>(heard.at(0));
  CHECK(close.reason == CloseReason::kOverloaded);
  STRCMP_EQUAL("busy", close.text.c_str());
}
