#include "firmware/journal_thread.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"

#include "hal/linux/linux_clock.hpp"
#include "shell/log.hpp"

namespace tally::firmware {

namespace {

constexpr shell::Log kLog("journal");
constexpr std::size_t kReadBytesMax = 16 * 1024;

}  // namespace

JournalThread::JournalThread(Options options, asio::io_context& main)
    : options_(std::move(options)),
      main_(main),
      callbacks_(std::make_shared<std::optional<Callbacks>>()),
      reopen_pause_(options_.reopen_pause_min) {}

JournalThread::~JournalThread() {
  stop();
}

Result<std::unique_ptr<JournalThread>> JournalThread::open(Options options,
                                                           asio::io_context& main,
                                                           node::TerminalSnapshot& snapshot) {
  std::unique_ptr<JournalThread> thread(new JournalThread(std::move(options), main));
  TALLY_TRY_ASSIGN(snapshot, thread->open_journal());
  return thread;
}

Result<node::TerminalSnapshot> JournalThread::open_journal() {
  journal_.reset();  // The old one holds the lock.
  auto journal = storage::TerminalJournal::open(
      options_.file.string(), options_.terminal, options_.incarnation);
  if (!journal) {
    return Error(journal.error());
  }
  if (const auto& rescue = journal->rescued()) {
    kLog.error("journal_was_damaged",
               {{"file", options_.file.string()},
                {"damage", rescue->places()},
                {"rows_kept", rescue->rows_kept},
                {"positions_lost", rescue->positions_lost},
                {"damaged_file", rescue->kept_as},
                {"hint", "what could be proven sound goes on; replace the card or disk soon"}});
  }
  auto snapshot = journal->snapshot();
  if (snapshot) {
    journal_.emplace(std::move(*journal));
  }
  return snapshot;
}

void JournalThread::start(Callbacks callbacks) {
  *callbacks_ = std::move(callbacks);
  running_ = true;
  loop_.start();
}

void JournalThread::stop() {
  if (!std::exchange(running_, false)) {
    return;
  }
  callbacks_->reset();
  std::promise<void> done;
  const bool posted = loop_.post([this, &done] {
    reopen_timer_.cancel();
    if (journal_) {
      if (const Status moved = journal_->checkpoint(); !moved) {
        kLog.warning("journal_checkpoint_failed", {{"error", moved.error()}});
      }
      journal_.reset();
    }
    done.set_value();
  });
  if (posted) {
    done.get_future().wait();
  }
  loop_.stop();
}

void JournalThread::commit(node::TerminalCommit commit) {
  // The machine has one commit on its way at a time, so the loop's bound is never reached.
  const bool posted = loop_.post([this, commit = std::move(commit)] { do_commit(commit); });
  TALLY_ASSERT(posted || !running_);
}

void JournalThread::read(const node::ReadRows& request) {
  const bool posted = loop_.post([this, request] { do_read(request); });
  TALLY_ASSERT(posted || !running_);
}

void JournalThread::do_commit(const node::TerminalCommit& commit) {
  if (!journal_) {
    on_main([](const Callbacks& to) {
      to.failed(make_error(Errc::kUnavailable, "the journal is being opened again"));
    });
    return;
  }
  const std::int64_t began_us = hal::monotonic_us();
  if (const Status done = journal_->commit(commit); !done) {
    fail(done.error());
    return;
  }
  const double seconds = static_cast<double>(hal::monotonic_us() - began_us) / 1e6;
  on_main([seconds](const Callbacks& to) { to.committed(seconds); });
  // The answer is on its way: tidying up costs no sale anything.
  if (const Status tidied = journal_->maintain(); !tidied) {
    kLog.warning("journal_maintenance_failed", {{"error", tidied.error()}});
  }
}

void JournalThread::do_read(const node::ReadRows& request) {
  node::RowsRead rows;
  if (journal_) {
    auto read = journal_->read_rows(request.first, request.records_max, kReadBytesMax);
    if (read) {
      rows = std::move(*read);
    } else {
      kLog.warning("journal_read_failed",
                   {{"first_seq", request.first.value}, {"error", read.error()}});
    }
  }
  if (rows.unreadable) {
    kLog.error(
        "journal_rows_unreadable",
        {{"first_seq", rows.unreadable->first.value}, {"last_seq", rows.unreadable->last.value}});
  }
  on_main([purpose = request.purpose, rows = std::move(rows)](const Callbacks& to) {
    to.rows(purpose, rows);
  });
  if (journal_ && journal_->poisoned()) {
    fail(make_error(Errc::kCorrupt, "the journal cannot be read"));  // Opened again, it is rescued.
  }
}

void JournalThread::fail(const Error& error) {
  kLog.error("journal_failed", {{"error", error}});
  journal_.reset();
  on_main([error](const Callbacks& to) { to.failed(error); });
  reopen_later();
}

void JournalThread::reopen_later() {
  reopen_timer_.expires_after(std::chrono::milliseconds(reopen_pause_.ms));
  reopen_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (cancelled) {
      return;
    }
    auto snapshot = open_journal();
    if (!snapshot) {
      kLog.error("journal_reopen_failed", {{"error", snapshot.error()}});
      reopen_pause_.ms = std::min(2 * reopen_pause_.ms, options_.reopen_pause_max.ms);
      reopen_later();
      return;
    }
    reopen_pause_ = options_.reopen_pause_min;
    kLog.info("journal_reopened", {{"head_seq", snapshot->head.seq.value}});
    on_main([snapshot = std::move(*snapshot)](const Callbacks& to) { to.reopened(snapshot); });
  });
}

void JournalThread::on_main(std::function<void(const Callbacks&)> work) {
  asio::post(main_, [to = callbacks_, work = std::move(work)] {
    if (*to) {
      work(**to);
    }
  });
}

}  // namespace tally::firmware
