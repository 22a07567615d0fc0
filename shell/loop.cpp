#include "shell/loop.hpp"

#include <utility>

#include <pthread.h>

#include "core/base/assert.hpp"

namespace tally::shell {

Loop::Loop(std::string name) : name_(name.substr(0, 15)), work_(asio::make_work_guard(io_)) {}

Loop::~Loop() {
  stop();
}

void Loop::start() {
  TALLY_ASSERT(!thread_.joinable());
  thread_ = std::thread([this]() noexcept {
    ::pthread_setname_np(::pthread_self(), name_.c_str());
    io_.run();
  });
}

bool Loop::post(std::function<void()> work) {
  if (is_stopped_) {
    return false;
  }
  if (posted_.fetch_add(1) >= kPostedMax) {
    posted_.fetch_sub(1);
    return false;
  }
  asio::post(io_, [this, work = std::move(work)] {
    posted_.fetch_sub(1);
    work();
  });
  return true;
}

void Loop::stop() {
  is_stopped_ = true;
  io_.stop();
  if (thread_.joinable()) {
    TALLY_ASSERT(!is_this_thread());
    thread_.join();
  }
}

}  // namespace tally::shell
