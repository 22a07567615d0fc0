#include "oa/act_json.hpp"

#include <charconv>
#include <initializer_list>
#include <string>
#include <utility>

#include "core/base/iso_day.hpp"
#include "core/record/record.hpp"

#include "oa/view_json.hpp"
#include "shell/page_json.hpp"

namespace tally::oa {
namespace {

using Json = nlohmann::json;
using ledger::OfficeAct;
using ledger::OfficeActKind;

/// The object in `body` when it has exactly these keys.
std::optional<Json> object_with(std::string_view body, std::initializer_list<const char*> keys) {
  auto json = shell::parse_page_json(body);
  if (!json || json->size() != keys.size()) {
    return std::nullopt;
  }
  for (const char* key : keys) {
    if (!json->contains(key)) {
      return std::nullopt;
    }
  }
  return json;
}

bool read(const Json& json, const char* key, std::string& out, std::size_t bytes_max) {
  const Json& value = json[key];
  if (!value.is_string()) {
    return false;
  }
  out = value.get<std::string>();
  return !out.empty() && out.size() <= bytes_max;
}

bool read(const Json& json, const char* key, std::int64_t& out) {
  const Json& value = json[key];
  if (!value.is_number_integer() ||
      (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{kAmountMax})) {
    return false;
  }
  out = value.get<std::int64_t>();
  return out >= -kAmountMax;
}

/// Ids are strings of digits.
bool read(const Json& json, const char* key, MemberId& out) {
  std::string text;
  if (!read(json, key, text, 19)) {
    return false;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.value);
  return error == std::errc{} && end == text.data() + text.size() && out.value > 0;
}

/// A day, or null for never.
bool read(const Json& json, const char* key, BusinessDay& out) {
  if (json[key].is_null()) {
    out = ledger::kNoExpiry;
    return true;
  }
  std::string text;
  const auto day = read(json, key, text, 10) ? parse_iso_day(text) : std::nullopt;
  out = day.value_or(out);
  return day.has_value();
}

bool read_reason(const Json& json, OfficeAct& act) {
  return read(json, "reason", act.reason, ledger::kOfficeReasonBytesMax);
}

OfficeAct act_of(OfficeActKind kind, MemberId member) {
  OfficeAct act;
  act.kind = kind;
  act.member = member;
  return act;
}

Json id_or_null(std::int64_t id) {
  return id == 0 ? Json(nullptr) : Json(std::to_string(id));
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

const char* word_of(storage::ActState state) {
  switch (state) {
    case storage::ActState::kOpen:
      return "open";
    case storage::ActState::kDone:
      return "done";
    case storage::ActState::kDeclined:
      break;
  }
  return "declined";
}

}  // namespace

std::optional<OfficeAct> adjustment_from(MemberId member, std::string_view body) {
  const auto json = object_with(body, {"points", "expires_on", "issuer_store", "reason"});
  OfficeAct act = act_of(OfficeActKind::kAdjust, member);
  if (!json || !read(*json, "points", act.points.value) || act.points == Points{0} ||
      !read(*json, "expires_on", act.expires_on) || !read_reason(*json, act)) {
    return std::nullopt;
  }
  if (!(*json)["issuer_store"].is_null()) {
    std::int64_t store = 0;
    if (!read(*json, "issuer_store", store) || store <= 0 || store > 0xffff'ffff) {
      return std::nullopt;
    }
    act.issuer = StoreId{static_cast<std::uint32_t>(store)};
  }
  return act;
}

std::optional<OfficeAct> clear_from(MemberId member, std::string_view body) {
  const auto json = object_with(body, {"to", "reason"});
  OfficeAct act = act_of(OfficeActKind::kClear, member);
  std::string to;
  if (!json || !read(*json, "to", to, 16) || (to != "expired" && to != "issuance") ||
      !read_reason(*json, act)) {
    return std::nullopt;
  }
  act.to = to == "expired" ? ledger::ClearTo::kExpired : ledger::ClearTo::kIssuance;
  return act;
}

std::optional<OfficeAct> transfer_from(MemberId member, std::string_view body) {
  const auto json = object_with(body, {"to", "points", "reason"});
  OfficeAct act = act_of(OfficeActKind::kTransfer, member);
  if (!json || !read(*json, "to", act.other) || !read(*json, "points", act.points.value) ||
      act.points <= Points{0} || !read_reason(*json, act)) {
    return std::nullopt;
  }
  return act;
}

std::optional<OfficeAct> card_replacement_from(MemberId member, std::string_view body) {
  const auto json = object_with(body, {"card", "new_card", "state", "reason"});
  OfficeAct act = act_of(OfficeActKind::kReplaceCard, member);
  std::string state;
  if (!json || !read(*json, "card", act.card, record::kCardTokenBytesMax) ||
      !read(*json, "state", state, 16) || (state != "lost" && state != "replaced") ||
      !read_reason(*json, act)) {
    return std::nullopt;
  }
  if (!(*json)["new_card"].is_null() &&
      !read(*json, "new_card", act.new_card, record::kCardTokenBytesMax)) {
    return std::nullopt;
  }
  act.card_state = state == "lost" ? ledger::CardState::kLost : ledger::CardState::kReplaced;
  return act;
}

std::optional<OfficeAct> merge_from(MemberId member, std::string_view body) {
  const auto json = object_with(body, {"into", "reason"});
  OfficeAct act = act_of(OfficeActKind::kMerge, member);
  if (!json || !read(*json, "into", act.other) || !read_reason(*json, act)) {
    return std::nullopt;
  }
  return act;
}

std::optional<OfficeAct> decision_from(std::int64_t quarantine, std::string_view body) {
  const auto json = object_with(body, {"decision", "member", "points", "reason"});
  OfficeAct act = act_of(OfficeActKind::kDecide, MemberId{});
  act.quarantine = quarantine;
  std::string decision;
  if (!json || !read(*json, "decision", decision, 16) ||
      (decision != "post" && decision != "write_off") || !read_reason(*json, act)) {
    return std::nullopt;
  }
  const bool posts = decision == "post";
  act.decision = posts ? ledger::QuarantineDecision::kPost : ledger::QuarantineDecision::kWriteOff;
  const Json& member = (*json)["member"];
  const Json& points = (*json)["points"];
  if (!posts) {
    return member.is_null() && points.is_null() ? std::optional(std::move(act)) : std::nullopt;
  }
  if ((!member.is_null() && !read(*json, "member", act.member)) ||
      (!points.is_null() &&
       (!read(*json, "points", act.points.value) || act.points <= Points{0}))) {
    return std::nullopt;
  }
  return act;
}

Json act_json(const storage::OfficeActRow& row) {
  const OfficeAct& act = row.act;
  const bool decides = act.kind == OfficeActKind::kDecide;
  const bool replaces = act.kind == OfficeActKind::kReplaceCard;
  Json json = {
      {"id", std::to_string(row.number)},
      {"kind", ledger::name_of(act.kind)},
      {"state", word_of(row.state)},
      {"member", id_or_null(act.member.value)},
      {"other", id_or_null(act.other.value)},
      {"points", act.points == Points{0} ? Json(nullptr) : Json(act.points.value)},
      {"expires_on",
       act.expires_on == ledger::kNoExpiry ? Json(nullptr) : Json(iso_day_text(act.expires_on))},
      {"issuer_store", act.issuer ? Json(act.issuer.value) : Json(nullptr)},
      {"to", nullptr},
      {"card", text_or_null(act.card)},
      {"new_card", text_or_null(act.new_card)},
      {"card_state", nullptr},
      {"quarantine", id_or_null(act.quarantine)},
      {"decision", nullptr},
      {"reason", act.reason},
      {"maker", act.maker},
      {"made_us", row.made_at.us},
      {"checker", text_or_null(act.checker)},
      {"checked_us", row.checked_at.us == 0 ? Json(nullptr) : Json(row.checked_at.us)},
      {"txn", id_or_null(row.txn.value)}};
  if (act.kind == OfficeActKind::kClear) {
    json["to"] = act.to == ledger::ClearTo::kExpired ? "expired" : "issuance";
  }
  if (replaces) {
    json["card_state"] = act.card_state == ledger::CardState::kLost ? "lost" : "replaced";
  }
  if (decides) {
    json["decision"] = act.decision == ledger::QuarantineDecision::kPost ? "post" : "write_off";
  }
  return json;
}

}  // namespace tally::oa
