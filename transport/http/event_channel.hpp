// The server's side of an EventStream: its subscribers and the newest event of each name.
// publish() from any thread; everything else on the server's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "transport/http/event_stream.hpp"
#include "transport/http/mailbox.hpp"

namespace tally::transport::http {

using SharedText = std::shared_ptr<const std::string>;

/// One browser that listens. Implemented by the server over a connection.
class EventSink {
 public:
  EventSink() = default;
  EventSink(const EventSink&) = delete;
  EventSink& operator=(const EventSink&) = delete;
  virtual ~EventSink() = default;
  /// Queues bytes; `sent` is called later with whether they were written.
  virtual void write(SharedText text, std::function<void(bool)> sent) = 0;
  /// Ends the response once what is queued was written.
  virtual void close() = 0;
};

class EventStream::Channel : public std::enable_shared_from_this<EventStream::Channel> {
 public:
  explicit Channel(Limits limits) : limits_(limits) {}

  void publish(std::string event, std::string data);

  /// The server's life with this channel.
  void attach(std::shared_ptr<Mailbox> mailbox, std::function<void()> dropped);
  void detach();

  bool is_full() const { return subscribers_.size() >= limits_.subscribers_max; }
  void subscribe(std::shared_ptr<EventSink> sink);
  /// A comment line to every subscriber, so that dead connections are noticed.
  void send_heartbeat();
  std::size_t subscribers() const { return subscribers_.size(); }

 private:
  struct Subscriber {
    std::shared_ptr<EventSink> sink;
    std::size_t events = 0;
    std::size_t bytes = 0;
    bool failed = false;
  };
  void fan_out(const std::string& event, const SharedText& text);
  void write_to(const std::shared_ptr<Subscriber>& subscriber, const SharedText& text);
  void remove_failed();

  const Limits limits_;
  std::vector<std::shared_ptr<Subscriber>> subscribers_;
  std::map<std::string, SharedText> newest_;
  std::function<void()> dropped_;
  std::mutex mutex_;  ///< Of mailbox_ only: publish() may run while a server starts or stops.
  std::shared_ptr<Mailbox> mailbox_;
};

/// The text of one event as it goes over the wire. Line breaks in `event` are dropped.
std::string event_text(const std::string& event, const std::string& data);

}  // namespace tally::transport::http
