// One transaction of the OA's machine: what queued up, judged, decided, written, committed and
// answered. Made for one call of OaNode::handle(). Internal to the OA's machine.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "core/node/oa_ingest.hpp"
#include "core/node/oa_node.hpp"
#include "core/node/oa_people.hpp"
#include "core/record/record.hpp"

namespace tally::node {

/// Splits positions into messages of the size the link allows.
void send_archived(OaActions& out,
                   ConnectionId connection,
                   const std::vector<StreamMark>& positions);

class OaBatch {
 public:
  OaBatch(const OaConfig& config,
          ledger::LedgerStore& store,
          OaRegistry& registry,
          OaCounters& counters,
          OaPeople* people = nullptr)
      : config_(config),
        store_(store),
        registry_(registry),
        people_(people),
        counters_(counters),
        ingest_(store, registry) {}

  void add_records(ConnectionId connection, GatewayId via, const link::RecordBatch& records) {
    work_.emplace_back(Records{connection, via, records});
  }
  void add_ask(ConnectionId connection, StoreId store, const link::Ask& ask, bool may_grant) {
    work_.emplace_back(AskItem{connection, ask, store, may_grant && ask.deadline.ms > 0});
  }
  /// A gateway came: it is told how far its store's streams are here, whatever it believes, and
  /// how far they are applied.
  void add_arrival(ConnectionId connection, StoreId store) {
    work_.emplace_back(Arrival{connection, store});
  }
  bool empty() const { return work_.empty(); }

  /// Takes everything through one transaction. Errors: those of the store; it was not committed, or
  /// nobody knows, and replies() is worth nothing.
  Status run(Instant now);

  /// What may be sent after run().
  OaActions take_replies() { return std::move(replies_); }

 private:
  struct Records {
    ConnectionId connection;
    GatewayId via;
    link::RecordBatch batch;
  };
  struct AskItem {
    ConnectionId connection;
    link::Ask ask;
    StoreId store;
    bool allowed = true;
  };
  struct Arrival {
    ConnectionId connection;
    StoreId store;
  };
  using Work = std::variant<Records, AskItem, Arrival>;

  /// A record that is kept: to be applied, or put aside for a reason known already.
  struct Taken {
    ConnectionId connection;
    record::Header header;
    IngestVerdict verdict;
    ledger::NewRaw raw;
    std::optional<record::Record> record;
  };
  using Item = std::variant<Taken, AskItem>;

  Status ingest();
  Status ingest_ask(AskItem&& item);
  Status ingest_arrival(const Arrival& arrival);
  Status ingest_records(const Records& records);
  Status take_record(const Records& from,
                     const record::Header& header,
                     const IngestVerdict& verdict,
                     ByteView sealed);
  void note_beside(const Records& from, const record::Header& header, ByteView sealed);
  Result<bool> is_forked(StreamId stream);

  Status decide();
  Status apply(ledger::WorkingSet& set, ledger::IngestChanges& changes, Taken& taken);
  Status alarm(ledger::IngestChanges& changes, const Taken& taken);
  Status keep_people(const ledger::WorkingSet& set);
  void answer(ledger::WorkingSet& set, const AskItem& item);

  Status acknowledge();
  Result<std::vector<StreamMark>> heads_of(const std::set<StreamId>& streams);
  std::vector<link::AppliedStatement> statements_about(const std::vector<StreamMark>& marks) const;

  const OaConfig& config_;
  ledger::LedgerStore& store_;
  OaRegistry& registry_;
  OaPeople* people_;
  OaCounters& counters_;
  OaIngest ingest_;
  WallTime now_;
  ledger::LedgerTime time_;

  std::vector<Work> work_;
  std::vector<Item> items_;
  std::vector<record::Record> enrolments_;  ///< Posted now.
  std::map<ConnectionId, std::set<StreamId>> arrived_;
  /// The last record of each stream that this connection brought and the ledger has.
  std::map<ConnectionId, std::map<StreamId, StreamPosition>> touched_;
  std::map<ConnectionId, std::set<StreamId>> rewinds_;
  std::map<ConnectionId, std::vector<StreamMark>> besides_;  ///< Of branches: each is answered.
  std::map<StreamId, bool> forked_;
  std::map<StreamId, std::uint16_t> key_versions_;
  OaActions replies_;
};

}  // namespace tally::node
