// Listens to the rows SQLite really writes into one database, beside the code that writes them, and
// reads whole tables by SQL: the oracle's two ways to the OA's ledger. One database at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"

struct sqlite3;

namespace tally::sim {

/// One value of a row: a number, or up to 32 bytes.
struct Cell {
  std::int64_t number = 0;
  ByteArray<32> bytes{};
  std::uint8_t size = 0;
  bool is_null = false;

  template <std::size_t N>
  ByteArray<N> array() const {
    ByteArray<N> out{};
    std::copy_n(bytes.begin(), std::min<std::size_t>(N, size), out.begin());
    return out;
  }
};

using Row = std::vector<Cell>;

/// A table and the columns that are wanted of it, by name: new columns elsewhere do not matter.
struct TableView {
  std::string_view table;
  std::vector<std::string_view> columns;
};

struct RowChange {
  std::size_t table = 0;      ///< Which of the views.
  std::optional<Row> before;  ///< None: inserted.
  std::optional<Row> after;   ///< None: deleted.
};

class TableTap {
 public:
  /// `views` outlives the tap. Databases opened from here on can be attached to.
  explicit TableTap(std::span<const TableView> views);
  TableTap(const TableTap&) = delete;
  TableTap& operator=(const TableTap&) = delete;
  ~TableTap();

  /// Listens to the connection last opened on `path`, which must be open.
  void attach(const std::string& path);
  /// Before the connection is closed.
  void detach();

  /// What was written since the last call, in order, committed or not.
  std::vector<RowChange> take();

  /// All rows of a view's table, by SQL.
  void read(std::size_t view, const std::function<void(const Row&)>& visit) const;

 private:
  static void on_change(void* self,
                        sqlite3* db,
                        int operation,
                        const char* database,
                        const char* table,
                        long long key_before,
                        long long key_after);

  std::span<const TableView> views_;
  std::vector<std::vector<int>> positions_;  ///< Of each view's columns in its table.
  sqlite3* db_ = nullptr;
  std::vector<RowChange> changes_;
};

}  // namespace tally::sim
