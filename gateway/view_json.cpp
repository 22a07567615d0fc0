#include "gateway/view_json.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/iso_day.hpp"
#include "core/crypto/mac.hpp"

#include "shell/page_json.hpp"

namespace tally::gateway {

using Json = nlohmann::json;

namespace {

constexpr std::size_t kTerminalsShownMax = 500;
constexpr std::uint64_t kDiskFullBytes = 16U << 20;
constexpr std::uint64_t kDiskLowBytes = 512U << 20;

Json money_json(const Money& money) {
  const char* letters = money.currency == Currency::kEur   ? "EUR"
                        : money.currency == Currency::kUsd ? "USD"
                                                           : "CNY";
  return {{"minor", money.minor_units}, {"currency", letters}};
}

Json time_or_null(WallTime at) {
  return at.us == 0 ? Json(nullptr) : Json(at.us);
}

void add_reason(Json& json, const Reason& reason) {
  json["code"] = reason.code;
  json["text_zh"] = reason.text_zh;
  json["text_en"] = reason.text_en;
  json["what_to_do_zh"] = reason.what_to_do_zh;
  json["what_to_do_en"] = reason.what_to_do_en;
}

const char* state_text(UplinkState state) {
  switch (state) {
    case UplinkState::kNotConfigured:
      return "not_configured";
    case UplinkState::kConnecting:
      return "connecting";
    case UplinkState::kUp:
      return "up";
    case UplinkState::kDown:
      return "down";
  }
  return "down";
}

const char* disk_state(const GatewayView& view) {
  if (view.journal_failed) {
    return "failed";
  }
  if (view.journal.total_bytes == 0) {
    return "ok";
  }
  if (view.journal.free_bytes < kDiskFullBytes) {
    return "full";
  }
  return view.journal.free_bytes < std::min(kDiskLowBytes, view.journal.total_bytes / 20) ? "low"
                                                                                          : "ok";
}

Json tls_json(const PageFacts& facts) {
  Json json = {{"library", facts.tls_library}, {"remark_zh", nullptr}, {"remark_en", nullptr}};
  if (!facts.tls_maintained) {
    json["remark_zh"] = "这个版本的 TLS 库上游已停止维护，建议升级到 Debian 13。";
    json["remark_en"] = "This TLS library is no longer maintained upstream; move to Debian 13.";
  }
  return json;
}

Json today_json(const Figures& figures) {
  return {{"sales", figures.sales},
          {"accrued_points", figures.accrued.value},
          {"redeemed_points", figures.redeemed.value},
          {"voids", figures.voids},
          {"reversals", figures.reversals},
          {"billed", money_json(figures.billed)},
          {"discount", money_json(figures.discount)}};
}

Json uplink_json(const GatewayView& view) {
  Json json = {{"state", state_text(view.uplink.state)},
               {"since_us", view.uplink.since.us},
               {"oa", view.uplink.target},
               {"last_contact_us", time_or_null(view.queue.last_contact)},
               {"reason", nullptr}};
  if (view.uplink.reason) {
    add_reason(json["reason"], *view.uplink.reason);
  }
  return json;
}

Json queue_json(const GatewayView& view) {
  std::uint64_t unapplied = 0;
  for (const node::TerminalStatus& terminal : view.terminals) {
    if (terminal.forwarded > terminal.applied) {
      unapplied += terminal.forwarded.value - terminal.applied.value;
    }
  }
  Json json = {{"records", view.queue.queue_records},
               {"bytes", view.queue.queue_records == 0 ? 0 : view.journal.queued_bytes},
               {"oldest_age_s", nullptr},
               {"unapplied_records", unapplied}};
  if (view.queue.oldest_queued_at.us != 0) {
    json["oldest_age_s"] =
        std::max<std::int64_t>(view.now.us - view.queue.oldest_queued_at.us, 0) / 1'000'000;
  }
  return json;
}

Json terminals_summary(const GatewayView& view) {
  std::uint64_t unsynced = 0;
  std::uint64_t connected = 0;
  for (const node::TerminalStatus& terminal : view.terminals) {
    unsynced += terminal.unsynced_records;
    connected += terminal.connected ? 1 : 0;
  }
  return {
      {"connected", connected}, {"known", view.terminals.size()}, {"unsynced_records", unsynced}};
}

Json terminal_json(const GatewayView& view, std::size_t i) {
  const node::TerminalStatus& terminal = view.terminals[i];
  const TerminalLinks::Contact& contact = view.contacts[i];
  Json json = {{"id", terminal.terminal.value},
               {"name", std::to_string(terminal.terminal.value)},
               {"incarnation", terminal.incarnation.value},
               {"connected", terminal.connected},
               {"connected_since_us", nullptr},
               {"last_contact_us", time_or_null(terminal.last_contact)},
               {"clock_skew_ms", nullptr},
               {"unsynced_records", nullptr},
               {"oldest_unsynced_age_s", nullptr},
               {"software", terminal.software.empty() ? Json(nullptr) : Json(terminal.software)},
               {"received_seq", std::to_string(terminal.received.value)},
               {"applied_seq", std::to_string(terminal.applied.value)},
               {"archived_seq", std::to_string(view.archived[i].value)},
               {"quarantined", terminal.stream_blocked}};
  if (terminal.connected && contact.connected_since) {
    json["connected_since_us"] = contact.connected_since->us;
  }
  if (terminal.clock_skew_s) {
    json["clock_skew_ms"] = *terminal.clock_skew_s * 1000;
  }
  if (terminal.last_contact.us != 0) {
    json["unsynced_records"] = terminal.unsynced_records;
    if (contact.oldest_unsynced_age && terminal.unsynced_records > 0) {
      json["oldest_unsynced_age_s"] = contact.oldest_unsynced_age->ms / 1000;
    }
  }
  return json;
}

Json store_json(std::uint32_t id, const PageFacts& facts) {
  const std::string fallback = id == 0 ? "" : "store " + std::to_string(id);
  return {{"id", id}, {"name", facts.store_name.empty() ? fallback : facts.store_name}};
}

Json directory_json(const DirectoryView& directory, WallTime now) {
  Json json = {{"state",
                !directory.usable        ? "failed"
                : directory.current      ? "current"
                : directory.version == 0 ? "empty"
                                         : "behind"},
               {"version", directory.version},
               {"cards", directory.cards},
               {"age_s", nullptr}};
  if (directory.current) {
    json["age_s"] = 0;
  } else if (directory.synced_at.us != 0) {
    json["age_s"] = std::max<std::int64_t>(now.us - directory.synced_at.us, 0) / 1'000'000;
  }
  return json;
}

}  // namespace

std::string overview_json(const GatewayView& view, const PageFacts& facts) {
  const Json json = {{"store", store_json(view.self.store.value, facts)},
                     {"gateway",
                      {{"id", view.self.node},
                       {"incarnation", view.self.incarnation.value},
                       {"software", facts.software},
                       {"started_us", view.started.us},
                       {"epoch", 1},
                       {"certificate_not_after_us", view.self.not_after.us},
                       {"fingerprint", to_hex(crypto::sha256(view.self.public_key))}}},
                     {"now_us", view.now.us},
                     {"business_day", iso_day_text(business_day_of(view.now, view.utc_offset_s))},
                     {"uplink", uplink_json(view)},
                     {"queue", queue_json(view)},
                     {"today", today_json(view.journal.figures)},
                     {"disk",
                      {{"state", disk_state(view)},
                       {"free_bytes", view.journal.free_bytes},
                       {"total_bytes", view.journal.total_bytes},
                       {"journal_bytes", view.journal.journal_bytes}}},
                     {"terminals", terminals_summary(view)},
                     {"directory", directory_json(view.directory, view.now)},
                     {"tls", tls_json(facts)}};
  return shell::page_json_text(json);
}

std::string terminals_json(const GatewayView& view) {
  Json terminals = Json::array();
  for (std::size_t i = 0; i < std::min(view.terminals.size(), kTerminalsShownMax); ++i) {
    terminals.push_back(terminal_json(view, i));
  }
  Json refused = Json::array();
  for (const Refusal& refusal : view.refusals) {
    Json json = {{"at_us", refusal.at.us},
                 {"peer", refusal.peer},
                 {"terminal", nullptr},
                 {"count", refusal.count}};
    if (refusal.terminal) {
      json["terminal"] = refusal.terminal->value;
    }
    add_reason(json, refusal.reason);
    refused.push_back(std::move(json));
  }
  return shell::page_json_text(
      {{"now_us", view.now.us}, {"terminals", terminals}, {"refused", refused}});
}

std::string unenrolled_overview_json(WallTime now,
                                     std::int32_t utc_offset_s,
                                     const PageFacts& facts) {
  const Json json = {
      {"store", store_json(0, facts)},
      {"gateway",
       {{"id", 0},
        {"incarnation", 0},
        {"software", facts.software},
        {"started_us", now.us},
        {"epoch", 0},
        {"certificate_not_after_us", nullptr},
        {"fingerprint", ""}}},
      {"now_us", now.us},
      {"business_day", iso_day_text(business_day_of(now, utc_offset_s))},
      {"uplink",
       {{"state", "not_configured"},
        {"since_us", now.us},
        {"oa", ""},
        {"last_contact_us", nullptr},
        {"reason", nullptr}}},
      {"queue",
       {{"records", 0}, {"bytes", 0}, {"oldest_age_s", nullptr}, {"unapplied_records", 0}}},
      {"today", today_json({})},
      {"disk", {{"state", "ok"}, {"free_bytes", 0}, {"total_bytes", 0}, {"journal_bytes", 0}}},
      {"terminals", {{"connected", 0}, {"known", 0}, {"unsynced_records", 0}}},
      {"directory", {{"state", "empty"}, {"version", 0}, {"cards", 0}, {"age_s", nullptr}}},
      {"tls", tls_json(facts)}};
  return shell::page_json_text(json);
}

std::string unenrolled_terminals_json(WallTime now) {
  return shell::page_json_text(
      {{"now_us", now.us}, {"terminals", Json::array()}, {"refused", Json::array()}});
}

}  // namespace tally::gateway
