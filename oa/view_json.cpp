#include "oa/view_json.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "core/base/iso_day.hpp"

#include "oa/reasons.hpp"

namespace tally::oa {
namespace {

using Json = nlohmann::json;

constexpr int kDaysShown = 14;

Json time_or_null(WallTime at) {
  return at.us == 0 ? Json(nullptr) : Json(at.us);
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json money_json(Money money) {
  const char* letters = "CNY";
  if (money.currency == Currency::kEur) {
    letters = "EUR";
  } else if (money.currency == Currency::kUsd) {
    letters = "USD";
  }
  return {{"minor", money.minor_units}, {"currency", letters}};
}

Json money_or_null(Money money) {
  return money.minor_units == 0 ? Json(nullptr) : money_json(money);
}

const char* word_of(ledger::TxnKind kind) {
  switch (kind) {
    case ledger::TxnKind::kAccrual:
      return "accrual";
    case ledger::TxnKind::kRedemption:
      return "redemption";
    case ledger::TxnKind::kVoid:
      return "void";
    case ledger::TxnKind::kRefund:
      return "refund";
    case ledger::TxnKind::kReversal:
      return "reversal";
    case ledger::TxnKind::kEnrolment:
      return "enrolment";
    case ledger::TxnKind::kHold:
      return "hold";
    case ledger::TxnKind::kRelease:
      return "release";
    case ledger::TxnKind::kVest:
    case ledger::TxnKind::kClaimFreed:
      return "vesting";
    case ledger::TxnKind::kAdjustment:
      return "adjustment";
    case ledger::TxnKind::kClear:
      return "clear";
    case ledger::TxnKind::kTransferOut:
    case ledger::TxnKind::kTransferIn:
      return "transfer";
    case ledger::TxnKind::kMergeMove:
      return "merge";
    case ledger::TxnKind::kWriteOff:
      return "write_off";
    case ledger::TxnKind::kExpire:
      return "expiry";
    case ledger::TxnKind::kCorrection:
      return "correction";
    case ledger::TxnKind::kLease:
      return "lease";
    case ledger::TxnKind::kLeaseReturned:
    case ledger::TxnKind::kLeaseFenced:
      return "lease_end";
    case ledger::TxnKind::kNote:
    case ledger::TxnKind::kGap:
    case ledger::TxnKind::kShiftClose:
      break;
  }
  return "correction";
}

const char* word_of(ledger::CardState state) {
  switch (state) {
    case ledger::CardState::kActive:
      return "active";
    case ledger::CardState::kLost:
      return "lost";
    case ledger::CardState::kReplaced:
      break;
  }
  return "replaced";
}

const char* state_of(const storage::HistoryRow& line) {
  if (line.txn.result == ledger::TxnResult::kAwaitsOriginal) {
    return "pending";
  }
  const bool cancellable =
      line.txn.kind == ledger::TxnKind::kAccrual || line.txn.kind == ledger::TxnKind::kRedemption;
  return cancellable && line.txn.points != Points{0} && line.left_to_cancel == Points{0}
             ? "cancelled"
             : "posted";
}

Json receipt_or_null(const std::optional<RecordId>& record) {
  return record ? Json(record::receipt_number(*record)) : Json(nullptr);
}

}  // namespace

std::map<std::uint32_t, std::string> store_names_from(const std::vector<std::string>& lines) {
  std::map<std::uint32_t, std::string> names;
  for (const std::string& line : lines) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    const auto at = static_cast<std::size_t>(end - line.data());
    if (error == std::errc{} && number > 0 && at + 1 < line.size() && line[at] == ' ') {
      names[number] = line.substr(at + 1);
    }
  }
  return names;
}

std::string store_name(const PageFacts& facts, StoreId store) {
  const auto known = facts.store_names.find(store.value);
  if (known != facts.store_names.end()) {
    return known->second;
  }
  return (facts.language == "en" ? "Store " : "门店 ") + std::to_string(store.value);
}

Json member_row_json(const storage::MemberSummary& member) {
  return {{"id", std::to_string(member.row.id.value)},
          {"number", member.number},
          {"name", member.row.masked_name},
          {"phone_tail", text_or_null(member.phone_tail)},
          {"tier", member.row.tier},
          {"available", member.row.available.value},
          {"frozen", member.row.state == ledger::MemberState::kFrozen},
          {"enrolled_us", member.row.enrolled_at.us}};
}

Json member_json(const storage::MemberSummary& member, WallTime now) {
  Json json = member_row_json(member);
  json.erase("available");
  json["language"] = member.language.empty() ? "zh-CN" : member.language;
  json["frozen_reason"] = text_or_null(member.frozen_reason);
  json["frozen_us"] = time_or_null(member.frozen_at);
  json["balance"] = {{"available", member.row.available.value},
                     {"held", member.row.held.value},
                     {"pending", member.row.pending.value},
                     {"debt", -member.row.debt.value}};
  json["expiring"] = member.expiring == Points{0} ? Json(nullptr)
                                                  : Json{{"points", member.expiring.value},
                                                         {"on", iso_day_text(member.expiring_on)}};
  json["as_of_us"] = now.us;
  return json;
}

Json card_json(const storage::CardRow& card) {
  return {{"number", card.token},
          {"qr_text", card.token},
          {"kind", "qr"},
          {"state", word_of(card.state)},
          {"issued_us", card.issued_at.us}};
}

Json lot_json(const storage::LotRow& lot, const PageFacts& facts) {
  return {
      {"issuer_store", lot.issuer.value},
      {"issuer_name", store_name(facts, lot.issuer)},
      {"points", lot.points.value},
      {"issued_on", iso_day_text(lot.issued_on)},
      {"expires_on",
       lot.expires_on == ledger::kNoExpiry ? Json(nullptr) : Json(iso_day_text(lot.expires_on))}};
}

Json line_json(const storage::HistoryRow& line, const PageFacts& facts) {
  const ledger::Txn& txn = line.txn;
  return {{"id", std::to_string(txn.id.value)},
          {"time_us", txn.happened_at.us},
          {"posted_us", txn.posted_at.us},
          {"business_day", iso_day_text(txn.business_day)},
          {"kind", word_of(txn.kind)},
          {"store", txn.store ? Json(txn.store.value) : Json(nullptr)},
          {"store_name", txn.store ? Json(store_name(facts, txn.store)) : Json(nullptr)},
          {"terminal", txn.terminal ? Json(txn.terminal.value) : Json(nullptr)},
          {"receipt", receipt_or_null(txn.record)},
          {"original_receipt", receipt_or_null(line.original)},
          {"points", txn.points.value},
          {"balance_after", txn.balance_after.value},
          {"bill", money_or_null(txn.bill)},
          {"discount", money_or_null(txn.discount)},
          {"state", state_of(line)},
          {"note", nullptr}};
}

Json quarantine_json(const storage::QuarantineRow& entry) {
  const Reason reason = quarantine_reason(entry.reason);
  return {{"id", std::to_string(entry.number)},
          {"at_us", entry.at.us},
          {"receipt", record::receipt_number(entry.record)},
          {"store", entry.store.value},
          {"terminal", entry.record.terminal.value},
          {"kind", word_of(static_cast<ledger::TxnKind>(entry.kind))},
          {"points", entry.points == Points{0} ? Json(nullptr) : Json(entry.points.value)},
          {"member", entry.member ? Json(std::to_string(entry.member.value)) : Json(nullptr)},
          {"act", entry.act == 0 ? Json(nullptr) : Json(std::to_string(entry.act))},
          {"code", ledger::name_of(entry.reason)},
          {"text_zh", reason.text_zh},
          {"text_en", reason.text_en},
          {"what_to_do_zh", reason.what_to_do_zh},
          {"what_to_do_en", reason.what_to_do_en}};
}

Json erasure_json(const storage::ErasureRow& erasure) {
  Json open = Json::array();
  for (const GatewayId gateway : erasure.open) {
    open.push_back(gateway.value);
  }
  return {{"member", std::to_string(erasure.member.value)},
          {"at_us", erasure.at.us},
          {"by", erasure.user},
          {"reason", erasure.reason},
          {"state", erasure.open.empty() ? "done" : "open"},
          {"open_gateways", std::move(open)}};
}

std::vector<GatewayView> gateway_views(const node::OaNode& node, const DeviceRegistry& registry) {
  const auto live = node.gateways();
  std::vector<GatewayView> views;
  for (const DeviceRegistry::GatewayEntry& entry : registry.gateways()) {
    GatewayView view;
    view.store = entry.store;
    view.incarnation = entry.incarnation;
    view.status.gateway = entry.gateway;
    view.terminals = registry.terminal_count(entry.store);
    const auto known = std::find_if(live.begin(), live.end(), [&](const auto& status) {
      return status.gateway == entry.gateway;
    });
    if (known != live.end()) {
      view.status = *known;
    }
    views.push_back(std::move(view));
  }
  return views;
}

Json stores_json(const std::vector<GatewayView>& gateways, const PageFacts& facts) {
  std::map<std::uint32_t, Json> by_store;
  for (const GatewayView& view : gateways) {
    Json& list = by_store.try_emplace(view.store.value, Json::array()).first->second;
    list.push_back(
        {{"id", view.status.gateway.value},
         {"incarnation", view.incarnation.value},
         {"connected", view.status.connected},
         {"last_contact_us", time_or_null(view.status.last_contact)},
         {"software", text_or_null(view.status.software)},
         {"terminals", view.terminals},
         {"behind_records",
          view.status.connected && view.status.behind_records ? Json(*view.status.behind_records)
                                                              : Json(nullptr)}});
  }
  Json stores = Json::array();
  for (auto& [id, list] : by_store) {
    stores.push_back(
        {{"id", id}, {"name", store_name(facts, StoreId{id})}, {"gateways", std::move(list)}});
  }
  return {{"stores", std::move(stores)}};
}

Json overview_json(const OverviewFigures& figures,
                   const std::vector<GatewayView>& gateways,
                   const PageFacts& facts) {
  std::map<std::int32_t, storage::DayFigures> by_day;
  for (const storage::DayFigures& day : figures.days) {
    by_day[day.day.days] = day;
  }
  const storage::DayFigures today = by_day[figures.today.days];
  Json days = Json::array();
  for (int back = kDaysShown - 1; back >= 0; --back) {
    const BusinessDay day{figures.today.days - back};
    const storage::DayFigures& row = by_day[day.days];
    days.push_back({{"day", iso_day_text(day)},
                    {"accrued_points", row.accrued.value},
                    {"redeemed_points", row.redeemed.value},
                    {"sales", row.sales}});
  }
  const storage::LedgerTotals& totals = figures.totals;
  const auto connected = std::count_if(
      gateways.begin(), gateways.end(), [](const auto& view) { return view.status.connected; });
  Json tls = {{"library", facts.tls_library}, {"remark_zh", nullptr}, {"remark_en", nullptr}};
  if (!facts.tls_maintained) {
    tls["remark_zh"] = "这个版本的 TLS 库上游已停止维护，建议升级到 Debian 13。";
    tls["remark_en"] = "This TLS library is no longer maintained upstream; move to Debian 13.";
  }
  const bool english = facts.language == "en";
  return {{"now_us", figures.now.us},
          {"business_day", iso_day_text(figures.today)},
          {"program",
           {{"version", figures.program_version}, {"name", english ? "Base program" : "基础积分"}}},
          {"members",
           {{"total", totals.members},
            {"frozen", totals.members_frozen},
            {"enrolled_today", figures.enrolled_today}}},
          {"points",
           {{"available", totals.available.value},
            {"held", totals.held.value},
            {"pending", totals.pending.value},
            {"debt", -totals.debt.value},
            {"outstanding", (totals.available + totals.held + totals.pending).value}}},
          {"today",
           {{"records", today.records},
            {"sales", today.sales},
            {"accrued_points", today.accrued.value},
            {"redeemed_points", today.redeemed.value},
            {"voids", today.voids},
            {"reversals", today.reversals}}},
          {"days", std::move(days)},
          {"quarantine", {{"open", figures.quarantine_open}}},
          {"ledger",
           {{"sum_zero", totals.sums_to_zero},
            {"checked_us", figures.totals_at.us},
            {"generation", figures.generation}}},
          {"gateways", {{"connected", connected}, {"known", gateways.size()}}},
          {"tls", std::move(tls)}};
}

}  // namespace tally::oa
