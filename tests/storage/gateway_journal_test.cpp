#include "storage/gateway_journal.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/storage/gateway_journal_rig.hpp"

using namespace tally;
using namespace tally::storage;
using namespace tally::tests;
using node::GatewayCommit;
using node::GatewaySnapshot;
using node::PackedRecords;

TEST_GROUP_BASE(GatewayJournal, GatewayJournalRig){};

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
  FaultyDisk disk(directory.path());
  {
    GatewayJournal journal = open_with_rows();
    disk.fail_at(disk.operations() + 1, DiskFault::kIoError);
    const PackedRecords more = first.next_packed(1);
    CHECK_TRUE(journal.commit(appending({more}), kNow).error().code == Errc::kCorrupt);
    CHECK_TRUE(journal.poisoned());
    CHECK_FALSE(journal.commit(appending({more}), kNow).has_value());
    CHECK_FALSE(journal.read(kFirst, Seq{1}, 1, 0).has_value());
  }
  GatewayJournal journal = open();
  CHECK_TRUE(journal.snapshot()->streams[0].received.seq >= Seq{8});
}
