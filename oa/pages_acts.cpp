// Office acts over HTTP: a maker asks, a checker approves or declines (docs/formats/api.md, "Office
// acts").
#include <utility>

#include "core/base/try.hpp"

#include "oa/act_json.hpp"
#include "oa/act_reasons.hpp"
#include "oa/pages.hpp"
#include "oa/reasons.hpp"
#include "shell/page_json.hpp"
#include "shell/page_text.hpp"
#include "shell/process.hpp"

namespace tally::oa {

using Json = nlohmann::json;
using ledger::ActOutcome;
using ledger::OfficeAct;

namespace {

constexpr std::size_t kKeyBytesMax = 64;

}  // namespace

void Pages::add_act_routes(Routes& routes) {
  const auto on_member = [&](const char* path,
                             std::optional<OfficeAct> (*parse)(MemberId, std::string_view)) {
    routes.on("POST", path, [this, parse](Request request, Reply reply) {
      ask_act(std::move(request), reply, [parse](const Request& asked) {
        const auto member = member_of_path(asked);
        return member ? parse(*member, asked.body) : std::nullopt;
      });
    });
  };
  on_member("/api/members/:id/adjust", adjustment_from);
  on_member("/api/members/:id/clear-points", clear_from);
  on_member("/api/members/:id/transfer", transfer_from);
  on_member("/api/members/:id/replace-card", card_replacement_from);
  on_member("/api/members/:id/merge", merge_from);
  routes.on("POST", "/api/quarantine/:id/decide", [this](Request request, Reply reply) {
    ask_act(std::move(request), reply, [](const Request& asked) {
      const auto number = number_from(asked.path_value("id"));
      return number ? decision_from(*number, asked.body) : std::nullopt;
    });
  });
  routes.on("POST", "/api/acts/:id/approve", [this](Request request, Reply reply) {
    end_act(std::move(request), reply, true);
  });
  routes.on("POST", "/api/acts/:id/decline", [this](Request request, Reply reply) {
    end_act(std::move(request), reply, false);
  });
  routes.on("GET", "/api/acts", [this](Request request, Reply reply) {
    read(reply, [request](storage::LedgerQueries& queries) -> Result<Response> {
      const auto limit = limit_of(request);
      const auto before = before_of(request);
      const std::string state = request.query_value("state").value_or("open");
      if (!limit || !before || (state != "open" && state != "all")) {
        return Response::error(400, shell::page_text::kBadRequest);
      }
      storage::OfficeActs acts(queries.db());
      TALLY_TRY_ASSIGN(const auto rows, acts.before(*before, state == "open", *limit));
      Json list = Json::array();
      for (const storage::OfficeActRow& row : rows) {
        list.push_back(act_json(row));
      }
      const Json next = rows.size() == *limit ? Json(std::to_string(rows.back().number)) : nullptr;
      return Response::json(
          shell::page_json_text({{"acts", std::move(list)}, {"next_cursor", next}}));
    });
  });
  routes.on("GET", "/api/acts/:id", [this](Request request, Reply reply) {
    answer_act(reply, {ActOutcome::kDone, number_from(request.path_value("id")).value_or(0)});
  });
}

void Pages::ask_act(Request request, const Reply& reply, const ActParser& parse) {
  std::optional<OfficeAct> act = parse(request);
  const std::string key = request.header("Idempotency-Key").value_or("");
  if (!act || key.empty() || key.size() > kKeyBytesMax) {
    reply(Response::error(400, shell::page_text::kBadRequest));
    return;
  }
  act->maker = request.user;
  change(reply, [this, reply, key, act = std::move(*act)](LedgerThread::Desk& desk) -> Status {
    TALLY_TRY_ASSIGN(
        const ActAnswer answer,
        desk.acts.ask(act, key, desk.node.policy(), desk.node.ledger_time(shell::system_now())));
    answer_act(reply, answer);
    return {};
  });
}

void Pages::end_act(Request request, const Reply& reply, bool approve) {
  const auto number = number_from(request.path_value("id"));
  const auto body = shell::parse_page_json(request.body);
  if (!body || !body->empty()) {
    reply(Response::error(400, shell::page_text::kBadRequest));
    return;
  }
  change(reply,
         [this, reply, approve, number = number.value_or(0), user = request.user](
             LedgerThread::Desk& desk) -> Status {
           const ledger::LedgerTime time = desk.node.ledger_time(shell::system_now());
           TALLY_TRY_ASSIGN(const ActAnswer answer,
                            approve ? desk.acts.approve(number, user, desk.node.policy(), time)
                                    : desk.acts.decline(number, user, time));
           answer_act(reply, answer);
           return {};
         });
}

/// The act as it is now: 200, or 202 while it waits for a checker.
void Pages::answer_act(const Reply& reply, const ActAnswer& answer) {
  const bool waits = answer.outcome == ActOutcome::kNeedsChecker;
  if (answer.outcome != ActOutcome::kDone && !waits) {
    const ActRefusal refusal = act_refusal(answer.outcome);
    reply(Response::error(refusal.status, refusal.text));
    return;
  }
  read(reply, [waits, number = answer.act](storage::LedgerQueries& queries) -> Result<Response> {
    TALLY_TRY_ASSIGN(const auto row, storage::OfficeActs(queries.db()).find(number));
    if (!row) {
      const ActRefusal refusal = act_refusal(ActOutcome::kNoSuchAct);
      return Response::error(refusal.status, refusal.text);
    }
    return Response::json(shell::page_json_text(act_json(*row)), waits ? 202 : 200);
  });
}

}  // namespace tally::oa
