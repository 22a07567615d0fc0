#include "tools/audit.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/try.hpp"
#include "core/crypto/sealed_value.hpp"

#include "storage/journal_format.hpp"
#include "storage/ledger_schema.hpp"
#include "storage/page_check.hpp"
#include "tools/audit_chain.hpp"
#include "tools/audit_journal.hpp"
#include "tools/audit_ledger.hpp"
#include "tools/audit_replay.hpp"
#include "transport/secret_file.hpp"

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

/// Pages and logs that are not what was written. A file that cannot be read at all is told by
/// whoever opens it.
void find_stored_damage(const std::string& path, AuditReport& report) {
  const auto found = storage::find_damage(path, AuditReport::kBreachesMax);
  if (!found) {
    return;
  }
  for (const storage::Damage& damage : *found) {
    const bool in_log = damage.page == 0;
    report.add({"disk",
                in_log ? path + "-wal" : path,
                in_log ? "log" : "page",
                in_log ? "log" : "page " + std::to_string(damage.page),
                damage.what});
  }
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
    // What is damaged was named; that it cannot be read further says nothing new.
    const auto& breaches = report.breaches();
    return std::any_of(breaches.begin(), breaches.end(), [&](const Breach& breach) {
      return breach.invariant == "disk" && breach.database.starts_with(path);
    });
  };
  std::optional<crypto::Key256> master;
  if (!input.master_key.empty()) {
    Result<std::string> text = transport::read_secret_file(input.master_key);
    Result<crypto::Key256> key = text ? crypto::master_key_from(*text) : Error(text.error());
    if (!key) {
      return failed(input.master_key, key.error());
    }
    master = *key;
  }
  for (const std::string& path : input.terminals) {
    find_stored_damage(path, report);
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
    find_stored_damage(path, report);
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
    find_stored_damage(path, report);
    Result<NodeContent> content =
        at_one_moment(path, storage::kLedgerSchema, [&](Db& db) -> Result<NodeContent> {
          TALLY_TRY(audit_ledger(db, path, report));
          if (master) {
            TALLY_TRY(audit_chain(db, path, *master, report));
          }
          if (input.replay) {
            TALLY_TRY(audit_replay(db, path, ledger::Policy{}, input.utc_offset_s, report));
          }
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
  nlohmann::json queues = nlohmann::json::object();
  for (const AuditQueue& queue : report.queues) {
    queues[queue.name] = {
        {"open", queue.open},
        {"oldest_us",
         queue.oldest_us == 0 ? nlohmann::json(nullptr) : nlohmann::json(queue.oldest_us)}};
  }
  const nlohmann::json json = {{"ok", report.ok()},
                               {"breaches", breaches},
                               {"breach_count", report.breach_count()},
                               {"records", report.records},
                               {"members", report.members},
                               {"points_outstanding", report.points_outstanding},
                               {"queues", queues}};
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
  for (const AuditQueue& queue : report.queues) {
    if (queue.open > 0) {
      text += "waiting, " + queue.name + ": " + std::to_string(queue.open) + "\n";
    }
  }
  text += report.ok() ? "ok" : std::to_string(report.breach_count()) + " breaches";
  return text + ": " + std::to_string(report.records) + " records, " +
         std::to_string(report.members) + " members, " + std::to_string(report.points_outstanding) +
         " points outstanding\n";
}

}  // namespace tally::tools
