#include "storage/gateway_journal.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/faulty_disk.hpp"
#include "tests/support/journal_records.hpp"
#include "tests/support/temporary_directory.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::storage;
using node::GatewayCommit;
using node::GatewaySnapshot;
using node::PackedRecords;
using tests::RecordChain;

namespace {

constexpr GatewayId kGateway{5};
constexpr StreamId kFirst{TerminalId{11}, Incarnation{1}};
constexpr StreamId kSecond{TerminalId{12}, Incarnation{1}};
constexpr WallTime kNow{1'000'000};
constexpr std::int64_t kDayUs = std::int64_t{24} * 3600 * 1'000'000;

GatewayCommit appending(std::vector<PackedRecords> packs) {
  GatewayCommit commit;
  commit.append = std::move(packs);
  return commit;
}

std::vector<Seq> seqs_of(const PackedRecords& records) {
  std::vector<Seq> seqs;
  record::PackedReader reader(records.packed);
  while (const auto sealed = reader.next()) {
    seqs.push_back(record::peek_header(*sealed)->id.seq);
  }
  CHECK_EQUAL(records.count, seqs.size());
  return seqs;
}

}  // namespace

TEST_GROUP(GatewayJournal) {
  tests::TemporaryDirectory directory;
  std::string path = directory.file("journal.db");
  RecordChain first{kFirst};
  RecordChain second{kSecond};

  GatewayJournal open() {
    Result<GatewayJournal> journal = GatewayJournal::open(path, kGateway);
    CHECK_TRUE_TEXT(journal.has_value(), journal ? "" : describe(journal.error()).c_str());
    return std::move(*journal);
  }

  // Both streams opened; the first holds rows of 3, 1 and 4 records.
  GatewayJournal open_with_rows() {
    GatewayJournal journal = open();
    GatewayCommit commit = appending({first.next_packed(3)});
    commit.streams_opened = {kFirst, kSecond};
    CHECK_TRUE(journal.commit(commit, kNow).has_value());
    CHECK_TRUE(
        journal.commit(appending({first.next_packed(1)}), WallTime{kNow.us + 1}).has_value());
    CHECK_TRUE(
        journal.commit(appending({first.next_packed(4)}), WallTime{kNow.us + 2}).has_value());
    return journal;
  }

  void execute(const char* sql) {
    Db db = *Db::open(path, OpenMode::kOwner);
    CHECK_TRUE(db.execute(sql).has_value());
  }

  void refused(GatewayJournal & journal, const GatewayCommit& commit, Errc code, int seq) {
    const GatewaySnapshot before = *journal.snapshot();
    const Status status = journal.commit(commit, kNow);
    CHECK_FALSE(status.has_value());
    CHECK_TRUE_TEXT(status.error().code == code, describe(status.error()).c_str());
    CHECK_EQUAL(seq, status.error().detail);
    CHECK_FALSE(journal.poisoned());
    const GatewaySnapshot after = *journal.snapshot();
    LONGLONGS_EQUAL(before.streams.size(), after.streams.size());
    for (std::size_t i = 0; i < before.streams.size(); ++i) {
      CHECK_TRUE(before.streams[i].received == after.streams[i].received);
      CHECK_TRUE(before.streams[i].forwarded == after.streams[i].forwarded);
    }
  }
};

TEST(GatewayJournal, Open_New_IsEmpty) {
  GatewayJournal journal = open();
  CHECK_TRUE(journal.snapshot()->streams.empty());
  CHECK_TRUE(journal.read(kFirst, Seq{1}, 1, 0).error().code == Errc::kNotFound);
}

TEST(GatewayJournal, Open_OtherGatewaysDisk_IsConflict) {
  { open_with_rows(); }
  CHECK_TRUE(GatewayJournal::open(path, GatewayId{6}).error().code == Errc::kConflict);
  LONGLONGS_EQUAL(2, open().snapshot()->streams.size());
}

TEST(GatewayJournal, Commit_EverythingAtOnce_ComesBackAfterReopen) {
  Mac statement_mac{};
  statement_mac.fill(3);
  const Mac mac2 = second.head().mac;
  {
    GatewayJournal journal = open_with_rows();
    GatewayCommit commit = appending({second.next_packed(2), first.next_packed(1)});
    commit.forwarded = {{kFirst, {Seq{4}, mac2}}};
    commit.applied = {{kFirst, {Seq{3}, mac2}, statement_mac}};
    commit.archived = {{kFirst, {Seq{2}, first.mac_at(Seq{2})}}};
    commit.streams_opened = {kFirst};  // Again: changes nothing.
    commit.time_floor = WallTime{55};
    CHECK_TRUE(journal.commit(commit, WallTime{kNow.us + 3}).has_value());
  }
  GatewayJournal journal = open();
  const GatewaySnapshot snapshot = *journal.snapshot();
  LONGLONGS_EQUAL(55, snapshot.time_floor.us);
  LONGLONGS_EQUAL(2, snapshot.streams.size());
  const node::GatewayStreamState& state = snapshot.streams[0];
  CHECK_TRUE(state.stream == kFirst);
  CHECK_TRUE(state.received == first.head());
  LONGLONGS_EQUAL(4, state.forwarded.seq.value);
  LONGLONGS_EQUAL(3, state.applied.position.seq.value);
  CHECK_TRUE(state.applied.stream == kFirst);
  CHECK_TRUE(state.applied.statement_mac == statement_mac);
  LONGLONGS_EQUAL(2, state.archived.seq.value);
  LONGLONGS_EQUAL(kNow.us + 2, state.oldest_unforwarded_at.us);
  CHECK_TRUE(snapshot.streams[1].received == second.head());
  LONGLONGS_EQUAL(kNow.us + 3, snapshot.streams[1].oldest_unforwarded_at.us);
}

TEST(GatewayJournal, Read_AcrossRows_GivesRecordsVerbatim) {
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

TEST(GatewayJournal, Read_Bounds_AreKept) {
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

TEST(GatewayJournal, Append_UnopenedStream_IsNotFound) {
  GatewayJournal journal = open();
  refused(journal, appending({first.next_packed(1)}), Errc::kNotFound, 0);
}

TEST(GatewayJournal, Append_WithGap_IsRefused) {
  GatewayJournal journal = open_with_rows();
  first.next();
  refused(journal, appending({first.next_packed(2)}), Errc::kInvalid, 10);
}

TEST(GatewayJournal, Append_RecordsAgain_AreRefused) {
  GatewayJournal journal = open_with_rows();
  refused(journal, appending({RecordChain(kFirst).next_packed(3)}), Errc::kInvalid, 1);
}

TEST(GatewayJournal, Append_NewStreamStartsWhereTheTerminalHasIt) {
  GatewayJournal journal = open();
  RecordChain late(kFirst, {Seq{499}, Mac{1}});
  GatewayCommit commit = appending({late.next_packed(2)});
  commit.streams_opened = {kFirst};
  CHECK_TRUE(journal.commit(commit, kNow).has_value());
  LONGLONGS_EQUAL(501, journal.snapshot()->streams[0].received.seq.value);
  LONGLONGS_EQUAL(kNow.us, journal.snapshot()->streams[0].oldest_unforwarded_at.us);
  LONGLONGS_EQUAL(500, journal.snapshot()->streams[0].oldest.value);
  CHECK_TRUE(journal.read(kFirst, Seq{499}, 1, 0).error().code == Errc::kNotFound);
  LONGLONGS_EQUAL(2, journal.read(kFirst, Seq{500}, 9, 10000)->count);
  refused(journal, appending({RecordChain(kFirst).next_packed(1)}), Errc::kInvalid, 1);
}

TEST(GatewayJournal, Append_BrokenChain_IsRefused) {
  GatewayJournal journal = open_with_rows();
  StreamPosition lie = first.head();
  lie.mac[15] ^= 0x80;
  refused(journal, appending({RecordChain(kFirst, lie).next_packed(1)}), Errc::kInvalid, 9);
  PackedRecords broken = first.next_packed(1);
  record::append_packed(broken.packed, RecordChain(kFirst, {Seq{9}, {}}).next());
  broken.count = 2;
  refused(journal, appending({broken}), Errc::kInvalid, 10);
}

TEST(GatewayJournal, Append_GapRecord_BridgesAHoleAndTheStreamGoesOn) {
  GatewayJournal journal = open_with_rows();
  const StreamPosition before = first.head();
  CHECK_TRUE(journal.commit(appending({first.next_gap(3)}), kNow).has_value());
  CHECK_TRUE(journal.snapshot()->streams[0].ends_in_gap);
  CHECK_TRUE(journal.commit(appending({first.next_packed(2)}), kNow).has_value());
  CHECK_FALSE(journal.snapshot()->streams[0].ends_in_gap);
  CHECK_TRUE(seqs_of(*journal.read(kFirst, Seq{8}, 9, 10000)) ==
             (std::vector<Seq>{Seq{8}, Seq{11}, Seq{12}, Seq{13}}));
  CHECK_TRUE(seqs_of(*journal.read(kFirst, Seq{9}, 2, 10000)) ==
             (std::vector<Seq>{Seq{11}, Seq{12}}));
  // A hole without a GAP record, or one that hangs on another record, stays refused.
  refused(
      journal, appending({RecordChain(kFirst, {Seq{15}, {}}).next_packed(1)}), Errc::kInvalid, 16);
  refused(journal, appending({RecordChain(kFirst, before).next_gap(9)}), Errc::kInvalid, 17);
}

TEST(GatewayJournal, Renew_SameMac_ChangesThatRecordAlone) {
  GatewayJournal journal = open_with_rows();
  const PackedRecords before = *journal.read(kFirst, Seq{1}, 8, 100'000);
  RecordChain again{kFirst, {Seq{5}, first.mac_at(Seq{5})}};
  GatewayCommit commit;
  commit.renewed = {{kFirst, {Seq{6}, first.mac_at(Seq{6})}, again.next(70)}};
  CHECK_TRUE(journal.commit(commit, kNow).has_value());
  const PackedRecords after = *journal.read(kFirst, Seq{1}, 8, 100'000);
  LONGLONGS_EQUAL(8, after.count);
  CHECK_TRUE(after.end == before.end);
  LONGS_EQUAL(before.packed.size() + 10, after.packed.size());
  CHECK_TRUE(journal.read(kFirst, Seq{6}, 1, 0)->packed.size() ==
             journal.read(kFirst, Seq{5}, 1, 0)->packed.size() + 10);
  CHECK_TRUE(journal.snapshot()->streams[0].received == first.head());
}

TEST(GatewayJournal, Renew_TailWithAnotherMac_IsWhatTheStreamGoesOnFrom) {
  GatewayJournal journal = open_with_rows();
  RecordChain again{kFirst, {Seq{7}, first.mac_at(Seq{7})}};
  Bytes sealed = again.next();
  sealed.back() ^= 1U;
  const StreamPosition tail{Seq{8}, record::peek_mac(sealed)};
  RecordChain further{kFirst, tail};
  GatewayCommit commit = appending({further.next_packed(2)});
  commit.renewed = {{kFirst, tail, std::move(sealed)}};
  CHECK_TRUE(journal.commit(commit, kNow).has_value());
  CHECK_TRUE(journal.snapshot()->streams[0].received == further.head());
}

TEST(GatewayJournal, Renew_OtherRecord_IsRefused) {
  GatewayJournal journal = open_with_rows();
  RecordChain again{kFirst, {Seq{5}, first.mac_at(Seq{5})}};
  Bytes sealed = again.next();
  sealed.back() ^= 1U;
  GatewayCommit commit;
  // Others hang on its MAC.
  commit.renewed = {{kFirst, {Seq{6}, record::peek_mac(sealed)}, sealed}};
  refused(journal, commit, Errc::kInvalid, 6);
  // Its MAC is not the one said.
  commit.renewed = {{kFirst, {Seq{6}, first.mac_at(Seq{6})}, sealed}};
  refused(journal, commit, Errc::kInvalid, 6);
  // It hangs on another one.
  RecordChain branch{kFirst, {Seq{7}, Mac{7}}};
  sealed = branch.next();
  sealed.back() ^= 1U;
  commit.renewed = {{kFirst, {Seq{8}, record::peek_mac(sealed)}, sealed}};
  refused(journal, commit, Errc::kInvalid, 8);
}

TEST(GatewayJournal, Renew_WhatIsNotHere_IsNotFound) {
  GatewayJournal journal = open_with_rows();
  GatewayCommit commit;
  commit.renewed = {{kFirst, {Seq{9}, first.mac_at(Seq{9})}, first.next()}};
  refused(journal, commit, Errc::kNotFound, 9);
}

TEST(GatewayJournal, Append_PackThatLies_IsRefused) {
  GatewayJournal journal = open_with_rows();
  const PackedRecords good = first.next_packed(2);
  PackedRecords bad = good;
  bad.count = 3;
  refused(journal, appending({bad}), Errc::kInvalid, 9);
  bad = good;
  bad.end.seq = Seq{9};
  refused(journal, appending({bad}), Errc::kInvalid, 9);
  bad = good;
  bad.end.mac[0] ^= 1;
  refused(journal, appending({bad}), Errc::kInvalid, 9);
  bad = good;
  bad.packed.pop_back();
  refused(journal, appending({bad}), Errc::kInvalid, 9);
  bad = good;
  bad.packed.clear();
  bad.count = 0;
  refused(journal, appending({bad}), Errc::kInvalid, 9);
  bad = good;
  bad.stream = kSecond;
  bad.first = Seq{1};
  refused(journal, appending({bad}), Errc::kInvalid, 1);
  CHECK_TRUE(journal.commit(appending({good}), kNow).has_value());
}

TEST(GatewayJournal, Commit_OneBadStream_WritesNothingOfTheOthers) {
  GatewayJournal journal = open_with_rows();
  second.next();
  GatewayCommit commit = appending({first.next_packed(1), second.next_packed(1)});
  commit.append[1].first = Seq{1};
  refused(journal, commit, Errc::kInvalid, 1);
}

TEST(GatewayJournal, Forwarded_BeyondReceived_IsRefused) {
  GatewayJournal journal = open_with_rows();
  GatewayCommit commit;
  commit.forwarded = {{kFirst, {Seq{9}, {}}}};
  refused(journal, commit, Errc::kInvalid, 9);
  commit.forwarded = {{StreamId{TerminalId{77}, Incarnation{1}}, {Seq{1}, {}}}};
  refused(journal, commit, Errc::kNotFound, 0);
}

TEST(GatewayJournal, Forwarded_Backwards_IsKept) {
  GatewayJournal journal = open_with_rows();
  GatewayCommit commit;
  commit.forwarded = {{kFirst, first.head()}};
  CHECK_TRUE(journal.commit(commit, kNow).has_value());
  LONGLONGS_EQUAL(0, journal.snapshot()->streams[0].oldest_unforwarded_at.us);
  commit.forwarded = {{kFirst, {Seq{3}, {}}}};
  CHECK_TRUE(journal.commit(commit, kNow).has_value());
  const node::GatewayStreamState state = journal.snapshot()->streams[0];
  LONGLONGS_EQUAL(3, state.forwarded.seq.value);
  LONGLONGS_EQUAL(kNow.us + 1, state.oldest_unforwarded_at.us);
}

TEST(GatewayJournal, AppliedAndArchived_OfUnknownStream_AreLeftOut) {
  GatewayJournal journal = open_with_rows();
  GatewayCommit commit;
  commit.applied = {{StreamId{TerminalId{77}, Incarnation{1}}, {Seq{1}, {}}, {}}};
  commit.archived = {{StreamId{TerminalId{77}, Incarnation{1}}, {Seq{1}, {}}}};
  CHECK_TRUE(journal.commit(commit, kNow).has_value());
  LONGLONGS_EQUAL(2, journal.snapshot()->streams.size());
}

TEST(GatewayJournal, Archived_OfAnotherBranch_IsNotBelieved) {
  GatewayJournal journal = open_with_rows();
  GatewayCommit commit;
  commit.archived = {{kFirst, {Seq{5}, Mac{0xbb}}}};
  CHECK_TRUE(journal.commit(commit, kNow).has_value());
  LONGLONGS_EQUAL(0, journal.snapshot()->streams[0].archived.seq.value);
  commit.archived = {{kFirst, first.head()}, {kSecond, {Seq{70}, Mac{7}}}};
  CHECK_TRUE(journal.commit(commit, kNow).has_value());
  LONGLONGS_EQUAL(8, journal.snapshot()->streams[0].archived.seq.value);
  LONGLONGS_EQUAL(70, journal.snapshot()->streams[1].archived.seq.value);
}

TEST(GatewayJournal, LedgerGeneration_IsKept) {
  GatewayJournal journal = open();
  LONGLONGS_EQUAL(1, journal.snapshot()->ledger_stamp);
  GatewayCommit commit;
  commit.ledger_stamp = 77;
  CHECK_TRUE(journal.commit(commit, kNow).has_value());
  LONGLONGS_EQUAL(77, journal.snapshot()->ledger_stamp);
}

TEST(GatewayJournal, Read_DamagedRow_IsCorruptAndNamesItsFirstSeq) {
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

TEST(GatewayJournal, Read_RowMovedToAnotherPlace_IsCorrupt) {
  { open_with_rows(); }
  execute(
      "UPDATE packed SET terminal = 12 WHERE first_seq = 1;"
      "UPDATE stream SET received_seq = 3 WHERE terminal = 12");
  CHECK_TRUE(open().read(kSecond, Seq{1}, 1, 0).error().code == Errc::kCorrupt);
}

TEST(GatewayJournal, Read_MissingRow_IsNotFound) {
  { open_with_rows(); }
  execute("DELETE FROM packed WHERE first_seq = 4");
  GatewayJournal journal = open();
  LONGLONGS_EQUAL(3, journal.read(kFirst, Seq{1}, 100, 100000)->count);
  CHECK_TRUE(journal.read(kFirst, Seq{4}, 1, 0).error().code == Errc::kNotFound);
}

TEST(GatewayJournal, Snapshot_LastRowDamaged_IsCorrupt) {
  { open_with_rows(); }
  execute("UPDATE packed SET crc = crc + 1 WHERE first_seq = 5");
  CHECK_TRUE(open().snapshot().error().code == Errc::kCorrupt);
}

TEST(GatewayJournal, Snapshot_ReceivedIsNotTheLastRow_IsCorrupt) {
  { open_with_rows(); }
  execute("UPDATE stream SET received_mac = zeroblob(16) WHERE terminal = 11");
  CHECK_TRUE(open().snapshot().error().code == Errc::kCorrupt);
}

TEST(GatewayJournal, Prune_NotArchivedOrTooYoung_StaysForEver) {
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

TEST(GatewayJournal, Prune_Everything_StreamGoesOnFromItsEnd) {
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

TEST(GatewayJournal, QueuedBytes_AreThoseNotForwarded) {
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

TEST(GatewayJournal, VisitSince_GivesNewestFirstAndStops) {
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

TEST(GatewayJournal, Kill_AfterCommit_KeepsIt) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto journal = GatewayJournal::open(path, kGateway);
    GatewayCommit commit = appending({first.next_packed(2)});
    commit.streams_opened = {kFirst};
    const bool ok = journal && journal->commit(commit, kNow);
    ::_exit(ok ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  CHECK_EQUAL(0, status);
  first.next_packed(2);
  CHECK_TRUE(open().snapshot()->streams[0].received == first.head());
}

TEST(GatewayJournal, DiskFails_JournalRefusesUntilOpenedAgain) {
  tests::FaultyDisk disk(directory.path());
  {
    GatewayJournal journal = open_with_rows();
    disk.fail_at(disk.operations() + 1, tests::DiskFault::kIoError);
    const PackedRecords more = first.next_packed(1);
    CHECK_TRUE(journal.commit(appending({more}), kNow).error().code == Errc::kCorrupt);
    CHECK_TRUE(journal.poisoned());
    CHECK_FALSE(journal.commit(appending({more}), kNow).has_value());
    CHECK_FALSE(journal.read(kFirst, Seq{1}, 1, 0).has_value());
  }
  GatewayJournal journal = open();
  CHECK_TRUE(journal.snapshot()->streams[0].received.seq >= Seq{8});
}
