// A terminal whose disk was put back, and its gateway: both machines, and an OA that takes a record
// only when what it hangs on is there. Whatever was approved arrives, no place is taken twice.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/member/card_number.hpp"
#include "core/node/gateway_node.hpp"
#include "core/record/packed.hpp"

#include "tests/core/node/small_oa.hpp"
#include "tests/support/terminal_rig.hpp"

using namespace tally;
using node::ConnectionId;
using sale::Key;
using sale::MessageId;

namespace {

constexpr StreamId kStream = test::SmallOa::kStream;
constexpr ConnectionId kConnection{1};

}  // namespace

TEST_GROUP(Branch) {
  test::TerminalRig till;
  node::GatewayConfig config;
  std::unique_ptr<node::GatewayNode> gateway;
  std::vector<std::pair<Seq, Bytes>> stored;  ///< The gateway's disk.
  test::SmallOa oa;

  void setup() override {
    config.gateway = GatewayId{11};
    config.incarnation = Incarnation{1};
    config.boot = BootId{3};
    new_gateway();
    till.sync_all();
    connect();
  }

  void new_gateway() {
    stored.clear();
    gateway = std::make_unique<node::GatewayNode>(config, node::GatewaySnapshot{});
    oa_up();
  }

  void oa_up() {
    link::Welcome welcome;
    welcome.anchor = {till.now().wall, 0, ClockQuality::kAnchored};
    take(gateway->on_uplink_message(link::Challenge{5}, till.now()));
    take(gateway->on_uplink_message(welcome, till.now()));
    take(gateway->on_uplink_message(link::Received{{{kStream, oa.head()}}, true, false},
                                    till.now()));
  }

  void take(node::GatewayActions actions) {
    for (node::GatewayAction& action : actions) {
      if (auto* commit = std::get_if<node::CommitGateway>(&action)) {
        for (const node::RenewedRecord& renewed : commit->commit.renewed) {
          const auto copy = std::find_if(stored.begin(), stored.end(), [&](const auto& row) {
            return row.first == renewed.position.seq;
          });
          copy->second = renewed.sealed;
        }
        for (const node::PackedRecords& pack : commit->commit.append) {
          record::PackedReader reader(pack.packed);
          while (const auto sealed = reader.next()) {
            stored.emplace_back(record::peek_header(*sealed)->id.seq,
                                Bytes(sealed->begin(), sealed->end()));
          }
        }
        take(gateway->on_committed(till.now()));
      } else if (auto* send = std::get_if<node::SendToTerminal>(&action)) {
        till.hear(send->message);
      } else if (auto* up = std::get_if<node::SendToOa>(&action)) {
        take(oa.hear(*gateway, up->message, till.now()));
      } else if (auto* read = std::get_if<node::ReadStream>(&action)) {
        give(*read);
      }
    }
  }

  void give(const node::ReadStream& read) {
    Bytes packed;
    std::uint32_t count = 0;
    for (const auto& [seq, sealed] : stored) {
      if (seq >= read.first && count < read.records_max) {
        record::append_packed(packed, sealed);
        ++count;
      }
    }
    take(gateway->on_stream_read(kStream, read.first, count, std::move(packed), till.now()));
  }

  void connect() {
    take(gateway->on_terminal_closed(kConnection, till.now()));
    till.sent.clear();
    till.hear(link::Challenge{1});
    settle();
  }

  void settle() {
    for (int i = 0; i < 200; ++i) {
      till.answer_reads();
      till.sync_all();
      if (till.sent.empty() && till.reads.empty()) {
        break;
      }
      for (link::Message& message : std::exchange(till.sent, {})) {
        change(message);
        take(gateway->on_terminal_message(kConnection, message, till.now()));
      }
    }
  }

  /// One sale that is approved to the customer.
  void sell() {
    till.keys({Key::k5, Key::kEnter});
    till.code(*member::make_card_number(1));
    till.pass(2'000);  // No answer who it is.
    till.key(Key::kEnter);
    till.sync_all();
    CHECK(till.view().message == MessageId::kApproved);
    till.key(Key::kEnter);
    ++approved;
  }

  /// The disk goes back to `image`; the machine starts from it.
  void restore(const test::MemoryTerminalJournal& image, std::uint64_t boot) {
    till.journal = image;
    till.take(till.node->on_link_down(node::LinkFault::kUnreachable, till.now()));
    till.start(boot);
    till.sync_all();
  }

  void everything_arrived() {
    settle();
    LONGS_EQUAL(approved, oa.accruals());
    LONGLONGS_EQUAL(0, till.view().status.unsynced_records);
    CHECK_TRUE(oa.head() == till.node->synced_head());
  }

  /// Changes a byte of a batch on its way to the gateway, while there are any to change.
  void change(link::Message & message) {
    auto* batch = std::get_if<link::RecordBatch>(&message);
    if (batch != nullptr && changes > 0) {
      --changes;
      batch->packed.at(batch->packed.size() - change_from_end) ^= 1U;
    }
  }

  std::size_t approved = 0;
  int changes = 0;                  ///< Batches still to be changed,
  std::size_t change_from_end = 1;  ///< so far before their end: 1…16 are the last one's MAC.
};

TEST(Branch, BodyChangedOnTheWay_IsFetchedAgain) {
  changes = 1;
  change_from_end = 20;
  sell();
  settle();
  sell();
  everything_arrived();
  CHECK(till.view().message != MessageId::kBranched);
}

TEST(Branch, MacChangedOnTheWay_IsFetchedAgainAndIsNoBranch) {
  changes = 1;
  sell();
  settle();
  sell();
  everything_arrived();
  LONGS_EQUAL(approved, oa.records.size());  // No GAP record.
}

TEST(Branch, MacChangedWithoutUplink_IsFetchedAgainWhenTheOaIsThere) {
  take(gateway->on_uplink_down(till.now()));
  changes = 1;
  sell();
  settle();
  sell();
  sell();
  connect();
  settle();
  oa_up();
  everything_arrived();
  LONGS_EQUAL(approved, oa.records.size());
}

TEST(Branch, EverythingChangedForAWhile_ArrivesInTheEnd) {
  changes = 5;
  sell();
  settle();
  sell();
  everything_arrived();
  LONGS_EQUAL(approved, oa.records.size());
}

TEST(Branch, RestoredDisk_GoesOnBehindWhatWasSent) {
  sell();
  sell();
  settle();
  const auto image = till.journal;
  sell();
  sell();
  sell();
  settle();
  restore(image, 2);
  connect();
  CHECK(till.view().message == MessageId::kBranched);
  till.key(Key::kEnter);
  sell();
  everything_arrived();
  const record::Record gap = till.record(2);
  CHECK(std::get<record::Gap>(gap.business) == (record::Gap{Seq{3}, Seq{6}}));
  LONGLONGS_EQUAL(6, gap.header.id.seq.value);
}

TEST(Branch, RestoredDiskThatSoldOffline_BothBranchesArrive) {
  sell();
  settle();
  const auto image = till.journal;
  sell();
  sell();
  sell();
  settle();
  restore(image, 2);
  sell();
  sell();
  connect();
  till.key(Key::kEnter);
  sell();
  everything_arrived();
}

TEST(Branch, RestoredDiskThatSoldMore_OvertakesAndGoesOnFromItsOwnHead) {
  sell();
  settle();
  const auto image = till.journal;
  sell();
  settle();
  restore(image, 2);
  sell();
  sell();
  sell();
  connect();
  till.key(Key::kEnter);
  sell();
  everything_arrived();
  LONGS_EQUAL(1, till.count<record::Gap>());
}

TEST(Branch, SameLength_GoesOnFromItsOwnHead) {
  sell();
  settle();
  const auto image = till.journal;
  sell();
  settle();
  restore(image, 2);
  sell();
  connect();
  till.key(Key::kEnter);
  sell();
  everything_arrived();
}

TEST(Branch, UplinkCut_TheBranchWaitsAndNothingIsLost) {
  sell();
  settle();
  const auto image = till.journal;
  sell();
  sell();
  settle();
  restore(image, 2);
  sell();
  take(gateway->on_uplink_down(till.now()));
  connect();
  till.key(Key::kEnter);
  sell();
  settle();
  LONGS_EQUAL(3, oa.accruals());
  oa_up();
  everything_arrived();
}

TEST(Branch, SoldWhileTheBranchIsBeingSent_ComesAlong) {
  sell();
  settle();
  const auto image = till.journal;
  sell();
  sell();
  sell();
  settle();
  restore(image, 2);
  sell();
  take(gateway->on_terminal_closed(kConnection, till.now()));
  till.sent.clear();
  till.hear(link::Challenge{1});
  for (const link::Message& message : std::exchange(till.sent, {})) {
    take(gateway->on_terminal_message(kConnection, message, till.now()));
  }
  till.key(Key::kEnter);
  sell();
  everything_arrived();
}

TEST(Branch, NewGateway_TakesWhatTheTerminalHasGapIncluded) {
  sell();
  settle();
  const auto image = till.journal;
  sell();
  sell();
  settle();
  restore(image, 2);
  sell();
  connect();
  till.key(Key::kEnter);
  sell();
  everything_arrived();
  new_gateway();
  connect();
  sell();
  everything_arrived();
}

TEST(Branch, OaHasMoreThanThisDisk_TheNextRecordTakesNoTakenPlace) {
  sell();
  settle();
  const auto image = till.journal;
  sell();
  sell();
  settle();
  restore(image, 2);
  new_gateway();  // It knows nothing: only the OA can tell.
  connect();
  sell();
  settle();
  // What the OA answers to the second record after the first one.
  take(gateway->on_uplink_message(
      link::RecordRefusal{
          kStream, Seq{2}, link::RefusalReason::kBranch, oa.records.rbegin()->first},
      till.now()));
  till.key(Key::kEnter);
  sell();
  everything_arrived();
  LONGS_EQUAL(1, till.count<record::Gap>());
}

TEST(Branch, LostAnswer_IsAskedForAgain) {
  sell();
  settle();
  const auto image = till.journal;
  sell();
  sell();
  settle();
  restore(image, 2);
  sell();
  take(gateway->on_terminal_closed(kConnection, till.now()));
  till.sent.clear();
  till.hear(link::Challenge{1});
  take(gateway->on_terminal_message(kConnection, till.sent.front(), till.now()));
  till.sent.clear();
  till.answer_reads();
  LONGS_EQUAL(1, till.sent.size());  // Lost on its way.
  till.sent.clear();
  till.pass(5'000);
  till.key(Key::kEnter);
  everything_arrived();
}

TEST(Branch, GatewayRewindsWhileTheyDiffer_ItsPlacesAreNotKeptAndNothingIsLost) {
  sell();
  settle();
  const StreamPosition common = till.node->synced_head();
  sell();
  const auto image = till.journal;
  CHECK_TRUE(image.snapshot().received == common);
  for (int i = 0; i < 4; ++i) {
    sell();
  }
  settle();
  const StreamPosition other_head = till.node->synced_head();
  restore(image, 2);
  sell();
  sell();  // Nobody has these two.
  const StreamPosition own_head = till.node->synced_head();

  till.hear(link::Challenge{1});
  link::Welcome welcome;
  welcome.received = other_head;
  till.hear(welcome);
  till.hear(link::Received{{{kStream, common}}, true, false});
  CHECK_TRUE(own_head.seq.value + 1 < other_head.seq.value);
  const StreamPosition beyond{Seq{own_head.seq.value + 1}, Mac{7}};
  till.hear(link::Received{{{kStream, {own_head.seq, Mac{7}}}}, false, false});
  till.hear(link::Received{{{kStream, beyond}}, false, false});
  sell();  // Its commit has what is to be kept.
  CHECK_TRUE(till.journal.snapshot().received == common);

  restore(till.journal, 3);
  connect();
  everything_arrived();
}
