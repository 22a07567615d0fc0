// Server-sent events of one path (WHATWG HTML, "Server-sent events"). The application keeps the
// handle and publishes from any thread; the server fans out to the browsers that listen.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace tally::transport::http {

class Routes;

class EventStream {
 public:
  struct Limits {
    std::size_t subscribers_max = 32;          ///< One more is answered 503.
    std::size_t backlog_events_max = 64;       ///< Not yet on the wire, of one subscriber.
    std::size_t backlog_bytes_max = 4U << 20;  ///< Same; a subscriber beyond either is dropped
                                               ///< and its browser connects again.
    std::size_t data_bytes_max = 1U << 20;     ///< A larger event is not sent.
    /// A new subscriber first gets the newest event of each name (at most 32 names), so that a page
    /// shows the present state at once.
    bool replay_newest = true;
    std::vector<std::string> momentary;  ///< Names that are never replayed: a sound, say.
  };

  EventStream();
  explicit EventStream(Limits limits);

  /// Sends one event to everybody who listens. `event` is a word; `data` is text, usually JSON, and
  /// may hold line breaks. Cheap when nobody listens; does nothing before the server starts or
  /// after it stops. Order of calls of one thread is kept.
  void publish(std::string event, std::string data) const;

  class Channel;

 private:
  friend class Routes;
  std::shared_ptr<Channel> channel_;
};

}  // namespace tally::transport::http
