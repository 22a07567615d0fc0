// The OA's side of the member directory: which gateway has synced what, the next chunk for each,
// erasures until every gateway has acknowledged them, and blocks of member numbers. One chunk at a
// time is on its way to a gateway; the next is read when it was acknowledged, so a slow gateway
// costs nothing but its own time. Part of OaNode, on the writer thread.
//
// On the wire a version carries the ledger's generation in its upper bits: a gateway that synced
// with an OA since restored from a back-up starts again from a snapshot.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/ledger/ledger_store.hpp"
#include "core/link/messages.hpp"
#include "core/node/gateway_node.hpp"
#include "core/node/oa_registry.hpp"

namespace tally::node {

/// Generation and version in one number, rising over both.
constexpr std::uint64_t wire_directory_version(std::uint64_t generation, std::uint64_t version) {
  return generation << 40U | version;
}

/// What an OA knows and counts of directories; for metrics.
struct DirectoryCounters {
  std::uint64_t chunks_sent = 0;
  std::uint64_t entries_sent = 0;
  std::uint64_t rewinds = 0;
  std::uint64_t numbers_given = 0;
};

class OaDirectory {
 public:
  struct Peer {
    ConnectionId connection;
    GatewayId gateway;
    Incarnation incarnation;
    StoreId store;
  };
  struct Send {
    ConnectionId connection;
    link::Message message;
  };

  OaDirectory(std::uint64_t generation, ledger::LedgerStore& store, OaRegistry& registry)
      : generation_(generation), store_(store), registry_(registry) {}

  /// A gateway was welcomed; one that does not speak of directories is left alone.
  void add(const Peer& peer, const link::Hello& hello, Instant now);
  void remove(ConnectionId connection);
  void clear() { gateways_.clear(); }

  /// Whether the message was one of the directory's.
  bool take(ConnectionId connection, const link::Message& message, Instant now);

  /// Writes what gateways acknowledged and takes the numbers they asked for, in a transaction of
  /// its own, then reads what is due to them. Outside a transaction; what it gives may be sent at
  /// once. Errors: those of the store; nothing of it may be sent then, and the store must be rolled
  /// back.
  Result<std::vector<Send>> settle(Instant now);

  const DirectoryCounters& counters() const { return counters_; }
  /// Transactions since the start of the process.
  std::uint64_t commits() const { return commits_; }

 private:
  struct OnItsWay {
    std::uint64_t version = 0;
    bool last = false;
    BootTime again_at;  ///< Sent again when nothing was heard of it by then.
  };
  struct Gateway {
    Peer peer;
    std::uint64_t position = 0;  ///< Synced there; of this generation.
    std::optional<OnItsWay> chunk;
    bool key_sent = false;
    bool tell_anyway = true;  ///< That nothing is new, so that it knows that it has everything.
    std::optional<std::uint64_t> to_store;
    std::uint32_t numbers_wanted = 0;
    std::optional<BootTime> numbers_given_at;
    BootTime look_at;  ///< When to look for changes next.
  };

  void on_ack(Gateway& gateway, std::uint64_t version, Instant now);
  void start_over(Gateway& gateway);
  Status write(std::vector<Send>& out, Instant now);
  Status give_numbers(Gateway& gateway, std::vector<Send>& out, Instant now);
  Status next_chunk(Gateway& gateway, std::vector<Send>& out, Instant now);
  std::uint64_t of_this_ledger(std::uint64_t wire_version) const;

  std::uint64_t generation_;
  ledger::LedgerStore& store_;
  OaRegistry& registry_;
  std::map<ConnectionId, Gateway> gateways_;
  DirectoryCounters counters_;
  std::uint64_t commits_ = 0;
};

}  // namespace tally::node
