#include "oa/pages.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "core/base/try.hpp"

#include "oa/reasons.hpp"
#include "shell/log.hpp"
#include "shell/page_json.hpp"
#include "shell/page_text.hpp"
#include "shell/process.hpp"

namespace tally::oa {

using Json = nlohmann::json;

namespace {

constexpr shell::Log kLog("pages");
constexpr std::size_t kLimitDefault = 20;
constexpr std::size_t kLimitMax = 100;
constexpr std::size_t kQueryBytesMax = 64;
constexpr std::int64_t kFiguresAgeUs = 5'000'000;
/// Names are sealed: looking for one opens members from the newest on, at most this many.
constexpr std::size_t kNamesOpenedMax = 5'000;
constexpr std::size_t kNamesStep = 200;

transport::http::Response json_answer(const Json& json, int status = 200) {
  return transport::http::Response::json(shell::page_json_text(json), status);
}

Json next_cursor(std::size_t found, std::size_t limit, std::int64_t last) {
  return found == limit ? Json(std::to_string(last)) : Json(nullptr);
}

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::int64_t> number_from(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value > 0
             ? std::optional(value)
             : std::nullopt;
}

/// `limit` of the query; none when it is out of bounds.
std::optional<std::size_t> limit_of(const transport::http::Request& request) {
  const auto text = request.query_value("limit");
  if (!text) {
    return kLimitDefault;
  }
  const auto value = number_from(*text);
  return value && *value <= static_cast<std::int64_t>(kLimitMax)
             ? std::optional(static_cast<std::size_t>(*value))
             : std::nullopt;
}

/// Where to go on: everything with a smaller number. None when the cursor is not one of ours.
std::optional<std::int64_t> before_of(const transport::http::Request& request) {
  const auto text = request.query_value("cursor");
  return text && !text->empty() ? number_from(*text)
                                : std::optional(std::numeric_limits<std::int64_t>::max());
}

std::optional<MemberId> member_of_path(const transport::http::Request& request) {
  const auto number = number_from(request.path_value("id"));
  return number ? std::optional(MemberId{*number}) : std::nullopt;
}

Pages::Pages(Options options, LedgerThread& ledger, Vault vault)
    : options_(std::move(options)), ledger_(ledger), vault_(std::move(vault)) {}

Pages::~Pages() {
  stop();
}

void Pages::stop() {
  if (server_) {
    server_->stop();
  }
  loop_.stop();
}

Result<std::unique_ptr<Pages>> Pages::start(Options options,
                                            LedgerThread& ledger,
                                            Vault vault,
                                            const shell::Metrics& metrics,
                                            crypto::RandomSource& random) {
  std::unique_ptr<Pages> pages(new Pages(std::move(options), ledger, std::move(vault)));
  TALLY_TRY(pages->open(metrics, random));
  return pages;
}

Status Pages::open(const shell::Metrics& metrics, crypto::RandomSource& random) {
  shell::PageAccessOptions access;
  access.service = "oa";
  access.node = "OA";
  access.software = options_.software;
  access.language = options_.settings.language;
  access.is_demo = options_.settings.demo;
  access.link_role = "clerk";
  access.data_dir = options_.data_dir;
  TALLY_TRY_ASSIGN(access_, shell::PageAccess::open(std::move(access), random, shell::system_now));

  Routes routes;
  access_->add_to(routes);
  add_reading_routes(routes);
  add_office_routes(routes);
  add_act_routes(routes);
  add_claim_routes(routes);
  routes.on_public("GET", "/metrics", metrics.handler());

  transport::http::Options server;
  server.address = options_.settings.page_address;
  server.port = options_.settings.page_port;
  server.static_dir = options_.settings.page_files;
  server.body_bytes_max = 64 * 1024;
  TALLY_TRY_ASSIGN(server_, transport::http::Server::start(std::move(server), std::move(routes)));
  loop_.start();
  return {};
}

void Pages::read(const Reply& reply, Reading reading) {
  const bool taken = loop_.post([this, reply, reading = std::move(reading)] {
    if (!queries_) {
      auto opened = storage::LedgerQueries::open(options_.ledger_file.string());
      if (!opened) {
        kLog.error("ledger_not_readable", {{"error", opened.error()}});
        reply(Response::error(503, shell::page_text::kStorageFailed));
        return;
      }
      queries_ = std::move(*opened);
    }
    Result<Response> response = reading(*queries_);
    if (!response) {
      kLog.error("reading_failed", {{"error", response.error()}});
      queries_.reset();
      reply(Response::error(503, shell::page_text::kStorageFailed));
      return;
    }
    reply(std::move(*response));
  });
  if (!taken) {
    reply(Response::error(503, shell::page_text::kBusy));
  }
}

Result<transport::http::Response> Pages::member_page(storage::LedgerQueries& queries,
                                                     MemberId id,
                                                     int status) {
  TALLY_TRY_ASSIGN(const auto member, queries.member(id));
  if (!member) {
    return Response::error(404, page_text::kNoMember);
  }
  const Json json = member_json(*member, shell::system_now().wall);
  if (status == 200) {
    return json_answer(json);
  }
  TALLY_TRY_ASSIGN(const auto cards, queries.cards(id));
  return json_answer(
      {{"member", json}, {"card", cards.empty() ? Json(nullptr) : card_json(cards.front())}},
      status);
}

Result<transport::http::Response> Pages::find_members(storage::LedgerQueries& queries,
                                                      const Request& request) {
  const auto limit = limit_of(request);
  const auto before = before_of(request);
  std::string query = request.query_value("query").value_or("");
  if (!limit || !before || query.size() > kQueryBytesMax) {
    return Response::error(400, shell::page_text::kBadRequest);
  }
  std::string compact = query;
  std::erase(compact, ' ');
  Json rows = Json::array();
  std::int64_t last = *before;
  const auto add = [&](const storage::MemberSummary& member) {
    rows.push_back(member_row_json(member));
  };
  if (all_digits(compact) && compact.size() >= 6) {
    TALLY_TRY_ASSIGN(const auto owner, queries.member_of_card(compact));
    if (owner && owner->value < *before) {
      TALLY_TRY_ASSIGN(const auto member, queries.member(*owner));
      if (member) {
        add(*member);
      }
    }
    return json_answer({{"members", std::move(rows)}, {"next_cursor", nullptr}});
  }
  const bool by_tail = all_digits(compact) && compact.size() == 4;
  const bool by_name = !compact.empty() && !by_tail;
  std::size_t opened = 0;
  bool more = true;
  while (more && rows.size() < *limit && opened < kNamesOpenedMax) {
    const std::size_t step = by_name ? kNamesStep : *limit;
    TALLY_TRY_ASSIGN(const auto ids,
                     queries.members_before(MemberId{last}, by_tail ? compact : "", step));
    more = by_name && ids.size() == step;
    for (const MemberId id : ids) {
      if (rows.size() == *limit) {
        break;
      }
      last = id.value;
      TALLY_TRY_ASSIGN(const auto member, queries.member(id));
      if (!member) {
        continue;
      }
      if (by_name) {
        ++opened;
        const auto person = vault_.open_person(id, member->sealed, member->wrapped_key);
        if (!person || !person->name.starts_with(query)) {
          continue;
        }
      }
      add(*member);
    }
  }
  const bool at_end = rows.size() < *limit && opened < kNamesOpenedMax;
  return json_answer({{"members", std::move(rows)},
                      {"next_cursor", at_end ? Json(nullptr) : Json(std::to_string(last))}});
}

void Pages::add_reading_routes(Routes& routes) {
  routes.on("GET", "/api/overview", [this](Request, Reply reply) { overview(reply); });
  routes.on("GET", "/api/stores", [this](Request, Reply reply) {
    change(reply, [this, reply](LedgerThread::Desk& desk) -> Status {
      reply(json_answer(stores_json(gateway_views(desk.node, desk.registry), options_.facts)));
      return {};
    });
  });
  routes.on("GET", "/api/erasures", [this](Request request, Reply reply) {
    read(reply, [request](storage::LedgerQueries& queries) -> Result<Response> {
      const auto limit = limit_of(request);
      if (!limit) {
        return Response::error(400, shell::page_text::kBadRequest);
      }
      TALLY_TRY_ASSIGN(const auto rows, queries.erasures(*limit));
      Json list = Json::array();
      for (const storage::ErasureRow& erasure : rows) {
        list.push_back(erasure_json(erasure));
      }
      return json_answer({{"erasures", std::move(list)}});
    });
  });
  routes.on("GET", "/api/members", [this](Request request, Reply reply) {
    read(reply, [this, request](storage::LedgerQueries& queries) {
      return find_members(queries, request);
    });
  });
  const auto on_member = [&](const char* path, auto answer) {
    routes.on("GET", path, [this, answer](Request request, Reply reply) {
      const auto member = member_of_path(request);
      if (!member) {
        reply(Response::error(404, page_text::kNoMember));
        return;
      }
      read(reply,
           [this, answer, request, id = *member](
               storage::LedgerQueries& queries) -> Result<Response> {
             TALLY_TRY_ASSIGN(const auto known, queries.member(id));
             if (!known) {
               return Response::error(404, page_text::kNoMember);
             }
             return answer(queries, request, *known);
           });
    });
  };
  on_member("/api/members/:id",
            [](storage::LedgerQueries&,
               const Request&,
               const storage::MemberSummary& member) -> Result<Response> {
              return json_answer(member_json(member, shell::system_now().wall));
            });
  on_member("/api/members/:id/lots",
            [this](storage::LedgerQueries& queries,
                   const Request&,
                   const storage::MemberSummary& member) -> Result<Response> {
              TALLY_TRY_ASSIGN(const auto lots, queries.lots(member.row.id));
              Json list = Json::array();
              for (const storage::LotRow& lot : lots) {
                list.push_back(lot_json(lot, options_.facts));
              }
              return json_answer({{"lots", std::move(list)}});
            });
  on_member("/api/members/:id/cards",
            [](storage::LedgerQueries& queries,
               const Request&,
               const storage::MemberSummary& member) -> Result<Response> {
              TALLY_TRY_ASSIGN(const auto cards, queries.cards(member.row.id));
              Json list = Json::array();
              for (const storage::CardRow& card : cards) {
                list.push_back(card_json(card));
              }
              return json_answer({{"cards", std::move(list)}});
            });
  on_member("/api/members/:id/history",
            [this](storage::LedgerQueries& queries,
                   const Request& request,
                   const storage::MemberSummary& member) -> Result<Response> {
              const auto limit = limit_of(request);
              const auto before = before_of(request);
              if (!limit || !before) {
                return Response::error(400, shell::page_text::kBadRequest);
              }
              TALLY_TRY_ASSIGN(const auto rows,
                               queries.history(member.row.id, ledger::TxnId{*before}, *limit));
              Json lines = Json::array();
              for (const storage::HistoryRow& row : rows) {
                lines.push_back(line_json(row, options_.facts));
              }
              const std::int64_t last = rows.empty() ? 0 : rows.back().txn.id.value;
              return json_answer({{"lines", std::move(lines)},
                                  {"next_cursor", next_cursor(rows.size(), *limit, last)}});
            });
  routes.on("GET", "/api/quarantine", [this](Request request, Reply reply) {
    read(reply, [request](storage::LedgerQueries& queries) -> Result<Response> {
      const auto limit = limit_of(request);
      const auto before = before_of(request);
      const std::string state = request.query_value("state").value_or("open");
      if (!limit || !before || (state != "open" && state != "decided")) {
        return Response::error(400, shell::page_text::kBadRequest);
      }
      TALLY_TRY_ASSIGN(const auto rows,
                       queries.quarantine(*before,
                                          *limit,
                                          state == "open" ? storage::QuarantineFilter::kOpen
                                                          : storage::QuarantineFilter::kDecided));
      Json entries = Json::array();
      for (const storage::QuarantineRow& row : rows) {
        entries.push_back(quarantine_json(row));
      }
      const std::int64_t last = rows.empty() ? 0 : rows.back().number;
      return json_answer({{"entries", std::move(entries)},
                          {"next_cursor", next_cursor(rows.size(), *limit, last)}});
    });
  });
}

void Pages::overview(const Reply& reply) {
  change(reply, [this, reply](LedgerThread::Desk& desk) -> Status {
    const ledger::LedgerTime time = desk.node.ledger_time(shell::system_now());
    read(
        reply,
        [this,
         time,
         gateways = gateway_views(desk.node, desk.registry),
         version = desk.node.policy().program.version.value,
         generation = desk.node.generation()](storage::LedgerQueries& queries) -> Result<Response> {
          if (!figures_ || time.now.us - figures_->totals_at.us > kFiguresAgeUs ||
              time.now.us < figures_->totals_at.us) {
            OverviewFigures figures;
            figures.totals_at = time.now;
            TALLY_TRY_ASSIGN(figures.totals, queries.totals());
            TALLY_TRY_ASSIGN(figures.quarantine_open, queries.quarantine_count());
            const std::int64_t midnight_us = std::int64_t{time.today.days} * 86'400'000'000 -
                                             std::int64_t{options_.facts.utc_offset_s} * 1'000'000;
            TALLY_TRY_ASSIGN(figures.enrolled_today, queries.enrolled_since(WallTime{midnight_us}));
            TALLY_TRY_ASSIGN(figures.days, queries.days(BusinessDay{time.today.days - 13}));
            figures_ = std::move(figures);
          }
          figures_->now = time.now;
          figures_->today = time.today;
          figures_->program_version = version;
          figures_->generation = generation;
          return json_answer(overview_json(*figures_, gateways, options_.facts));
        });
    return {};
  });
}

}  // namespace tally::oa
