// A gateway's journal on a disk of its own, and two streams of records: the ground of its tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "storage/gateway_journal.hpp"
#include "tests/support/faulty_disk.hpp"
#include "tests/support/journal_records.hpp"
#include "tests/support/temporary_directory.hpp"

#include <CppUTest/TestHarness.h>

namespace tally::tests {

inline constexpr GatewayId kGateway{5};
inline constexpr StreamId kFirst{TerminalId{11}, Incarnation{1}};
inline constexpr StreamId kSecond{TerminalId{12}, Incarnation{1}};
inline constexpr WallTime kNow{1'000'000};

inline node::GatewayCommit appending(std::vector<node::PackedRecords> packs) {
  node::GatewayCommit commit;
  commit.append = std::move(packs);
  return commit;
}

inline std::vector<Seq> seqs_of(const node::PackedRecords& records) {
  std::vector<Seq> seqs;
  record::PackedReader reader(records.packed);
  while (const auto sealed = reader.next()) {
    seqs.push_back(record::peek_header(*sealed)->id.seq);
  }
  CHECK_EQUAL(records.count, seqs.size());
  return seqs;
}

struct GatewayJournalRig : Utest {
  using GatewayJournal = storage::GatewayJournal;

  TemporaryDirectory directory;
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
    node::GatewayCommit commit = appending({first.next_packed(3)});
    commit.streams_opened = {kFirst, kSecond};
    CHECK_TRUE(journal.commit(commit, kNow).has_value());
    CHECK_TRUE(
        journal.commit(appending({first.next_packed(1)}), WallTime{kNow.us + 1}).has_value());
    CHECK_TRUE(
        journal.commit(appending({first.next_packed(4)}), WallTime{kNow.us + 2}).has_value());
    return journal;
  }

  void execute(const char* sql) {
    storage::Db db = *storage::Db::open(path, storage::OpenMode::kOwner);
    CHECK_TRUE(db.execute(sql).has_value());
  }

  void refused(GatewayJournal& journal, const node::GatewayCommit& commit, Errc code, int seq) {
    const node::GatewaySnapshot before = *journal.snapshot();
    const Status status = journal.commit(commit, kNow);
    CHECK_FALSE(status.has_value());
    CHECK_TRUE_TEXT(status.error().code == code, describe(status.error()).c_str());
    CHECK_EQUAL(seq, status.error().detail);
    CHECK_FALSE(journal.poisoned());
    const node::GatewaySnapshot after = *journal.snapshot();
    LONGLONGS_EQUAL(before.streams.size(), after.streams.size());
    for (std::size_t i = 0; i < before.streams.size(); ++i) {
      CHECK_TRUE(before.streams[i].received == after.streams[i].received);
      CHECK_TRUE(before.streams[i].forwarded == after.streams[i].forwarded);
    }
  }
};

}  // namespace tally::tests
