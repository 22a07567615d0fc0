// Ledgers of earlier versions, for tests of migrations: the rows of a present one in the tables of
// then.
#pragma once

#include <string>
#include <vector>

#include "storage/ledger_schema.hpp"

#include <CppUTest/TestHarness.h>

namespace tally::tests {

/// Makes the ledger file `to` with the schema of `version`, its rows taken from the closed ledger
/// `from`; columns and tables that came later are left out, and columns that went get their
/// default.
inline void copy_as_version(const std::string& from, const std::string& to, std::size_t version) {
  const auto texts = [](storage::Db& db, const std::string& sql) {
    std::vector<std::string> found;
    auto rows = db.prepare(sql);
    CHECK_TRUE_TEXT(rows.has_value(), sql.c_str());
    while (*rows->step()) {
      found.emplace_back(rows->text(0));
    }
    return found;
  };
  auto db = storage::Db::open(to, storage::OpenMode::kOwner);
  CHECK_TRUE(db.has_value());
  CHECK_TRUE(db->migrate({storage::kLedgerSchema.application_id,
                          storage::kLedgerSchema.migrations.first(version)})
                 .has_value());
  CHECK_TRUE(db->execute(("ATTACH '" + from + "' AS present").c_str()).has_value());
  for (const std::string& table :
       texts(*db, "SELECT name FROM main.sqlite_schema WHERE type = 'table'")) {
    std::string columns;
    for (const std::string& column :
         texts(*db,
               "SELECT name FROM pragma_table_info('" + table +
                   "', 'main') WHERE name IN (SELECT name FROM pragma_table_info('" + table +
                   "', 'present'))")) {
      columns += (columns.empty() ? "" : ", ") + column;
    }
    const std::string copy = "DELETE FROM main." + table + "; INSERT INTO main." + table + "(" +
                             columns + ") SELECT " + columns + " FROM present." + table;
    CHECK_TRUE_TEXT(db->execute(copy.c_str()).has_value(), copy.c_str());
  }
  CHECK_TRUE(db->execute("DETACH present").has_value());
}

}  // namespace tally::tests
