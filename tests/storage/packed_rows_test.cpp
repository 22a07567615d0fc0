#include "storage/packed_rows.hpp"

#include <algorithm>

#include "tests/storage/gateway_journal_rig.hpp"

using namespace tally;
using namespace tally::tests;
using node::GatewayCommit;
using node::PackedRecords;

namespace {

constexpr std::int64_t kDayUs = std::int64_t{24} * 3600 * 1'000'000;

}  // namespace

TEST_GROUP_BASE(PackedRows, GatewayJournalRig){};

TEST(PackedRows, Read_AcrossRows_GivesRecordsVerbatim) {
  GatewayJournal journal = open_with_rows();
  const PackedRecords records = *journal.read(kFirst, Seq{2}, 6, 100000);
  LONGLONGS_EQUAL(2, records.first.value);
  LONGLONGS_EQUAL(6, records.count);
  LONGLONGS_EQUAL(7, records.end.seq.value);
  RecordChain again{kFirst};
  again.next();
  record::PackedReader reader(records.packed);
  for (int i = 0; i < 6; ++i) {
    const auto sealed = reader.next();
    CHECK_TRUE(Bytes(sealed->begin(), sealed->end()) == again.next());
  }
  CHECK_FALSE(reader.next().has_value());
  CHECK_TRUE(records.end == again.head());
}

TEST(PackedRows, Read_Bounds_AreKept) {
  GatewayJournal journal = open_with_rows();
  const std::size_t one = journal.read(kFirst, Seq{1}, 1, 0)->packed.size();
  LONGLONGS_EQUAL(1, journal.read(kFirst, Seq{1}, 100, 0)->count);
  LONGLONGS_EQUAL(2, journal.read(kFirst, Seq{3}, 100, 3 * one - 1)->count);
  LONGLONGS_EQUAL(3, journal.read(kFirst, Seq{3}, 100, 3 * one)->count);
  LONGLONGS_EQUAL(0, journal.read(kFirst, Seq{1}, 0, 1000)->count);
  LONGLONGS_EQUAL(0, journal.read(kFirst, Seq{9}, 100, 1000)->count);
  LONGLONGS_EQUAL(0, journal.read(kSecond, Seq{1}, 100, 1000)->count);
  for (std::uint64_t from = 1; from <= 8; ++from) {
    for (std::uint32_t max = 1; max <= 9; ++max) {
      const PackedRecords records = *journal.read(kFirst, Seq{from}, max, 100000);
      LONGLONGS_EQUAL(std::min<std::uint64_t>(max, 9 - from), records.count);
      LONGLONGS_EQUAL(from, seqs_of(records).front().value);
      LONGLONGS_EQUAL(records.end.seq.value, seqs_of(records).back().value);
    }
  }
}

TEST(PackedRows, Read_DamagedRow_IsCorruptAndNamesItsFirstSeq) {
  { open_with_rows(); }
  execute(
      "UPDATE packed SET records = CAST(x'ff' || substr(records, 2) AS BLOB) "
      "WHERE first_seq = 4");
  GatewayJournal journal = open();
  LONGLONGS_EQUAL(3, journal.read(kFirst, Seq{1}, 100, 100000)->count);
  const auto records = journal.read(kFirst, Seq{4}, 100, 100000);
  CHECK_TRUE(records.error().code == Errc::kCorrupt);
  CHECK_EQUAL(4, records.error().detail);
  LONGLONGS_EQUAL(4, journal.read(kFirst, Seq{5}, 100, 100000)->count);
}

TEST(PackedRows, Read_RowMovedToAnotherPlace_IsCorrupt) {
  { open_with_rows(); }
  execute(
      "UPDATE packed SET terminal = 12 WHERE first_seq = 1;"
      "UPDATE stream SET received_seq = 3 WHERE terminal = 12");
  CHECK_TRUE(open().read(kSecond, Seq{1}, 1, 0).error().code == Errc::kCorrupt);
}

TEST(PackedRows, Read_MissingRow_IsNotFound) {
  { open_with_rows(); }
  execute("DELETE FROM packed WHERE first_seq = 4");
  GatewayJournal journal = open();
  LONGLONGS_EQUAL(3, journal.read(kFirst, Seq{1}, 100, 100000)->count);
  CHECK_TRUE(journal.read(kFirst, Seq{4}, 1, 0).error().code == Errc::kNotFound);
}

TEST(PackedRows, Prune_NotArchivedOrTooYoung_StaysForEver) {
  GatewayJournal journal = open_with_rows();
  const WallTime later{kNow.us + 400 * kDayUs};
  LONGLONGS_EQUAL(0, *journal.prune(later, 100));
  GatewayCommit commit;
  commit.forwarded = {{kFirst, first.head()}};
  commit.archived = {{kFirst, {Seq{6}, first.mac_at(Seq{6})}}};
  CHECK_TRUE(journal.commit(commit, kNow).has_value());
  LONGLONGS_EQUAL(0, *journal.prune(WallTime{kNow.us + 30 * kDayUs}, 100));
  LONGLONGS_EQUAL(1, *journal.prune(WallTime{kNow.us + 30 * kDayUs + 1}, 100));
  LONGLONGS_EQUAL(1, *journal.prune(later, 100));  // The row of 5…8 is not archived whole.
  LONGLONGS_EQUAL(0, *journal.prune(later, 100));
  CHECK_TRUE(journal.read(kFirst, Seq{4}, 1, 0).error().code == Errc::kNotFound);
  LONGLONGS_EQUAL(4, journal.read(kFirst, Seq{5}, 100, 100000)->count);
}

TEST(PackedRows, Prune_Everything_StreamGoesOnFromItsEnd) {
  GatewayJournal journal = open_with_rows();
  GatewayCommit commit;
  commit.forwarded = {{kFirst, first.head()}};
  commit.archived = {{kFirst, first.head()}};
  CHECK_TRUE(journal.commit(commit, kNow).has_value());
  const WallTime later{kNow.us + 400 * kDayUs};
  LONGLONGS_EQUAL(2, *journal.prune(later, 2));
  LONGLONGS_EQUAL(1, *journal.prune(later, 2));
  CHECK_TRUE(journal.snapshot()->streams[0].received == first.head());
  CHECK_TRUE(journal.commit(appending({first.next_packed(1)}), later).has_value());
  LONGLONGS_EQUAL(1, journal.read(kFirst, Seq{9}, 100, 100000)->count);
}

TEST(PackedRows, QueuedBytes_AreThoseNotForwarded) {
  GatewayJournal journal = open_with_rows();
  const std::uint64_t all = journal.read(kFirst, Seq{1}, 8, 100000)->packed.size();
  LONGLONGS_EQUAL(all, *journal.queued_bytes());
  GatewayCommit commit;
  commit.forwarded = {{kFirst, {Seq{4}, {}}}};
  CHECK_TRUE(journal.commit(commit, kNow).has_value());
  LONGLONGS_EQUAL(all / 2, *journal.queued_bytes());
  commit.forwarded = {{kFirst, first.head()}};
  CHECK_TRUE(journal.commit(commit, kNow).has_value());
  LONGLONGS_EQUAL(0, *journal.queued_bytes());
}

TEST(PackedRows, VisitSince_GivesNewestFirstAndStops) {
  GatewayJournal journal = open_with_rows();
  std::vector<std::uint64_t> firsts;
  CHECK_TRUE(journal
                 .visit_since(WallTime{kNow.us + 1},
                              [&](const PackedRecords& row, WallTime) {
                                firsts.push_back(row.first.value);
                                CHECK_EQUAL(row.count, seqs_of(row).size());
                              })
                 .has_value());
  CHECK_TRUE(firsts == (std::vector<std::uint64_t>{5, 4}));
}
