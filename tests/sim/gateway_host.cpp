#include "tests/sim/gateway_host.hpp"

#include <utility>

#include "core/base/assert.hpp"

namespace tally::sim {
namespace {

constexpr std::int64_t kWallAtStartUs = 1'800'000'000'000'000;

}  // namespace

GatewayHost::GatewayHost(Clockwork& clockwork, Network& network, Setup setup)
    : clockwork_(clockwork), network_(network), setup_(std::move(setup)) {}

Instant GatewayHost::now() const {
  return {WallTime{kWallAtStartUs + clockwork_.now_ms() * 1'000},
          BootTime{clockwork_.now_ms() - started_ms_}};
}

void GatewayHost::later(std::int64_t delay_ms, std::function<void()> what) {
  clockwork_.after(delay_ms, [this, generation = generation_, what = std::move(what)] {
    if (generation == generation_) {
      what();
    }
  });
}

void GatewayHost::power_on() {
  started_ms_ = clockwork_.now_ms();
  auto journal = storage::GatewayJournal::open(setup_.journal_path, setup_.gateway);
  TALLY_ASSERT(journal.has_value());
  journal_.emplace(std::move(*journal));
  const auto snapshot = journal_->snapshot();
  TALLY_ASSERT(snapshot.has_value());

  node::GatewayConfig config;
  config.gateway = setup_.gateway;
  config.incarnation = Incarnation{1};
  config.store = StoreId{setup_.gateway.value};
  config.boot = BootId{clockwork_.random() | 1U};
  config.software = "sim";
  config.build_time = WallTime{kWallAtStartUs - 1};
  node_ = std::make_unique<node::GatewayNode>(config, *snapshot);
  open_directory();
  later(1, [this] { try_connect(); });
  const auto tick = [this](auto&& self) -> void {
    std::vector<std::uint64_t> silent;
    for (auto& [connection, session] : sessions_) {
      if (session.tick(now().boot)) {
        silent.push_back(connection);
      }
      for (Bytes& reply : session.take_replies()) {
        network_.send(connection, this, std::move(reply));
      }
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
          network_.send(uplink_connection_, this, std::move(reply));
        }
      }
    }
    perform(node_->tick(now()));
    later(250, [self] { self(self); });
  };
  later(250, [tick] { tick(tick); });
}

void GatewayHost::power_off() {
  ++generation_;
  network_.host_died(this);
  sessions_.clear();
  uplink_.reset();
  uplink_connection_ = 0;
  node_.reset();
  journal_.reset();
  directory_.reset();
  clockwork_.after(clockwork_.between(1'000, 90'000), [this] { power_on(); });
}

void GatewayHost::perform(node::GatewayActions actions) {
  for (node::GatewayAction& action : actions) {
    if (auto* wanted = std::get_if<node::CommitGateway>(&action)) {
      commit(wanted->commit);
    } else if (const auto* rows = std::get_if<node::ReadStream>(&action)) {
      read(*rows);
    } else if (const auto* send = std::get_if<node::SendToTerminal>(&action)) {
      if (const auto at = sessions_.find(send->connection.value); at != sessions_.end()) {
        network_.send(at->first, this, at->second.send(send->message, now().boot));
      }
    } else if (const auto* close = std::get_if<node::CloseTerminal>(&action)) {
      close_terminal(close->connection.value, close->reason, close->text);
    } else if (const auto* up = std::get_if<node::SendToOa>(&action)) {
      if (uplink_) {
        network_.send(uplink_connection_, this, uplink_->send(up->message, now().boot));
      }
    } else if (const auto* members = std::get_if<node::CommitDirectory>(&action)) {
      commit_directory(members->commit);
    } else if (const auto* wanted_member = std::get_if<node::LookUpMember>(&action)) {
      look_up(*wanted_member);
    } else {
      drop_uplink(true);
    }
  }
}

void GatewayHost::commit(const node::GatewayCommit& commit) {
  later(clockwork_.between(0, 5), [this, commit] {
    const Status done = journal_->commit(commit, now().wall);
    TALLY_ASSERT(done.has_value());
    later(clockwork_.between(0, 3), [this] { perform(node_->on_committed(now())); });
  });
}

void GatewayHost::open_directory() {
  directory_.reset();
  auto opened = storage::GatewayDirectory::open(setup_.journal_path + "-members", setup_.gateway);
  if (opened) {
    directory_.emplace(std::move(opened->directory));
    later(1, [this, state = opened->state] { perform(node_->on_directory_opened(state, now())); });
  } else {
    later(1'000, [this] { open_directory(); });
  }
}

void GatewayHost::commit_directory(const node::DirectoryCommit& commit) {
  later(clockwork_.between(0, 5), [this, commit] {
    const auto cards = directory_ ? directory_->commit(commit)
                                  : Result<std::uint64_t>(make_error(Errc::kUnavailable, "closed"));
    if (!cards) {
      perform(node_->on_directory_failed(now()));
      later(clockwork_.between(100, 2'000), [this] { open_directory(); });
      return;
    }
    later(clockwork_.between(0, 3),
          [this, count = *cards] { perform(node_->on_directory_committed(count, now())); });
  });
}

void GatewayHost::look_up(const node::LookUpMember& wanted) {
  later(clockwork_.between(0, 2), [this, wanted] {
    auto found = directory_ ? directory_->find(wanted.token_hash)
                            : Result<std::optional<link::DirectoryEntry>>(std::nullopt);
    perform(node_->on_member_found(wanted.look_up, found.value_or(std::nullopt), now()));
  });
}

void GatewayHost::read(const node::ReadStream& read) {
  later(clockwork_.between(0, 2), [this, read] {
    const auto rows = journal_->read(read.stream, read.first, read.records_max, 12'000);
    perform(node_->on_stream_read(
        read.stream, read.first, rows ? rows->count : 0, rows ? rows->packed : Bytes{}, now()));
  });
}

void GatewayHost::try_connect() {
  if (uplink_) {
    return;
  }
  if (network_.is_cut(this, oa_)) {
    later(clockwork_.between(500, 5'000), [this] { try_connect(); });
    return;
  }
  uplink_connection_ = network_.connect(this, oa_);
  uplink_.emplace(link::Side::kClient,
                  link::PeerIdentity{Role::kOa, 1, Incarnation{1}},
                  link::SessionTimes{},
                  0,
                  now().boot);
  network_.send(uplink_connection_, this, {});
}

void GatewayHost::drop_uplink(bool tell_peer) {
  if (!uplink_) {
    return;
  }
  if (tell_peer) {
    network_.close(uplink_connection_, this);
  }
  uplink_.reset();
  uplink_connection_ = 0;
  perform(node_->on_uplink_down(now()));
  later(clockwork_.between(500, 5'000), [this] { try_connect(); });
}

void GatewayHost::close_terminal(std::uint64_t connection,
                                 link::CloseReason reason,
                                 const std::string& text) {
  if (const auto at = sessions_.find(connection); at != sessions_.end()) {
    network_.send(connection, this, at->second.close_frame(reason, text));
    network_.close(connection, this);
    sessions_.erase(at);
  }
}

void GatewayHost::on_bytes(std::uint64_t connection, const Bytes& bytes) {
  if (!running()) {
    return;
  }
  const bool is_uplink = connection == uplink_connection_;
  if (!is_uplink && !sessions_.contains(connection)) {
    const auto who = terminals_.find(network_.client_of(connection));
    if (!bytes.empty() || who == terminals_.end()) {
      return;
    }
    auto [at, opened] =
        sessions_.emplace(connection,
                          link::Session(link::Side::kServer,
                                        {Role::kTerminal, who->second.value, Incarnation{1}},
                                        {},
                                        clockwork_.random(),
                                        now().boot));
    network_.send(connection, this, at->second.start());
    return;
  }
  link::Session& session = is_uplink ? *uplink_ : sessions_.at(connection);
  std::vector<link::Message> messages;
  const auto failure = session.receive(bytes, now().boot, messages);
  for (Bytes& reply : session.take_replies()) {
    network_.send(connection, this, std::move(reply));
  }
  for (const link::Message& message : messages) {
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

void GatewayHost::on_broken(std::uint64_t connection) {
  if (!running()) {
    return;
  }
  if (connection == uplink_connection_) {
    drop_uplink(false);
  } else if (sessions_.erase(connection) > 0) {
    perform(node_->on_terminal_closed(node::ConnectionId{connection}, now()));
  }
}

}  // namespace tally::sim
