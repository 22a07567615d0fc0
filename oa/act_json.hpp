// Office acts as JSON (docs/formats/api.md, "Office acts"): bodies of requests, strictly checked,
// and the act as the page shows it. Pure.
#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/ledger/office.hpp"

#include "storage/office_acts.hpp"

namespace tally::oa {

/// The act a body asks for, without its maker. None when a key is missing or unknown, or a value
/// has another type or cannot be a value of its kind; what the ledger allows is not judged here.
std::optional<ledger::OfficeAct> adjustment_from(MemberId member, std::string_view body);
std::optional<ledger::OfficeAct> clear_from(MemberId member, std::string_view body);
std::optional<ledger::OfficeAct> transfer_from(MemberId member, std::string_view body);
std::optional<ledger::OfficeAct> card_replacement_from(MemberId member, std::string_view body);
std::optional<ledger::OfficeAct> merge_from(MemberId member, std::string_view body);
std::optional<ledger::OfficeAct> decision_from(std::int64_t quarantine, std::string_view body);

nlohmann::json act_json(const storage::OfficeActRow& row);

}  // namespace tally::oa
