// The thread that owns the terminal's journal: a disk sync blocks it and nothing else. The main
// loop posts commits and reads and gets the outcome posted back. A disk error ends the journal: the
// machine is told, the file is opened again and verified, with a growing pause, until it works.
//
// Made, used and destroyed on the main loop's thread; callbacks come on the main loop.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/node/terminal_journal.hpp"
#include "core/node/terminal_node.hpp"

#include "shell/loop.hpp"
#include "storage/terminal_journal.hpp"
#include "transport/asio_loop.hpp"

namespace tally::firmware {

class JournalThread {
 public:
  struct Options {
    std::filesystem::path file;
    TerminalId terminal;
    Incarnation incarnation;
    Duration reopen_pause_min{500};
    Duration reopen_pause_max{15'000};
  };

  struct Callbacks {
    std::function<void(double seconds)> committed;
    std::function<void(const Error&)> failed;
    std::function<void(const node::TerminalSnapshot&)> reopened;
    /// No rows when they cannot be given.
    std::function<void(node::ReadPurpose, const node::RowsRead&)> rows;
  };

  /// Opens the journal and reads its state at boot, blocking.
  /// Errors: those of TerminalJournal::open() and snapshot().
  static Result<std::unique_ptr<JournalThread>> open(Options options,
                                                     asio::io_context& main,
                                                     node::TerminalSnapshot& snapshot);
  JournalThread(const JournalThread&) = delete;
  JournalThread& operator=(const JournalThread&) = delete;
  ~JournalThread();

  void start(Callbacks callbacks);
  /// Runs what was posted, moves the log into the file, ends the thread. No callback afterwards.
  void stop();

  void commit(node::TerminalCommit commit);
  void read(const node::ReadRows& request);

 private:
  JournalThread(Options options, asio::io_context& main);
  Result<node::TerminalSnapshot> open_journal();
  void do_commit(const node::TerminalCommit& commit);
  void do_read(const node::ReadRows& request);
  void fail(const Error& error);
  void reopen_later();
  void on_main(std::function<void(const Callbacks&)> work);

  Options options_;
  asio::io_context& main_;
  /// Shared with what was posted to the main loop, which may outlive this object.
  std::shared_ptr<std::optional<Callbacks>> callbacks_;
  bool running_ = false;

  // On the journal's thread once it runs.
  std::optional<storage::TerminalJournal> journal_;
  Duration reopen_pause_;

  shell::Loop loop_{"journal"};
  asio::steady_timer reopen_timer_{loop_.io()};
};

}  // namespace tally::firmware
