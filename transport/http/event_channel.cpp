#include "transport/http/event_channel.hpp"

#include <algorithm>

namespace tally::transport::http {
namespace {

constexpr std::size_t kNewestNamesMax = 32;

}  // namespace

std::string event_text(const std::string& event, const std::string& data) {
  std::string text = "event: ";
  std::ranges::copy_if(
      event, std::back_inserter(text), [](char c) { return c != '\n' && c != '\r'; });
  text += "\ndata: ";
  for (std::size_t i = 0; i < data.size(); ++i) {
    const bool pair = data[i] == '\r' && i + 1 < data.size() && data[i + 1] == '\n';
    if (data[i] == '\n' || data[i] == '\r') {
      text += "\ndata: ";
    } else {
      text += data[i];
    }
    i += pair ? 1 : 0;
  }
  return text + "\n\n";
}

EventStream::EventStream() : EventStream(Limits{}) {}

EventStream::EventStream(Limits limits) : channel_(std::make_shared<Channel>(limits)) {}

void EventStream::publish(std::string event, std::string data) const {
  channel_->publish(std::move(event), std::move(data));
}

void EventStream::Channel::publish(std::string event, std::string data) {
  if (data.size() > limits_.data_bytes_max) {
    return;
  }
  std::shared_ptr<Mailbox> mailbox;
  {
    const std::lock_guard lock(mutex_);
    mailbox = mailbox_;
  }
  if (mailbox) {
    mailbox->post([self = shared_from_this(), event = std::move(event), data = std::move(data)] {
      self->fan_out(event, std::make_shared<const std::string>(event_text(event, data)));
    });
  }
}

void EventStream::Channel::attach(std::shared_ptr<Mailbox> mailbox, std::function<void()> dropped) {
  dropped_ = std::move(dropped);
  const std::lock_guard lock(mutex_);
  mailbox_ = std::move(mailbox);
}

void EventStream::Channel::detach() {
  subscribers_.clear();
  dropped_ = nullptr;
  const std::lock_guard lock(mutex_);
  mailbox_ = nullptr;
}

void EventStream::Channel::subscribe(std::shared_ptr<EventSink> sink) {
  auto subscriber = std::make_shared<Subscriber>();
  subscriber->sink = std::move(sink);
  subscribers_.push_back(subscriber);
  // "retry" is the browser's pause before it connects again.
  write_to(subscriber, std::make_shared<const std::string>("retry: 2000\n\n"));
  for (const auto& [event, text] : newest_) {
    write_to(subscriber, text);
  }
  remove_failed();
}

void EventStream::Channel::send_heartbeat() {
  const auto text = std::make_shared<const std::string>(":\n\n");
  for (const auto& subscriber : subscribers_) {
    write_to(subscriber, text);
  }
  remove_failed();
}

void EventStream::Channel::fan_out(const std::string& event, const SharedText& text) {
  const bool is_momentary = std::find(limits_.momentary.begin(), limits_.momentary.end(), event) !=
                            limits_.momentary.end();
  if (limits_.replay_newest && !is_momentary &&
      (newest_.contains(event) || newest_.size() < kNewestNamesMax)) {
    newest_[event] = text;
  }
  for (const auto& subscriber : subscribers_) {
    write_to(subscriber, text);
  }
  remove_failed();
}

void EventStream::Channel::write_to(const std::shared_ptr<Subscriber>& subscriber,
                                    const SharedText& text) {
  if (subscriber->failed) {
    return;
  }
  if (subscriber->events >= limits_.backlog_events_max ||
      subscriber->bytes + text->size() > limits_.backlog_bytes_max) {
    subscriber->failed = true;
    if (dropped_) {
      dropped_();
    }
    return;
  }
  subscriber->events += 1;
  subscriber->bytes += text->size();
  subscriber->sink->write(text,
                          [weak = std::weak_ptr(subscriber), size = text->size()](bool written) {
                            if (const auto one = weak.lock()) {
                              one->events -= 1;
                              one->bytes -= size;
                              one->failed |= !written;
                            }
                          });
}

void EventStream::Channel::remove_failed() {
  std::erase_if(subscribers_, [](const std::shared_ptr<Subscriber>& subscriber) {
    if (subscriber->failed) {
      subscriber->sink->close();
    }
    return subscriber->failed;
  });
}

}  // namespace tally::transport::http
