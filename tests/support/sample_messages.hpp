// One message of every kind a machine uses, with every field set: the source of
// proto/vectors/envelope.tsv and of the codec's round trips.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/link/messages.hpp"
#include "core/record/record.hpp"

namespace tally::test {

inline constexpr Mac kSampleMac{
    0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f};

inline SaleId sample_sale() {
  return make_sale_id(TerminalId{101}, BootId{0x0102030405060708}, 7);
}

inline std::vector<std::pair<std::string, link::Message>> sample_messages() {
  using namespace link;
  const StreamId stream{TerminalId{101}, Incarnation{1}};
  const StreamPosition position{Seq{42}, kSampleMac};

  Hello hello;
  hello.nonce = 0x1122334455667788;
  hello.version_max = 1;
  hello.node = 101;
  hello.incarnation = Incarnation{1};
  hello.boot = BootId{0x0102030405060708};
  hello.head = position;
  hello.oldest = Seq{3};
  hello.unsynced_records = 5;
  hello.oldest_unsynced_age = Duration{61'000};
  hello.program = ProgramVersion{1};
  hello.deny_list = DenyListVersion{2};
  hello.software = "0.1.0";
  hello.wall = WallTime{1'700'000'000'000'000};
  hello.boot_time = BootTime{12'345};
  hello.epoch = Epoch{4};

  Hello gateway_hello = hello;  // Of version 2.
  gateway_hello.version_max = 2;
  gateway_hello.role = Role::kGateway;
  gateway_hello.directory_version = (std::uint64_t{1} << 40) | 4711;

  Welcome welcome;
  welcome.version = 1;
  welcome.node = 11;
  welcome.store = StoreId{1};
  welcome.received = position;
  welcome.anchor = {WallTime{1'700'000'000'500'000}, 1'000'000, ClockQuality::kAnchored};
  welcome.heartbeat = Duration{5'000};
  welcome.program = ProgramVersion{1};
  welcome.deny_list = DenyListVersion{2};
  welcome.ledger_generation = 1;

  Hello refilled_hello;
  refilled_hello.nonce = 7;
  refilled_hello.role = Role::kGateway;
  refilled_hello.node = 11;
  refilled_hello.incarnation = Incarnation{2};
  refilled_hello.boot = BootId{5};
  refilled_hello.ledger_stamp = 1'764'000'000;
  welcome.uplink_up = true;

  MemberView member;
  member.member = MemberId{5001};
  member.masked_name = "张*";
  member.tier = 2;
  member.available = Points{1204};
  member.pending = Points{10};
  member.held = Points{50};
  member.expiring = Points{300};
  member.expiring_on = BusinessDay{20'088};
  member.as_of = WallTime{1'700'000'000'000'000};

  DirectoryEntry entry;
  entry.member = MemberId{5001};
  entry.token_hash = kSampleMac;
  entry.masked_name = "张*";
  entry.tier = 2;
  entry.balance = Points{1204};
  entry.balance_as_of = WallTime{1'700'000'000'000'000};
  entry.expiring = Points{300};
  entry.expiring_on = BusinessDay{20'088};
  entry.frozen = true;
  entry.denied = true;
  DirectoryEntry erased;
  erased.member = MemberId{5002};
  erased.erased = true;

  ByteArray<32> key{};
  key.fill(0x5a);

  return {
      {"challenge", Challenge{0x1122334455667788}},
      {"hello", hello},
      {"hello-2", gateway_hello},
      {"hello-refilled", refilled_hello},
      {"welcome", welcome},
      {"close", Close{CloseReason::kIdentityInUse, Duration{10'000}, "another live connection"}},
      {"ping", Ping{9}},
      {"pong", Pong{9}},
      {"records", RecordBatch{2, {0x00, 0x03, 0x01, 0x02, 0x03, 0x00, 0x01, 0xff}}},
      {"records-beside", RecordBatch{1, {0x00, 0x01, 0xff}, true}},
      {"received", Received{{{stream, position}}, true}},
      {"received-beside", Received{{{stream, position}}, false, true}},
      {"applied", Applied{{{stream, position, kSampleMac}}}},
      {"archived", Archived{{{stream, position}}}},
      {"refusal", RecordRefusal{stream, Seq{43}, RefusalReason::kBadChain, position}},
      {"refilled", Refilled{1'764'000'000}},
      {"ask-inquire",
       Ask{1, {}, Duration{1'500}, TerminalId{101}, Incarnation{1}, Inquire{"9156000000000017"}}},
      {"ask-authorise",
       Ask{2,
           sample_sale(),
           Duration{3'000},
           TerminalId{101},
           Incarnation{1},
           Authorise{"9156000000000017", Points{100}, {12850, Currency::kCny}, ProgramVersion{1}}}},
      {"ask-release", Ask{3, sample_sale(), Duration{3'000}, {}, {}, Release{RightId{77}}}},
      {"ask-status", Ask{4, sample_sale(), Duration{3'000}, {}, {}, SaleStatus{}}},
      {"answer",
       Answer{2,
              sample_sale(),
              AskOutcome::kOk,
              member,
              GrantedRight{RightKind::kHold, RightId{77}, Epoch{1}, Points{100}, MemberId{5001}}}},
      {"store-state", StoreState{true, 12, Duration{3'000}}},
      {"time-anchor", TimeAnchor{WallTime{1'700'000'000'000'000}, 500, ClockQuality::kHeld}},
      {"directory-chunk", DirectoryChunk{4711, 4700, true, {entry, erased}}},
      {"directory-ack", DirectoryAck{4711}},
      {"directory-key", DirectoryKey{key}},
      {"number-request", NumberRequest{100}},
      {"number-block", NumberBlock{50'000'000'001, 100}},
  };
}

/// One record of every kind, with every field set; ids and MACs are filled in by the test.
inline std::vector<record::Business> sample_facts() {
  using namespace record;
  const RecordId original{TerminalId{101}, Incarnation{1}, BootId{7}, Seq{41}};
  const Money bill{12850, Currency::kCny};
  return {
      Accrual{bill, Points{128}, Bytes(16, 0xaa), {{3, 2, bill}}, Bytes(16, 0xbb)},
      Redemption{bill, Points{100}, {100, Currency::kCny}},
      Void{original, 1},
      Refund{original, {100, {}}, {200, {}}, 2},
      Reversal{original, ReversalReason::kNeverShown},
      Enrolment{"9156000000000017", "张*", Bytes(32, 0xcc), 1},
      Note{5, "clock was set"},
      Gap{Seq{2}, Seq{9}},
      ShiftClose{3, Bytes(64, 0xdd), Points{128}, Points{100}, 2},
  };
}

}  // namespace tally::test
