// What people change from the console: the ledger thread does it, then the page is read anew.
#include <utility>

#include "core/base/try.hpp"

#include "oa/masking.hpp"
#include "oa/pages.hpp"
#include "oa/reasons.hpp"
#include "shell/page_json.hpp"
#include "shell/page_text.hpp"
#include "shell/process.hpp"

namespace tally::oa {

using Json = nlohmann::json;
using transport::http::ErrorText;

namespace {

constexpr std::size_t kReasonBytesMax = 200;
constexpr std::size_t kKeyBytesMax = 64;

/// The body's only key, a reason of 1…200 bytes.
std::optional<std::string> reason_of(const std::string& body) {
  const auto json = shell::parse_page_json(body);
  if (!json || json->size() != 1 || !json->contains("reason") || !(*json)["reason"].is_string()) {
    return std::nullopt;
  }
  auto reason = (*json)["reason"].get<std::string>();
  return !reason.empty() && reason.size() <= kReasonBytesMax ? std::optional(std::move(reason))
                                                             : std::nullopt;
}

std::optional<EnrolForm> form_of(const std::string& body) {
  const auto json = shell::parse_page_json(body);
  if (!json || json->size() != 3 || !json->contains("name") || !json->contains("phone") ||
      !json->contains("language")) {
    return std::nullopt;
  }
  const Json& name = (*json)["name"];
  const Json& phone = (*json)["phone"];
  const Json& language = (*json)["language"];
  if (!name.is_string() || !(phone.is_string() || phone.is_null()) || !language.is_string()) {
    return std::nullopt;
  }
  EnrolForm form;
  const auto tidy = tidy_name(name.get_ref<const std::string&>());
  form.language = language.get<std::string>();
  if (!tidy || (form.language != "zh-CN" && form.language != "en")) {
    return std::nullopt;
  }
  form.name = *tidy;
  if (phone.is_string() && !phone.get_ref<const std::string&>().empty()) {
    const auto& typed = phone.get_ref<const std::string&>();
    const auto digits = typed.size() <= kPhoneBytesMax ? tidy_phone(typed) : std::nullopt;
    if (!digits) {
      return std::nullopt;
    }
    form.phone = *digits;
  }
  return form;
}

transport::http::Response refusal_of(OfficeOutcome outcome, const ErrorText& conflict) {
  switch (outcome) {
    case OfficeOutcome::kNotFound:
      return transport::http::Response::error(404, page_text::kNoMember);
    case OfficeOutcome::kPhoneTaken:
      return transport::http::Response::error(409, page_text::kPhoneTaken);
    case OfficeOutcome::kNumbersUsedUp:
      return transport::http::Response::error(409, page_text::kNumbersUsedUp);
    case OfficeOutcome::kConflict:
    case OfficeOutcome::kDone:
      break;
  }
  return transport::http::Response::error(409, conflict);
}

}  // namespace

void Pages::change(const Reply& reply, std::function<Status(LedgerThread::Desk&)> work) {
  const bool taken =
      ledger_.with_desk([reply, work = std::move(work)](LedgerThread::Desk* desk) -> Status {
        if (desk == nullptr) {
          reply(Response::error(503, shell::page_text::kStorageFailed));
          return {};
        }
        const Status done = work(*desk);
        if (!done) {
          reply(Response::error(503, shell::page_text::kStorageFailed));
        }
        return done;
      });
  if (!taken) {
    reply(Response::error(503, shell::page_text::kBusy));
  }
}

void Pages::add_office_routes(Routes& routes) {
  routes.on("POST", "/api/members", [this](Request request, Reply reply) {
    enrol(std::move(request), reply);
  });
  routes.on("POST", "/api/members/:id/freeze", [this](Request request, Reply reply) {
    set_frozen(std::move(request), reply, true);
  });
  routes.on("POST", "/api/members/:id/clear", [this](Request request, Reply reply) {
    set_frozen(std::move(request), reply, false);
  });
  routes.on("POST", "/api/members/:id/erase", [this](Request request, Reply reply) {
    erase(std::move(request), reply);
  });
  routes.on("POST", "/api/members/:id/reveal", [this](Request request, Reply reply) {
    reveal(std::move(request), reply);
  });
}

void Pages::enrol(Request request, const Reply& reply) {
  std::optional<EnrolForm> form = form_of(request.body);
  const std::string key = request.header("Idempotency-Key").value_or("");
  if (!form || key.size() > kKeyBytesMax) {
    reply(Response::error(400, shell::page_text::kBadRequest));
    return;
  }
  form->idempotency_key = key;
  change(
      reply,
      [this, reply, form = std::move(*form), user = request.user](
          LedgerThread::Desk& desk) -> Status {
        TALLY_TRY_ASSIGN(
            const EnrolResult result,
            desk.office.enrol(
                form, Clerk{user}, desk.node.policy(), desk.node.ledger_time(shell::system_now())));
        if (result.outcome != OfficeOutcome::kDone) {
          reply(refusal_of(result.outcome, page_text::kKeyReused));
          return {};
        }
        read(reply, [this, id = result.member](storage::LedgerQueries& queries) {
          return member_page(queries, id, 201);
        });
        return {};
      });
}

void Pages::set_frozen(Request request, const Reply& reply, bool frozen) {
  const auto member = member_of_path(request);
  const auto reason = reason_of(request.body);
  if (!reason) {
    reply(Response::error(400, shell::page_text::kBadRequest));
    return;
  }
  if (!member) {
    reply(Response::error(404, page_text::kNoMember));
    return;
  }
  change(reply,
         [this, reply, frozen, id = *member, reason = *reason, user = request.user](
             LedgerThread::Desk& desk) -> Status {
           TALLY_TRY_ASSIGN(
               const OfficeOutcome outcome,
               desk.office.set_frozen(
                   id, frozen, reason, Clerk{user}, desk.node.ledger_time(shell::system_now())));
           if (outcome != OfficeOutcome::kDone) {
             reply(refusal_of(outcome, frozen ? page_text::kAlreadyFrozen : page_text::kNotFrozen));
             return {};
           }
           read(reply,
                [this, id](storage::LedgerQueries& queries) { return member_page(queries, id); });
           return {};
         });
}

void Pages::erase(Request request, const Reply& reply) {
  const auto member = member_of_path(request);
  const auto reason = reason_of(request.body);
  if (!reason) {
    reply(Response::error(400, shell::page_text::kBadRequest));
    return;
  }
  if (!member) {
    reply(Response::error(404, page_text::kNoMember));
    return;
  }
  change(
      reply,
      [this, reply, id = *member, reason = *reason, user = request.user](
          LedgerThread::Desk& desk) -> Status {
        TALLY_TRY_ASSIGN(
            const OfficeOutcome outcome,
            desk.office.erase(id, reason, Clerk{user}, desk.node.ledger_time(shell::system_now())));
        if (outcome != OfficeOutcome::kDone) {
          reply(refusal_of(outcome, page_text::kAlreadyErased));
          return {};
        }
        read(reply,
             [this, id](storage::LedgerQueries& queries) { return member_page(queries, id); });
        return {};
      });
}

void Pages::reveal(Request request, const Reply& reply) {
  const auto member = member_of_path(request);
  const auto reason = reason_of(request.body);
  if (!reason) {
    reply(Response::error(400, shell::page_text::kBadRequest));
    return;
  }
  if (!member) {
    reply(Response::error(404, page_text::kNoMember));
    return;
  }
  change(reply,
         [this, reply, id = *member, reason = *reason, user = request.user](
             LedgerThread::Desk& desk) -> Status {
           TALLY_TRY_ASSIGN(
               const OfficeOutcome outcome,
               desk.office.note_reveal(
                   id, reason, Clerk{user}, desk.node.ledger_time(shell::system_now())));
           if (outcome != OfficeOutcome::kDone) {
             reply(refusal_of(outcome, page_text::kNoMember));
             return {};
           }
           read(reply, [this, id](storage::LedgerQueries& queries) -> Result<Response> {
             TALLY_TRY_ASSIGN(const auto known, queries.member(id));
             const auto person =
                 known ? vault_.open_person(id, known->sealed, known->wrapped_key)
                       : Result<Person>(make_error(Errc::kNotFound, "there is no such member"));
             if (!person) {
               return Response::error(404, page_text::kNoPersonalData);
             }
             return Response::json(shell::page_json_text(
                 {{"name", person->name},
                  {"phone", person->phone.empty() ? Json(nullptr) : Json(person->phone)}}));
           });
           return {};
         });
}

}  // namespace tally::oa
