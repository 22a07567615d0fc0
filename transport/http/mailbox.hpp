// Hands work from any thread to the server's thread. The one mutex of the HTTP server: a
// mailbox must outlive the loop it feeds (a Reply may be answered after the server stopped),
// which posting straight into an io_context does not allow.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include <asio/io_context.hpp>

namespace tally::transport::http {

class Mailbox {
 public:
  /// `letters_max` bounds the work not yet run.
  Mailbox(asio::io_context& loop, std::size_t letters_max)
      : loop_(&loop), letters_max_(letters_max) {}

  /// Runs `letter` later on the loop's thread. False, and not run, when full or closed.
  /// A letter must not own the mailbox's loop.
  bool post(std::function<void()> letter);
  /// Drops what waits; from now on post() refuses. The loop may be destroyed afterwards.
  void close();

 private:
  void deliver();

  std::mutex mutex_;
  asio::io_context* loop_;  ///< Null once closed.
  std::size_t letters_max_;
  std::vector<std::function<void()>> letters_;
};

}  // namespace tally::transport::http
