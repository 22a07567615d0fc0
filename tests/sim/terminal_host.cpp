#include "tests/sim/terminal_host.hpp"

#include <utility>

#include "core/base/assert.hpp"

namespace tally::sim {
namespace {

constexpr std::int64_t kWallAtStartUs = 1'800'000'000'000'000;

}  // namespace

TerminalHost::TerminalHost(Clockwork& clockwork, Network& network, Setup setup)
    : clockwork_(clockwork), network_(network), setup_(std::move(setup)) {}

Instant TerminalHost::now() const {
  const std::int64_t wall_ms = clockwork_.now_ms() + setup_.clock_skew_ms;
  return {WallTime{kWallAtStartUs + wall_ms * 1'000}, BootTime{clockwork_.now_ms() - started_ms_}};
}

void TerminalHost::later(std::int64_t delay_ms, std::function<void()> what) {
  clockwork_.after(delay_ms, [this, generation = generation_, what = std::move(what)] {
    if (generation == generation_) {
      what();
    }
  });
}

void TerminalHost::power_on() {
  started_ms_ = clockwork_.now_ms();
  auto journal =
      storage::TerminalJournal::open(setup_.journal_path, setup_.terminal, Incarnation{1});
  TALLY_ASSERT(journal.has_value());
  journal_.emplace(std::move(*journal));
  const auto snapshot = journal_->snapshot();
  TALLY_ASSERT(snapshot.has_value());

  node::TerminalConfig config;
  config.terminal = setup_.terminal;
  config.incarnation = Incarnation{1};
  config.store = StoreId{setup_.gateway.value};
  config.boot = BootId{clockwork_.random() | 1U};
  config.key = setup_.key;
  config.software = "sim";
  config.rows_kept = UINT64_MAX;  // The oracle folds whole journals.
  config.build_time = WallTime{kWallAtStartUs - 1};
  node_ = std::make_unique<node::TerminalNode>(config, *snapshot);
  screen_seen_.reset();
  perform(node_->start(now()));
  later(1, [this] { try_connect(); });
  later(500, [this] { cashier(); });
  const auto tick = [this](auto&& self) -> void {
    if (session_) {
      if (const auto failure = session_->tick(now().boot)) {
        drop_link(true);
      } else {
        for (Bytes& reply : session_->take_replies()) {
          network_.send(connection_, this, std::move(reply));
        }
      }
    }
    perform(node_->tick(now()));
    later(250, [self] { self(self); });
  };
  later(250, [tick] { tick(tick); });
}

void TerminalHost::power_off() {
  ++generation_;
  network_.host_died(this);
  session_.reset();
  connection_ = 0;
  node_.reset();
  journal_.reset();
  clockwork_.after(clockwork_.between(1'000, 60'000), [this] { power_on(); });
}

bool TerminalHost::drained() const {
  return running() && node_->linked() && node_->view().status.unsynced_records == 0 &&
         node_->applied().seq == node_->synced_head().seq &&
         node_->view().screen != sale::Screen::kWorking;
}

void TerminalHost::perform(node::TerminalActions actions) {
  for (node::TerminalAction& action : actions) {
    if (auto* wanted = std::get_if<node::CommitTerminal>(&action)) {
      commit(wanted->commit);
    } else if (const auto* rows = std::get_if<node::ReadRows>(&action)) {
      read(*rows);
    } else if (const auto* send = std::get_if<node::SendUplink>(&action)) {
      if (session_) {
        network_.send(connection_, this, session_->send(send->message, now().boot));
      }
    } else if (std::holds_alternative<node::DropLink>(action)) {
      drop_link(true);
    } else if (std::holds_alternative<node::ShowView>(action)) {
      look_at_screen();
    }
  }
}

void TerminalHost::commit(const node::TerminalCommit& commit) {
  // Two events, so that the plug can be pulled after the disk has it and before the machine knows.
  later(clockwork_.between(0, 5), [this, commit] {
    const Status done = journal_->commit(commit);
    TALLY_ASSERT(done.has_value());
    later(clockwork_.between(0, 3), [this] { perform(node_->on_committed(now())); });
  });
}

void TerminalHost::read(const node::ReadRows& read) {
  later(clockwork_.between(0, 2), [this, read] {
    const auto rows = journal_->read_rows(read.first, read.records_max, SIZE_MAX);
    perform(node_->on_rows(read.purpose, rows ? *rows : node::RowsRead{}, now()));
  });
}

void TerminalHost::look_at_screen() {
  const sale::CheckoutView& view = node_->view();
  const bool fresh = screen_seen_ != view.screen;
  screen_seen_ = view.screen;
  if (!fresh || view.screen != sale::Screen::kResult ||
      view.result != sale::ResultKind::kApproved) {
    return;
  }
  seen_.push_back(
      {view.receipt_number, view.earn, view.redeem, view.message == sale::MessageId::kVoided});
}

void TerminalHost::cashier() {
  using sale::Key;
  using sale::Screen;
  later(clockwork_.between(200, 4'000), [this] { cashier(); });
  const sale::CheckoutView& view = node_->view();
  switch (view.screen) {
    case Screen::kIdle:
      if (open_) {
        press(static_cast<Key>(clockwork_.between(1, 9)));
        press(static_cast<Key>(clockwork_.between(0, 9)));
        press(static_cast<Key>(clockwork_.between(0, 9)));
        press(Key::kEnter);
      }
      break;
    case Screen::kScan: {
      const auto index = static_cast<std::size_t>(
          clockwork_.between(0, static_cast<std::int64_t>(setup_.cards.size()) - 1));
      perform(
          node_->on_code(clockwork_.chance(3) ? "134512345678901234" : setup_.cards[index], now()));
      break;
    }
    case Screen::kMember:
      press(clockwork_.chance(30) ? Key::kRedeem : Key::kEnter);
      break;
    case Screen::kResult:
      press(view.can_undo && clockwork_.chance(6) ? Key::kBack : Key::kEnter);
      break;
    case Screen::kWorking:
      if (clockwork_.chance(5)) {
        press(Key::kCancel);
      }
      break;
    case Screen::kAmount:
    case Screen::kRedeem:
    case Screen::kVoidPick:
    case Screen::kVoidConfirm:
    case Screen::kRefundPick:
    case Screen::kRefund:
    case Screen::kMessage:
      press(Key::kEnter);
      break;
    case Screen::kStarting:
    case Screen::kLookup:
      break;
  }
}

void TerminalHost::try_connect() {
  if (session_) {
    return;
  }
  if (network_.is_cut(this, gateway_)) {
    later(clockwork_.between(500, 5'000), [this] { try_connect(); });
    return;
  }
  connection_ = network_.connect(this, gateway_);
  session_.emplace(link::Side::kClient,
                   link::PeerIdentity{Role::kGateway, setup_.gateway.value, Incarnation{1}},
                   link::SessionTimes{},
                   0,
                   now().boot);
  // An empty chunk stands for the TCP and TLS handshake: the server opens its session on it.
  network_.send(connection_, this, {});
}

void TerminalHost::drop_link(bool tell_peer) {
  if (!session_) {
    return;
  }
  if (tell_peer) {
    network_.close(connection_, this);
  }
  session_.reset();
  connection_ = 0;
  perform(node_->on_link_down(node::LinkFault::kUnreachable, now()));
  later(clockwork_.between(500, 5'000), [this] { try_connect(); });
}

void TerminalHost::on_bytes(std::uint64_t connection, const Bytes& bytes) {
  if (!session_ || connection != connection_) {
    return;
  }
  std::vector<link::Message> messages;
  const auto failure = session_->receive(bytes, now().boot, messages);
  for (Bytes& reply : session_->take_replies()) {
    network_.send(connection_, this, std::move(reply));
  }
  for (const link::Message& message : messages) {
    perform(node_->on_message(message, now()));
    if (!session_ || connection != connection_) {
      return;
    }
  }
  if (failure) {
    drop_link(true);
  }
}

void TerminalHost::on_broken(std::uint64_t connection) {
  if (connection == connection_) {
    drop_link(false);
  }
}

}  // namespace tally::sim
