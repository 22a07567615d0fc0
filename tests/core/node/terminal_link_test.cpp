// What a terminal sends to its gateway and believes of it: records, acknowledgements, rows it
// cannot read any more.
#include <vector>

#include "core/crypto/record_key.hpp"
#include "core/record/packed.hpp"

#include "tests/core/node/terminal_node_rig.hpp"

using namespace tally;
using sale::Key;
using sale::MessageId;
using sale::Screen;

TEST_GROUP_BASE(TerminalLink, test::TerminalNodeRig){};

TEST(TerminalLink, Sending_FollowsTheWelcomeAndTheAcknowledgements) {
  bill_and_card();
  rig.key(Key::kEnter);
  rig.sync_all();
  rig.connect();
  rig.answer_reads();
  const auto& batch = std::get<link::RecordBatch>(rig.sent.back());
  LONGS_EQUAL(1, batch.count);
  record::PackedReader reader(batch.packed);
  const ByteView sealed = *reader.next();
  CHECK(Bytes(sealed.begin(), sealed.end()) == rig.journal.rows().at(0).bytes);
  LONGLONGS_EQUAL(1, rig.view().status.unsynced_records);
  const StreamId stream{TerminalId{101}, Incarnation{1}};
  rig.hear(link::Received{{{stream, {Seq{1}, rig.journal.rows()[0].mac}}}, false});
  LONGLONGS_EQUAL(0, rig.view().status.unsynced_records);
}

TEST(TerminalLink, Rewind_SendsAgain) {
  bill_and_card();
  rig.key(Key::kEnter);
  rig.sync_all();
  rig.connect();
  rig.answer_reads();
  const StreamId stream{TerminalId{101}, Incarnation{1}};
  rig.hear(link::Received{{{stream, {}}}, true});
  rig.sent.clear();
  rig.answer_reads();
  LONGS_EQUAL(1, std::get<link::RecordBatch>(rig.sent.back()).count);
}

TEST(TerminalLink, Applied_OnlyWithGenuineMacAndOwnChain) {
  bill_and_card();
  rig.key(Key::kEnter);
  rig.sync_all();
  rig.connect();
  const StreamId stream{TerminalId{101}, Incarnation{1}};
  const StreamPosition position{Seq{1}, rig.journal.rows()[0].mac};
  rig.hear(link::Applied{{{stream, position, Mac{1}}}});
  CHECK_FALSE(rig.node->applied().seq);
  const StreamPosition other{Seq{1}, Mac{9}};
  rig.hear(link::Applied{
      {{stream,
        other,
        crypto::make_applied_statement_mac(test::kRecordKey, stream, other.seq, other.mac)}}});
  CHECK_FALSE(rig.node->applied().seq);
  rig.hear(link::Applied{{{stream,
                           position,
                           crypto::make_applied_statement_mac(
                               test::kRecordKey, stream, position.seq, position.mac)}}});
  CHECK(rig.node->applied() == position);
}

TEST(TerminalLink, AppliedByALyingGateway_EveryFlippedByteIsIgnored) {
  bill_and_card();
  rig.key(Key::kEnter);
  rig.sync_all();
  rig.connect();
  const StreamId stream{TerminalId{101}, Incarnation{1}};
  const StreamPosition position{Seq{1}, rig.journal.rows()[0].mac};
  const link::AppliedStatement genuine{
      stream,
      position,
      crypto::make_applied_statement_mac(test::kRecordKey, stream, position.seq, position.mac)};
  for (std::size_t i = 0; i < genuine.statement_mac.size(); ++i) {
    link::AppliedStatement lie = genuine;
    lie.statement_mac[i] ^= 0x10;
    rig.hear(link::Applied{{lie}});
    lie = genuine;
    lie.position.mac[i] ^= 0x10;
    rig.hear(link::Applied{{lie}});
  }
  // Said of another enrolment, or of a place that does not exist yet.
  link::AppliedStatement lie = genuine;
  lie.stream.incarnation = Incarnation{2};
  rig.hear(link::Applied{{lie}});
  lie = genuine;
  lie.position.seq = Seq{2};
  rig.hear(link::Applied{{lie}});
  CHECK_FALSE(rig.node->applied().seq);
  // Withheld is not lost: the next one that is true is believed.
  rig.hear(link::Applied{{genuine}});
  CHECK(rig.node->applied() == position);
}

TEST(TerminalLink, IdentityInUse_IsToldOnce) {
  rig.connect();
  rig.hear(link::Close{link::CloseReason::kIdentityInUse, {}, ""});
  CHECK(rig.view().message == MessageId::kIdentityInUse);
  rig.key(Key::kEnter);
  rig.hear(link::Close{link::CloseReason::kIdentityInUse, {}, ""});
  CHECK(rig.view().screen == Screen::kIdle);
}

TEST(TerminalLink, UnreadableRows_AGapTakesTheirPlaceAndTheRestIsSent) {
  for (int i = 0; i < 5; ++i) {
    bill_and_card();
    rig.key(Key::kEnter);
    rig.sync_all();
    rig.key(Key::kEnter);
  }
  const Mac before = rig.journal.rows().at(1).mac;
  rig.journal.damage(Seq{3}, Seq{4});
  rig.connect();
  rig.answer_reads();
  CHECK(rig.view().message == MessageId::kRecordsUnreadable);
  STRCMP_EQUAL("2", rig.view().message_argument.c_str());
  rig.sync_all();
  rig.answer_reads();
  LONGS_EQUAL(4, rig.journal.rows().size());
  const record::Record gap = rig.record(2);
  CHECK(std::get<record::Gap>(gap.business) == (record::Gap{Seq{3}, Seq{4}}));
  CHECK(gap.header.prev_mac == before);
  LONGLONGS_EQUAL(4, gap.header.id.seq.value);
  CHECK(gap.header.id.boot != rig.record(0).header.id.boot);
  std::vector<std::uint64_t> seqs;
  for (const link::Message& message : rig.sent) {
    if (const auto* batch = std::get_if<link::RecordBatch>(&message)) {
      record::PackedReader reader(batch->packed);
      while (const auto sealed = reader.next()) {
        seqs.push_back(record::peek_header(*sealed)->id.seq.value);
      }
    }
  }
  CHECK(seqs == (std::vector<std::uint64_t>{1, 2, 4, 5}));
}

TEST(TerminalLink, UnreadableHead_TheNextRecordHangsOnTheGap) {
  bill_and_card();
  rig.key(Key::kEnter);
  rig.sync_all();
  rig.key(Key::kEnter);
  rig.journal.damage(Seq{1}, Seq{1});
  rig.connect();
  rig.answer_reads();
  rig.sync_all();
  rig.key(Key::kEnter);
  const record::Record gap = rig.record(0);
  CHECK(gap.header.prev_mac == Mac{});
  CHECK(rig.node->synced_head().mac == rig.journal.rows().at(0).mac);
  bill_and_card();
  rig.hear(link::Answer{rig.ask().ask_id, {}, link::AskOutcome::kOk, member_with(1), {}});
  rig.key(Key::kEnter);
  rig.sync_all();
  CHECK(rig.record(1).header.prev_mac == rig.journal.rows().at(0).mac);
}
