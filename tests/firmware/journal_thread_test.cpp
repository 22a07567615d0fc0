#include "firmware/journal_thread.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "tests/support/faulty_disk.hpp"
#include "tests/support/journal_records.hpp"
#include "tests/support/temporary_directory.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::firmware;
using tests::DiskFault;
using tests::FaultyDisk;

namespace {

constexpr StreamId kStream{TerminalId{101}, Incarnation{1}};

}  // namespace

TEST_GROUP(JournalThread) {
  tests::TemporaryDirectory directory;
  std::unique_ptr<FaultyDisk> disk = std::make_unique<FaultyDisk>(directory.path());
  std::unique_ptr<asio::io_context> main = std::make_unique<asio::io_context>(1);
  tests::RecordChain chain{kStream};
  std::unique_ptr<JournalThread> journal;
  int committed = 0;
  std::vector<Error> failures;
  std::vector<node::TerminalSnapshot> reopened;
  std::optional<node::RowsRead> rows;

  void setup() override {
    JournalThread::Options options;
    options.file = directory.file("journal.db");
    options.terminal = kStream.terminal;
    options.incarnation = kStream.incarnation;
    options.reopen_pause_min = Duration{1};
    options.reopen_pause_max = Duration{4};
    node::TerminalSnapshot snapshot;
    journal = *JournalThread::open(std::move(options), *main, snapshot);
    journal->start({[this](double) { ++committed; },
                    [this](const Error& error) { failures.push_back(error); },
                    [this](const node::TerminalSnapshot& s) { reopened.push_back(s); },
                    [this](node::ReadPurpose, const node::RowsRead& read) { rows = read; }});
  }
  void teardown() override {
    if (journal) {
      journal->stop();
    }
    journal.reset();
    main.reset();
    disk.reset();
  }

  /// Runs what the journal posts until `done`.
  template <class Done>
  void run_until(Done done) {
    main->restart();  // It stops whenever it has run dry.
    auto work = asio::make_work_guard(*main);
    while (!done()) {
      CHECK_TRUE(main->run_one_for(std::chrono::seconds(20)) == 1);
    }
  }
  void commit(int records) {
    node::TerminalCommit commit;
    for (int i = 0; i < records; ++i) {
      commit.append.push_back(chain.next_row(true));
    }
    journal->commit(commit);
  }
  void commit_well(int records) {
    const int before = committed;
    commit(records);
    run_until([&] { return committed > before; });
  }
};

TEST(JournalThread, DiskFull_FailsTheCommitAndReopensWithWhatWasSynced) {
  commit_well(2);
  disk->fail_at(disk->operations(), DiskFault::kFull);
  commit(1);
  run_until([&] { return !failures.empty(); });
  CHECK_TRUE(failures.at(0).code == Errc::kExhausted);
  run_until([&] { return !reopened.empty(); });
  LONGLONGS_EQUAL(2, reopened.at(0).head.seq.value);
  chain = tests::RecordChain(kStream, reopened.at(0).head);
  commit_well(1);
}

TEST(JournalThread, DiskStaysBroken_RefusesWorkUntilItCanBeReadAgain) {
  commit_well(2);
  disk->fail_at(disk->operations(), DiskFault::kIoError, true);
  commit(1);
  run_until([&] { return !failures.empty(); });
  // Meanwhile nothing is taken and nothing given.
  commit(1);
  run_until([&] { return failures.size() == 2; });
  journal->read({node::ReadPurpose::kSend, Seq{1}, 2});
  run_until([&] { return rows.has_value() || !reopened.empty(); });
  if (rows) {
    LONGLONGS_EQUAL(0, rows->rows.size());
  }
  LONGLONGS_EQUAL(0, reopened.size());
  disk->clear_fault();
  run_until([&] { return !reopened.empty(); });
  LONGLONGS_EQUAL(2, reopened.at(0).head.seq.value);
}

TEST(JournalThread, SyncThatFails_LeavesNothingOfTheCommit) {
  commit_well(1);
  for (std::uint64_t at = 0; at < 6; ++at) {
    disk->fail_at(disk->operations() + at, DiskFault::kIoError);
    commit(1);
    const int before = committed;
    const std::size_t failed_before = failures.size();
    run_until([&] { return committed > before || failures.size() > failed_before; });
    if (failures.size() == failed_before) {
      disk->clear_fault();
      continue;
    }
    const std::size_t reopened_before = reopened.size();
    run_until([&] { return reopened.size() > reopened_before; });
    CHECK_TRUE(reopened.back().head.seq < chain.head().seq);
    chain = tests::RecordChain(kStream, reopened.back().head);
  }
  CHECK_TRUE(!failures.empty());
}

TEST(JournalThread, Rows_ComeBackInOrder) {
  commit_well(3);
  journal->read({node::ReadPurpose::kSend, Seq{2}, 10});
  run_until([&] { return rows.has_value(); });
  LONGLONGS_EQUAL(2, rows->rows.size());
  CHECK_FALSE(rows->unreadable.has_value());
}
