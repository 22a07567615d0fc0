#include "tests/sim/oa_host.hpp"

#include <utility>

#include "core/base/assert.hpp"

namespace tally::sim {
namespace {

constexpr std::int64_t kWallAtStartUs = 1'800'000'000'000'000;

}  // namespace

std::optional<StoreId> FleetRegistry::store_of(Role role, std::uint32_t node, Incarnation) {
  if (role == Role::kGateway) {
    return StoreId{node};
  }
  const auto at = terminals_.find(TerminalId{node});
  return at == terminals_.end() ? std::nullopt : std::optional(at->second.first);
}

Incarnation FleetRegistry::newest(Role, std::uint32_t) {
  return Incarnation{1};
}

std::optional<crypto::Key256> FleetRegistry::record_key(StreamId stream, std::uint16_t) {
  const auto at = terminals_.find(stream.terminal);
  return at == terminals_.end() ? std::nullopt : std::optional(at->second.second);
}

std::optional<crypto::Key256> FleetRegistry::directory_key(StoreId store) {
  crypto::Key256 key{};
  store_be(store.value, key.data());
  return key;
}

std::vector<StreamId> FleetRegistry::terminals_of(StoreId store) {
  std::vector<StreamId> streams;
  for (const auto& [terminal, entry] : terminals_) {
    if (entry.first == store) {
      streams.push_back({terminal, Incarnation{1}});
    }
  }
  return streams;
}

OaHost::OaHost(Clockwork& clockwork, Network& network, std::string ledger_path)
    : clockwork_(clockwork), network_(network), ledger_path_(std::move(ledger_path)) {}

Instant OaHost::now() const {
  return {WallTime{kWallAtStartUs + clockwork_.now_ms() * 1'000},
          BootTime{clockwork_.now_ms() - started_ms_}};
}

void OaHost::later(std::int64_t delay_ms, std::function<void()> what) {
  clockwork_.after(delay_ms, [this, generation = generation_, what = std::move(what)] {
    if (generation == generation_) {
      what();
    }
  });
}

void OaHost::enrol(const std::string& card) {
  ledger::ReadPlan plan;
  plan.cards.insert(card);
  TALLY_ASSERT(store_->begin().has_value());
  auto set = store_->read(std::move(plan));
  TALLY_ASSERT(set.has_value());
  TALLY_ASSERT(ledger::enrol(*set, {card, "会员*", 0}, node_->ledger_time(now())).value != 0);
  TALLY_ASSERT(store_->write(*set, {}).has_value());
  TALLY_ASSERT(store_->commit().has_value());
}

void OaHost::power_on() {
  started_ms_ = clockwork_.now_ms();
  auto store = storage::LedgerStore::open(ledger_path_);
  TALLY_ASSERT(store.has_value());
  store_ = std::move(*store);
  node::OaConfig config;
  const auto generation = store_->generation();
  const auto stamp = store_->stamp();
  TALLY_ASSERT(generation.has_value() && stamp.has_value());
  config.ledger_generation = *generation;
  config.ledger_stamp = *stamp;
  node_ = std::make_unique<node::OaNode>(config, *store_, registry_);
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
      end(connection, link::CloseReason::kIdleTimeout, "silent");
    }
    perform(node_->tick(now()));
    handle();
    auto told = node_->push_directory(now());
    TALLY_ASSERT(told.has_value());
    perform(std::move(*told));
    later(250, [self] { self(self); });
  };
  later(250, [tick] { tick(tick); });
}

void OaHost::power_off() {
  ++generation_;
  network_.host_died(this);
  sessions_.clear();
  waiting_.clear();
  busy_ = false;
  node_.reset();
  store_.reset();
  clockwork_.after(clockwork_.between(1'000, 120'000), [this] { power_on(); });
}

void OaHost::perform(node::OaActions actions) {
  for (node::OaAction& action : actions) {
    if (auto* send = std::get_if<node::SendToGateway>(&action)) {
      if (const auto at = sessions_.find(send->connection.value); at != sessions_.end()) {
        network_.send(at->first, this, at->second.send(send->message, now().boot));
      }
    } else {
      const auto& close = std::get<node::CloseGateway>(action);
      if (const auto at = sessions_.find(close.connection.value); at != sessions_.end()) {
        network_.send(at->first, this, at->second.close_frame(close.reason, close.text));
        network_.close(at->first, this);
        sessions_.erase(at);
      }
    }
  }
}

void OaHost::handle() {
  if (busy_ || (waiting_.empty() && !node_->owes_positions())) {
    return;
  }
  busy_ = true;
  later(clockwork_.between(0, 10), [this] {
    const std::vector<node::OaEvent> events = std::exchange(waiting_, {});
    auto actions = node_->handle(events, now());
    TALLY_ASSERT(actions.has_value());
    // The plug can be pulled after the commit and before anything of it is said.
    later(clockwork_.between(0, 5), [this, actions = std::move(*actions)] {
      busy_ = false;
      perform(actions);
      handle();
    });
  });
}

void OaHost::end(std::uint64_t connection, link::CloseReason reason, const std::string& text) {
  const auto at = sessions_.find(connection);
  network_.send(connection, this, at->second.close_frame(reason, text));
  network_.close(connection, this);
  sessions_.erase(at);
  waiting_.push_back(node::GatewayClosed{node::ConnectionId{connection}});
  handle();
}

void OaHost::on_bytes(std::uint64_t connection, const Bytes& bytes) {
  if (!running()) {
    return;
  }
  auto at = sessions_.find(connection);
  if (at == sessions_.end()) {
    const auto who = gateways_.find(network_.client_of(connection));
    if (!bytes.empty() || who == gateways_.end()) {
      return;
    }
    at = sessions_
             .emplace(connection,
                      link::Session(link::Side::kServer,
                                    {Role::kGateway, who->second.value, Incarnation{1}},
                                    {},
                                    clockwork_.random(),
                                    now().boot))
             .first;
    network_.send(connection, this, at->second.start());
    return;
  }
  std::vector<link::Message> messages;
  const auto failure = at->second.receive(bytes, now().boot, messages);
  for (Bytes& reply : at->second.take_replies()) {
    network_.send(connection, this, std::move(reply));
  }
  for (link::Message& message : messages) {
    waiting_.push_back(node::GatewayMessage{
        node::ConnectionId{connection}, at->second.peer(), std::move(message)});
  }
  if (failure) {
    end(connection, failure->reason, failure->text);
  }
  handle();
}

void OaHost::on_broken(std::uint64_t connection) {
  if (running() && sessions_.erase(connection) > 0) {
    waiting_.push_back(node::GatewayClosed{node::ConnectionId{connection}});
    handle();
  }
}

}  // namespace tally::sim
