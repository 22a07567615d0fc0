#include "gateway/directory_thread.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "shell/log.hpp"

namespace tally::gateway {
namespace {

constexpr shell::Log kLog("directory");

}  // namespace

DirectoryThread::DirectoryThread(Options options, shell::Loop& link)
    : options_(std::move(options)), link_(link), reopen_pause_(options_.reopen_pause_min) {}

DirectoryThread::~DirectoryThread() {
  loop_.stop();
}

void DirectoryThread::start(Callbacks callbacks) {
  callbacks_ = std::move(callbacks);
  loop_.post([this] { open(); });
  loop_.start();
}

void DirectoryThread::stop() {
  std::promise<void> done;
  const bool posted = loop_.post([this, &done] {
    reopen_timer_.cancel();
    if (directory_) {
      if (const Status moved = directory_->checkpoint(); !moved) {
        kLog.warning("checkpoint_failed", {{"error", moved.error()}});
      }
      directory_.reset();
    }
    done.set_value();
  });
  if (posted) {
    done.get_future().wait();
  }
  loop_.stop();
}

void DirectoryThread::on_link(std::function<void()> work) {
  // Refused only once the link loop has stopped; then nobody is left to be told.
  static_cast<void>(link_.post(std::move(work)));
}

void DirectoryThread::commit(node::DirectoryCommit commit) {
  loop_.post([this, commit = std::move(commit), generation = link_generation_] {
    do_commit(commit, generation);
  });
}

void DirectoryThread::find(std::uint64_t look_up, const Mac& token_hash) {
  loop_.post([this, look_up, token_hash] { do_find(look_up, token_hash); });
}

void DirectoryThread::open() {
  directory_.reset();
  auto opened = storage::GatewayDirectory::open(options_.file.string(), options_.gateway, start_);
  if (!opened) {
    kLog.error("directory_not_opened", {{"error", opened.error()}, {"pause_ms", reopen_pause_.ms}});
    open_later();
    return;
  }
  if (opened->dropped) {
    kLog.warning("directory_dropped", {{"error", *opened->dropped}});
  }
  reopen_pause_ = options_.reopen_pause_min;
  start_ = storage::GatewayDirectory::Start::kFromFile;
  directory_.emplace(std::move(opened->directory));
  on_link([this, state = opened->state, generation = ++generation_] {
    link_generation_ = generation;
    callbacks_.opened(state);
  });
}

void DirectoryThread::open_later() {
  reopen_timer_.expires_after(std::chrono::milliseconds(reopen_pause_.ms));
  reopen_pause_ = Duration{std::min(reopen_pause_.ms * 2, options_.reopen_pause_max.ms)};
  reopen_timer_.async_wait([this](const std::error_code& stopped) {
    if (!stopped) {
      open();
    }
  });
}

void DirectoryThread::do_commit(const node::DirectoryCommit& commit, std::uint64_t generation) {
  if (!directory_ || generation != generation_) {
    return;  // Its failure is already on its way to the machine.
  }
  const Result<std::uint64_t> cards = directory_->commit(commit);
  if (!cards) {
    fail(cards.error());
    return;
  }
  on_link([this, count = *cards] { callbacks_.committed(count); });
  if (const Status maintained = directory_->maintain(); !maintained) {
    fail(maintained.error());
  }
}

void DirectoryThread::do_find(std::uint64_t look_up, const Mac& token_hash) {
  std::optional<link::DirectoryEntry> entry;
  if (directory_) {
    Result<std::optional<link::DirectoryEntry>> found = directory_->find(token_hash);
    if (found) {
      entry = std::move(*found);
    } else {
      fail(found.error());
    }
  }
  on_link([this, look_up, entry = std::move(entry)] { callbacks_.found(look_up, entry); });
}

void DirectoryThread::fail(const Error& error) {
  kLog.error("directory_failed", {{"error", error}, {"file", options_.file.string()}});
  if (error.code == Errc::kCorrupt) {
    start_ = storage::GatewayDirectory::Start::kAnew;
  }
  directory_.reset();
  on_link([this] { callbacks_.failed(); });
  open_later();
}

}  // namespace tally::gateway
