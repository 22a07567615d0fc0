#include "gateway/journal_writer.hpp"

#include <future>

#include "tests/support/faulty_disk.hpp"
#include "tests/support/journal_records.hpp"
#include "tests/support/temporary_directory.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::gateway;
using tests::DiskFault;
using tests::FaultyDisk;

namespace {

constexpr StreamId kStream{TerminalId{101}, Incarnation{1}};
constexpr std::chrono::seconds kDeadline{10};

}  // namespace

TEST_GROUP(JournalWriter) {
  tests::TemporaryDirectory directory;
  std::unique_ptr<FaultyDisk> disk = std::make_unique<FaultyDisk>(directory.path());
  tests::RecordChain chain{kStream};
  std::unique_ptr<shell::Loop> link = std::make_unique<shell::Loop>("link");
  std::unique_ptr<JournalWriter> writer;
  std::promise<void> committed;
  std::promise<Error> failed;
  std::promise<node::GatewaySnapshot> reopened;
  std::promise<node::PackedRecords> read;

  void open() {
    JournalWriter::Options options;
    options.file = directory.file("journal.db");
    options.gateway = GatewayId{11};
    options.now = [] { return WallTime{1'000'000}; };
    options.reopen_pause_min = Duration{1};
    node::GatewaySnapshot snapshot;
    writer = *JournalWriter::open(std::move(options), *link, snapshot);
    writer->start({[this] { committed.set_value(); },
                   [this](const Error& error) { failed.set_value(error); },
                   [this](const node::GatewaySnapshot& s) { reopened.set_value(s); },
                   [this](node::PackedRecords records) { read.set_value(std::move(records)); },
                   [](const JournalReport&) {},
                   [](double) {}});
    link->start();
  }
  void setup() override {
    open();
  }
  void teardown() override {
    link->stop();
    if (writer) {
      writer->stop();
    }
    writer.reset();
    link.reset();
    disk.reset();
  }

  template <class T>
  T wait_for(std::promise<T> & promise) {
    auto future = promise.get_future();
    CHECK_TRUE(future.wait_for(kDeadline) == std::future_status::ready);
    promise = std::promise<T>();
    return future.get();
  }
  void commit(std::uint32_t records) {
    node::GatewayCommit commit;
    commit.streams_opened = {kStream};
    commit.append = {chain.next_packed(records)};
    link->post([this, commit] { writer->commit(commit); });
  }
};

TEST(JournalWriter, Commit_IsReportedAndCanBeRead) {
  commit(3);
  wait_for(committed);
  link->post([this] { writer->read(kStream, Seq{2}, 10); });
  const node::PackedRecords records = wait_for(read);
  LONGLONGS_EQUAL(2, records.first.value);
  LONGLONGS_EQUAL(2, records.count);
}

TEST(JournalWriter, UnreadableRows_GiveCountZero) {
  commit(1);
  wait_for(committed);
  link->post([this] { writer->read({TerminalId{5}, Incarnation{1}}, Seq{1}, 10); });
  LONGLONGS_EQUAL(0, wait_for(read).count);
}

TEST(JournalWriter, DiskFull_FailsThenReopensWithWhatWasAcknowledged) {
  commit(3);
  wait_for(committed);
  disk->fail_at(disk->operations(), DiskFault::kFull);
  commit(1);
  CHECK_TRUE(wait_for(failed).code == Errc::kExhausted);
  const node::GatewaySnapshot snapshot = wait_for(reopened);
  LONGLONGS_EQUAL(3, snapshot.streams.at(0).received.seq.value);
  chain = tests::RecordChain(kStream, snapshot.streams[0].received);
  commit(2);
  wait_for(committed);
}

TEST(JournalWriter, DiskStaysBroken_TriesUntilItWorks) {
  commit(1);
  wait_for(committed);
  disk->fail_at(disk->operations(), DiskFault::kIoError, true);
  commit(1);
  CHECK_TRUE(wait_for(failed).code == Errc::kCorrupt);
  auto future = reopened.get_future();
  CHECK_TRUE(future.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout);
  disk->clear_fault();
  CHECK_TRUE(future.wait_for(kDeadline) == std::future_status::ready);
}

TEST(JournalWriter, CommitSentBeforeTheFailureWasKnown_IsDropped) {
  std::promise<void> both_sent;
  disk->fail_at(disk->operations(), DiskFault::kIoError);
  node::GatewayCommit first;
  first.streams_opened = {kStream};
  first.append = {chain.next_packed(1)};
  link->post([this, first, &both_sent] {
    writer->commit(first);
    writer->commit(first);
    both_sent.set_value();
  });
  both_sent.get_future().wait();
  wait_for(failed);
  const node::GatewaySnapshot snapshot = wait_for(reopened);
  CHECK_TRUE(committed.get_future().wait_for(std::chrono::seconds(0)) ==
             std::future_status::timeout);
  CHECK_TRUE(snapshot.streams.size() <= 1);
}
