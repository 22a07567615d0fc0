#include "tests/sim/terminal_host.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"

#include "tests/sim/cashier.hpp"

namespace tally::sim {
namespace {

constexpr const char* kJournal = "journal.db";
constexpr std::size_t kReadBytesMax = 12'000;
constexpr std::int64_t kRetryAfterMaxMs = 600'000;  ///< As a terminal's shell bounds it.

}  // namespace

TerminalHost::TerminalHost(World& world, Setup setup)
    : Machine(world, setup.number, "terminal-" + std::to_string(setup.terminal.value)),
      setup_(setup),
      time_watch_(world.verdict, name()),
      sends_(world.verdict, name()),
      cashier_(std::make_unique<Cashier>(world, *this)) {
  for (std::uint8_t& byte : key_) {
    byte = static_cast<std::uint8_t>(world_.clockwork.random());
  }
  world_.truth.set_key(stream(), key_);
}

TerminalHost::TerminalHost(World& world, Setup setup, const Box& box)
    : Machine(world, setup.number, "old-terminal-" + std::to_string(setup.number)),
      setup_(setup),
      time_watch_(world.verdict, name()),
      sends_(world.verdict, name()),
      incarnation_(box.incarnation),
      key_(box.key),
      cashier_(std::make_unique<Cashier>(world, *this)) {
  put_disk(box.disk);
}

TerminalHost::~TerminalHost() = default;

std::optional<node::TerminalSnapshot> TerminalHost::open_journal() {
  auto journal = storage::TerminalJournal::open(path_of(kJournal), setup_.terminal, incarnation_);
  if (!journal) {
    open_failed(journal.error());
    return std::nullopt;
  }
  journal_.emplace(std::move(*journal));
  auto snapshot = journal_->snapshot();
  if (!snapshot) {
    journal_.reset();
    open_failed(snapshot.error());
    return std::nullopt;
  }
  std::vector<node::JournalRow> rows;
  const Seq known = world_.truth.head(stream()).seq;
  if (snapshot->head.seq > known) {
    // An older disk may be of a longer branch, and have dropped rows behind what is known.
    const Seq first = std::max(Seq{known.value + 1}, snapshot->oldest);
    auto read = journal_->read(first, 1'000, SIZE_MAX);
    if (!read) {
      journal_.reset();
      open_failed(read.error());
      return std::nullopt;
    }
    rows = std::move(*read);
  }
  if (own_disk_) {
    world_.verdict.violated("I9", name() + " took another terminal's journal for its own");
  }
  trust_disk();
  world_.truth.on_opened(stream(), *snapshot, rows);
  return std::move(*snapshot);
}

void TerminalHost::open_failed(const Error& error) {
  note(std::string("cannot open its journal: ") + error.what);
  if (own_disk_) {
    return;  // As it must be: this is another terminal's.
  }
  judge_open_failure(error);
}

void TerminalHost::power_on() {
  const auto snapshot = open_journal();
  if (!snapshot) {
    if (!lost_power()) {
      later(between(5'000, 60'000), [this] { power_on(); });
    }
    return;
  }
  node::TerminalConfig config;
  config.terminal = setup_.terminal;
  config.incarnation = incarnation_;
  config.store = store();
  config.boot = BootId{world_.clockwork.random() | 1U};
  config.key = key_;
  config.software = "sim";
  config.rows_kept = static_cast<std::uint64_t>(world_.swarm.rows_kept);
  config.build_time = WallTime{kWallAtStartUs - 1};
  node_ = std::make_unique<node::TerminalNode>(config, *snapshot);
  note("starts, head " + std::to_string(snapshot->head.seq.value));
  screen_seen_.reset();
  boot();
  time_watch_.on_boot(world_.true_time());
  perform(node_->start(now()));
  later(1, [this] { try_connect(); });
  if (setup_.attended) {
    cashier_->begin();
  }
}

const char* TerminalHost::database() const {
  return kJournal;
}

void TerminalHost::lose_process() {
  session_.reset();
  connection_ = 0;
  node_.reset();
  journal_.reset();
  cashier_->leave();
}

TerminalHost::Box TerminalHost::replace() {
  world_.truth.on_disk_lost(stream());
  die(tests::Unsynced::kDropped, between(60'000, 600'000));
  lies_until_ms_ = 0;
  Box old{incarnation_, key_, own_disk_ ? *own_disk_ : copy_disk()};
  own_disk_.reset();
  put_disk({});
  ++incarnation_.value;
  for (std::uint8_t& byte : key_) {
    byte = static_cast<std::uint8_t>(world_.clockwork.random());
  }
  world_.truth.set_key(stream(), key_);
  return old;
}

void TerminalHost::boot_from(const tests::DiskContent& image) {
  world_.truth.on_disk_rolled_back(stream());
  die(tests::Unsynced::kDropped, between(10'000, 120'000));
  own_disk_.reset();
  put_disk(image);
}

void TerminalHost::swap_disk_with(TerminalHost& other, std::int64_t for_ms) {
  if (own_disk_ || other.own_disk_) {
    return;
  }
  for (TerminalHost* host : {this, &other}) {
    host->die(tests::Unsynced::kDropped, between(10'000, 120'000));
    host->own_disk_ = host->copy_disk();
    world_.clockwork.after(for_ms, [host] { host->get_own_disk_back(); });
  }
  put_disk(*other.own_disk_);
  other.put_disk(*own_disk_);
}

void TerminalHost::get_own_disk_back() {
  if (!own_disk_) {
    return;
  }
  die(tests::Unsynced::kDropped, between(10'000, 120'000));
  put_disk(*std::exchange(own_disk_, std::nullopt));
}

bool TerminalHost::tick() {
  if (session_) {
    if (session_->tick(now().boot)) {
      drop_link(true);
    } else {
      for (Bytes& reply : session_->take_replies()) {
        world_.network.send(connection_, this, std::move(reply));
      }
    }
  }
  perform(node_->tick(now()));
  const sale::Screen screen = node_->view().screen;
  return screen != sale::Screen::kLookup && screen != sale::Screen::kWorking &&
         screen != sale::Screen::kStarting && (!session_ || session_->open());
}

bool TerminalHost::drained() const {
  return running() && journal_ && node_->linked() && node_->view().status.unsynced_records == 0 &&
         node_->applied().seq == node_->synced_head().seq &&
         node_->view().screen != sale::Screen::kWorking;
}

std::string TerminalHost::state() const {
  if (!running()) {
    return "not running";
  }
  return std::string(node_->linked() ? "linked" : "not linked") + ", head " +
         std::to_string(node_->synced_head().seq.value) + ", received " +
         std::to_string(node_->received().seq.value) + ", applied " +
         std::to_string(node_->applied().seq.value) + ", screen " +
         std::to_string(static_cast<int>(node_->view().screen));
}

void TerminalHost::press(sale::Key key) {
  perform(node_->on_key(key, now()));
  wake();
}

void TerminalHost::scan(const std::string& code) {
  perform(node_->on_code(code, now()));
  wake();
}

void TerminalHost::perform(node::TerminalActions actions) {
  bool draw = false;
  for (node::TerminalAction& action : actions) {
    if (auto* wanted = std::get_if<node::CommitTerminal>(&action)) {
      commit(wanted->commit);
    } else if (const auto* rows = std::get_if<node::ReadRows>(&action)) {
      read(*rows);
    } else if (auto* message = std::get_if<node::SendUplink>(&action)) {
      send(std::move(message->message));
    } else if (std::holds_alternative<node::DropLink>(action)) {
      drop_link(true);
    } else if (const auto* print = std::get_if<node::PrintReceipt>(&action)) {
      keep_receipt(print->facts);
    } else if (std::holds_alternative<node::ShowView>(action)) {
      draw = true;
    }
  }
  if (draw && running()) {
    look_at_screen();
  }
}

void TerminalHost::send(link::Message message) {
  if (!session_) {
    return;
  }
  const auto* batch = std::get_if<link::RecordBatch>(&message);
  if (batch != nullptr && !batch->beside) {
    sends_.on_sent(
        *batch,
        [this](StreamId of) { return world_.truth.head(of).seq; },
        [this](StreamId of) { return world_.truth.oldest(of); });
  }
  if (const auto* ask = std::get_if<link::Ask>(&message);
      ask != nullptr && std::holds_alternative<link::Authorise>(ask->question) &&
      !sales_on_disk_.contains(ask->sale)) {
    world_.verdict.violated(
        "I3",
        name() + " asks for points for a sale that is not on its disk: nobody would return them");
  }
  if (lies()) {
    distort(message);
  }
  world_.network.send(connection_, this, session_->send(message, now().boot));
}

void TerminalHost::commit(const node::TerminalCommit& commit) {
  // Two events, so that the plug can be pulled after the disk has it and before the machine knows.
  later(between(0, 5), [this, commit] { do_commit(commit); });
}

void TerminalHost::do_commit(const node::TerminalCommit& commit) {
  if (!journal_) {
    perform(node_->on_commit_failed(
        make_error(Errc::kUnavailable, "the journal is being opened again"), now()));
    return;
  }
  if (const Status done = journal_->commit(commit); !done) {
    if (done.error().code == Errc::kInvalid) {
      world_.verdict.violated("I9", name() + " made what does not follow: " + done.error().what);
    }
    journal_failed(done.error());
    return;
  }
  judge_commit();
  world_.truth.on_committed(stream(), commit);
  sales_on_disk_.insert(commit.open_sales.begin(), commit.open_sales.end());
  if (commit.applied) {
    check_applied(*commit.applied);
  }
  later(between(0, 3), [this] {
    perform(node_->on_committed(now()));
    wake();
  });
  if (!journal_->maintain()) {
    lost_power();  // What tidying up could not do is tried again after the next commit.
  }
}

// It dropped, or may drop now, what it believes the OA has: that must be what stands here.
void TerminalHost::check_applied(const StreamPosition& applied) {
  const auto found = journal_->read_rows(applied.seq, 1, kReadBytesMax);
  if (!found || found->unreadable) {
    return;
  }
  if (found->rows.empty() || found->rows.front().seq != applied.seq ||
      found->rows.front().mac != applied.mac) {
    world_.verdict.violated("I5",
                            name() + " believes that seq " + std::to_string(applied.seq.value) +
                                " is APPLIED, which is another record than the one on its disk");
  }
}

void TerminalHost::journal_failed(const Error& error) {
  if (lost_power()) {
    return;
  }
  note(std::string("journal failed: ") + error.what);
  journal_.reset();
  perform(node_->on_commit_failed(error, now()));
  later(between(1'000, 5'000), [this] { reopen(); });
}

void TerminalHost::reopen() {
  const auto snapshot = open_journal();
  if (snapshot) {
    perform(node_->on_journal_reopened(*snapshot, now()));
    wake();
  } else if (!lost_power()) {
    later(between(1'000, 30'000), [this] { reopen(); });
  }
}

void TerminalHost::read(const node::ReadRows& read) {
  later(between(0, 2), [this, read] {
    node::RowsRead rows;
    if (journal_) {
      if (auto found = journal_->read_rows(read.first, read.records_max, kReadBytesMax)) {
        rows = std::move(*found);
      } else if (lost_power()) {
        return;
      }
    }
    perform(node_->on_rows(read.purpose, rows, now()));
    wake();
  });
}

void TerminalHost::look_at_screen() {
  const sale::CheckoutView& view = node_->view();
  const bool fresh = screen_seen_ != view.screen;
  screen_seen_ = view.screen;
  if (!fresh) {
    return;
  }
  if (view.screen == sale::Screen::kResult && view.result == sale::ResultKind::kApproved) {
    const bool is_return = view.message != sale::MessageId::kApproved;
    note((is_return ? "shows return " : "shows sale ") + view.receipt_number + ", earned " +
         std::to_string(view.earn.value) + ", redeemed " + std::to_string(view.redeem.value));
    const auto facts = world_.truth.on_seen(
        stream(), {view.receipt_number, view.earn, view.redeem, is_return, view.offline_sale});
    time_watch_.on_seen(facts, node_->time_bracket(now()), world_.true_time());
  }
  cashier_->on_screen();
}

void TerminalHost::keep_receipt(const node::ReceiptFacts& facts) {
  if (facts.kind != node::ReceiptKind::kSale) {
    return;
  }
  world_.receipts.push_back({setup_.terminal,
                             store(),
                             facts.receipt_number,
                             facts.record_codes,
                             facts.bill,
                             world_.clockwork.now_ms(),
                             false});
}

void TerminalHost::try_connect() {
  if (session_) {
    return;
  }
  if (world_.network.is_cut(this, gateway_)) {
    later(between(500, 5'000), [this] { try_connect(); });
    return;
  }
  connection_ = world_.network.connect(this, gateway_);
  session_.emplace(link::Side::kClient,
                   link::PeerIdentity{Role::kGateway, setup_.gateway.value, Incarnation{1}},
                   session_times(),
                   0,
                   now().boot);
  // An empty chunk stands for the TCP and TLS handshake: the server opens its session on it.
  world_.network.send(connection_, this, {});
  wake();
}

void TerminalHost::drop_link(bool tell_peer) {
  if (!session_) {
    return;
  }
  if (tell_peer) {
    world_.network.close(connection_, this);
  }
  session_.reset();
  connection_ = 0;
  perform(node_->on_link_down(node::LinkFault::kUnreachable, now()));
  later(std::max(between(500, 5'000), std::exchange(retry_after_ms_, 0)),
        [this] { try_connect(); });
}

void TerminalHost::take_bytes(std::uint64_t connection, const Bytes& bytes) {
  if (!session_ || connection != connection_) {
    return;
  }
  std::vector<link::Message> messages;
  const auto failure = session_->receive(bytes, now().boot, messages);
  for (Bytes& reply : session_->take_replies()) {
    world_.network.send(connection_, this, std::move(reply));
  }
  for (const link::Message& message : messages) {
    if (const auto* close = std::get_if<link::Close>(&message)) {
      retry_after_ms_ = std::clamp<std::int64_t>(close->retry_after.ms, 0, kRetryAfterMaxMs);
    }
    note_time(message);
    note_positions(message);
    perform(node_->on_message(message, now()));
    if (!session_ || connection != connection_) {
      return;
    }
  }
  if (failure) {
    drop_link(true);
  }
}

void TerminalHost::take_broken(std::uint64_t connection) {
  if (connection == connection_) {
    drop_link(false);
  }
}

}  // namespace tally::sim
