#include "core/node/oa_node.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "core/base/mutant.hpp"
#include "core/base/try.hpp"
#include "core/node/oa_batch.hpp"

namespace tally::node {

BusinessDay business_day_of(WallTime at, std::int32_t utc_offset_s) {
  constexpr std::int64_t kDayUs = 86'400'000'000;
  const std::int64_t local =
      at.us + (TALLY_MUTANT("time/office-day-in-utc") ? 0 : std::int64_t{utc_offset_s} * 1'000'000);
  const std::int64_t days = local >= 0 ? local / kDayUs : (local - kDayUs + 1) / kDayUs;
  return BusinessDay{static_cast<std::int32_t>(days)};
}

link::MemberView view_of(const ledger::MemberEntry& member, WallTime as_of) {
  link::MemberView view;
  view.member = member.row.id;
  view.masked_name = member.row.masked_name;
  view.tier = member.row.tier;
  view.available = member.row.available;
  view.pending = member.row.pending;
  view.held = member.row.held;
  view.frozen = member.row.state == ledger::MemberState::kFrozen;
  view.as_of = as_of;
  const auto& lots = member.lots.all();
  if (!lots.empty() && lots.front().ref.expires_on != ledger::kNoExpiry) {
    view.expiring_on = lots.front().ref.expires_on;
    for (const ledger::Lot& lot : lots) {
      view.expiring += lot.ref.expires_on == view.expiring_on ? lot.points : Points{0};
    }
  }
  return view;
}

Result<OaActions> OaNode::handle(std::span<const OaEvent> events, Instant now) {
  OaActions actions;
  OaBatch batch(config_, store_, registry_, counters_, people_);
  take_arrivals(batch);
  for (const OaEvent& event : events) {
    if (const auto* closed = std::get_if<GatewayClosed>(&event)) {
      on_closed(actions, closed->connection, now);
    } else {
      take(actions, batch, std::get<GatewayMessage>(event), now);
    }
    take_arrivals(batch);
  }
  if (!batch.empty()) {
    if (const Status done = batch.run(now); !done) {
      ++counters_.commits_failed;
      store_.rollback();
      if (TALLY_MUTANT("sync/acknowledged-without-commit")) {
        return batch.take_replies();
      }
      return Error(done.error());
    }
    ++counters_.commits;
    for (OaAction& reply : batch.take_replies()) {
      actions.push_back(std::move(reply));
    }
  }
  TALLY_TRY_ASSIGN(OaActions told, push_directory(now));
  std::move(told.begin(), told.end(), std::back_inserter(actions));
  return actions;
}

Result<OaActions> OaNode::push_directory(Instant now) {
  const std::uint64_t commits_before = directory_.commits();
  Result<std::vector<OaDirectory::Send>> due = directory_.settle(now);
  counters_.commits += directory_.commits() - commits_before;
  if (!due) {
    ++counters_.commits_failed;
    store_.rollback();
    return Error(due.error());
  }
  OaActions actions;
  for (OaDirectory::Send& send : *due) {
    actions.push_back(SendToGateway{send.connection, std::move(send.message)});
  }
  return actions;
}

void OaNode::take(OaActions& actions, OaBatch& batch, const GatewayMessage& event, Instant now) {
  if (const auto* hello = std::get_if<link::Hello>(&event.message)) {
    on_hello(actions, event, *hello, now);
    return;
  }
  const auto known = connections_.find(event.connection);
  if (known == connections_.end()) {
    return;  // Refused or replaced: its close is on the way.
  }
  Gateway& gateway = gateways_.at(known->second);
  gateway.status.last_contact = now.wall;
  if (gateway.contest && gateway.connection == event.connection) {
    settle_contest(actions, gateway, true, now);
  }
  if (directory_.take(event.connection, event.message, now)) {
    return;
  }
  if (const auto* records = std::get_if<link::RecordBatch>(&event.message)) {
    batch.add_records(event.connection, known->second, *records);
  } else if (const auto* ask = std::get_if<link::Ask>(&event.message)) {
    const bool may_grant = gateway.status.refilled ||
                           TALLY_MUTANT("restore/grants-before-refill") ||
                           !std::holds_alternative<link::Authorise>(ask->question);
    batch.add_ask(event.connection, gateway.status.store, *ask, may_grant);
  } else if (const auto* refilled = std::get_if<link::Refilled>(&event.message)) {
    gateway.status.refilled |= refilled->ledger_stamp == config_.ledger_stamp;
  } else if (!std::holds_alternative<link::Close>(event.message) &&
             !std::holds_alternative<link::Pong>(event.message)) {
    actions.push_back(CloseGateway{event.connection,
                                   link::CloseReason::kUnexpectedMessage,
                                   "this message does not go from a gateway to the OA",
                                   {}});
  }
}

void OaNode::on_hello(OaActions& actions,
                      const GatewayMessage& event,
                      const link::Hello& hello,
                      Instant now) {
  if (event.peer.role != Role::kGateway) {
    refuse(actions,
           event.connection,
           link::CloseReason::kIdentityMismatch,
           "only gateways connect to the OA",
           Duration{60'000});
    return;
  }
  const GatewayId id{event.peer.node};
  const auto store = registry_.store_of(Role::kGateway, id.value, event.peer.incarnation);
  if (!store) {
    refuse(actions,
           event.connection,
           link::CloseReason::kRevoked,
           "this gateway's certificate is not in the OA's registry",
           Duration{30'000});
    return;
  }
  if (event.peer.incarnation < registry_.newest(Role::kGateway, id.value)) {
    refuse(actions,
           event.connection,
           link::CloseReason::kIncarnationRetired,
           "a newer enrolment of this gateway exists",
           Duration{60'000});
    return;
  }
  Gateway& gateway = gateways_[id];
  gateway.status.gateway = id;
  if (event.peer.incarnation > gateway.status.incarnation) {
    retire(actions, gateway);
  }
  if (gateway.connection && gateway.contest) {
    refuse(actions,
           event.connection,
           link::CloseReason::kIdentityInUse,
           "this identity is being contested already",
           Duration{5'000});
    return;
  }
  if (gateway.connection) {
    // The live connection gets a moment to prove that it lives: after a power cut it is a shadow.
    gateway.contest = Contest{event.connection, hello, *store, now.boot + config_.contest_deadline};
    actions.push_back(SendToGateway{*gateway.connection, link::Ping{event.connection.value}});
    return;
  }
  welcome(actions, event.connection, hello, *store, now);
}

void OaNode::take_arrivals(OaBatch& batch) {
  for (const ConnectionId connection : std::exchange(arrivals_due_, {})) {
    if (const auto known = connections_.find(connection); known != connections_.end()) {
      batch.add_arrival(connection, gateways_.at(known->second).status.store);
    }
  }
}

void OaNode::welcome(OaActions& actions,
                     ConnectionId connection,
                     const link::Hello& hello,
                     StoreId store,
                     Instant now) {
  const GatewayId id{hello.node};
  Gateway& gateway = gateways_[id];
  gateway.connection = connection;
  gateway.status.store = store;
  gateway.status.incarnation = hello.incarnation;
  gateway.status.connected = true;
  gateway.status.last_contact = now.wall;
  gateway.status.software = hello.software;
  gateway.status.behind_records = hello.unsynced_records;
  // A ledger that was never restored lacks nothing; gateways of before know no stamps.
  gateway.status.refilled = config_.ledger_stamp <= 1 || hello.ledger_stamp == config_.ledger_stamp;
  connections_.insert_or_assign(connection, id);

  link::Welcome welcome;
  welcome.version = link::common_version(hello.version_max);
  welcome.node = config_.node;
  welcome.store = store;
  welcome.anchor = {now.wall, 1'000'000, ClockQuality::kAnchored};
  welcome.heartbeat = config_.heartbeat;
  welcome.program = config_.policy.program.version;
  welcome.ledger_generation = config_.ledger_generation;
  welcome.ledger_stamp = config_.ledger_stamp;
  welcome.uplink_up = true;
  actions.push_back(SendToGateway{connection, welcome});
  arrivals_due_.push_back(connection);
  directory_.add({connection, id, hello.incarnation, store}, hello, now);
}

void OaNode::settle_contest(OaActions& actions, Gateway& gateway, bool holder_lives, Instant now) {
  const Contest contest = std::exchange(gateway.contest, std::nullopt).value();
  if (holder_lives) {
    refuse(actions,
           contest.challenger,
           link::CloseReason::kIdentityInUse,
           "another live connection has this gateway's identity",
           Duration{10'000});
    return;
  }
  let_go(actions,
         gateway,
         link::CloseReason::kIdleTimeout,
         "did not answer while its identity was contested",
         {});
  welcome(actions, contest.challenger, contest.hello, contest.store, now);
}

void OaNode::let_go(OaActions& actions,
                    Gateway& gateway,
                    link::CloseReason reason,
                    std::string text,
                    Duration retry_after) {
  if (const auto connection = std::exchange(gateway.connection, std::nullopt)) {
    connections_.erase(*connection);
    directory_.remove(*connection);
    actions.push_back(CloseGateway{*connection, reason, std::move(text), retry_after});
  }
}

/// A newer enrolment has come: however alive the box of the older one is, it does not keep this one
/// out.
void OaNode::retire(OaActions& actions, Gateway& gateway) {
  constexpr auto kReason = link::CloseReason::kIncarnationRetired;
  constexpr const char* kText = "a newer enrolment of this gateway has come";
  constexpr Duration kRetryAfter{60'000};
  if (const auto contest = std::exchange(gateway.contest, std::nullopt)) {
    refuse(actions, contest->challenger, kReason, kText, kRetryAfter);
  }
  let_go(actions, gateway, kReason, kText, kRetryAfter);
}

void OaNode::refuse(OaActions& actions,
                    ConnectionId connection,
                    link::CloseReason reason,
                    std::string text,
                    Duration retry_after) {
  ++counters_.connections_refused;
  actions.push_back(CloseGateway{connection, reason, std::move(text), retry_after});
}

void OaNode::on_closed(OaActions& actions, ConnectionId connection, Instant now) {
  for (auto& [id, gateway] : gateways_) {
    if (gateway.contest && gateway.contest->challenger == connection) {
      gateway.contest.reset();
    }
  }
  const auto known = connections_.find(connection);
  if (known == connections_.end()) {
    return;
  }
  Gateway& gateway = gateways_.at(known->second);
  connections_.erase(known);
  directory_.remove(connection);
  if (gateway.connection == connection) {
    gateway.connection.reset();
    gateway.status.connected = false;
    gateway.status.last_contact = now.wall;
    if (gateway.contest) {
      settle_contest(actions, gateway, false, now);
    }
  }
}

Result<OaActions> OaNode::archive(const std::vector<StreamMark>& positions, Instant now) {
  TALLY_TRY(store_.begin());
  Status done = store_.set_archived(positions, now.wall);
  if (done) {
    done = store_.commit();
  }
  if (!done) {
    ++counters_.commits_failed;
    store_.rollback();
    return Error(done.error());
  }
  ++counters_.commits;
  OaActions actions;
  for (const auto& [id, gateway] : gateways_) {
    if (!gateway.connection) {
      continue;
    }
    const std::vector<StreamId> streams = registry_.terminals_of(gateway.status.store);
    const std::set<StreamId> of_store(streams.begin(), streams.end());
    std::vector<StreamMark> marks;
    std::copy_if(
        positions.begin(), positions.end(), std::back_inserter(marks), [&](const StreamMark& mark) {
          return of_store.contains(mark.stream);
        });
    send_archived(actions, *gateway.connection, marks);
  }
  return actions;
}

OaActions OaNode::tick(Instant now) {
  OaActions actions;
  for (auto& [id, gateway] : gateways_) {
    if (gateway.contest && now.boot >= gateway.contest->deadline) {
      settle_contest(actions, gateway, false, now);
    }
  }
  return actions;
}

void OaNode::forget_connections() {
  arrivals_due_.clear();
  connections_.clear();
  directory_.clear();
  for (auto& [id, gateway] : gateways_) {
    gateway.connection.reset();
    gateway.contest.reset();
    gateway.status.connected = false;
  }
}

std::vector<GatewayStatus> OaNode::gateways() const {
  std::vector<GatewayStatus> all;
  for (const auto& [id, gateway] : gateways_) {
    all.push_back(gateway.status);
  }
  return all;
}

}  // namespace tally::node
