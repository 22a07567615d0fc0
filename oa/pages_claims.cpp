// Claimed receipts and terminals declared dead, over HTTP (docs/formats/api.md, "Claims").
#include <limits>
#include <utility>

#include "core/base/try.hpp"
#include "core/record/record.hpp"

#include "oa/claim_reasons.hpp"
#include "oa/pages.hpp"
#include "shell/page_json.hpp"
#include "shell/page_text.hpp"
#include "shell/process.hpp"

namespace tally::oa {

using Json = nlohmann::json;
using node::ClaimOutcome;
using node::DeathOutcome;
using transport::http::ErrorText;

namespace {

constexpr std::size_t kCodeBytesMax = 600;
constexpr std::size_t kReasonBytesMax = 200;
constexpr ErrorText kNoName{"no_name",
                            "一次性链接登录没有姓名，不能办理这项操作。",
                            "Who came by a one-time link has no name and cannot do this.",
                            "请用自己的用户名和密码登录。",
                            "Sign in with your own name and password."};

/// The body's only key, a text of 1…`bytes_max` bytes.
std::optional<std::string> only_text(const std::string& body,
                                     const char* key,
                                     std::size_t bytes_max) {
  const auto json = shell::parse_page_json(body);
  if (!json || json->size() != 1 || !json->contains(key) || !(*json)[key].is_string()) {
    return std::nullopt;
  }
  auto text = (*json)[key].get<std::string>();
  return !text.empty() && text.size() <= bytes_max ? std::optional(std::move(text)) : std::nullopt;
}

std::optional<StreamId> stream_of_path(const transport::http::Request& request) {
  constexpr std::int64_t kMax = std::numeric_limits<std::uint32_t>::max();
  const auto terminal = number_from(request.path_value("terminal"));
  const auto incarnation = number_from(request.path_value("incarnation"));
  if (!terminal || !incarnation || *terminal > kMax || *incarnation > kMax) {
    return std::nullopt;
  }
  return StreamId{TerminalId{static_cast<std::uint32_t>(*terminal)},
                  Incarnation{static_cast<std::uint32_t>(*incarnation)}};
}

Json claim_json(const node::ClaimResult& result) {
  const bool accrual = result.kind == record::RecordKind::kAccrual;
  return {{"receipt", record::receipt_number(result.record)},
          {"kind", accrual ? "accrual" : "redemption"},
          {"points", result.points.value},
          {"member", result.member ? Json(std::to_string(result.member.value)) : Json(nullptr)},
          {"state", claim_state_word(result.outcome)}};
}

}  // namespace

void Pages::add_claim_routes(Routes& routes) {
  routes.on("POST", "/api/claims", [this](Request request, Reply reply) {
    claim(std::move(request), reply);
  });
  routes.on("POST",
            "/api/terminals/:terminal/:incarnation/dead",
            [this](Request request, Reply reply) { declare_dead(std::move(request), reply); });
}

void Pages::claim(Request request, const Reply& reply) {
  const auto code = only_text(request.body, "code", kCodeBytesMax);
  if (!code) {
    reply(Response::error(400, shell::page_text::kBadRequest));
    return;
  }
  change(reply, [reply, code = *code, user = request.user](LedgerThread::Desk& desk) -> Status {
    TALLY_TRY_ASSIGN(
        const node::ClaimResult result,
        desk.claims.claim(code,
                          {user, desk.node.policy(), desk.node.ledger_time(shell::system_now())}));
    if (is_answered(result.outcome)) {
      reply(Response::json(shell::page_json_text(claim_json(result))));
    } else {
      const ClaimRefusal refusal = claim_refusal(result);
      reply(Response::error(refusal.status, refusal.text));
    }
    return {};
  });
}

void Pages::declare_dead(Request request, const Reply& reply) {
  const auto reason = only_text(request.body, "reason", kReasonBytesMax);
  const auto stream = stream_of_path(request);
  if (!reason || !stream) {
    reply(Response::error(400, shell::page_text::kBadRequest));
    return;
  }
  if (request.user.empty()) {
    reply(Response::error(403, kNoName));
    return;
  }
  change(reply,
         [reply, reason = *reason, stream = *stream, user = request.user](
             LedgerThread::Desk& desk) -> Status {
           TALLY_TRY_ASSIGN(
               const DeathOutcome outcome,
               desk.claims.declare_dead(
                   stream,
                   reason,
                   {user, desk.node.policy(), desk.node.ledger_time(shell::system_now())}));
           if (outcome == DeathOutcome::kAwaitsSecond) {
             reply(Response::json(shell::page_json_text({{"state", "awaits_second"}}), 202));
           } else if (outcome == DeathOutcome::kDead || outcome == DeathOutcome::kDeclaredBefore) {
             reply(Response::json(shell::page_json_text({{"state", "dead"}})));
           } else {
             const ClaimRefusal refusal = death_refusal(outcome);
             reply(Response::error(refusal.status, refusal.text));
           }
           return {};
         });
}

}  // namespace tally::oa
