// Rows of a terminal's journal that are damaged or gone: what is said of them, and the gap that
// takes their place.
#include "core/node/record_writer.hpp"

#include "tests/storage/terminal_journal_rig.hpp"

using namespace tally;
using namespace tally::tests;
using node::TerminalCommit;
using node::TerminalSnapshot;

namespace {

node::GapInPlace gap(Seq first, Seq last, Mac mac_before) {
  node::NodeClock clock(WallTime{1}, 0);
  node::RecordWriter writer({kTerminal, kIncarnation, BootId{7}, {}, 1}, {});
  return {first, writer.make_gap({first, last}, mac_before, ProgramVersion{1}, clock, Instant{})};
}

}  // namespace

TEST_GROUP_BASE(TerminalJournalDamage, TerminalJournalRig){};

TEST(TerminalJournalDamage, Read_DamagedRow_IsCorruptAndNamesIt) {
  { open_with(4); }
  execute("UPDATE record SET sealed = CAST(x'00' || substr(sealed, 2) AS BLOB) WHERE seq = 3");
  TerminalJournal journal = open();
  LONGLONGS_EQUAL(2, journal.read(Seq{1}, 10, 10000)->size());
  const auto rows = journal.read(Seq{3}, 10, 10000);
  CHECK_TRUE(rows.error().code == Errc::kCorrupt);
  CHECK_EQUAL(3, rows.error().detail);
  LONGLONGS_EQUAL(1, journal.read(Seq{4}, 10, 10000)->size());
}

TEST(TerminalJournalDamage, Read_ShortenedRow_IsCorrupt) {
  { open_with(2); }
  execute("UPDATE record SET sealed = x'00' WHERE seq = 1");
  CHECK_TRUE(open().read(Seq{1}, 1, 0).error().code == Errc::kCorrupt);
}

TEST(TerminalJournalDamage, Read_MissingRow_IsCorruptAndNamesIt) {
  { open_with(4); }
  execute("DELETE FROM record WHERE seq = 2");
  TerminalJournal journal = open();
  LONGLONGS_EQUAL(1, journal.read(Seq{1}, 10, 10000)->size());
  const auto rows = journal.read(Seq{2}, 10, 10000);
  CHECK_TRUE(rows.error().code == Errc::kCorrupt);
  CHECK_EQUAL(2, rows.error().detail);
}

TEST(TerminalJournalDamage, Read_LastRowLost_IsCorruptAndNamesIt) {
  { open_with(4); }
  execute("DELETE FROM record WHERE seq = 4");
  TerminalJournal journal = open();
  CHECK_TRUE(journal.snapshot()->head == chain.head());
  const auto rows = journal.read(Seq{4}, 10, 10000);
  CHECK_TRUE(rows.error().code == Errc::kCorrupt);
  CHECK_EQUAL(4, rows.error().detail);
  CHECK_TRUE(journal.commit(appending({chain.next_row()})).has_value());
}

TEST(TerminalJournalDamage, Open_RowsBehindTheHead_IsCorrupt) {
  { open_with(4); }
  execute("UPDATE node SET head_seq = 3");
  const auto journal = TerminalJournal::open(path, kTerminal, kIncarnation);
  CHECK_TRUE(journal.error().code == Errc::kCorrupt);
  CHECK_EQUAL(3, journal.error().detail);
}

TEST(TerminalJournalDamage, Snapshot_FirstRowsLost_TheyCountAsUnreadable) {
  { open_with(4); }
  execute("DELETE FROM record WHERE seq <= 2");
  TerminalJournal journal = open();
  LONGLONGS_EQUAL(1, journal.snapshot()->oldest.value);
  const node::RowsRead read = *journal.read_rows(Seq{1}, 10, 10000);
  LONGLONGS_EQUAL(1, read.unreadable->first.value);
  LONGLONGS_EQUAL(2, read.unreadable->last.value);
}

TEST(TerminalJournalDamage, Snapshot_DamagedHead_GoesByWhatWasNotedOfIt) {
  { open_with(4); }
  execute("UPDATE record SET crc = crc + 1 WHERE seq = 4");
  CHECK_TRUE(open().snapshot()->head == chain.head());
}

TEST(TerminalJournalDamage, Snapshot_HeadMacIsAnother_GoesByTheRow) {
  { open_with(4); }
  execute("UPDATE node SET head_mac = zeroblob(16)");
  TerminalJournal journal = open();
  CHECK_TRUE(journal.snapshot()->head == chain.head());
  CHECK_TRUE(journal.commit(appending({chain.next_row()})).has_value());
}

TEST(TerminalJournalDamage, Snapshot_DamagedUnshownRow_IsLeftOut) {
  {
    TerminalJournal journal = open_with(2);
    CHECK_TRUE(journal.commit(appending({chain.next_row(), chain.next_row()})).has_value());
  }
  execute("UPDATE record SET crc = crc + 1 WHERE seq = 3");
  const TerminalSnapshot snapshot = *open().snapshot();
  LONGLONGS_EQUAL(1, snapshot.unshown.size());
  LONGLONGS_EQUAL(4, snapshot.unshown[0].seq.value);
}

TEST(TerminalJournalDamage, UnreadableRows_AreNamedUpToTheNextGoodOne) {
  { open_with(6); }
  execute("UPDATE record SET crc = crc + 1 WHERE seq IN (3, 4)");
  TerminalJournal journal = open();
  LONGLONGS_EQUAL(2, journal.read_rows(Seq{1}, 10, 10000)->rows.size());
  const node::RowsRead read = *journal.read_rows(Seq{3}, 10, 10000);
  LONGLONGS_EQUAL(0, read.rows.size());
  LONGLONGS_EQUAL(3, read.unreadable->first.value);
  LONGLONGS_EQUAL(4, read.unreadable->last.value);
  CHECK_TRUE(*read.unreadable->mac_before == journal.read(Seq{2}, 1, 0)->front().mac);
}

TEST(TerminalJournalDamage, Gap_TakesThePlaceOfLostRows) {
  { open_with(6); }
  execute("UPDATE record SET crc = crc + 1 WHERE seq = 3; DELETE FROM record WHERE seq = 4");
  TerminalJournal journal = open();
  TerminalCommit commit;
  commit.gap = gap(Seq{3}, Seq{4}, journal.read(Seq{2}, 1, 0)->front().mac);
  CHECK_TRUE(journal.commit(commit).has_value());
  const auto rows = *journal.read(Seq{1}, 10, 10000);
  LONGLONGS_EQUAL(5, rows.size());
  LONGLONGS_EQUAL(4, rows[2].seq.value);
  LONGLONGS_EQUAL(4, journal.read(Seq{3}, 1, 0)->front().seq.value);
  LONGLONGS_EQUAL(5, rows[3].seq.value);
  CHECK_TRUE(journal.snapshot()->head == chain.head());
}

TEST(TerminalJournalDamage, GapAtTheEnd_BecomesTheHead) {
  { open_with(4); }
  execute("UPDATE record SET crc = crc + 1 WHERE seq = 4");
  {
    TerminalJournal journal = open();
    TerminalCommit commit;
    commit.gap = gap(Seq{4}, Seq{4}, journal.read(Seq{3}, 1, 0)->front().mac);
    CHECK_TRUE(journal.commit(commit).has_value());
    CHECK_TRUE(journal.snapshot()->head == (StreamPosition{Seq{4}, commit.gap->row.mac}));
  }
  TerminalJournal journal = open();
  RecordChain after({kTerminal, kIncarnation}, journal.snapshot()->head);
  CHECK_TRUE(journal.commit(appending({after.next_row()})).has_value());
}

TEST(TerminalJournalDamage, DamageBeforeAGap_IsNamedWithIt) {
  { open_with(6); }
  execute("UPDATE record SET crc = crc + 1 WHERE seq = 3");
  {
    TerminalJournal journal = open();
    TerminalCommit commit;
    commit.gap = gap(Seq{3}, Seq{3}, Mac{});
    CHECK_TRUE(journal.commit(commit).has_value());
  }
  execute("UPDATE record SET crc = crc + 1 WHERE seq = 2");
  const node::RowsRead read = *open().read_rows(Seq{2}, 10, 10000);
  LONGLONGS_EQUAL(2, read.unreadable->first.value);
  LONGLONGS_EQUAL(3, read.unreadable->last.value);
}

TEST(TerminalJournalDamage, GapThatStandsForOtherRows_IsRefused) {
  TerminalJournal journal = open_with(4);
  TerminalCommit commit;
  commit.gap = gap(Seq{3}, Seq{4}, Mac{});
  commit.gap->first = Seq{2};
  refused(journal, commit, Errc::kInvalid, 4);
  commit.gap = gap(Seq{4}, Seq{5}, Mac{});
  refused(journal, commit, Errc::kInvalid, 5);
}
