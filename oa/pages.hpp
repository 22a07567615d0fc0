// The console: routes of docs/formats/api.md, "OA". Handlers come on the HTTP server's thread and
// hand over: reading to a thread with its own view of the ledger file, changing to the ledger
// thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "oa/ledger_thread.hpp"
#include "oa/settings.hpp"
#include "oa/vault.hpp"
#include "oa/view_json.hpp"
#include "shell/loop.hpp"
#include "shell/metrics.hpp"
#include "shell/page_access.hpp"
#include "storage/ledger_queries.hpp"
#include "transport/http/server.hpp"

namespace tally::oa {

class Pages {
 public:
  struct Options {
    Settings settings;
    std::filesystem::path data_dir;
    std::filesystem::path ledger_file;
    std::string software;
    PageFacts facts;
  };

  /// Starts the server. `ledger` and `metrics` must outlive it. Errors: those of PageAccess::open()
  /// and Server::start().
  static Result<std::unique_ptr<Pages>> start(Options options,
                                              LedgerThread& ledger,
                                              Vault vault,
                                              const shell::Metrics& metrics,
                                              crypto::RandomSource& random);
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages();

  std::uint16_t port() const { return server_->port(); }
  /// The one-time link to print, when nobody has a password yet.
  Result<std::optional<std::string>> first_link() { return access_->first_link(port()); }
  void stop();

 private:
  using Response = transport::http::Response;
  using Request = transport::http::Request;
  using Reply = transport::http::Reply;
  using Routes = transport::http::Routes;
  using Reading = std::function<Result<Response>(storage::LedgerQueries&)>;

  Pages(Options options, LedgerThread& ledger, Vault vault);
  Status open(const shell::Metrics& metrics, crypto::RandomSource& random);

  // pages.cpp: what is read.
  void add_reading_routes(Routes& routes);
  void read(const Reply& reply, Reading reading);
  Result<Response> member_page(storage::LedgerQueries& queries, MemberId id, int status = 200);
  Result<Response> find_members(storage::LedgerQueries& queries, const Request& request);
  void overview(const Reply& reply);

  // pages_acts.cpp: acts of a maker and a checker.
  void add_act_routes(Routes& routes);
  using ActParser = std::function<std::optional<ledger::OfficeAct>(const Request&)>;
  void ask_act(Request request, const Reply& reply, const ActParser& parse);
  void end_act(Request request, const Reply& reply, bool approve);
  void answer_act(const Reply& reply, const ActAnswer& answer);

  // pages_claims.cpp: receipts that customers bring, terminals that are gone.
  void add_claim_routes(Routes& routes);
  void claim(Request request, const Reply& reply);
  void declare_dead(Request request, const Reply& reply);

  // pages_office.cpp: what is changed.
  void add_office_routes(Routes& routes);
  void enrol(Request request, const Reply& reply);
  void set_frozen(Request request, const Reply& reply, bool frozen);
  void erase(Request request, const Reply& reply);
  void reveal(Request request, const Reply& reply);
  void change(const Reply& reply, std::function<Status(LedgerThread::Desk&)> work);

  Options options_;
  LedgerThread& ledger_;
  Vault vault_;
  std::unique_ptr<shell::PageAccess> access_;
  std::unique_ptr<transport::http::Server> server_;

  // On the reading thread.
  shell::Loop loop_{"pages"};
  std::unique_ptr<storage::LedgerQueries> queries_;
  std::optional<OverviewFigures> figures_;  ///< Kept a while: they read every member.
};

/// A number above zero in digits.
std::optional<std::int64_t> number_from(std::string_view text);
/// `limit` and `cursor` of a list's query; none when they are out of bounds.
std::optional<std::size_t> limit_of(const transport::http::Request& request);
std::optional<std::int64_t> before_of(const transport::http::Request& request);

/// The member named by the path; none when it is no number.
std::optional<MemberId> member_of_path(const transport::http::Request& request);

}  // namespace tally::oa
