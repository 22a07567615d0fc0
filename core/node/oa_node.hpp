// The OA's machine on the link side: gateways come and go, their records are checked, stored and
// applied, their asks answered. Unlike the others it calls its store directly, because it lives on
// the writer thread: everything that queued up is one call of handle(), one transaction, one
// commit, and what handle() returns may be sent at once. Nothing is acknowledged or answered
// unless that commit succeeded.
//
// Order that never changes: verify → store and apply → commit → RECEIVED → APPLIED.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "core/ledger/ledger_store.hpp"
#include "core/ledger/rules.hpp"
#include "core/link/messages.hpp"
#include "core/link/session.hpp"
#include "core/node/gateway_node.hpp"
#include "core/node/oa_directory.hpp"
#include "core/node/oa_people.hpp"
#include "core/node/oa_registry.hpp"

namespace tally::node {

struct OaConfig {
  std::uint32_t node = 1;
  std::int32_t utc_offset_s = 8 * 3600;  ///< Of the office's business day.
  std::uint64_t ledger_generation = 1;
  std::uint64_t ledger_stamp = 1;  ///< Names this generation and when it began; 1: never restored.
  ledger::Policy policy;
  Duration heartbeat{5'000};
  Duration contest_deadline{2'000};  ///< How long a live connection may take to prove it lives.
};

/// A message of a gateway; its Hello is the first of a connection.
struct GatewayMessage {
  ConnectionId connection;
  link::PeerIdentity peer;  ///< As its certificate says.
  link::Message message;
};

struct GatewayClosed {
  ConnectionId connection;
};

using OaEvent = std::variant<GatewayMessage, GatewayClosed>;

struct SendToGateway {
  ConnectionId connection;
  link::Message message;
};

/// Send a Close with this reason, then close the connection; no more events of it are expected.
struct CloseGateway {
  ConnectionId connection;
  link::CloseReason reason = link::CloseReason::kShutdown;
  std::string text;
  Duration retry_after;
};

using OaAction = std::variant<SendToGateway, CloseGateway>;
using OaActions = std::vector<OaAction>;

struct GatewayStatus {
  GatewayId gateway;
  StoreId store;
  Incarnation incarnation;
  bool connected = false;
  WallTime last_contact;
  std::string software;
  std::optional<std::uint64_t> behind_records;  ///< As it said in its Hello.
  bool refilled = false;  ///< What it had when this ledger generation began is here.
};

/// Since the start of the process; for metrics.
struct OaCounters {
  std::uint64_t records_posted = 0;
  std::uint64_t records_quarantined = 0;
  std::uint64_t records_repeated = 0;
  std::uint64_t records_refused = 0;
  std::uint64_t records_repaired = 0;
  std::uint64_t claims_freed = 0;
  std::uint64_t rewinds = 0;
  std::uint64_t branches = 0;
  std::uint64_t forks = 0;
  std::uint64_t asks = 0;
  std::uint64_t holds_granted = 0;
  std::uint64_t commits = 0;
  std::uint64_t commits_failed = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t accruals_vested = 0;
  std::uint64_t members_expired = 0;  ///< Each once for every day on which lots of theirs ended.
};

/// Posts quarantined records that waited for this card, oldest first; inside an open transaction.
/// Returns how many. Errors: those of the store.
Result<std::size_t> post_waiting(ledger::LedgerStore& store,
                                 const std::string& card_token,
                                 const ledger::Policy& policy,
                                 const ledger::LedgerTime& time);

/// The business day of an instant at an offset from UTC.
BusinessDay business_day_of(WallTime at, std::int32_t utc_offset_s);

/// What a till may see of a member.
link::MemberView view_of(const ledger::MemberEntry& member, WallTime as_of);

class OaBatch;

class OaNode {
 public:
  /// Without `people` the personal fields of enrolments stay sealed, in their records.
  OaNode(const OaConfig& config,
         ledger::LedgerStore& store,
         OaRegistry& registry,
         OaPeople* people = nullptr)
      : config_(config),
        store_(store),
        registry_(registry),
        people_(people),
        directory_(config.ledger_generation, store, registry) {}

  /// Takes what has queued up, at most a few hundred events, as one transaction. Errors: those of
  /// the store; nothing may be assumed then, nothing was acknowledged, and the store has to be
  /// opened anew: close all connections (kStorageFailed), they send again.
  Result<OaActions> handle(std::span<const OaEvent> events, Instant now);

  /// Does some of what is due by the day, as one transaction: points vest, then lots expire. True
  /// when more is due; call it again soon. Every so often, 250 ms or so. Errors: as handle().
  Result<bool> maintain(Instant now);

  /// To be called every 250 ms or so.
  OaActions tick(Instant now);

  /// A gateway was welcomed by tick() and has to be told its positions: call handle(), with events
  /// or without.
  bool owes_positions() const { return !arrivals_due_.empty(); }

  /// To be called every 250 ms or so, after tick(): tells gateways which members changed. Errors:
  /// as handle().
  Result<OaActions> push_directory(Instant now);

  /// A verified back-up contains the streams up to these positions: kept, and told to whom it
  /// concerns. One transaction. Errors: those of the store, as for handle().
  Result<OaActions> archive(const std::vector<StreamMark>& positions, Instant now);

  /// A replaced or reopened store forgets all connections.
  void forget_connections();

  std::vector<GatewayStatus> gateways() const;
  const OaCounters& counters() const { return counters_; }
  const DirectoryCounters& directory_counters() const { return directory_.counters(); }
  const ledger::Policy& policy() const { return config_.policy; }
  std::uint64_t generation() const { return config_.ledger_generation; }
  ledger::LedgerTime ledger_time(Instant now) const {
    return {now.wall, business_day_of(now.wall, config_.utc_offset_s)};
  }

 private:
  struct Contest {
    ConnectionId challenger;
    link::Hello hello;
    StoreId store;
    BootTime deadline;
  };

  struct Gateway {
    std::optional<ConnectionId> connection;
    std::optional<Contest> contest;
    GatewayStatus status;
  };

  void take(OaActions& actions, OaBatch& batch, const GatewayMessage& event, Instant now);
  void on_hello(OaActions& actions,
                const GatewayMessage& event,
                const link::Hello& hello,
                Instant now);
  void welcome(OaActions& actions,
               ConnectionId connection,
               const link::Hello& hello,
               StoreId store,
               Instant now);
  void settle_contest(OaActions& actions, Gateway& gateway, bool holder_lives, Instant now);
  void retire(OaActions& actions, Gateway& gateway);
  void let_go(OaActions& actions,
              Gateway& gateway,
              link::CloseReason reason,
              std::string text,
              Duration retry_after);
  void take_arrivals(OaBatch& batch);
  void refuse(OaActions& actions,
              ConnectionId connection,
              link::CloseReason reason,
              std::string text,
              Duration retry_after);
  void on_closed(OaActions& actions, ConnectionId connection, Instant now);
  Result<bool> sweep(const ledger::LedgerTime& time);

  OaConfig config_;
  ledger::LedgerStore& store_;
  OaRegistry& registry_;
  OaPeople* people_;
  std::map<GatewayId, Gateway> gateways_;
  std::unordered_map<ConnectionId, GatewayId> connections_;
  std::vector<ConnectionId> arrivals_due_;
  OaDirectory directory_;
  OaCounters counters_;
  std::optional<BusinessDay> swept_on_;  ///< Nothing more is due on this day.
};

}  // namespace tally::node
