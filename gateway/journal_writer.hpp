// The one thread that owns the gateway's SQLite file. The link loop posts commits and reads here
// and gets the outcome posted back; whatever queued up in the machine while a commit was on its way
// is the next one. A disk error ends the journal: the machine is told, the file is opened again and
// verified, with a growing pause, until it works.
//
// Made and destroyed on the main thread; commit() and read() on the link loop's; the callbacks come
// on the link loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "core/node/gateway_journal.hpp"

#include "gateway/day_figures.hpp"
#include "shell/loop.hpp"
#include "storage/gateway_journal.hpp"

namespace tally::gateway {

/// What the page shows of the disk and of the day; made on the writer thread, then only read.
struct JournalReport {
  BusinessDay today;
  Figures figures;
  std::uint64_t queued_bytes = 0;
  std::uint64_t journal_bytes = 0;
  std::uint64_t free_bytes = 0;
  std::uint64_t total_bytes = 0;
};

class JournalWriter {
 public:
  struct Options {
    std::filesystem::path file;
    GatewayId gateway;
    std::int32_t utc_offset_s = 0;
    std::function<WallTime()> now;  ///< May be asked on any thread.
    Duration reopen_pause_min{1'000};
    Duration reopen_pause_max{30'000};
  };

  /// All on the link loop.
  struct Callbacks {
    std::function<void()> committed;
    std::function<void(const Error&)> failed;  ///< Of a commit or read: nothing may be assumed.
    std::function<void(const node::GatewaySnapshot&)> reopened;
    std::function<void(node::PackedRecords)> read;  ///< Count 0 when the rows cannot be given.
    std::function<void(const JournalReport&)> report;
    std::function<void(double seconds)> commit_took;
  };

  /// Opens the journal, blocking. Errors: those of GatewayJournal::open() and snapshot().
  static Result<std::unique_ptr<JournalWriter>> open(Options options,
                                                     shell::Loop& link,
                                                     node::GatewaySnapshot& snapshot);
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;
  /// Finishes nothing: stop() first.
  ~JournalWriter();

  /// Starts the thread. Callbacks may come from here on.
  void start(Callbacks callbacks);
  /// Runs what was posted, moves the log into the file, ends the thread. The link loop must have
  /// stopped.
  void stop();

  void commit(node::GatewayCommit commit);
  void read(StreamId stream, Seq first, std::uint32_t records_max);

  /// Milliseconds of boot time at which the thread last did something, for the watchdog; any
  /// thread.
  std::int64_t last_alive_ms() const { return alive_ms_.load(); }

 private:
  JournalWriter(Options options, shell::Loop& link);
  Result<node::GatewaySnapshot> open_journal();
  void load_figures();
  void do_commit(const node::GatewayCommit& commit, std::uint64_t generation);
  void do_read(StreamId stream, Seq first, std::uint32_t records_max, std::uint64_t generation);
  void fail(const Error& error);
  void reopen();
  void tick();
  void send_report();
  void on_link(std::function<void()> work);

  Options options_;
  shell::Loop& link_;
  Callbacks callbacks_;

  // On the link loop.
  std::uint64_t link_generation_ = 1;  ///< Of the journal, as far as the machine knows.

  // On the writer thread.
  std::optional<storage::GatewayJournal> journal_;
  std::uint64_t generation_ = 1;
  Duration reopen_pause_;
  DayFigures figures_;
  bool report_due_ = true;
  bool prune_due_ = false;
  std::uint64_t ticks_ = 0;
  std::atomic<std::int64_t> alive_ms_{0};

  shell::Loop loop_{"journal"};
  asio::steady_timer reopen_timer_{loop_.io()};
  asio::steady_timer tick_timer_{loop_.io()};
};

}  // namespace tally::gateway
