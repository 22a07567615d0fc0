#define SQLITE_ENABLE_PREUPDATE_HOOK  // Debian's library has it; its header shows it only then.
#include "tests/sim/table_tap.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <sqlite3.h>

#include "core/base/assert.hpp"

namespace tally::sim {
namespace {

// Connections by the file they were opened on. storage/ gives its handles to nobody, so they are
// caught where SQLite opens them.
std::map<std::string, sqlite3*> g_opened;

int on_open(sqlite3* db, const char**, const sqlite3_api_routines*) {
  if (const char* name = sqlite3_db_filename(db, "main"); name != nullptr) {
    g_opened[name] = db;
  }
  return SQLITE_OK;
}

using OpenHook = void (*)();

void set_bytes(Cell& cell, const void* data, int size) {
  cell.size = static_cast<std::uint8_t>(std::min<int>(size, static_cast<int>(cell.bytes.size())));
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  std::copy_n(bytes, cell.size, cell.bytes.begin());
}

Cell cell_of(sqlite3_value* value) {
  Cell cell;
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      cell.number = sqlite3_value_int64(value);
      break;
    case SQLITE_NULL:
      cell.is_null = true;
      break;
    default:
      set_bytes(cell, sqlite3_value_blob(value), sqlite3_value_bytes(value));
      break;
  }
  return cell;
}

}  // namespace

TableTap::TableTap(std::span<const TableView> views) : views_(views) {
  sqlite3_auto_extension(reinterpret_cast<OpenHook>(on_open));
}

TableTap::~TableTap() {
  detach();
  sqlite3_cancel_auto_extension(reinterpret_cast<OpenHook>(on_open));
}

void TableTap::attach(const std::string& path) {
  db_ = g_opened.at(path);
  positions_.clear();
  for (const TableView& view : views_) {
    std::vector<int> positions(view.columns.size(), -1);
    sqlite3_stmt* info = nullptr;
    const std::string sql = "PRAGMA table_info(" + std::string(view.table) + ")";
    TALLY_ASSERT(sqlite3_prepare_v2(db_, sql.c_str(), -1, &info, nullptr) == SQLITE_OK);
    while (sqlite3_step(info) == SQLITE_ROW) {
      const auto* name = reinterpret_cast<const char*>(sqlite3_column_text(info, 1));
      const auto at = std::find(view.columns.begin(), view.columns.end(), name);
      if (at != view.columns.end()) {
        positions[static_cast<std::size_t>(at - view.columns.begin())] =
            sqlite3_column_int(info, 0);
      }
    }
    sqlite3_finalize(info);
    // A column the oracle needs was renamed: it has to learn the new name.
    TALLY_ASSERT(std::find(positions.begin(), positions.end(), -1) == positions.end());
    positions_.push_back(std::move(positions));
  }
  changes_.clear();
  sqlite3_preupdate_hook(db_, on_change, this);
}

void TableTap::detach() {
  if (db_ != nullptr) {
    sqlite3_preupdate_hook(std::exchange(db_, nullptr), nullptr, nullptr);
  }
}

void TableTap::on_change(
    void* self, sqlite3* db, int operation, const char*, const char* table, long long, long long) {
  auto& tap = *static_cast<TableTap*>(self);
  const auto view = std::find_if(
      tap.views_.begin(), tap.views_.end(), [&](const TableView& v) { return v.table == table; });
  if (view == tap.views_.end()) {
    return;
  }
  RowChange change;
  change.table = static_cast<std::size_t>(view - tap.views_.begin());
  const std::vector<int>& positions = tap.positions_[change.table];
  const auto row_of = [&](auto read) {
    Row row;
    row.reserve(positions.size());
    for (const int column : positions) {
      sqlite3_value* value = nullptr;
      TALLY_ASSERT(read(db, column, &value) == SQLITE_OK);
      row.push_back(cell_of(value));
    }
    return row;
  };
  if (operation != SQLITE_INSERT) {
    change.before = row_of(sqlite3_preupdate_old);
  }
  if (operation != SQLITE_DELETE) {
    change.after = row_of(sqlite3_preupdate_new);
  }
  tap.changes_.push_back(std::move(change));
}

std::vector<RowChange> TableTap::take() {
  return std::exchange(changes_, {});
}

void TableTap::read(std::size_t view, const std::function<void(const Row&)>& visit) const {
  std::string sql = "SELECT ";
  for (std::size_t i = 0; i < views_[view].columns.size(); ++i) {
    sql.append(i == 0 ? "" : ", ").append(views_[view].columns[i]);
  }
  sql.append(" FROM ").append(views_[view].table);
  sqlite3_stmt* rows = nullptr;
  TALLY_ASSERT(sqlite3_prepare_v2(db_, sql.c_str(), -1, &rows, nullptr) == SQLITE_OK);
  Row row(views_[view].columns.size());
  while (sqlite3_step(rows) == SQLITE_ROW) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const int column = static_cast<int>(i);
      row[i] = Cell{};
      switch (sqlite3_column_type(rows, column)) {
        case SQLITE_INTEGER:
          row[i].number = sqlite3_column_int64(rows, column);
          break;
        case SQLITE_NULL:
          row[i].is_null = true;
          break;
        default:
          set_bytes(row[i], sqlite3_column_blob(rows, column), sqlite3_column_bytes(rows, column));
          break;
      }
    }
    visit(row);
  }
  sqlite3_finalize(rows);
}

}  // namespace tally::sim
