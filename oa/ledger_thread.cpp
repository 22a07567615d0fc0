#include "oa/ledger_thread.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <future>
#include <iterator>
#include <utility>

#include "core/base/try.hpp"

#include "shell/log.hpp"
#include "storage/ledger_backup.hpp"

namespace tally::oa {
namespace {

constexpr shell::Log kLog("ledger");
constexpr std::chrono::milliseconds kTick{250};
constexpr std::chrono::milliseconds kTickWhileSweeping{20};
constexpr std::uint64_t kTicksToSlow = 4;
constexpr std::size_t kBatchEventsMax = 128;
constexpr std::size_t kWaitingHigh = 1'024;
constexpr std::size_t kWaitingLow = 128;

}  // namespace

LedgerThread::LedgerThread(Options options,
                           Vault vault,
                           crypto::P256KeyPair record_key,
                           crypto::RandomSource& random,
                           OaMetrics& metrics,
                           shell::Loop& link)
    : options_(std::move(options)),
      vault_(std::move(vault)),
      random_(random),
      metrics_(metrics),
      link_(link),
      registry_(options_.registry, vault_, std::move(record_key), random),
      reopen_pause_(options_.reopen_pause_min) {}

LedgerThread::~LedgerThread() {
  stop();
}

Result<std::unique_ptr<LedgerThread>> LedgerThread::open(Options options,
                                                         Vault vault,
                                                         crypto::P256KeyPair record_key,
                                                         crypto::RandomSource& random,
                                                         OaMetrics& metrics,
                                                         shell::Loop& link) {
  std::unique_ptr<LedgerThread> thread(new LedgerThread(
      std::move(options), std::move(vault), std::move(record_key), random, metrics, link));
  TALLY_TRY(thread->open_ledger());
  return thread;
}

Status LedgerThread::open_ledger() {
  TALLY_TRY_ASSIGN(store_, storage::LedgerStore::open(options_.file.string()));
  TALLY_TRY_ASSIGN(const auto devices, store_->devices());
  TALLY_TRY(registry_.load(devices));
  registry_.scan();
  node::OaConfig config = options_.config;
  TALLY_TRY_ASSIGN(config.ledger_generation, store_->generation());
  TALLY_TRY_ASSIGN(config.ledger_stamp, store_->stamp());
  people_.emplace(*store_, vault_, registry_, random_);
  node_ = std::make_unique<node::OaNode>(config, *store_, registry_, &*people_);
  office_.emplace(*store_, vault_, random_);
  acts_.emplace(*store_);
  claims_.emplace(*store_, registry_);
  return keep_new_devices();
}

Status LedgerThread::keep_new_devices() {
  const std::vector<storage::LedgerDevice> devices = registry_.take_new();
  if (devices.empty()) {
    return {};
  }
  TALLY_TRY(store_->begin());
  for (const storage::LedgerDevice& device : devices) {
    if (const Status put = store_->put_device(device); !put) {
      store_->rollback();
      return put;
    }
  }
  return store_->commit();
}

void LedgerThread::start(Callbacks callbacks) {
  callbacks_ = std::move(callbacks);
  running_ = true;
  alive_ms_ = options_.now().boot.ms;
  metrics_.restart(false);
  static_cast<void>(loop_.post([this] { tick(); }));
  loop_.start();
}

void LedgerThread::stop() {
  if (!std::exchange(running_, false)) {
    return;
  }
  std::promise<void> last;
  const bool posted = loop_.post([&] {
    tick_timer_.cancel();
    reopen_timer_.cancel();
    if (store_) {
      if (const Status moved = store_->db().checkpoint(); !moved) {
        kLog.warning("checkpoint_failed", {{"error", moved.error()}});
      }
    }
    last.set_value();
  });
  if (posted) {
    last.get_future().wait_for(std::chrono::seconds(10));
  }
  loop_.stop();
}

void LedgerThread::push(node::OaEvent event) {
  waiting_.push_back(std::move(event));
  if (!congested_ && waiting_.size() >= kWaitingHigh) {
    congested_ = true;
    callbacks_.congested(true);
  }
  send_batch();
}

void LedgerThread::send_batch() {
  if (busy_ || waiting_.empty()) {
    return;
  }
  busy_ = true;
  const std::size_t count = std::min(waiting_.size(), kBatchEventsMax);
  std::vector<node::OaEvent> events(
      std::make_move_iterator(waiting_.begin()),
      std::make_move_iterator(waiting_.begin() + static_cast<std::ptrdiff_t>(count)));
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  static_cast<void>(loop_.post([this, events = std::move(events), generation = link_generation_] {
    run(events, generation);
  }));
}

void LedgerThread::on_batch_done() {
  busy_ = false;
  if (congested_ && waiting_.size() <= kWaitingLow) {
    congested_ = false;
    callbacks_.congested(false);
  }
  send_batch();
}

void LedgerThread::run(const std::vector<node::OaEvent>& events, std::uint64_t generation) {
  if (!node_ || generation != generation_) {
    to_link([this] { on_batch_done(); });
    return;
  }
  const auto began = std::chrono::steady_clock::now();
  Result<node::OaActions> actions = node_->handle(events, options_.now());
  if (!actions) {
    fail(actions.error());
    to_link([this] { on_batch_done(); });
    return;
  }
  metrics_.commit_took(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  to_link([this, actions = std::move(*actions)] {
    callbacks_.actions(actions);
    on_batch_done();
  });
  if (const Status kept = keep_new_devices(); !kept) {
    fail(kept.error());
    return;
  }
  if (const Status maintained = store_->db().maintain(); !maintained) {
    fail(maintained.error());
  }
}

bool LedgerThread::with_desk(std::function<Status(Desk*)> work) {
  return loop_.post([this, work = std::move(work)] {
    if (!node_) {
      static_cast<void>(work(nullptr));
      return;
    }
    Desk desk{*office_, *acts_, *claims_, *node_, registry_};
    if (const Status done = work(&desk); !done) {
      fail(done.error());
    }
  });
}

void LedgerThread::fail(const Error& error) {
  kLog.error("ledger_failed", {{"error", error}});
  office_.reset();
  claims_.reset();
  acts_.reset();
  node_.reset();
  people_.reset();
  store_.reset();
  ++generation_;
  metrics_.restart(true);
  to_link([this] {
    ++link_generation_;
    waiting_.clear();
    callbacks_.failed();
  });
  reopen_timer_.expires_after(std::chrono::milliseconds(reopen_pause_.ms));
  reopen_timer_.async_wait([this](const std::error_code& cancelled) {
    if (!cancelled) {
      reopen();
    }
  });
}

void LedgerThread::reopen() {
  if (const Status opened = open_ledger(); !opened) {
    kLog.error("ledger_not_reopened", {{"error", opened.error()}});
    office_.reset();
    claims_.reset();
    acts_.reset();
    node_.reset();
    people_.reset();
    store_.reset();
    reopen_pause_.ms = std::min(reopen_pause_.ms * 2, options_.reopen_pause_max.ms);
    reopen_timer_.expires_after(std::chrono::milliseconds(reopen_pause_.ms));
    reopen_timer_.async_wait([this](const std::error_code& cancelled) {
      if (!cancelled) {
        reopen();
      }
    });
    return;
  }
  kLog.info("ledger_reopened");
  reopen_pause_ = options_.reopen_pause_min;
  metrics_.restart(false);
  to_link([this] { callbacks_.reopened(); });
}

void LedgerThread::tick() {
  const Instant now = options_.now();
  alive_ms_ = now.boot.ms;
  if (node_) {
    node::OaActions actions = node_->tick(now);
    if (!actions.empty()) {
      to_link([this, actions = std::move(actions)] { callbacks_.actions(actions); });
    }
    push_directory(now);
  }
  if (node_) {
    if (++ticks_ % kTicksToSlow == 0) {
      metrics_.update(*node_);
      if (const Status moved = run_office_queue(); !moved) {
        fail(moved.error());
      } else {
        take_backup_notice(now);
      }
    }
    if (node_ && node_->owes_positions()) {
      run({}, generation_);
    }
  }
  tick_timer_.expires_after(maintain(now) ? kTickWhileSweeping : kTick);
  tick_timer_.async_wait([this](const std::error_code& cancelled) {
    if (!cancelled) {
      tick();
    }
  });
}

/// What is on its way between two members and was interrupted, or came late to a merged one.
Status LedgerThread::run_office_queue() {
  TALLY_TRY(acts_->run_queue(node_->ledger_time(options_.now())));
  return {};
}

void LedgerThread::push_directory(Instant now) {
  Result<node::OaActions> due = node_->push_directory(now);
  if (!due) {
    fail(due.error());
  } else if (!due->empty()) {
    to_link([this, actions = std::move(*due)] { callbacks_.actions(actions); });
  }
}

// What `tally oa backup` has verified becomes ARCHIVED. A notice that cannot be read is left for a
// person under another name; nothing is archived by it.
void LedgerThread::take_backup_notice(Instant now) {
  const std::filesystem::path file = options_.file.parent_path() / storage::kBackupNoticeFile;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return;
  }
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const Result<storage::BackupContent> content = storage::parse_backup_notice(text);
  if (!content) {
    kLog.warning("backup_notice_unreadable", {{"error", content.error()}});
    std::filesystem::rename(file, file.string() + ".bad", error);
    return;
  }
  if (content->generation != node_->generation()) {
    kLog.warning("backup_of_another_generation", {{"generation", content->generation}});
  } else {
    Result<node::OaActions> actions = node_->archive(content->heads, now);
    if (!actions) {
      fail(actions.error());
      return;  // The notice stays for the ledger that is opened next.
    }
    kLog.info("backup_archived", {{"streams", content->heads.size()}});
    to_link([this, actions = std::move(*actions)] { callbacks_.actions(actions); });
  }
  std::filesystem::remove(file, error);
}

bool LedgerThread::maintain(Instant now) {
  if (!node_) {
    return false;
  }
  const Result<bool> more = node_->maintain(now);
  if (!more) {
    fail(more.error());
    return false;
  }
  if (const Status maintained = store_->db().maintain(); !maintained) {
    fail(maintained.error());
    return false;
  }
  return *more;
}

void LedgerThread::to_link(std::function<void()> work) {
  static_cast<void>(link_.post(std::move(work)));
}

}  // namespace tally::oa
