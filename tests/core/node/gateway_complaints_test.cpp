// What users of other systems complain about, as far as a gateway decides it: each of these must
// not happen here. The words before the colon of a test's name say what happened there.
#include "tests/support/gateway_rig.hpp"

using namespace tally;
using namespace tally::test;
using node::ConnectionId;

namespace {

struct GatewayComplaintsTest : GatewayRig {
  static constexpr StreamId kOther{TerminalId{102}, Incarnation{1}};

  link::RecordBatch one_of_the_other() const {
    link::RecordBatch out;
    record::append_packed(out.packed, record_after({}, kOther.terminal.value));
    out.count = 1;
    return out;
  }
  void link_breaks() { take(gateway->on_uplink_down(now())); }

  /// Reads what the gateway asks for, `rows` being all that the stream has; gives what it sent.
  std::vector<Bytes> forwarded(StreamId stream, const link::RecordBatch& rows) {
    to_oa.clear();
    for (const node::ReadStream& read : std::exchange(reads, {})) {
      if (read.stream == stream) {
        take(gateway->on_stream_read(stream, read.first, rows.count, rows.packed, now()));
      }
    }
    std::vector<Bytes> sent;
    for (const link::Message& message : to_oa) {
      if (const auto* batch = std::get_if<link::RecordBatch>(&message)) {
        sent.push_back(batch->packed);
      }
    }
    return sent;
  }
  bool blocked(TerminalId terminal) const {
    for (const node::TerminalStatus& status : gateway->terminals()) {
      if (status.terminal == terminal) {
        return status.stream_blocked;
      }
    }
    return false;
  }
};

}  // namespace

TEST_GROUP_BASE(GatewayComplaints, GatewayComplaintsTest){};

// "Queue stuck on one bad entry; entries go to a dead letter nobody sees."
TEST(GatewayComplaints, No11_OneBadEntry_TheOtherTillGoesOnAndTheManagerSeesIt) {
  oa_up();
  hello(kFirst);
  hello(kSecond, 1, kOther.terminal.value);
  const link::RecordBatch bad = batch(1);
  hear(kFirst, bad);
  sync_all();
  for (std::uint32_t tries = 0; tries < config.refused_tries_max; ++tries) {
    LONGS_EQUAL(1, forwarded(kStream, bad).size());
    refuse(1, link::RefusalReason::kBadMac);
    boot_ms += config.unknown_key_pause.ms;
    take(gateway->tick(now()));
  }

  const link::RecordBatch good = one_of_the_other();
  hear(kSecond, good);
  sync_all();
  LONGS_EQUAL(1, forwarded(kOther, good).size());
  CHECK_TRUE(blocked(kStream.terminal));
  CHECK_FALSE(blocked(kOther.terminal));
  CHECK(last_to_terminal<link::RecordRefusal>() != nullptr);
}

// "After 5 retries …"
TEST(GatewayComplaints, No11_LineBreaksAgainAndAgain_NothingIsGivenUp) {
  hello(kFirst);
  const link::RecordBatch sold = batch(2);
  hear(kFirst, sold);
  sync_all();
  for (int tries = 0; tries < 50; ++tries) {
    oa_up();
    const std::vector<Bytes> sent = forwarded(kStream, sold);
    LONGS_EQUAL(1, sent.size());
    CHECK(sent.front() == sold.packed);
    link_breaks();
    boot_ms += 60'000;
  }
  LONGLONGS_EQUAL(2, gateway->uplink().queue_records);
  oa_up();
  LONGS_EQUAL(1, forwarded(kStream, sold).size());
  oa_has(written);
  LONGLONGS_EQUAL(0, gateway->uplink().queue_records);
}

// "One bad address blocks the whole queue; the cashier edited storage by hand; a duplicate
// appeared." Nobody has to touch the journal: once the cause is mended the same bytes go again.
TEST(GatewayComplaints, No12_CauseOfARefusalMended_TheSameBytesGoAgainByThemselves) {
  oa_up();
  hello(kFirst);
  const link::RecordBatch refused = batch(1);
  hear(kFirst, refused);
  sync_all();
  LONGS_EQUAL(1, forwarded(kStream, refused).size());
  refuse(1, link::RefusalReason::kBadMac);
  link_breaks();
  oa_up();
  const std::vector<Bytes> again = forwarded(kStream, refused);
  LONGS_EQUAL(1, again.size());
  CHECK(again.front() == refused.packed);
  oa_has(written);
  LONGLONGS_EQUAL(0, gateway->uplink().queue_records);
  CHECK_FALSE(blocked(kStream.terminal));
}

// "Shows connected, sends nothing until restarted."
TEST(GatewayComplaints, No20_LinkIsBackAfterHours_TheQueueGoesWithoutARestart) {
  oa_up();
  hello(kFirst);
  link_breaks();
  const link::RecordBatch sold = batch(1);
  hear(kFirst, sold);
  sync_all();
  boot_ms += std::int64_t{5} * 3'600 * 1'000;
  LONGS_EQUAL(0, forwarded(kStream, sold).size());
  oa_up();
  LONGS_EQUAL(1, forwarded(kStream, sold).size());
}
