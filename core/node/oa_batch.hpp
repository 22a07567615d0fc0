// One transaction of the OA's machine in the making. Internal to the OA's machine.
#pragma once

#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/node/oa_ingest.hpp"
#include "core/node/oa_node.hpp"
#include "core/record/record.hpp"

namespace tally::node {

struct OaNode::Batch {
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
  /// A gateway came: tell it again how far its store's streams are applied.
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

  Batch(ledger::LedgerStore& store, OaRegistry& registry) : ingest(store, registry) {}

  std::vector<Work> work;
  std::vector<Item> items;
  OaIngest ingest;
  std::map<ConnectionId, std::set<StreamId>> touched;
  std::map<ConnectionId, std::set<StreamId>> rewinds;
  std::map<StreamId, bool> forked;
  std::map<StreamId, std::uint16_t> key_versions;
  OaActions actions;  ///< Of connections: valid whatever becomes of the transaction.
  OaActions replies;  ///< Only after the commit.
};

}  // namespace tally::node
