#include "tests/sim/oa_host.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"

#include "tests/sim/day_rules.hpp"
#include "tests/sim/ledger_rules.hpp"

namespace tally::sim {
namespace {

constexpr const char* kLedger = "ledger.db";
constexpr std::size_t kBatchEventsMax = 256;

}  // namespace

OaHost::OaHost(World& world, int number)
    : Machine(world, number, "oa"), refill_(world.verdict, world.ledger) {}

void OaHost::add_gateway(GatewayHost* gateway) {
  gateways_[gateway->number()] = gateway;
  registry_.add_gateway(gateway->gateway(), gateway->incarnation());
}

bool OaHost::open_ledger() {
  auto store = storage::LedgerStore::open(path_of(kLedger));
  if (!store) {
    judge_open_failure(store.error());
    return false;
  }
  store_ = std::move(*store);
  const auto generation = store_->generation();
  const auto stamp = store_->stamp();
  if (!generation || !stamp) {
    store_.reset();
    return false;
  }
  trust_disk();
  world_.ledger.on_opened(path_of(kLedger));
  node::OaConfig config;
  config.ledger_generation = *generation;
  config.ledger_stamp = *stamp;
  node_ = std::make_unique<node::OaNode>(config, *store_, registry_);
  return true;
}

void OaHost::close_ledger() {
  world_.ledger.on_closing();
  node_.reset();
  store_.reset();
}

void OaHost::check_rules() {
  if (store_ && !store_->db().poisoned()) {
    check_ledger_rules(store_->db(), node_->policy().program, world_.truth, world_.verdict);
    check_day_rules(store_->db(), node_->policy().program, world_.truth, world_.verdict);
  }
}

void OaHost::check_directory_holders() {
  if (store_ && !store_->db().poisoned()) {
    world_.directory.check_holders(store_->db());
  }
}

void OaHost::check_directory_of(GatewayHost& gateway) {
  const auto disk = gateway.directory();
  if (disk && store_ && !store_->db().poisoned()) {
    world_.directory.compare(*disk, store_->db());
  }
}

bool OaHost::has_all_of_directory(GatewayHost& gateway) const {
  const auto disk = gateway.directory();
  return disk && store_ && disk->state.version == DirectoryWatch::newest(store_->db());
}

void OaHost::check_end() {
  check_rules();
  check_swept(store_->db(), now().wall, world_.verdict);
}

void OaHost::power_on() {
  if (!open_ledger()) {
    if (!lost_power()) {
      later(between(5'000, 60'000), [this] { power_on(); });
    }
    return;
  }
  note("starts");
  boot();
}

const char* OaHost::database() const {
  return kLedger;
}

void OaHost::lose_process() {
  sessions_.clear();
  waiting_.clear();
  busy_ = false;
  close_ledger();
}

void OaHost::ledger_failed(const Error& error) {
  if (lost_power()) {
    return;
  }
  note(std::string("ledger failed: ") + error.what);
  close_ledger();
  waiting_.clear();
  busy_ = false;
  for (auto& [connection, session] : sessions_) {
    world_.network.send(
        connection, this, session.close_frame(link::CloseReason::kStorageFailed, "ledger failed"));
    world_.network.close(connection, this);
  }
  sessions_.clear();
  later(between(1'000, 10'000), [this] { reopen(); });
}

void OaHost::reopen() {
  if (open_ledger()) {
    boot();
  } else if (!lost_power()) {
    later(between(1'000, 30'000), [this] { reopen(); });
  }
}

bool OaHost::tick() {
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
    end(connection, link::CloseReason::kIdleTimeout, "silent");
  }
  if (node_) {
    perform(node_->tick(now()));
    handle();
    tell_directory();
    take_backup_notice();
  }
  return sweep() && quiet;
}

// Gives whether nothing more is due.
bool OaHost::sweep() {
  if (!node_ || busy_) {
    return true;
  }
  const auto more = node_->maintain(now());
  if (!more) {
    ledger_failed(more.error());
    return true;
  }
  world_.ledger.on_committed();
  return !*more;
}

void OaHost::tell_directory() {
  auto told = node_->push_directory(now());
  if (told) {
    perform(std::move(*told));
  } else {
    ledger_failed(told.error());
  }
}

void OaHost::send_directory(std::uint64_t connection, const link::DirectoryChunk& chunk) {
  link::Session& session = sessions_.at(connection);
  world_.directory.on_chunk(GatewayId{session.peer().node}, session.peer().incarnation, chunk);
  check_directory_holders();
  if (world_.directory_lossy() && world_.clockwork.chance(30)) {
    return;
  }
  world_.network.send(connection, this, session.send(chunk, now().boot));
  if (world_.directory_lossy() && world_.clockwork.chance(30)) {
    later(between(0, 120'000), [this, connection, chunk] {
      if (const auto at = sessions_.find(connection); at != sessions_.end()) {
        world_.network.send(connection, this, at->second.send(chunk, now().boot));
      }
    });
  }
}

void OaHost::perform(node::OaActions actions) {
  for (node::OaAction& action : actions) {
    if (auto* send = std::get_if<node::SendToGateway>(&action)) {
      world_.ledger.on_told(send->message);
      const auto at = sessions_.find(send->connection.value);
      if (at == sessions_.end()) {
        continue;
      }
      if (std::holds_alternative<link::Welcome>(send->message) &&
          world_.network.is_replay(at->first)) {
        world_.verdict.violated("I9", "the OA welcomed a connection that was sent before");
      }
      refill_.on_told(GatewayId{at->second.peer().node}, send->message);
      if (const auto* chunk = std::get_if<link::DirectoryChunk>(&send->message)) {
        send_directory(at->first, *chunk);
        continue;
      }
      world_.network.send(at->first, this, at->second.send(send->message, now().boot));
    } else {
      const auto& close = std::get<node::CloseGateway>(action);
      if (const auto at = sessions_.find(close.connection.value); at != sessions_.end()) {
        world_.network.send(at->first, this, at->second.close_frame(close.reason, close.text));
        world_.network.close(at->first, this);
        sessions_.erase(at);
      }
    }
  }
}

void OaHost::handle() {
  if (busy_ || !node_ || (waiting_.empty() && !node_->owes_positions())) {
    return;
  }
  busy_ = true;
  later(between(0, 10), [this] {
    if (!node_) {
      return;  // Its ledger failed; everybody sends again.
    }
    const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kBatchEventsMax));
    const std::vector<node::OaEvent> events(std::make_move_iterator(waiting_.begin()),
                                            std::make_move_iterator(waiting_.begin() + count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    auto actions = node_->handle(events, now());
    if (!actions) {
      judge_commit_failure(actions.error());
      ledger_failed(actions.error());
      return;
    }
    judge_commit();
    world_.ledger.on_committed();
    // The plug can be pulled after the commit and before anything of it is said.
    later(between(0, 5), [this, actions = std::move(*actions)] {
      busy_ = false;
      perform(actions);
      handle();
    });
    if (const Status tidied = store_->db().maintain(); !tidied) {
      ledger_failed(tidied.error());
    }
  });
}

void OaHost::end(std::uint64_t connection, link::CloseReason reason, const std::string& text) {
  const auto at = sessions_.find(connection);
  world_.network.send(connection, this, at->second.close_frame(reason, text));
  world_.network.close(connection, this);
  sessions_.erase(at);
  waiting_.push_back(node::GatewayClosed{node::ConnectionId{connection}});
  handle();
}

void OaHost::open_session(std::uint64_t connection) {
  const Endpoint* client = world_.network.client_of(connection);
  const auto who = client == nullptr ? gateways_.end() : gateways_.find(client->number());
  if (who == gateways_.end()) {
    return;
  }
  const GatewayHost& gateway = *who->second;
  const auto [at, opened] = sessions_.emplace(
      connection,
      link::Session(link::Side::kServer,
                    {Role::kGateway, gateway.gateway().value, gateway.incarnation()},
                    session_times(),
                    world_.clockwork.random(),
                    now().boot));
  world_.network.send(connection, this, at->second.start());
}

void OaHost::take_bytes(std::uint64_t connection, const Bytes& bytes) {
  const auto at = sessions_.find(connection);
  if (at == sessions_.end()) {
    if (bytes.empty()) {
      open_session(connection);
    }
    return;
  }
  std::vector<link::Message> messages;
  const auto failure = at->second.receive(bytes, now().boot, messages);
  for (Bytes& reply : at->second.take_replies()) {
    world_.network.send(connection, this, std::move(reply));
  }
  for (link::Message& message : messages) {
    refill_.on_heard(GatewayId{at->second.peer().node}, message);
    waiting_.push_back(node::GatewayMessage{
        node::ConnectionId{connection}, at->second.peer(), std::move(message)});
  }
  if (failure) {
    end(connection, failure->reason, failure->text);
  }
  handle();
}

void OaHost::take_broken(std::uint64_t connection) {
  if (sessions_.erase(connection) > 0) {
    waiting_.push_back(node::GatewayClosed{node::ConnectionId{connection}});
    handle();
  }
}

}  // namespace tally::sim
