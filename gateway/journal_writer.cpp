#include "gateway/journal_writer.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"

#include "shell/log.hpp"
#include "shell/process.hpp"

namespace tally::gateway {
namespace {

constexpr shell::Log kLog("journal");
constexpr std::size_t kReadBytesMax = 16 * 1024;
constexpr std::int64_t kFiguresWindowUs = std::int64_t{48} * 3600 * 1'000'000;
constexpr std::chrono::milliseconds kTick{1'000};
constexpr std::uint64_t kTicksToReport = 5;
constexpr std::uint64_t kTicksToPrune = 3'600;
constexpr std::int64_t kPrunedRowsMax = 256;

std::uint64_t file_bytes(const std::filesystem::path& file) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

}  // namespace

JournalWriter::JournalWriter(Options options, shell::Loop& link)
    : options_(std::move(options)), link_(link), reopen_pause_(options_.reopen_pause_min) {}

JournalWriter::~JournalWriter() {
  loop_.stop();
}

Result<std::unique_ptr<JournalWriter>> JournalWriter::open(Options options,
                                                           shell::Loop& link,
                                                           node::GatewaySnapshot& snapshot) {
  std::unique_ptr<JournalWriter> writer(new JournalWriter(std::move(options), link));
  TALLY_TRY_ASSIGN(snapshot, writer->open_journal());
  return writer;
}

Result<node::GatewaySnapshot> JournalWriter::open_journal() {
  journal_.reset();
  TALLY_TRY_ASSIGN(storage::GatewayJournal journal,
                   storage::GatewayJournal::open(options_.file.string(), options_.gateway));
  if (const auto& rescue = journal.rescued()) {
    kLog.error("journal_was_damaged",
               {{"file", options_.file.string()},
                {"damage", rescue->places()},
                {"rows_kept", rescue->rows_kept},
                {"positions_lost", rescue->positions_lost},
                {"damaged_file", rescue->kept_as},
                {"hint", "the terminals send again what is lost; replace the disk soon"}});
  }
  TALLY_TRY_ASSIGN(node::GatewaySnapshot snapshot, journal.snapshot());
  journal_.emplace(std::move(journal));
  return snapshot;
}

void JournalWriter::start(Callbacks callbacks) {
  callbacks_ = std::move(callbacks);
  alive_ms_ = shell::system_now().boot.ms;
  loop_.post([this] {
    load_figures();
    tick();
  });
  loop_.start();
}

void JournalWriter::stop() {
  std::promise<void> done;
  const bool posted = loop_.post([this, &done] {
    if (journal_) {
      if (const Status moved = journal_->checkpoint(); !moved) {
        kLog.error("checkpoint_failed", {{"error", moved.error()}});
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

void JournalWriter::on_link(std::function<void()> work) {
  // Refused only once the link loop has stopped; then nobody is left to be told.
  static_cast<void>(link_.post(std::move(work)));
}

void JournalWriter::commit(node::GatewayCommit commit) {
  loop_.post([this, commit = std::move(commit), generation = link_generation_] {
    do_commit(commit, generation);
  });
}

void JournalWriter::read(StreamId stream, Seq first, std::uint32_t records_max) {
  loop_.post([this, stream, first, records_max, generation = link_generation_] {
    do_read(stream, first, records_max, generation);
  });
}

void JournalWriter::do_commit(const node::GatewayCommit& commit, std::uint64_t generation) {
  if (!journal_ || generation != generation_) {
    return;  // Its failure is already on its way to the machine.
  }
  const auto begun = std::chrono::steady_clock::now();
  const WallTime now = options_.now();
  if (const Status done = journal_->commit(commit, now); !done) {
    fail(done.error());
    return;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  on_link([this, seconds = took.count()] {
    callbacks_.commit_took(seconds);
    callbacks_.committed();
  });
  // From here on nobody waits.
  const BusinessDay today = business_day_of(now, options_.utc_offset_s);
  for (const node::PackedRecords& records : commit.append) {
    figures_.add_packed(records.packed, today);
  }
  report_due_ = true;
  if (const Status maintained = journal_->maintain(); !maintained) {
    fail(maintained.error());
  }
}

void JournalWriter::do_read(StreamId stream,
                            Seq first,
                            std::uint32_t records_max,
                            std::uint64_t generation) {
  if (!journal_ || generation != generation_) {
    return;
  }
  Result<node::PackedRecords> records = journal_->read(stream, first, records_max, kReadBytesMax);
  if (!records && journal_->poisoned()) {
    fail(records.error());
    return;
  }
  if (!records) {
    kLog.error("records_unreadable",
               {{"terminal", stream.terminal.value},
                {"incarnation", stream.incarnation.value},
                {"seq", first.value},
                {"error", records.error()}});
    records = node::PackedRecords{stream, first, 0, {}, {}};
  }
  on_link([this, generation, records = std::move(*records)]() mutable {
    if (generation == link_generation_) {
      callbacks_.read(std::move(records));
    }
  });
}

void JournalWriter::fail(const Error& error) {
  kLog.error("journal_failed",
             {{"error", error}, {"pause_ms", reopen_pause_.ms}, {"file", options_.file.string()}});
  journal_.reset();
  ++generation_;
  on_link([this, error] { callbacks_.failed(error); });
  reopen_timer_.expires_after(std::chrono::milliseconds(reopen_pause_.ms));
  reopen_timer_.async_wait([this](const std::error_code& stopped) {
    if (!stopped) {
      reopen();
    }
  });
}

void JournalWriter::reopen() {
  Result<node::GatewaySnapshot> snapshot = open_journal();
  if (!snapshot) {
    reopen_pause_ = Duration{std::min(reopen_pause_.ms * 2, options_.reopen_pause_max.ms)};
    kLog.error("journal_not_reopened",
               {{"error", snapshot.error()}, {"pause_ms", reopen_pause_.ms}});
    reopen_timer_.expires_after(std::chrono::milliseconds(reopen_pause_.ms));
    reopen_timer_.async_wait([this](const std::error_code& stopped) {
      if (!stopped) {
        reopen();
      }
    });
    return;
  }
  reopen_pause_ = options_.reopen_pause_min;
  kLog.info("journal_reopened", {{"streams", snapshot->streams.size()}});
  // The commit whose outcome was unknown may be there after all.
  figures_ = {};
  load_figures();
  on_link([this, generation = generation_, snapshot = std::move(*snapshot)] {
    link_generation_ = generation;
    callbacks_.reopened(snapshot);
  });
}

void JournalWriter::load_figures() {
  const WallTime now = options_.now();
  const BusinessDay today = business_day_of(now, options_.utc_offset_s);
  const Status visited = journal_->visit_since(WallTime{now.us - kFiguresWindowUs},
                                               [&](const node::PackedRecords& records, WallTime) {
                                                 figures_.add_packed(records.packed, today);
                                               });
  if (!visited) {
    kLog.warning("figures_incomplete", {{"error", visited.error()}});
  }
  report_due_ = true;
}

void JournalWriter::tick() {
  alive_ms_ = shell::system_now().boot.ms;
  prune_due_ = prune_due_ || ticks_ % kTicksToPrune == kTicksToPrune - 1;
  if (journal_ && prune_due_) {
    const Result<std::int64_t> pruned = journal_->prune(options_.now(), kPrunedRowsMax);
    if (!pruned) {
      fail(pruned.error());
    } else {
      prune_due_ = *pruned == kPrunedRowsMax;  // A bounded piece each second.
      kLog.debug("journal_pruned", {{"rows", *pruned}});
    }
  }
  if (report_due_ || ticks_ % kTicksToReport == 0) {
    send_report();
  }
  ++ticks_;
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](const std::error_code& stopped) {
    if (!stopped) {
      tick();
    }
  });
}

void JournalWriter::send_report() {
  report_due_ = false;
  JournalReport report;
  report.today = business_day_of(options_.now(), options_.utc_offset_s);
  report.figures = figures_.of(report.today);
  if (journal_) {
    report.queued_bytes = journal_->queued_bytes().value_or(0);
  }
  report.journal_bytes = file_bytes(options_.file) + file_bytes(options_.file.string() + "-wal");
  std::error_code error;
  const auto space = std::filesystem::space(options_.file.parent_path(), error);
  if (!error) {
    report.free_bytes = space.available;
    report.total_bytes = space.capacity;
  }
  on_link([this, report] { callbacks_.report(report); });
}

}  // namespace tally::gateway
