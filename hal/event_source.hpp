// How input devices hand over events: a file descriptor to wait on and a queue to empty. Drivers
// may fill the queue from any thread; one thread, the terminal's main loop, empties it.
#pragma once

#include <optional>

namespace tally::hal {

/// A stream of events of one device.
template <class Event>
class EventSource {
 public:
  EventSource() = default;
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;
  virtual ~EventSource() = default;

  /// Readable while next() has something to give. Valid as long as this object; never read, written
  /// or closed by the caller.
  virtual int ready_fd() const = 0;

  /// The oldest event not yet taken, or none. Never blocks. One thread only.
  virtual std::optional<Event> next() = 0;
};

}  // namespace tally::hal
