// A terminal's journal on a disk of its own, and the chain of its records: the ground of its tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "storage/terminal_journal.hpp"
#include "tests/support/faulty_disk.hpp"
#include "tests/support/journal_records.hpp"
#include "tests/support/temporary_directory.hpp"

#include <CppUTest/TestHarness.h>

namespace tally::tests {

inline constexpr TerminalId kTerminal{11};
inline constexpr Incarnation kIncarnation{2};

inline node::TerminalCommit appending(std::vector<node::JournalRow> rows) {
  node::TerminalCommit commit;
  commit.append = std::move(rows);
  return commit;
}

struct TerminalJournalRig : Utest {
  using TerminalJournal = storage::TerminalJournal;

  TemporaryDirectory directory;
  std::string path = directory.file("journal.db");
  RecordChain chain{{kTerminal, kIncarnation}};

  TerminalJournal open() {
    Result<TerminalJournal> journal = TerminalJournal::open(path, kTerminal, kIncarnation);
    CHECK_TRUE_TEXT(journal.has_value(), journal ? "" : describe(journal.error()).c_str());
    return std::move(*journal);
  }

  // A journal with rows 1…n, all shown.
  TerminalJournal open_with(int rows) {
    TerminalJournal journal = open();
    node::TerminalCommit commit;
    for (int i = 0; i < rows; ++i) {
      commit.append.push_back(chain.next_row(true));
    }
    CHECK_TRUE(journal.commit(commit).has_value());
    return journal;
  }

  void execute(const char* sql) {
    storage::Db db = *storage::Db::open(path, storage::OpenMode::kOwner);
    CHECK_TRUE(db.execute(sql).has_value());
  }

  void refused(TerminalJournal& journal, const node::TerminalCommit& commit, Errc code, int seq) {
    const node::TerminalSnapshot before = *journal.snapshot();
    const Status status = journal.commit(commit);
    CHECK_FALSE(status.has_value());
    CHECK_TRUE_TEXT(status.error().code == code, describe(status.error()).c_str());
    CHECK_EQUAL(seq, status.error().detail);
    CHECK_FALSE(journal.poisoned());
    const node::TerminalSnapshot after = *journal.snapshot();
    CHECK_TRUE(before.head == after.head);
    CHECK_TRUE(before.received == after.received);
    CHECK_TRUE(before.applied == after.applied);
    CHECK_TRUE(before.open_sales == after.open_sales);
    CHECK_TRUE(before.time_floor == after.time_floor);
    LONGLONGS_EQUAL(before.unshown.size(), after.unshown.size());
  }
};

}  // namespace tally::tests
