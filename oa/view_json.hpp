// The console's view of the ledger as JSON (docs/formats/api.md, "OA"). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/node/oa_node.hpp"

#include "oa/device_registry.hpp"
#include "storage/ledger_queries.hpp"

namespace tally::oa {

/// What the tables do not know.
struct PageFacts {
  std::string language;
  std::map<std::uint32_t, std::string> store_names;
  std::string tls_library;
  bool tls_maintained = true;
  std::int32_t utc_offset_s = 0;
};

/// Reads "NUMBER NAME" lines; what has another form is left out.
std::map<std::uint32_t, std::string> store_names_from(const std::vector<std::string>& lines);

/// The store's name, or its number with the word for store.
std::string store_name(const PageFacts& facts, StoreId store);

nlohmann::json member_row_json(const storage::MemberSummary& member);
nlohmann::json member_json(const storage::MemberSummary& member, WallTime now);
nlohmann::json card_json(const storage::CardRow& card);
nlohmann::json lot_json(const storage::LotRow& lot, const PageFacts& facts);
nlohmann::json line_json(const storage::HistoryRow& line, const PageFacts& facts);
nlohmann::json quarantine_json(const storage::QuarantineRow& entry);

nlohmann::json erasure_json(const storage::ErasureRow& erasure);

/// Gateways as the ledger thread sees them.
struct GatewayView {
  node::GatewayStatus status;
  StoreId store;
  Incarnation incarnation;
  std::size_t terminals = 0;
};
std::vector<GatewayView> gateway_views(const node::OaNode& node, const DeviceRegistry& registry);
nlohmann::json stores_json(const std::vector<GatewayView>& gateways, const PageFacts& facts);

struct OverviewFigures {
  WallTime now;
  BusinessDay today;
  storage::LedgerTotals totals;
  WallTime totals_at;
  std::int64_t enrolled_today = 0;
  std::int64_t quarantine_open = 0;
  std::vector<storage::DayFigures> days;  ///< Those that had anything.
  std::uint64_t generation = 1;
  std::uint32_t program_version = 1;
};
nlohmann::json overview_json(const OverviewFigures& figures,
                             const std::vector<GatewayView>& gateways,
                             const PageFacts& facts);

}  // namespace tally::oa
