// The reading side: lines, waits, the end. What commands do is in script_actions.cpp.
#include "firmware/script_runner.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "firmware/view_json.hpp"
#include "hal/linux/linux_clock.hpp"

namespace tally::firmware {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t kChunkBytes = 4096;

}  // namespace

ScriptRunner::ScriptRunner(asio::io_context& main,
                           SimDevices& devices,
                           int out,
                           std::function<void()> quit)
    : main_(main), devices_(devices), out_(out), quit_(std::move(quit)), wait_timer_(main) {}

ScriptRunner::~ScriptRunner() = default;

Result<std::unique_ptr<ScriptRunner>> ScriptRunner::open(const std::string& source,
                                                         asio::io_context& main,
                                                         SimDevices& devices,
                                                         int out,
                                                         std::function<void()> quit) {
  std::unique_ptr<ScriptRunner> runner(new ScriptRunner(main, devices, out, std::move(quit)));
  if (source == "-") {
    runner->input_ = std::make_unique<asio::posix::stream_descriptor>(main, dup(STDIN_FILENO));
    return runner;
  }
  std::ifstream file(source, std::ios::binary);
  if (!file) {
    return make_error(Errc::kNotFound, "the script cannot be read", errno);
  }
  runner->buffer_.resize(kFileBytesMax + 1);
  file.read(runner->buffer_.data(), static_cast<std::streamsize>(runner->buffer_.size()));
  runner->buffer_.resize(static_cast<std::size_t>(file.gcount()));
  if (runner->buffer_.size() > kFileBytesMax) {
    return make_error(Errc::kExhausted, "the script is larger than 1 MiB");
  }
  runner->input_ended_ = true;
  return runner;
}

void ScriptRunner::start(Terminal& terminal, const Ready& ready) {
  terminal_ = &terminal;
  running_ = true;
  emit("ready",
       hal::monotonic_us(),
       {{"start_ms", ready.start_ms},
        {"terminal", ready.terminal.value},
        {"incarnation", ready.incarnation.value},
        {"recovered", ready.records},
        {"page", ready.page_link ? Json(*ready.page_link) : Json(nullptr)}});
  post_next();
}

void ScriptRunner::finish(int code) {
  running_ = false;
  wait_timer_.cancel();
  if (input_) {
    asio::error_code ignored;
    input_->cancel(ignored);
  }
  emit("quit", hal::monotonic_us(), {{"code", code}});
}

// Takes one line, or reads more. Every line is a turn of the loop of its own, so that disk and
// gateway are heard between two commands.
void ScriptRunner::next() {
  if (!running_ || wait_ || ended_) {
    return;
  }
  const std::size_t end = buffer_.find('\n');
  if (end == std::string::npos && !input_ended_) {
    if (buffer_.size() > script::kLineBytesMax) {
      skipping_long_line_ = true;
      buffer_.clear();
    }
    read_more();
    return;
  }
  if (end == std::string::npos && buffer_.empty()) {
    this->end();
    return;
  }
  const std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end == std::string::npos ? buffer_.size() : end + 1);
  ++line_;
  if (std::exchange(skipping_long_line_, false)) {
    fail("range", "a line is at most " + std::to_string(script::kLineBytesMax) + " bytes");
  } else {
    take_line(line);
  }
  post_next();
}

// At most one turn is on its way: two would read into one chunk at the same time.
void ScriptRunner::post_next() {
  if (!std::exchange(next_posted_, true)) {
    asio::post(main_, [this] {
      next_posted_ = false;
      next();
    });
  }
}

void ScriptRunner::read_more() {
  if (std::exchange(reading_, true)) {
    return;
  }
  chunk_.resize(kChunkBytes);
  input_->async_read_some(asio::buffer(chunk_),
                          [this](const asio::error_code& error, std::size_t size) {
                            if (error == asio::error::operation_aborted) {
                              return;
                            }
                            reading_ = false;
                            buffer_.append(chunk_, 0, size);
                            input_ended_ = static_cast<bool>(error);
                            next();
                          });
}

void ScriptRunner::take_line(std::string_view line) {
  const auto parsed = script::parse_line(line);
  if (const auto* bad = std::get_if<script::BadLine>(&parsed)) {
    fail(bad->out_of_range ? "range" : "syntax", bad->text);
  } else if (const auto* command = std::get_if<script::Command>(&parsed)) {
    std::visit([this](const auto& c) { carry_out(c); }, *command);
  }
}

void ScriptRunner::end() {
  if (!std::exchange(ended_, true)) {
    quit_();
  }
}

void ScriptRunner::begin_wait(std::string command,
                              Duration timeout,
                              std::function<bool()> done,
                              std::function<std::string()> describe,
                              bool is_sleep) {
  wait_ = Wait{std::move(done),
               std::move(describe),
               std::move(command),
               line_,
               hal::monotonic_us(),
               is_sleep};
  wait_timer_.expires_after(std::chrono::milliseconds(timeout.ms));
  wait_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (!cancelled && wait_) {
      wait_over(wait_->is_sleep || wait_->done());
    }
  });
  on_progress();
}

void ScriptRunner::on_progress() {
  if (running_ && wait_ && wait_->done()) {
    wait_over(true);
  }
}

void ScriptRunner::wait_over(bool in_time) {
  const Wait wait = std::exchange(wait_, std::nullopt).value();
  wait_timer_.cancel();
  const std::int64_t now_us = hal::monotonic_us();
  if (!in_time) {
    fail("timeout", wait.describe());
  } else {
    emit("waited",
         now_us,
         {{"line", wait.line},
          {"command", wait.command},
          {"waited_ms", (now_us - wait.since_us) / 1000}});
  }
  post_next();
}

void ScriptRunner::fail(const char* error, const std::string& text) {
  had_error_ = true;
  emit("error", hal::monotonic_us(), {{"line", line_}, {"error", error}, {"text", text}});
}

void ScriptRunner::emit(const char* event, std::int64_t t_us, Json fields) {
  if (out_broken_) {
    return;
  }
  Json whole = {{"event", event}, {"t_us", t_us}};
  whole.update(fields);
  const std::string line = to_line(whole) + "\n";
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = write(out_, rest.data(), rest.size());
    if (written < 0 && errno != EINTR) {
      // Nobody reads any more: the script has lost its purpose.
      out_broken_ = true;
      asio::post(main_, [this] { end(); });
      return;
    }
    rest.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
}

}  // namespace tally::firmware
