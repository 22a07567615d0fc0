// One thread with one io_context: the link loop, the writer loop. State belongs to one loop and is
// touched by nobody else; others post.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>

#include "transport/asio_loop.hpp"

namespace tally::shell {

class Loop {
 public:
  static constexpr std::size_t kPostedMax = 65'536;

  /// `name` shows in ps and gdb; at most 15 characters are kept.
  explicit Loop(std::string name);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  /// Stops when still running.
  ~Loop();

  /// For sockets and timers that belong to this loop.
  asio::io_context& io() { return io_; }

  /// Starts the thread; it runs until stop(). Not twice. An exception that leaves a handler is a
  /// programming error and ends the process.
  void start();
  /// Runs `work` later on the loop's thread; in order for one posting thread. False, and not run,
  /// when 65,536 posts wait or the loop was stopped. Work posted before start() runs after it.
  bool post(std::function<void()> work);
  /// Ends the loop after the handler that is running, drops what waits, joins. Not from the loop
  /// itself. A second call does nothing. What waits is destroyed with the Loop.
  void stop();

  bool is_this_thread() const { return thread_.get_id() == std::this_thread::get_id(); }

 private:
  std::string name_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
  std::atomic<std::size_t> posted_{0};
  std::atomic<bool> is_stopped_{false};
};

}  // namespace tally::shell
