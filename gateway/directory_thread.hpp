// The one thread that owns the gateway's member directory, `directory.db`. Apart from the journal's
// thread, so that a long snapshot never stands before a record, nor a record before a look-up. The
// file is opened on the thread: a start does not wait for it, and until it is open tills are not
// answered from it. A damaged one is dropped and comes anew from the OA.
//
// Made and destroyed on the main thread; commit() and find() on the link loop's; the callbacks come
// on the link loop.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>

#include "core/node/gateway_directory.hpp"

#include "shell/loop.hpp"
#include "storage/gateway_directory.hpp"

namespace tally::gateway {

class DirectoryThread {
 public:
  struct Options {
    std::filesystem::path file;
    GatewayId gateway;
    Duration reopen_pause_min{1'000};
    Duration reopen_pause_max{60'000};
  };

  /// All on the link loop.
  struct Callbacks {
    std::function<void(const node::DirectoryState&)> opened;
    std::function<void(std::uint64_t cards)> committed;
    std::function<void()> failed;  ///< Nobody is answered until it was opened again.
    std::function<void(std::uint64_t look_up, const std::optional<link::DirectoryEntry>&)> found;
  };

  DirectoryThread(Options options, shell::Loop& link);
  DirectoryThread(const DirectoryThread&) = delete;
  DirectoryThread& operator=(const DirectoryThread&) = delete;
  ~DirectoryThread();

  /// Starts the thread and opens the file there.
  void start(Callbacks callbacks);
  /// Moves the log into the file, ends the thread. The link loop must have stopped.
  void stop();

  void commit(node::DirectoryCommit commit);
  void find(std::uint64_t look_up, const Mac& token_hash);

 private:
  void open();
  void do_commit(const node::DirectoryCommit& commit, std::uint64_t generation);
  void do_find(std::uint64_t look_up, const Mac& token_hash);
  void fail(const Error& error);
  void open_later();
  void on_link(std::function<void()> work);

  Options options_;
  shell::Loop& link_;
  Callbacks callbacks_;

  // On the link loop.
  std::uint64_t link_generation_ = 0;  ///< Of the file, as far as the machine knows.

  // On its own thread.
  std::optional<storage::GatewayDirectory> directory_;
  std::uint64_t generation_ = 0;
  storage::GatewayDirectory::Start start_ = storage::GatewayDirectory::Start::kFromFile;
  Duration reopen_pause_;

  shell::Loop loop_{"directory"};
  asio::steady_timer reopen_timer_{loop_.io()};
};

}  // namespace tally::gateway
