// The queue behind every simulated input device: filled from any thread, emptied by one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/assert.hpp"
#include "core/base/result.hpp"

namespace tally::hal {

template <class Event>
class SimQueue {
 public:
  static constexpr std::size_t kEventsMax = 256;

  SimQueue() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { TALLY_ASSERT(fd_ >= 0); }
  SimQueue(const SimQueue&) = delete;
  SimQueue& operator=(const SimQueue&) = delete;
  ~SimQueue() { close(fd_); }

  int ready_fd() const { return fd_; }

  /// Errors: kExhausted when kEventsMax events are waiting; the event is dropped.
  Status push(Event event) {
    const std::lock_guard lock(mutex_);
    if (events_.size() >= kEventsMax) {
      return make_error(Errc::kExhausted, "the simulated device's queue is full");
    }
    events_.push_back(std::move(event));
    const std::uint64_t one = 1;
    TALLY_ASSERT(write(fd_, &one, sizeof one) == sizeof one);
    return {};
  }

  std::optional<Event> pop() {
    const std::lock_guard lock(mutex_);
    if (events_.empty()) {
      return std::nullopt;
    }
    Event event = std::move(events_.front());
    events_.pop_front();
    if (events_.empty()) {
      std::uint64_t count = 0;
      TALLY_ASSERT(read(fd_, &count, sizeof count) == sizeof count);
    }
    return event;
  }

 private:
  std::mutex mutex_;
  std::deque<Event> events_;
  int fd_;
};

}  // namespace tally::hal
