#include "storage/ledger_store.hpp"

#include <utility>

#include "core/base/assert.hpp"
#include "core/base/crc32c.hpp"
#include "core/base/mutant.hpp"

#include "storage/ledger_schema.hpp"
#include "storage/ledger_statements.hpp"

namespace tally::storage {
namespace {

constexpr std::string_view kTxnColumns =
    "SELECT shard, id, member, kind, result, terminal, incarnation, seq, boot, mac, sale, store, "
    "at_terminal, business_day, happened_us, posted_us, points, balance_after, bill_minor, "
    "discount_minor, currency, about, cause, returned_minor, corrected, rule FROM txn ";
constexpr std::string_view kRightColumns =
    "SELECT shard, id, kind, state, holder_role, holder, store, epoch, granted, used, member, "
    "sale, granted_us, program FROM right_row ";
constexpr std::string_view kTombstoneColumns =
    "SELECT terminal, incarnation, seq, boot, sale, by_txn, kind, store, returned_minor, "
    "whole_minor FROM tombstone ";

/// A sale has a handful of transactions; a till that makes more is lying and must not cost more.
constexpr std::string_view kTxnsOfSaleMax = "100";

}  // namespace

Result<std::unique_ptr<LedgerStore>> LedgerStore::open(const std::string& path) {
  TALLY_TRY_ASSIGN(Db db, Db::open(path, OpenMode::kOwner));
  TALLY_TRY(db.migrate(kLedgerSchema));
  // Members come in random order: 64 MiB keep their pages and the upper levels of the indexes.
  TALLY_TRY(db.execute("PRAGMA cache_size=-65536"));
  TALLY_TRY(db.execute("PRAGMA secure_delete=ON"));  // What was erased stays in no free page.
  std::unique_ptr<LedgerStore> store(new LedgerStore(std::move(db)));
  TALLY_TRY(store->prepare());
  return store;
}

LedgerStore::~LedgerStore() = default;

Status LedgerStore::prepare() {
  const auto txn = [](std::string_view where) { return std::string(kTxnColumns).append(where); };
  const auto right = [](std::string_view where) {
    return std::string(kRightColumns).append(where);
  };
  const auto tombstone = [](std::string_view where) {
    return std::string(kTombstoneColumns).append(where);
  };
  // In the order of Sql.
  const std::array<std::string, static_cast<std::size_t>(Sql::kCount)> texts{
      "SELECT seq, mac FROM cursor WHERE terminal = ? AND incarnation = ?",
      "SELECT boot, copy, mac, prev_mac, kind FROM raw_record "
      "WHERE terminal = ? AND incarnation = ? AND seq = ?",
      "SELECT forked FROM cursor WHERE terminal = ? AND incarnation = ?",
      "SELECT seq, mac FROM archived WHERE terminal = ? AND incarnation = ?",
      "SELECT right_first, right_last FROM restored",
      "SELECT q.no, r.sealed, r.store, r.crc FROM quarantine q JOIN raw_record r ON r.no = q.no "
      "WHERE q.card_token = ? AND q.reason = 1 AND q.decision = 0 ORDER BY q.no LIMIT ?",
      // A lot of nobody is damage, which the audit names; it must not hold up the others.
      "SELECT DISTINCT l.expires_on, l.shard, l.member FROM lot l "
      "JOIN member m ON m.shard = l.shard AND m.id = l.member "
      "WHERE l.expires_on <= ? AND l.expires_on < 2147483647 "
      "ORDER BY l.expires_on, l.shard, l.member LIMIT ?",
      "SELECT DISTINCT s.vests_on, s.shard, s.txn, s.member FROM txn_source s "
      "JOIN member m ON m.shard = s.shard AND m.id = s.member "
      "WHERE s.kind = 6 AND s.vests_on <= ? ORDER BY s.vests_on, s.shard, s.txn LIMIT ?",
      "SELECT txn, right_no, member FROM counter",
      "SELECT member, state FROM card WHERE token = ?",
      txn("WHERE terminal = ? AND incarnation = ? AND seq = ? AND boot = ?"),
      txn("WHERE sale = ? ORDER BY id LIMIT " + std::string(kTxnsOfSaleMax)),
      txn("WHERE shard = ? AND id = ?"),
      "SELECT kind, store, expires_on, issuer, lot, points, vests_on FROM txn_source "
      "WHERE shard = ? AND txn = ? ORDER BY n",
      tombstone("WHERE terminal = ? AND incarnation = ? AND seq = ? AND boot = ? ORDER BY id"),
      tombstone("WHERE sale = ? AND terminal IS NULL ORDER BY id"),
      "SELECT closed, answered, card_token, points, bill_minor, currency, program, terminal, "
      "incarnation, outcome, right_id, member FROM ask_answer WHERE sale = ?",
      "SELECT id FROM right_row WHERE sale = ? ORDER BY id",
      right("WHERE id = ?"),
      "SELECT expires_on, issuer, lot, points FROM right_lot WHERE shard = ? AND right_id = ?",
      "SELECT id FROM right_row WHERE member = ? AND kind = 2 AND state = 1 ORDER BY id",
      "SELECT id FROM right_row WHERE store = ? AND used < granted AND "
      "(kind = 3 AND state = 1 OR state = 3) ORDER BY id",
      "SELECT coalesce(sum(balance), 0) FROM account WHERE kind = 10 AND owner = ?",
      "SELECT terminal, incarnation, seq, boot FROM ticket WHERE store = ? AND hash = ?",
      "SELECT state, masked_name, tier, available, held, pending, debt, risk, last_lot, "
      "enrolled_us, alias_of FROM member WHERE shard = ? AND id = ?",
      "SELECT expires_on, issuer, id, points FROM lot WHERE shard = ? AND member = ?",
      "SELECT DISTINCT txn FROM txn_source WHERE shard = ? AND member = ? AND kind = 10 "
      "ORDER BY txn LIMIT 1000",
      "SELECT points FROM expired_lot WHERE shard = ? AND member = ? AND expires_on = ? AND "
      "issuer = ?",

      "UPDATE counter SET txn = ?, right_no = ?, member = ?",
      "INSERT INTO member(shard, id, state, masked_name, tier, available, held, pending, debt, "
      "risk, last_lot, enrolled_us, alias_of, directory_version) "
      "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      "UPDATE member SET state = ?, masked_name = ?, tier = ?, available = ?, held = ?, "
      "pending = ?, debt = ?, risk = ?, last_lot = ?, alias_of = ?, "
      "directory_version = ? WHERE shard = ? AND id = ?",
      "INSERT INTO lot VALUES(?,?,?,?,?,?) ON CONFLICT(shard, member, expires_on, issuer) "
      "DO UPDATE SET id = excluded.id, points = excluded.points",
      "DELETE FROM lot WHERE shard = ? AND member = ? AND expires_on = ? AND issuer = ?",
      "INSERT INTO card VALUES(?,?,1,?)",
      "UPDATE card SET state = ? WHERE token = ?",
      "UPDATE card SET member = ? WHERE member = ?",
      "INSERT INTO transit VALUES(?,?,?,?)",
      "DELETE FROM transit WHERE txn = ?",
      "INSERT INTO txn(shard, id, member, kind, result, terminal, incarnation, seq, boot, mac, "
      "sale, store, at_terminal, business_day, happened_us, posted_us, points, balance_after, "
      "bill_minor, discount_minor, currency, about, cause, returned_minor, corrected, rule) "
      "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      "UPDATE txn SET returned_minor = ?, corrected = ? WHERE shard = ? AND id = ?",
      "DELETE FROM txn_source WHERE shard = ? AND txn = ?",
      "INSERT INTO txn_source VALUES(?,?,?,?,?,?,?,?,?,?,?)",
      "INSERT INTO transfer VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
      "INSERT INTO account VALUES(?,?,?,?) "
      "ON CONFLICT(shard, kind, owner) DO UPDATE SET balance = balance + excluded.balance",
      "INSERT INTO right_row VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      "UPDATE right_row SET state = ?, used = ? WHERE shard = ? AND id = ?",
      "DELETE FROM right_lot WHERE shard = ? AND right_id = ?",
      "INSERT INTO right_lot VALUES(?,?,?,?,?,?)",
      "INSERT OR REPLACE INTO ask_answer VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
      "INSERT INTO tombstone(terminal, incarnation, seq, boot, sale, by_txn, kind, store, "
      "returned_minor, whole_minor) VALUES(?,?,?,?,?,?,?,?,?,?)",
      "INSERT INTO ticket(terminal, incarnation, seq, boot, store, hash) VALUES(?,?,?,?,?,?)",
      "INSERT INTO expired_lot VALUES(?,?,?,?,?) ON CONFLICT(shard, member, expires_on, issuer) "
      "DO UPDATE SET points = points + excluded.points",
      "INSERT INTO raw_record(terminal, incarnation, seq, boot, copy, mac, prev_mac, kind, store, "
      "gateway, received_us, sealed, crc) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
      "INSERT INTO quarantine(no, reason, card_token, points, at_us) "
      "SELECT no, ?5, ?6, ?7, ?8 FROM raw_record "
      "WHERE terminal = ?1 AND incarnation = ?2 AND seq = ?3 AND boot = ?4 AND copy = ?9",
      "INSERT INTO cursor VALUES(?1,?2,?3,?4,0) ON CONFLICT(terminal, incarnation) "
      "DO UPDATE SET seq = ?3, mac = ?4",
      "INSERT INTO alarm(terminal, incarnation, seq, boot, kind, at_us) VALUES(?,?,?,?,?,?)",
      "UPDATE cursor SET forked = 1 WHERE terminal = ? AND incarnation = ?",
      "DELETE FROM quarantine WHERE no = ?",
      "UPDATE quarantine SET decision = ?, act = ? WHERE no = ?",
      "INSERT OR REPLACE INTO device VALUES(?,?,?,?,?,?,?,?)",
      "INSERT OR REPLACE INTO archived VALUES(?,?,?,?,?)",
      "SELECT state, mac, sealed, crc, store, claimed_by, claimed_us, freed_us FROM claim "
      "WHERE terminal = ? AND incarnation = ? AND seq = ? AND boot = ?",
      "SELECT terminal, incarnation, seq, boot FROM claim WHERE terminal = ? AND incarnation = ? "
      "AND seq <= ? AND state = 1 ORDER BY seq LIMIT ?",
      "SELECT first_by, first_us, second_by, second_us FROM terminal_death "
      "WHERE terminal = ? AND incarnation = ?",
      "INSERT INTO claim(terminal, incarnation, seq, boot, state, mac, sealed, crc, store, "
      "claimed_by, claimed_us, freed_us) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
      "UPDATE claim SET state = 2, freed_us = ?5 "
      "WHERE terminal = ?1 AND incarnation = ?2 AND seq = ?3 AND boot = ?4",
      "INSERT OR REPLACE INTO terminal_death VALUES(?,?,?,?,?,?)",
  };
  for (const std::string& text : texts) {
    TALLY_TRY_ASSIGN(Statement statement, db_.prepare(text));
    statements_.push_back(std::move(statement));
  }
  return prepare_directory();
}

Statement& LedgerStore::at(Sql sql) {
  return statements_[static_cast<std::size_t>(sql)];
}

Status LedgerStore::begin() {
  TALLY_ASSERT(!transaction_);
  TALLY_TRY_ASSIGN(Transaction transaction, Transaction::begin(db_));
  transaction_.emplace(std::move(transaction));
  return {};
}

Status LedgerStore::commit() {
  TALLY_ASSERT(transaction_);
  const Status committed = transaction_->commit();
  transaction_.reset();
  return committed;
}

void LedgerStore::rollback() {
  transaction_.reset();
}

Result<StreamPosition> LedgerStore::position(Sql sql, StreamId stream) {
  Statement& row = at(sql);
  row.bind_all(stream.terminal, stream.incarnation);
  Rows rows(row);
  StreamPosition position;
  TALLY_TRY_ASSIGN(const bool found, rows.next());
  if (found) {
    position.seq = Seq{row.uint64(0)};
    TALLY_TRY_ASSIGN(position.mac, row.array<16>(1));
  }
  return position;
}

Result<StreamPosition> LedgerStore::cursor(StreamId stream) {
  return position(Sql::kCursor, stream);
}

Result<StreamPosition> LedgerStore::archived(StreamId stream) {
  return position(Sql::kArchived, stream);
}

Status LedgerStore::set_archived(const std::vector<StreamMark>& positions, WallTime at_time) {
  for (const StreamMark& mark : positions) {
    TALLY_TRY(at(Sql::kPutArchived)
                  .run_with(mark.stream.terminal,
                            mark.stream.incarnation,
                            mark.position.seq,
                            ByteView(mark.position.mac),
                            at_time.us));
  }
  return {};
}

Result<bool> LedgerStore::is_forked(StreamId stream) {
  Statement& row = at(Sql::kForked);
  row.bind_all(stream.terminal, stream.incarnation);
  Rows rows(row);
  TALLY_TRY_ASSIGN(const bool found, rows.next());
  return found && row.boolean(0);
}

Result<std::vector<ledger::RawHead>> LedgerStore::raw_at(StreamId stream, Seq seq) {
  Statement& row = at(Sql::kRawAt);
  row.bind_all(stream.terminal, stream.incarnation, seq);
  Rows rows(row);
  std::vector<ledger::RawHead> heads;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (!found) {
      return heads;
    }
    ledger::RawHead head;
    head.boot = BootId{row.uint64(0)};
    head.copy = row.uint32(1);
    TALLY_TRY_ASSIGN(head.mac, row.array<16>(2));
    TALLY_TRY_ASSIGN(head.prev_mac, row.array<16>(3));
    head.kind = static_cast<record::RecordKind>(row.int64(4));
    heads.push_back(head);
  }
}

Result<std::vector<ledger::WaitingRecord>> LedgerStore::waiting_for(const std::string& card_token,
                                                                    std::size_t count_max) {
  Statement& row = at(Sql::kWaiting);
  row.bind_all(card_token, count_max);
  Rows rows(row);
  std::vector<ledger::WaitingRecord> waiting;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (!found) {
      return waiting;
    }
    const ByteView sealed = row.blob(1);
    if (crc32c(sealed) != row.uint32(3)) {
      return make_error(Errc::kCorrupt, "a stored record does not match its check sum");
    }
    waiting.push_back(ledger::WaitingRecord{
        row.int64(0), Bytes(sealed.begin(), sealed.end()), StoreId{row.uint32(2)}});
  }
}

Result<std::vector<MemberId>> LedgerStore::due_expiry(BusinessDay last, std::size_t count_max) {
  Statement& row = at(Sql::kDueExpiry);
  row.bind_all(last.days, count_max);
  Rows rows(row);
  std::vector<MemberId> due;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (!found) {
      return due;
    }
    due.push_back(MemberId{row.int64(2)});
  }
}

Result<std::vector<ledger::DueVesting>> LedgerStore::due_vesting(BusinessDay today,
                                                                 std::size_t count_max) {
  Statement& row = at(Sql::kDueVesting);
  row.bind_all(today.days, count_max);
  Rows rows(row);
  std::vector<ledger::DueVesting> due;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (!found) {
      return due;
    }
    due.push_back({MemberId{row.int64(3)}, ledger::TxnId{row.int64(2)}});
  }
}

Result<std::vector<LedgerDevice>> LedgerStore::devices() {
  TALLY_TRY_ASSIGN(Statement row,
                   db_.prepare("SELECT role, node, incarnation, store, public_key, wrapped_key, "
                               "not_after_us, imported_us FROM device"));
  Rows rows(row);
  std::vector<LedgerDevice> devices;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (!found) {
      return devices;
    }
    LedgerDevice device;
    device.role = static_cast<Role>(row.int64(0));
    device.node = row.uint32(1);
    device.incarnation = Incarnation{row.uint32(2)};
    device.store = StoreId{row.uint32(3)};
    device.public_key.assign(row.blob(4).begin(), row.blob(4).end());
    device.wrapped_key.assign(row.blob(5).begin(), row.blob(5).end());
    device.not_after = WallTime{row.int64(6)};
    device.imported_at = WallTime{row.int64(7)};
    devices.push_back(std::move(device));
  }
}

Status LedgerStore::put_device(const LedgerDevice& device) {
  return at(Sql::kPutDevice)
      .run_with(number_of(device.role),
                device.node,
                device.incarnation,
                device.store,
                ByteView(device.public_key),
                ByteView(device.wrapped_key),
                device.not_after.us,
                device.imported_at.us);
}

Result<std::uint64_t> LedgerStore::generation() {
  TALLY_TRY_ASSIGN(Statement row, db_.prepare("SELECT generation FROM counter"));
  Rows rows(row);
  TALLY_TRY_ASSIGN(const bool found, rows.next());
  TALLY_ASSERT(found);
  return TALLY_MUTANT("restore/same-generation") ? 1 : row.uint64(0);
}

Result<std::uint64_t> LedgerStore::stamp() {
  TALLY_TRY_ASSIGN(Statement row,
                   db_.prepare("SELECT coalesce(max(at_us) / 1000000, 1) FROM restored"));
  Rows rows(row);
  TALLY_TRY_ASSIGN(const bool found, rows.next());
  TALLY_ASSERT(found);
  return row.uint64(0);
}

}  // namespace tally::storage
