#include "tests/sim/gateway_host.hpp"

#include <utility>

#include "core/base/assert.hpp"
#include "core/record/header.hpp"

namespace tally::sim {
namespace {

constexpr const char* kJournal = "journal.db";
constexpr const char* kDirectory = "directory.db";
constexpr std::size_t kReadBytesMax = 12'000;

}  // namespace

GatewayHost::GatewayHost(World& world, int number, GatewayId gateway)
    : Machine(world, number, "gateway-" + std::to_string(gateway.value)),
      gateway_(gateway),
      watch_(world.verdict, world.truth, name()),
      sends_(world.verdict, name()) {}

std::optional<node::GatewaySnapshot> GatewayHost::open_journal() {
  auto journal = storage::GatewayJournal::open(path_of(kJournal), gateway_);
  if (!journal) {
    judge_open_failure(journal.error());
    return std::nullopt;
  }
  journal_.emplace(std::move(*journal));
  auto snapshot = journal_->snapshot();
  if (!snapshot) {
    journal_.reset();
    judge_open_failure(snapshot.error());
    return std::nullopt;
  }
  trust_disk();
  watch_.on_opened(*snapshot);
  return std::move(*snapshot);
}

void GatewayHost::power_on() {
  const auto snapshot = open_journal();
  if (!snapshot) {
    if (!lost_power()) {
      later(between(5'000, 60'000), [this] { power_on(); });
    }
    return;
  }
  node::GatewayConfig config;
  config.gateway = gateway_;
  config.incarnation = incarnation_;
  config.store = StoreId{gateway_.value};
  config.boot = BootId{world_.clockwork.random() | 1U};
  config.software = "sim";
  config.uplink_window_records = static_cast<std::uint64_t>(world_.swarm.uplink_window);
  config.build_time = WallTime{kWallAtStartUs - 1};
  node_ = std::make_unique<node::GatewayNode>(config, *snapshot);
  open_directory();
  if (!running()) {
    return;  // The power went while the directory was opened.
  }
  note("starts");
  boot();
  later(1, [this] { try_connect(); });
}

const char* GatewayHost::database() const {
  return kJournal;
}

void GatewayHost::lose_process() {
  sessions_.clear();
  uplink_.reset();
  uplink_connection_ = 0;
  was_told_time_ = false;
  node_.reset();
  journal_.reset();
  directory_.reset();
}

void GatewayHost::replace() {
  die(tests::Unsynced::kDropped, between(600'000, 4 * kHourMs));
  put_disk({});
  ++incarnation_.value;
  watch_.on_replaced();
}

bool GatewayHost::drained() const {
  if (!running() || !journal_ || !node_->uplink().up) {
    return false;
  }
  // A copy that changed here can be renewed by its terminal alone; when that one's disk is gone, it
  // is with the person whom the gateway told.
  std::uint64_t nobody_has = 0;
  for (const node::HeldStream& held : node_->held()) {
    nobody_has += world_.truth.lost(held.stream) ? held.records : 0;
  }
  return node_->uplink().queue_records == nobody_has;
}

std::string GatewayHost::state() const {
  if (!running()) {
    return "not running";
  }
  std::string text = node_->uplink().up ? "uplink up" : "uplink down";
  text += ", " + std::to_string(node_->uplink().queue_records) + " records queued";
  for (const node::TerminalStatus& terminal : node_->terminals()) {
    if (terminal.stream_blocked) {
      text += ", terminal " + std::to_string(terminal.terminal.value) + " blocked at " +
              std::to_string(terminal.forwarded.value) + " of " +
              std::to_string(terminal.received.value);
    }
  }
  return text;
}

bool GatewayHost::tick() {
  std::vector<std::uint64_t> silent;
  bool quiet = true;
  for (auto& [connection, session] : sessions_) {
    if (session.tick(now().boot)) {
      silent.push_back(connection);
    }
    for (Bytes& reply : session.take_replies()) {
      world_.network.send(connection, this, std::move(reply));
    }
    quiet = quiet && session.open();
  }
  for (const std::uint64_t connection : silent) {
    close_terminal(connection, link::CloseReason::kIdleTimeout, "silent");
    perform(node_->on_terminal_closed(node::ConnectionId{connection}, now()));
  }
  if (uplink_) {
    if (uplink_->tick(now().boot)) {
      drop_uplink(true);
    } else {
      for (Bytes& reply : uplink_->take_replies()) {
        world_.network.send(uplink_connection_, this, std::move(reply));
      }
      quiet = quiet && uplink_->open();
    }
  }
  check_forwarded();
  perform(node_->tick(now()));
  return quiet;
}

void GatewayHost::perform(node::GatewayActions actions) {
  for (node::GatewayAction& action : actions) {
    if (auto* wanted = std::get_if<node::CommitGateway>(&action)) {
      commit(wanted->commit);
    } else if (const auto* rows = std::get_if<node::ReadStream>(&action)) {
      read(*rows);
    } else if (const auto* send = std::get_if<node::SendToTerminal>(&action)) {
      send_to_terminal(*send);
    } else if (const auto* close = std::get_if<node::CloseTerminal>(&action)) {
      close_terminal(close->connection.value, close->reason, close->text);
    } else if (auto* up = std::get_if<node::SendToOa>(&action)) {
      send_to_oa(std::move(up->message));
    } else if (const auto* members = std::get_if<node::CommitDirectory>(&action)) {
      commit_directory(members->commit);
    } else if (const auto* member = std::get_if<node::LookUpMember>(&action)) {
      look_up(*member);
    } else {
      drop_uplink(true);
    }
  }
}

void GatewayHost::send_to_terminal(const node::SendToTerminal& send) {
  const auto at = sessions_.find(send.connection.value);
  if (at == sessions_.end()) {
    return;
  }
  if (const auto* welcome = std::get_if<link::Welcome>(&send.message)) {
    watch_.on_welcomed({TerminalId{at->second.peer().node}, at->second.peer().incarnation},
                       *welcome);
    if (world_.network.is_replay(at->first)) {
      world_.verdict.violated("I9", name() + " welcomed a connection that was sent before");
    }
  }
  watch_.on_told(send.message);
  note_time(at->first, send.message);
  if (lies() && at->second.open()) {
    lie_to_terminal(at->first, send.message);
    return;
  }
  world_.network.send(at->first, this, at->second.send(send.message, now().boot));
}

void GatewayHost::send_to_oa(link::Message message) {
  if (!uplink_) {
    return;
  }
  if (const auto* records = std::get_if<link::RecordBatch>(&message);
      records != nullptr && !records->beside) {
    sends_.on_sent(
        *records,
        [this](StreamId of) { return world_.ledger.ever_stored(of); },
        [this](StreamId of) { return watch_.oldest(of); });
  }
  if (world_.directory_lossy() && std::holds_alternative<link::DirectoryAck>(message) &&
      world_.clockwork.chance(30)) {
    return;
  }
  if (lies() && uplink_->open() && !lie_to_oa(message)) {
    return;
  }
  if (const auto* batch = std::get_if<link::RecordBatch>(&message); batch != nullptr) {
    send_records(*batch);
  } else {
    world_.network.send(uplink_connection_, this, uplink_->send(message, now().boot));
  }
}

void GatewayHost::commit(const node::GatewayCommit& commit) {
  later(between(0, 5), [this, commit, number = journal_number_] {
    if (!journal_ || number != journal_number_) {
      return;  // Its failure has been told.
    }
    if (const Status done = journal_->commit(commit, now().wall); !done) {
      if (done.error().code == Errc::kInvalid) {
        world_.verdict.violated("I9", name() + " took what does not follow: " + done.error().what);
      }
      journal_failed(done.error());
      return;
    }
    judge_commit();
    watch_.on_committed(commit);
    later(between(0, 3), [this, number] {
      if (number == journal_number_) {
        perform(node_->on_committed(now()));
        wake();
      }
    });
    if (const Status tidied = journal_->maintain(); !tidied) {
      later(4, [this, error = tidied.error()] {
        if (journal_) {
          journal_failed(error);
        }
      });
    }
  });
}

void GatewayHost::open_directory() {
  directory_.reset();
  auto opened = storage::GatewayDirectory::open(path_of(kDirectory), gateway_);
  if (opened) {
    directory_.emplace(std::move(opened->directory));
    directory_state_ = opened->state;
    world_.directory.on_synced(*directory());
    later(1, [this, state = opened->state] { perform(node_->on_directory_opened(state, now())); });
  } else if (!lost_power()) {
    later(between(1'000, 10'000), [this] { open_directory(); });
  }
}

std::optional<DirectoryOnDisk> GatewayHost::directory() {
  if (!directory_) {
    return std::nullopt;
  }
  return DirectoryOnDisk{name(), gateway_, incarnation_, directory_state_, &*directory_};
}

void GatewayHost::commit_directory(const node::DirectoryCommit& commit) {
  // A snapshot of many members keeps a slow disk busy for a while.
  const std::int64_t takes_ms = world_.clockwork.chance(10) ? between(50, 2'000) : between(0, 5);
  later(takes_ms, [this, commit] {
    const auto cards = directory_ ? directory_->commit(commit)
                                  : Result<std::uint64_t>(make_error(Errc::kUnavailable, "closed"));
    if (cards) {
      directory_state_.version = commit.version;
      directory_state_.cards = *cards;
      directory_state_.key = commit.key ? commit.key : directory_state_.key;
      world_.directory.on_synced(*directory());
      later(between(0, 3), [this, count = *cards] {
        perform(node_->on_directory_committed(count, now()));
        wake();
      });
    } else if (!lost_power()) {
      directory_.reset();
      perform(node_->on_directory_failed(now()));
      later(between(100, 2'000), [this] { open_directory(); });
    }
  });
}

void GatewayHost::look_up(const node::LookUpMember& wanted) {
  later(between(0, 2), [this, wanted] {
    auto found = directory_ ? directory_->find(wanted.token_hash)
                            : Result<std::optional<link::DirectoryEntry>>(std::nullopt);
    perform(node_->on_member_found(wanted.look_up, found.value_or(std::nullopt), now()));
    wake();
  });
}

void GatewayHost::journal_failed(const Error& error) {
  watch_.on_doubt();
  if (lost_power()) {
    return;
  }
  note(std::string("journal failed: ") + error.what);
  journal_.reset();
  ++journal_number_;
  perform(node_->on_commit_failed(error, now()));
  later(between(1'000, 5'000), [this] { reopen(); });
}

void GatewayHost::reopen() {
  const auto snapshot = open_journal();
  if (snapshot) {
    perform(node_->on_journal_reopened(*snapshot, now()));
    wake();
  } else if (!lost_power()) {
    later(between(1'000, 30'000), [this] { reopen(); });
  }
}

void GatewayHost::read(const node::ReadStream& read) {
  later(between(0, 2), [this, read, number = journal_number_] {
    if (!journal_ || number != journal_number_) {
      return;
    }
    const auto rows = journal_->read(read.stream, read.first, read.records_max, kReadBytesMax);
    if (!rows && journal_->poisoned()) {
      journal_failed(rows.error());
      return;
    }
    perform(node_->on_stream_read(
        read.stream, read.first, rows ? rows->count : 0, rows ? rows->packed : Bytes{}, now()));
    wake();
  });
}

void GatewayHost::try_connect() {
  if (uplink_) {
    return;
  }
  if (world_.network.is_cut(this, oa_)) {
    later(between(500, 5'000), [this] { try_connect(); });
    return;
  }
  uplink_connection_ = world_.network.connect(this, oa_);
  uplink_.emplace(link::Side::kClient,
                  link::PeerIdentity{Role::kOa, 1, Incarnation{1}},
                  session_times(),
                  0,
                  now().boot);
  world_.network.send(uplink_connection_, this, {});
  wake();
}

void GatewayHost::drop_uplink(bool tell_peer) {
  if (!uplink_) {
    return;
  }
  if (tell_peer) {
    world_.network.close(uplink_connection_, this);
  }
  uplink_.reset();
  uplink_connection_ = 0;
  perform(node_->on_uplink_down(now()));
  later(between(500, 5'000), [this] { try_connect(); });
}

void GatewayHost::close_terminal(std::uint64_t connection,
                                 link::CloseReason reason,
                                 const std::string& text) {
  if (const auto at = sessions_.find(connection); at != sessions_.end()) {
    world_.network.send(connection, this, at->second.close_frame(reason, text));
    world_.network.close(connection, this);
    sessions_.erase(at);
  }
}

void GatewayHost::open_session(std::uint64_t connection) {
  const Endpoint* client = world_.network.client_of(connection);
  const auto who = client == nullptr ? terminals_.end() : terminals_.find(client->number());
  if (who == terminals_.end()) {
    return;
  }
  const StreamId stream = who->second->stream();
  auto [at, opened] =
      sessions_.emplace(connection,
                        link::Session(link::Side::kServer,
                                      {Role::kTerminal, stream.terminal.value, stream.incarnation},
                                      session_times(),
                                      world_.clockwork.random(),
                                      now().boot));
  world_.network.send(connection, this, at->second.start());
}

void GatewayHost::take_bytes(std::uint64_t connection, const Bytes& bytes) {
  const bool is_uplink = uplink_ && connection == uplink_connection_;
  if (!is_uplink && !sessions_.contains(connection)) {
    if (bytes.empty()) {
      open_session(connection);
    }
    return;
  }
  link::Session& session = is_uplink ? *uplink_ : sessions_.at(connection);
  std::vector<link::Message> messages;
  const auto failure = session.receive(bytes, now().boot, messages);
  for (Bytes& reply : session.take_replies()) {
    world_.network.send(connection, this, std::move(reply));
  }
  for (const link::Message& message : messages) {
    if (is_uplink) {
      note_from_oa(message);
    }
    const auto* hello = is_uplink ? nullptr : std::get_if<link::Hello>(&message);
    const link::PeerIdentity& peer = session.peer();
    if (hello != nullptr && (hello->node != peer.node || hello->incarnation != peer.incarnation)) {
      world_.verdict.violated("I6",
                              name() + " lets terminal " + std::to_string(peer.node) +
                                  " call itself " + std::to_string(hello->node));
    }
    perform(is_uplink ? node_->on_uplink_message(message, now())
                      : node_->on_terminal_message(node::ConnectionId{connection}, message, now()));
    if (is_uplink ? connection != uplink_connection_ : !sessions_.contains(connection)) {
      return;
    }
  }
  if (failure && is_uplink) {
    drop_uplink(true);
  } else if (failure) {
    close_terminal(connection, failure->reason, failure->text);
    perform(node_->on_terminal_closed(node::ConnectionId{connection}, now()));
  }
}

void GatewayHost::take_broken(std::uint64_t connection) {
  if (uplink_ && connection == uplink_connection_) {
    drop_uplink(false);
  } else if (sessions_.erase(connection) > 0) {
    perform(node_->on_terminal_closed(node::ConnectionId{connection}, now()));
  }
}

}  // namespace tally::sim
