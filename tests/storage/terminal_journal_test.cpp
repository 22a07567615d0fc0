#include "storage/terminal_journal.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "core/node/record_writer.hpp"

#include "tests/storage/terminal_journal_rig.hpp"

using namespace tally;
using namespace tally::storage;
using namespace tally::tests;
using node::JournalRow;
using node::TerminalCommit;
using node::TerminalSnapshot;

namespace {

SaleId sale(std::uint8_t n) {
  SaleId id;
  id.bytes.fill(n);
  return id;
}

}  // namespace

TEST_GROUP_BASE(TerminalJournal, TerminalJournalRig){};

TEST(TerminalJournal, Open_New_IsEmpty) {
  TerminalJournal journal = open();
  const TerminalSnapshot snapshot = *journal.snapshot();
  CHECK_TRUE(snapshot.head == StreamPosition{});
  CHECK_TRUE(snapshot.received == StreamPosition{});
  CHECK_FALSE(static_cast<bool>(snapshot.oldest));
  CHECK_TRUE(snapshot.unshown.empty());
  CHECK_TRUE(journal.read(Seq{1}, 10, 10000)->empty());
}

TEST(TerminalJournal, Open_OtherTerminalsCard_IsConflict) {
  { open_with(2); }
  const auto other = TerminalJournal::open(path, TerminalId{12}, kIncarnation);
  CHECK_TRUE(other.error().code == Errc::kConflict);
  const auto reborn = TerminalJournal::open(path, kTerminal, Incarnation{3});
  CHECK_TRUE(reborn.error().code == Errc::kConflict);
  CHECK_TRUE(open().snapshot()->head == chain.head());
}

TEST(TerminalJournal, Commit_EverythingAtOnce_ComesBackAfterReopen) {
  Mac gateway_mac{};
  gateway_mac.fill(9);
  {
    TerminalJournal journal = open_with(3);
    TerminalCommit commit = appending({chain.next_row(), chain.next_row()});
    commit.shown = {Seq{4}};
    commit.open_sales = {sale(1), sale(2)};
    commit.received = StreamPosition{Seq{2}, gateway_mac};
    commit.applied = StreamPosition{Seq{1}, (*journal.read(Seq{1}, 1, 0)).front().mac};
    commit.time_floor = WallTime{77};
    CHECK_TRUE(journal.commit(commit).has_value());
    TerminalCommit close;
    close.closed_sales = {sale(1)};
    CHECK_TRUE(journal.commit(close).has_value());
  }
  TerminalJournal journal = open();
  const TerminalSnapshot snapshot = *journal.snapshot();
  CHECK_TRUE(snapshot.head == chain.head());
  CHECK_TRUE(snapshot.received == (StreamPosition{Seq{2}, gateway_mac}));
  LONGLONGS_EQUAL(1, snapshot.applied.seq.value);
  LONGLONGS_EQUAL(1, snapshot.oldest.value);
  LONGLONGS_EQUAL(3000, snapshot.oldest_unreceived_at.us);
  LONGLONGS_EQUAL(1, snapshot.unshown.size());
  LONGLONGS_EQUAL(5, snapshot.unshown[0].seq.value);
  LONGLONGS_EQUAL(1, snapshot.open_sales.size());
  CHECK_TRUE(snapshot.open_sales[0] == sale(2));
  LONGLONGS_EQUAL(77, snapshot.time_floor.us);
  const auto rows = *journal.read(Seq{1}, 10, 10000);
  LONGLONGS_EQUAL(5, rows.size());
  RecordChain again{{kTerminal, kIncarnation}};
  for (const JournalRow& row : rows) {
    const JournalRow made = again.next_row();
    CHECK_TRUE(row.bytes == made.bytes);
    CHECK_TRUE(row.mac == made.mac);
    CHECK_TRUE(row.made_at == made.made_at);
    CHECK_TRUE(row.shown == (row.seq != Seq{5}));
  }
}

TEST(TerminalJournal, Commit_Empty_WritesNothing) {
  TerminalJournal journal = open();
  CHECK_TRUE(journal.commit({}).has_value());
}

TEST(TerminalJournal, Append_WithGap_IsRefused) {
  TerminalJournal journal = open_with(2);
  chain.next_row();
  refused(journal, appending({chain.next_row()}), Errc::kInvalid, 4);
}

TEST(TerminalJournal, Append_GapInsideCommit_IsRefusedAsAWhole) {
  TerminalJournal journal = open_with(1);
  JournalRow second = chain.next_row();
  chain.next_row();
  refused(journal, appending({second, chain.next_row()}), Errc::kInvalid, 4);
  CHECK_TRUE(journal.commit(appending({second})).has_value());
}

TEST(TerminalJournal, Append_SameSeqAgain_IsRefused) {
  TerminalJournal journal = open();
  const JournalRow first = chain.next_row();
  CHECK_TRUE(journal.commit(appending({first})).has_value());
  refused(journal, appending({first}), Errc::kInvalid, 1);
}

TEST(TerminalJournal, Append_FirstIsNotOne_IsRefused) {
  TerminalJournal journal = open();
  chain.next_row();
  refused(journal, appending({chain.next_row()}), Errc::kInvalid, 2);
}

TEST(TerminalJournal, Append_BrokenChain_IsRefused) {
  TerminalJournal journal = open_with(2);
  StreamPosition lie = chain.head();
  lie.mac[0] ^= 1;
  RecordChain other({kTerminal, kIncarnation}, lie);
  refused(journal, appending({other.next_row()}), Errc::kInvalid, 3);
}

TEST(TerminalJournal, Append_AnotherStreamsRecord_IsRefused) {
  TerminalJournal journal = open();
  RecordChain other({TerminalId{99}, kIncarnation});
  refused(journal, appending({other.next_row()}), Errc::kInvalid, 1);
  RecordChain reborn({kTerminal, Incarnation{3}});
  refused(journal, appending({reborn.next_row()}), Errc::kInvalid, 1);
}

TEST(TerminalJournal, Append_RowSaysOtherThanRecord_IsRefused) {
  TerminalJournal journal = open();
  JournalRow row = chain.next_row();
  row.mac[3] ^= 1;
  refused(journal, appending({row}), Errc::kInvalid, 1);
  row.mac[3] ^= 1;
  row.seq = Seq{2};
  refused(journal, appending({row}), Errc::kInvalid, 2);
  row.seq = Seq{1};
  row.bytes.resize(40);
  refused(journal, appending({row}), Errc::kInvalid, 1);
  row.bytes.assign(400, 0);
  refused(journal, appending({row}), Errc::kInvalid, 1);
}

TEST(TerminalJournal, Shown_UnknownRow_IsRefused) {
  TerminalJournal journal = open_with(2);
  TerminalCommit commit = appending({chain.next_row()});
  commit.shown = {Seq{3}, Seq{4}};
  refused(journal, commit, Errc::kInvalid, 4);
}

TEST(TerminalJournal, Shown_Twice_IsAccepted) {
  TerminalJournal journal = open_with(2);
  TerminalCommit commit;
  commit.shown = {Seq{2}, Seq{2}};
  CHECK_TRUE(journal.commit(commit).has_value());
}

TEST(TerminalJournal, Positions_BeyondHead_AreRefused) {
  TerminalJournal journal = open_with(2);
  TerminalCommit commit;
  commit.received = StreamPosition{Seq{3}, {}};
  refused(journal, commit, Errc::kInvalid, 3);
  commit.received.reset();
  commit.applied = StreamPosition{Seq{3}, {}};
  refused(journal, commit, Errc::kInvalid, 3);
}

TEST(TerminalJournal, Applied_WithAnotherMac_IsRefused) {
  TerminalJournal journal = open_with(2);
  TerminalCommit commit;
  commit.applied = chain.head();
  commit.applied->mac[0] ^= 1;
  refused(journal, commit, Errc::kInvalid, 2);
}

TEST(TerminalJournal, Positions_Backwards_AreKept) {
  TerminalJournal journal = open_with(5);
  TerminalCommit commit;
  commit.received = StreamPosition{Seq{5}, chain.head().mac};
  commit.applied = chain.head();
  CHECK_TRUE(journal.commit(commit).has_value());
  commit.received = StreamPosition{Seq{1}, {}};
  commit.applied = StreamPosition{};
  CHECK_TRUE(journal.commit(commit).has_value());
  const TerminalSnapshot snapshot = *journal.snapshot();
  LONGLONGS_EQUAL(1, snapshot.received.seq.value);
  LONGLONGS_EQUAL(0, snapshot.applied.seq.value);
  LONGLONGS_EQUAL(2000, snapshot.oldest_unreceived_at.us);
}

TEST(TerminalJournal, OpenSale_Twice_IsDuplicate) {
  TerminalJournal journal = open();
  TerminalCommit commit;
  commit.open_sales = {sale(1)};
  CHECK_TRUE(journal.commit(commit).has_value());
  CHECK_TRUE(journal.commit(commit).error().code == Errc::kDuplicate);
  CHECK_FALSE(journal.poisoned());
}

TEST(TerminalJournal, ClosedSale_NeverOpened_IsAccepted) {
  TerminalJournal journal = open();
  TerminalCommit commit;
  commit.closed_sales = {sale(1)};
  CHECK_TRUE(journal.commit(commit).has_value());
}

TEST(TerminalJournal, Cancelled_ComesBackAfterReopen_TheNewestWord) {
  const RecordId own{kTerminal, kIncarnation, BootId{~std::uint64_t{0}}, Seq{1}};
  const RecordId other{TerminalId{12}, Incarnation{1}, BootId{7}, Seq{9}};
  {
    TerminalJournal journal = open_with(2);
    TerminalCommit commit;
    commit.cancelled = {{own, node::CancelledBy::kRefund, false, 300},
                        {other, node::CancelledBy::kVoid, true, 0}};
    CHECK_TRUE(journal.commit(commit).has_value());
    commit.cancelled = {{own, node::CancelledBy::kRefund, true, 1'000}};
    CHECK_TRUE(journal.commit(commit).has_value());
  }
  const auto cancelled = open().snapshot()->cancelled;
  LONGLONGS_EQUAL(2, cancelled.size());
  CHECK_TRUE(cancelled[0] == (node::Cancelled{other, node::CancelledBy::kVoid, true, 0}));
  CHECK_TRUE(cancelled[1] == (node::Cancelled{own, node::CancelledBy::kRefund, true, 1'000}));
}

TEST(TerminalJournal, Cancelled_BeyondTheBound_ForgetsTheOldest) {
  TerminalJournal journal = open_with(1);
  TerminalCommit commit;
  for (std::uint64_t i = 1; i <= node::kCancelledMax + 2; ++i) {
    commit.cancelled.push_back(
        {{TerminalId{12}, Incarnation{1}, BootId{7}, Seq{i}}, node::CancelledBy::kVoid, true, 0});
  }
  CHECK_TRUE(journal.commit(commit).has_value());
  const auto cancelled = journal.snapshot()->cancelled;
  LONGLONGS_EQUAL(node::kCancelledMax, cancelled.size());
  LONGLONGS_EQUAL(3, cancelled.front().original.seq.value);
}

TEST(TerminalJournal, Anchor_ComesBackAfterReopen) {
  const node::HeldAnchor anchor{WallTime{1'800'000'000'000'000}, -7'000'000, 1'500'000};
  {
    TerminalJournal journal = open_with(1);
    CHECK_FALSE(journal.snapshot()->anchor.has_value());
    TerminalCommit commit;
    commit.anchor = anchor;
    CHECK_TRUE(journal.commit(commit).has_value());
  }
  CHECK_TRUE(open().snapshot()->anchor == anchor);
}

TEST(TerminalJournal, RecentMembers_AreKeptInTheOrderOfWhatWasTold) {
  TerminalJournal journal = open_with(1);
  TerminalCommit commit;
  for (std::uint8_t i = 1; i <= 3; ++i) {
    node::RecentMember member;
    member.token_hash[0] = i;
    member.view.masked_name = "张*";
    member.view.available = Points{i * 100};
    member.view.as_of = WallTime{1'000 - i};
    commit.recent.push_back(member);
  }
  CHECK_TRUE(journal.commit(commit).has_value());
  TerminalCommit next;
  next.recent_dropped.push_back(commit.recent[1].token_hash);
  CHECK_TRUE(journal.commit(next).has_value());
  const auto recent = journal.snapshot()->recent;
  LONGLONGS_EQUAL(2, recent.size());
  LONGLONGS_EQUAL(300, recent[0].view.available.value);
  LONGLONGS_EQUAL(100, recent[1].view.available.value);
  STRCMP_EQUAL("张*", recent[1].view.masked_name.c_str());
}

TEST(TerminalJournal, DamagedRecentMember_IsLeftOut) {
  {
    TerminalJournal journal = open_with(1);
    TerminalCommit commit;
    commit.recent.push_back({{7}, {}});
    CHECK_TRUE(journal.commit(commit).has_value());
  }
  execute("UPDATE recent_member SET available = 5");
  LONGLONGS_EQUAL(0, open_with(0).snapshot()->recent.size());
}

TEST(TerminalJournal, Version1_IsMigratedAndKeepsItsRows) {
  { open_with(3); }
  execute(
      "DROP TABLE recent_member; DROP TABLE cancelled; ALTER TABLE node DROP COLUMN anchor_us;"
      "ALTER TABLE node DROP COLUMN anchor_chip_ahead_us;"
      "ALTER TABLE node DROP COLUMN anchor_uncertainty_us; PRAGMA user_version = 1");
  TerminalJournal journal = open();
  CHECK_TRUE(journal.snapshot()->head == chain.head());
  LONGLONGS_EQUAL(0, journal.snapshot()->cancelled.size());
}

TEST(TerminalJournal, TimeFloor_Lower_DoesNotSink) {
  TerminalJournal journal = open();
  TerminalCommit commit;
  commit.time_floor = WallTime{100};
  CHECK_TRUE(journal.commit(commit).has_value());
  commit.time_floor = WallTime{50};
  CHECK_TRUE(journal.commit(commit).has_value());
  LONGLONGS_EQUAL(100, journal.snapshot()->time_floor.us);
}

TEST(TerminalJournal, Prune_BeyondApplied_IsRefused) {
  TerminalJournal journal = open_with(5);
  TerminalCommit commit;
  commit.applied = StreamPosition{Seq{3}, journal.read(Seq{3}, 1, 0)->front().mac};
  commit.prune_below = Seq{4};
  refused(journal, commit, Errc::kInvalid, 4);
  commit.prune_below = Seq{3};
  CHECK_TRUE(journal.commit(commit).has_value());
  LONGLONGS_EQUAL(3, journal.snapshot()->oldest.value);
  CHECK_TRUE(journal.read(Seq{2}, 5, 10000).error().code == Errc::kNotFound);
  LONGLONGS_EQUAL(3, journal.read(Seq{3}, 5, 10000)->size());
}

TEST(TerminalJournal, Read_Bounds_AreKept) {
  TerminalJournal journal = open_with(5);
  const std::size_t one = journal.read(Seq{1}, 1, 0)->front().bytes.size();
  LONGLONGS_EQUAL(2, journal.read(Seq{1}, 2, 10000)->size());
  LONGLONGS_EQUAL(1, journal.read(Seq{1}, 5, 0)->size());
  LONGLONGS_EQUAL(2, journal.read(Seq{1}, 5, 3 * one - 1)->size());
  LONGLONGS_EQUAL(3, journal.read(Seq{1}, 5, 3 * one)->size());
  LONGLONGS_EQUAL(1, journal.read(Seq{5}, 5, 10000)->size());
  LONGLONGS_EQUAL(0, journal.read(Seq{6}, 5, 10000)->size());
  LONGLONGS_EQUAL(0, journal.read(Seq{1}, 0, 10000)->size());
}

TEST(TerminalJournal, GapBehindTheHead_JumpsOverPlacesThatAreTaken) {
  TerminalJournal journal = open_with(2);
  node::NodeClock clock(WallTime{1}, 0);
  node::RecordWriter writer({kTerminal, kIncarnation, BootId{7}, {}, 1}, chain.head());
  const JournalRow row = writer.make_bridge({Seq{5}, Mac{9}}, ProgramVersion{1}, clock, Instant{});
  LONGLONGS_EQUAL(6, row.seq.value);
  CHECK_TRUE(journal.commit(appending({row})).has_value());
  CHECK_TRUE(journal.snapshot()->head == writer.head());
  LONGLONGS_EQUAL(3, journal.read(Seq{1}, 9, 10000)->size());
  LONGLONGS_EQUAL(6, journal.read(Seq{4}, 9, 10000)->front().seq.value);
  RecordChain after({kTerminal, kIncarnation}, writer.head());
  CHECK_TRUE(journal.commit(appending({after.next_row()})).has_value());
}

TEST(TerminalJournal, GapThatHangsOnAnotherDisksRecord_IsTaken) {
  TerminalJournal journal = open_with(4);
  node::NodeClock clock(WallTime{1}, 0);
  node::RecordWriter writer({kTerminal, kIncarnation, BootId{7}, {}, 1}, chain.head());
  const JournalRow row = writer.make_bridge({Seq{2}, Mac{9}}, ProgramVersion{1}, clock, Instant{});
  LONGLONGS_EQUAL(5, row.seq.value);
  CHECK_TRUE(journal.commit(appending({row})).has_value());
  LONGLONGS_EQUAL(5, journal.read(Seq{1}, 9, 10000)->size());
}

TEST(TerminalJournal, Kill_AfterCommit_KeepsIt) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto journal = TerminalJournal::open(path, kTerminal, kIncarnation);
    const bool ok = journal && journal->commit(appending({chain.next_row()}));
    ::_exit(ok ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  CHECK_EQUAL(0, status);
  chain.next_row();
  TerminalJournal journal = open();
  CHECK_TRUE(journal.snapshot()->head == chain.head());
  CHECK_TRUE(journal.commit(appending({chain.next_row()})).has_value());
}

TEST(TerminalJournal, DiskFails_JournalRefusesUntilOpenedAgain) {
  FaultyDisk disk(directory.path());
  {
    TerminalJournal journal = open_with(1);
    disk.fail_at(disk.operations(), DiskFault::kFull);
    const JournalRow row = chain.next_row();
    CHECK_TRUE(journal.commit(appending({row})).error().code == Errc::kExhausted);
    CHECK_TRUE(journal.poisoned());
    CHECK_FALSE(journal.commit(appending({row})).has_value());
    CHECK_FALSE(journal.read(Seq{1}, 1, 0).has_value());
    CHECK_FALSE(journal.snapshot().has_value());
  }
  TerminalJournal journal = open();
  LONGLONGS_EQUAL(1, journal.snapshot()->head.seq.value);
}
