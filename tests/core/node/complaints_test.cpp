// What users of other systems complain about, as far as a terminal decides it: each of these must
// not happen here. The words before the colon of a test's name say what happened there.
#include <string>
#include <utility>
#include <vector>

#include "core/member/card_number.hpp"
#include "core/record/packed.hpp"

#include "tests/support/terminal_rig.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using sale::Key;
using sale::Screen;

TEST_GROUP(Complaints) {
  test::TerminalRig rig;

  void setup() override {
    rig.sync_all();
  }

  /// An accrual from the first key to the next customer.
  void sell() {
    rig.keys({Key::k2, Key::k0, Key::kEnter});
    rig.code(*member::make_card_number(1));
    rig.key(Key::kEnter);
    rig.sync_all();
    CHECK(rig.view().screen == Screen::kResult);
    CHECK(rig.view().result == sale::ResultKind::kApproved);
    rig.key(Key::kEnter);
  }

  void link_drops() {
    rig.take(rig.node->on_link_down(node::LinkFault::kUnreachable, rig.now()));
  }

  /// All records sent since the last call, in order.
  std::vector<Bytes> sent_records() {
    rig.answer_reads();
    std::vector<Bytes> records;
    for (const link::Message& message : std::exchange(rig.sent, {})) {
      if (const auto* batch = std::get_if<link::RecordBatch>(&message)) {
        record::PackedReader reader(batch->packed);
        while (const auto sealed = reader.next()) {
          records.emplace_back(sealed->begin(), sealed->end());
        }
      }
    }
    return records;
  }

  StreamPosition position(std::size_t row) const {
    return {rig.journal.rows().at(row).seq, rig.journal.rows().at(row).mac};
  }

  void gateway_received(std::size_t row) {
    link::Received received;
    received.positions = {{{TerminalId{101}, Incarnation{1}}, position(row)}};
    rig.hear(received);
  }
};

TEST(Complaints, No1_QueuedSaleForwardedAgain_GoesUnderTheSameIdByteForByte) {
  sell();
  rig.connect();
  const std::vector<Bytes> first = sent_records();
  LONGS_EQUAL(1, first.size());
  link_drops();
  rig.connect();
  CHECK(sent_records() == first);
}

TEST(Complaints, No2_OneNetworkLoss_LaterOfflineSalesGoOnAndReachTheGateway) {
  rig.connect();
  link_drops();
  sell();
  sell();
  rig.connect();
  LONGS_EQUAL(2, sent_records().size());
  gateway_received(1);
  LONGLONGS_EQUAL(0, rig.view().status.unsynced_records);
}

TEST(Complaints, No3_StartWhileOffline_TheFirstCustomerIsServed) {
  rig.start(2);
  rig.sync_all();
  CHECK(rig.view().screen == Screen::kIdle);
  sell();
  LONGS_EQUAL(1, rig.count<record::Accrual>());
}

TEST(Complaints, No5_ReceiptPrintedThenPowerOff_TheSaleStands) {
  sell();
  LONGS_EQUAL(1, rig.receipts.size());
  rig.start(2);
  rig.sync_all();
  LONGS_EQUAL(1, rig.count<record::Accrual>());
  LONGS_EQUAL(0, rig.count<record::Reversal>());
  rig.connect();
  LONGS_EQUAL(1, sent_records().size());
}

TEST(Complaints, No6_LinkDropsDuringSync_TheRestIsStillUnsentAndGoesLater) {
  sell();
  sell();
  sell();
  rig.connect();
  LONGS_EQUAL(3, sent_records().size());
  gateway_received(0);
  link_drops();
  LONGLONGS_EQUAL(2, rig.view().status.unsynced_records);
  rig.connect(position(0));
  const std::vector<Bytes> rest = sent_records();
  LONGS_EQUAL(2, rest.size());
  CHECK(rest.at(0) == rig.journal.rows().at(1).bytes);
  CHECK(rest.at(1) == rig.journal.rows().at(2).bytes);
}

TEST(Complaints, No11_OfflineSales_NoneIsGivenUpHoweverOftenSendingFails) {
  sell();
  for (int tries = 0; tries < 50; ++tries) {
    rig.connect();
    LONGS_EQUAL(1, sent_records().size());
    link_drops();
    rig.pass(1'000);
  }
  LONGLONGS_EQUAL(1, rig.view().status.unsynced_records);
}

TEST(Complaints, No20_LinkIsBack_WaitingRecordsGoWithoutARestart) {
  sell();
  rig.pass(std::int64_t{5} * 3'600 * 1'000);  // Far longer than others keep what waits.
  rig.connect();
  LONGS_EQUAL(1, sent_records().size());
}

TEST(Complaints, No22_RestartWithSalesWaiting_LosesNone) {
  sell();
  sell();
  for (std::uint64_t boot = 2; boot < 6; ++boot) {
    rig.start(boot);
    rig.sync_all();
  }
  rig.connect();
  LONGS_EQUAL(2, sent_records().size());
}
