// The terminal of the crash tests: machine, journal, link and what the customer saw.
#include <utility>

#include "core/base/assert.hpp"

#include "tests/crash/world.hpp"

namespace tally::crash {

bool World::open_terminal() {
  node::TerminalSnapshot snapshot;
  const Status opened = in_phase(Part::kTerminal, Phase::kOpening, [&]() -> Status {
    auto journal =
        storage::TerminalJournal::open(path_of(Part::kTerminal), kTerminal, Incarnation{1});
    if (!journal) {
      return journal.error();
    }
    auto read = journal->snapshot();
    if (!read) {
      return read.error();
    }
    snapshot = std::move(*read);
    terminal_journal_.emplace(std::move(*journal));
    return {};
  });
  if (!opened) {
    reopen_at_ms_[index(Part::kTerminal)] = ms_ + 500;
    return false;
  }
  if (terminal_) {
    perform(terminal_->on_journal_reopened(snapshot, now()));
    return true;
  }
  node::TerminalConfig config;
  config.terminal = kTerminal;
  config.incarnation = Incarnation{1};
  config.store = kStore;
  config.boot = BootId{1'000 + ++boots_};
  config.key = key_of(kTerminal);
  config.software = "crash";
  config.rows_kept = UINT64_MAX;  // The judge reads whole journals.
  config.build_time = WallTime{wall_at_start_us_ - 1};
  terminal_ = std::make_unique<node::TerminalNode>(config, snapshot);
  perform(terminal_->start(now()));
  return true;
}

void World::close_terminal() {
  terminal_.reset();
  terminal_journal_.reset();
  screen_seen_.reset();
}

void World::key(sale::Key key) {
  if (terminal_) {
    perform(terminal_->on_key(key, now()));
  }
}

void World::code(const std::string& text) {
  if (terminal_) {
    perform(terminal_->on_code(text, now()));
  }
}

void World::perform(node::TerminalActions actions) {
  for (node::TerminalAction& action : actions) {
    if (auto* wanted = std::get_if<node::CommitTerminal>(&action)) {
      post(Part::kTerminal, [this, change = std::move(wanted->commit)] { commit(change); });
    } else if (const auto* rows = std::get_if<node::ReadRows>(&action)) {
      post(Part::kTerminal, [this, wanted = *rows] {
        node::RowsRead found;
        if (terminal_journal_) {
          found = terminal_journal_->read_rows(wanted.first, wanted.records_max, SIZE_MAX)
                      .value_or(node::RowsRead{});
        }
        perform(terminal_->on_rows(wanted.purpose, found, now()));
      });
    } else if (auto* send = std::get_if<node::SendUplink>(&action)) {
      post(Part::kGateway, [this, line = terminal_line_, message = std::move(send->message)] {
        if (line && line == terminal_line_) {
          perform(gateway_->on_terminal_message(line, message, now()));
        }
      });
    } else if (std::holds_alternative<node::DropLink>(action)) {
      post(Part::kTerminal, [this] { drop_terminal(); });
    } else if (std::holds_alternative<node::ShowView>(action)) {
      look_at_screen();
    }
  }
}

void World::commit(const node::TerminalCommit& commit) {
  if (!terminal_journal_) {
    terminal_failed(make_error(Errc::kUnavailable, "the journal is being opened again"));
    return;
  }
  if (mistakes_.acknowledges_early) {
    count_commit(Part::kTerminal);
    perform(terminal_->on_committed(now()));
  }
  const Status done =
      in_phase(Part::kTerminal, Phase::kCommit, [&] { return terminal_journal_->commit(commit); });
  if (mistakes_.acknowledges_early) {
    return;
  }
  if (!done) {
    terminal_failed(done.error());
    return;
  }
  count_commit(Part::kTerminal);
  perform(terminal_->on_committed(now()));
  const Status tidied =
      in_phase(Part::kTerminal, Phase::kUpkeep, [&] { return terminal_journal_->maintain(); });
  static_cast<void>(tidied);  // As the program: the next commit finds out.
}

void World::terminal_failed(const Error& error) {
  terminal_journal_.reset();
  reopen_at_ms_[index(Part::kTerminal)] = ms_ + 500;
  perform(terminal_->on_commit_failed(error, now()));
}

void World::look_at_screen() {
  const sale::CheckoutView& view = terminal_->view();
  const bool fresh = screen_seen_ != view.screen;
  screen_seen_ = view.screen;
  if (!fresh || view.screen != sale::Screen::kResult) {
    return;
  }
  if (view.result == sale::ResultKind::kApproved) {
    promises_.push_back(
        {view.receipt_number, view.earn, view.redeem, view.message == sale::MessageId::kVoided});
  }
  const bool is_disk =
      view.message == sale::MessageId::kDiskFault || view.message == sale::MessageId::kDiskFull;
  refused_ += view.result == sale::ResultKind::kAttention && is_disk ? 1U : 0U;
}

void World::connect_terminal() {
  if (!terminal_cut_ && terminal_ && gateway_ && !terminal_line_) {
    terminal_line_ = node::ConnectionId{++connection_count_};
    post(Part::kTerminal, [this, line = terminal_line_] {
      if (line == terminal_line_) {
        perform(terminal_->on_message(link::Challenge{connection_count_}, now()));
      }
    });
  }
  if (gateway_ && !till_line_ && till_.head().value > 0) {
    till_line_ = node::ConnectionId{++connection_count_};
    perform(gateway_->on_terminal_message(till_line_, till_.hello(), now()));
  }
  // The second till has no machine of its own: what it has goes out whenever somebody looks.
  while (gateway_ && till_line_) {
    const link::RecordBatch batch = till_.next_batch();
    if (batch.count == 0) {
      break;
    }
    perform(gateway_->on_terminal_message(till_line_, batch, now()));
  }
}

void World::drop_terminal() {
  const node::ConnectionId line = std::exchange(terminal_line_, {});
  if (!line) {
    return;
  }
  if (gateway_) {
    perform(gateway_->on_terminal_closed(line, now()));
  }
  if (terminal_) {
    perform(terminal_->on_link_down(node::LinkFault::kUnreachable, now()));
  }
}

Result<std::vector<node::JournalRow>> World::journal_rows() {
  std::vector<node::JournalRow> all;
  const std::uint64_t head = terminal_->synced_head().seq.value;
  while (all.size() < head) {
    auto rows = terminal_journal_->read(Seq{all.size() + 1}, 1'000, SIZE_MAX);
    if (!rows) {
      return rows.error();
    }
    TALLY_ASSERT(!rows->empty());
    all.insert(all.end(), rows->begin(), rows->end());
  }
  return all;
}

}  // namespace tally::crash
