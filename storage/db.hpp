// SQLite opened the one safe way (docs/design: "Storage"): the only door between this product and
// its databases. Whoever owns a Db owns the file: one process, and in it one thread at a time.
//
// Durability. A transaction is on disk when Transaction::commit() returns success, and not before:
// write-ahead log, synchronous=FULL, no automatic checkpoints (with them SQLite can swallow a
// failed sync after the commit returned success: sqlite.org/wal.html "Checkpointing" and our own
// tests/storage/db_crash_test.cpp). Checkpoints are explicit and bounded: maintain().
//
// Failure. Any read, write or sync error, a full disk or a damaged page poisons the Db: every later
// call is refused with the first cause, the fact is noted beside the file, and the next open
// verifies the whole file (PRAGMA quick_check) before giving it out. The outcome of the transaction
// that failed is unknown until then: it may be there, complete, or not at all, never in part.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"

struct sqlite3_stmt;

namespace tally::storage {

class Statement;

/// One step of a database's history. `sql` may hold several statements.
struct Migration {
  int version;  ///< From 1, without gaps.
  const char* sql;
};

/// What a database is and how it came to be.
struct Schema {
  std::int32_t application_id;  ///< Tells a terminal's journal from a gateway's or a ledger.
  std::span<const Migration> migrations;
  /// Whether a page that does not match its check sum is an error of the read. False for who
  /// rescues a damaged journal: it judges row by row.
  bool refuses_damaged_pages = false;
};

enum class OpenMode : std::uint8_t {
  kOwner,     ///< Read and write; the only owner until the Db is gone.
  kReadOnly,  ///< For the audit: beside a running owner, of a stopped one, or of a copy.
};

/// Pages (4 KiB) in the write-ahead log from which a checkpoint is due.
inline constexpr int kWalPagesDue = 1000;
/// Pages from which begin() makes one itself, because nobody called maintain().
inline constexpr int kWalPagesMax = 16 * kWalPagesDue;

class Db {
 public:
  /// Opens `path`. As owner it creates the file (mode 0600) and its directory (0700) when missing,
  /// rewrites and syncs a write-ahead log left by a crash, and verifies the file when an earlier
  /// owner met a write error. Durable on return: the file's existence.
  ///
  /// Errors: kUnavailable "database is in use by another process"; kNotFound (read-only, no such
  /// file); kDenied (permissions); kCorrupt (not a database, damaged, or the disk failed);
  /// kExhausted (disk full).
  static Result<Db> open(const std::string& path, OpenMode mode);

  Db(Db&&) noexcept;
  Db& operator=(Db&&) noexcept;
  /// Closes. Every Statement and Transaction of this Db must be gone. Nothing is lost when
  /// maintain() was not called before: the next open goes on from the log.
  ~Db();

  /// Brings the schema to its newest version, each step in its own transaction. Repeat-safe.
  /// Errors: kInvalid when the file is another kind of database; kUnsupported when it was written
  /// by a newer version of this program; kCorrupt, kExhausted.
  Status migrate(const Schema& schema);

  /// The read-only counterpart: checks the kind, and that the version is exactly the newest known.
  /// Errors: kInvalid (another kind), kUnsupported (newer, or older and not migrated yet).
  Status require(const Schema& schema);

  /// Compiles one statement. It belongs to this Db and must be destroyed before it.
  /// Errors: kInternal when the SQL is wrong; those of a poisoned Db.
  Result<Statement> prepare(std::string_view sql);

  /// Runs statements that give no rows and need no values.
  Status execute(const char* sql);

  /// Moves the log into the file when kWalPagesDue is reached; a no-op otherwise. Call it after
  /// answers have gone out, it can take tens of milliseconds. Durability does not depend on it.
  /// An open reader (an audit) delays it without an error.
  Status maintain();

  /// Moves the whole log into the file and truncates it; for a clean shutdown.
  Status checkpoint();

  /// Reads every page and index. `quick` skips comparing indexes with their tables.
  /// Errors: kCorrupt when something is wrong; first_finding() then says what.
  Status verify(bool quick);
  const std::string& first_finding() const;

  /// Rows changed by the last INSERT, UPDATE or DELETE.
  std::int64_t changes() const;

  /// The cause, once a call failed in a way that ends this Db.
  std::optional<Error> poison() const;
  bool poisoned() const { return poison().has_value(); }

  const std::string& path() const;

  struct State;

 private:
  friend class Transaction;
  explicit Db(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A compiled statement. Cycle: bind… → step()/run() → read columns → reset().
///
/// Parameters and columns are numbered as in SQL: parameters from 1, columns from 0. A number that
/// does not exist is a programming error. Bound views are not copied: they must live until reset()
/// or run() returns. Column views are valid until the next step() or reset().
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  /// Unsigned 64-bit values are stored as the same bits.
  template <class T>
  requires std::is_integral_v<T>
  void bind(int parameter, T value) { bind_int64(parameter, static_cast<std::int64_t>(value)); }
  template <class Tag, class Rep>
  void bind(int parameter, StrongId<Tag, Rep> id) {
    bind_int64(parameter, static_cast<std::int64_t>(id.value));
  }
  void bind(int parameter, ByteView blob);
  void bind(int parameter, std::string_view text);
  /// A literal or C string; never taken for a number or a blob.
  void bind(int parameter, const char* text) { bind(parameter, std::string_view(text)); }
  void bind(int parameter, const std::string& text) { bind(parameter, std::string_view(text)); }
  void bind_null(int parameter);

  /// Binds parameters 1…n.
  template <class... Values>
  void bind_all(const Values&... values) {
    int parameter = 0;
    (bind(++parameter, values), ...);
  }

  /// Runs to the next row. True: a row is there. False: done.
  /// Errors: kDuplicate (a unique key is taken), kInvalid (another constraint), kUnavailable
  /// (busy); kCorrupt, kExhausted and others poison the Db. After an error the statement is reset.
  Result<bool> step();

  /// Runs to the end and resets; for statements whose rows, if any, are not wanted.
  Status run();

  /// bind_all, then run.
  template <class... Values>
  Status run_with(const Values&... values) {
    bind_all(values...);
    return run();
  }

  /// Ready for the next cycle; forgets bound values.
  void reset();

  bool is_null(int column) const;
  std::int64_t int64(int column) const;
  std::uint64_t uint64(int column) const { return static_cast<std::uint64_t>(int64(column)); }
  std::int32_t int32(int column) const { return static_cast<std::int32_t>(int64(column)); }
  std::uint32_t uint32(int column) const { return static_cast<std::uint32_t>(int64(column)); }
  bool boolean(int column) const { return int64(column) != 0; }
  ByteView blob(int column) const;
  std::string_view text(int column) const;
  /// A blob of exactly N bytes. Errors: kCorrupt when it has another size.
  template <std::size_t N>
  Result<ByteArray<N>> array(int column) const {
    const ByteView view = blob(column);
    if (view.size() != N) {
      return make_error(Errc::kCorrupt, "stored value has the wrong size");
    }
    ByteArray<N> out{};
    std::copy(view.begin(), view.end(), out.begin());
    return out;
  }

 private:
  friend class Db;
  Statement(Db::State* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
  void bind_int64(int parameter, std::int64_t value);
  void check_bind(int rc) const;

  Db::State* db_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
};

/// All or nothing. Rolls back when destroyed without commit(). One at a time for each Db.
class Transaction {
 public:
  /// Takes the write lock at once. Errors: kUnavailable (busy), those of a poisoned Db.
  static Result<Transaction> begin(Db& db);
  /// A consistent view for reading, beside a running owner.
  static Result<Transaction> begin_read(Db& db);

  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  /// On success everything done since begin() is on disk. On any error the outcome is unknown until
  /// the Db has been reopened, and the Db is poisoned.
  Status commit();

 private:
  explicit Transaction(Db::State* db) : db_(db) {}
  Db::State* db_;
};

}  // namespace tally::storage
