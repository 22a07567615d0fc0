#include "tools/audit.hpp"

#include <nlohmann/json.hpp>

#include "core/base/try.hpp"

#include "storage/journal_format.hpp"
#include "storage/ledger_schema.hpp"
#include "tools/audit_journal.hpp"
#include "tools/audit_ledger.hpp"

namespace tally::tools {

using storage::Db;

namespace {

Result<Db> open_for_reading(const std::string& path, const storage::Schema& schema) {
  TALLY_TRY_ASSIGN(Db db, Db::open(path, storage::OpenMode::kReadOnly));
  TALLY_TRY(db.require(schema));
  return db;
}

// Opens, holds one moment, checks. The checks get the Db and add to the report.
template <class Check>
auto at_one_moment(const std::string& path, const storage::Schema& schema, const Check& check)
    -> decltype(check(std::declval<Db&>())) {
  TALLY_TRY_ASSIGN(Db db, open_for_reading(path, schema));
  TALLY_TRY_ASSIGN(const storage::Transaction moment, storage::Transaction::begin_read(db));
  return check(db);
}

std::uint64_t count_records(const std::vector<NodeContent>& nodes) {
  std::uint64_t count = 0;
  for (const NodeContent& node : nodes) {
    for (const auto& [stream, content] : node.streams) {
      count += content.records.size();
    }
  }
  return count;
}

}  // namespace

bool audit(const AuditInput& input, AuditReport& report, AuditFailure& failure) {
  std::vector<NodeContent> terminals;
  std::vector<NodeContent> gateways;
  std::optional<NodeContent> oa;
  const auto failed = [&](const std::string& path, const Error& error) {
    failure = {path, error};
    return false;
  };
  for (const std::string& path : input.terminals) {
    Result<NodeContent> content =
        at_one_moment(path, storage::terminal_journal_schema(), [&](Db& db) {
          return audit_terminal_journal(db, path, report);
        });
    if (!content) {
      return failed(path, content.error());
    }
    terminals.push_back(std::move(*content));
  }
  for (const std::string& path : input.gateways) {
    Result<NodeContent> content =
        at_one_moment(path, storage::gateway_journal_schema(), [&](Db& db) {
          return audit_gateway_journal(db, path, report);
        });
    if (!content) {
      return failed(path, content.error());
    }
    gateways.push_back(std::move(*content));
  }
  for (const std::string& path : input.oa) {
    Result<NodeContent> content =
        at_one_moment(path, storage::kLedgerSchema, [&](Db& db) -> Result<NodeContent> {
          TALLY_TRY(audit_ledger(db, path, report));
          return read_oa_records(db, path);
        });
    if (!content) {
      return failed(path, content.error());
    }
    oa = std::move(*content);
  }
  if (!oa) {
    report.records = gateways.empty() ? count_records(terminals) : count_records(gateways);
  }
  audit_agreement(terminals, gateways, oa, report);
  return true;
}

std::string audit_json(const AuditReport& report) {
  nlohmann::json breaches = nlohmann::json::array();
  for (const Breach& breach : report.breaches()) {
    breaches.push_back({{"invariant", breach.invariant},
                        {"database", breach.database},
                        {"table", breach.table},
                        {"row", breach.row},
                        {"text", breach.text}});
  }
  const nlohmann::json json = {{"ok", report.ok()},
                               {"breaches", breaches},
                               {"breach_count", report.breach_count()},
                               {"records", report.records},
                               {"members", report.members},
                               {"points_outstanding", report.points_outstanding}};
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string audit_text(const AuditReport& report) {
  std::string text;
  for (const Breach& breach : report.breaches()) {
    text += breach.invariant + ": " + breach.database + ", " + breach.table + ", " + breach.row +
            ": " + breach.text + "\n";
  }
  if (report.breach_count() > report.breaches().size()) {
    text += "… and " + std::to_string(report.breach_count() - report.breaches().size()) + " more\n";
  }
  text += report.ok() ? "ok" : std::to_string(report.breach_count()) + " breaches";
  return text + ": " + std::to_string(report.records) + " records, " +
         std::to_string(report.members) + " members, " + std::to_string(report.points_outstanding) +
         " points outstanding\n";
}

}  // namespace tally::tools
