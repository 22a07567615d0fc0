#include "storage/office_acts.hpp"

#include <utility>

#include "core/base/try.hpp"

namespace tally::storage {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, kind, state, member, other, points, expires_on, issuer, clear_to, card, new_card, "
    "card_state, quarantine, decision, reason, maker, made_us, checker, checked_us, txn "
    "FROM office_act ";

template <class E>
constexpr std::int64_t number_of(E value) {
  return static_cast<std::int64_t>(value);
}

std::string select(std::string_view where) {
  return std::string(kColumns).append(where);
}

}  // namespace

Status OfficeActs::put(const OfficeActRow& row) {
  TALLY_TRY_ASSIGN(
      Statement insert,
      db_.prepare("INSERT INTO office_act VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
  const ledger::OfficeAct& act = row.act;
  return insert.run_with(row.number,
                         number_of(act.kind),
                         number_of(row.state),
                         act.member,
                         act.other,
                         act.points.value,
                         act.expires_on.days,
                         act.issuer,
                         number_of(act.to),
                         act.card,
                         act.new_card,
                         number_of(act.card_state),
                         act.quarantine,
                         number_of(act.decision),
                         act.reason,
                         act.maker,
                         row.made_at.us,
                         act.checker,
                         row.checked_at.us,
                         row.txn);
}

Result<std::int64_t> OfficeActs::next_number() {
  TALLY_TRY_ASSIGN(Statement row, db_.prepare("SELECT coalesce(max(id), 0) + 1 FROM office_act"));
  TALLY_TRY(row.step());
  return row.int64(0);
}

Status OfficeActs::end(const OfficeActRow& row) {
  TALLY_TRY_ASSIGN(Statement update,
                   db_.prepare("UPDATE office_act SET state = ?, checker = ?, checked_us = ?, "
                               "txn = ? WHERE id = ?"));
  return update.run_with(
      number_of(row.state), row.act.checker, row.checked_at.us, row.txn, row.number);
}

Result<std::vector<OfficeActRow>> OfficeActs::read(Statement rows) {
  std::vector<OfficeActRow> found;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return found;
    }
    OfficeActRow row;
    ledger::OfficeAct& act = row.act;
    row.number = rows.int64(0);
    act.kind = static_cast<ledger::OfficeActKind>(rows.int64(1));
    row.state = static_cast<ActState>(rows.int64(2));
    act.member = MemberId{rows.int64(3)};
    act.other = MemberId{rows.int64(4)};
    act.points = Points{rows.int64(5)};
    act.expires_on = BusinessDay{rows.int32(6)};
    act.issuer = StoreId{rows.uint32(7)};
    act.to = static_cast<ledger::ClearTo>(rows.int64(8));
    act.card = rows.text(9);
    act.new_card = rows.text(10);
    act.card_state = static_cast<ledger::CardState>(rows.int64(11));
    act.quarantine = rows.int64(12);
    act.decision = static_cast<ledger::QuarantineDecision>(rows.int64(13));
    act.reason = rows.text(14);
    act.maker = rows.text(15);
    row.made_at = WallTime{rows.int64(16)};
    act.checker = rows.text(17);
    row.checked_at = WallTime{rows.int64(18)};
    row.txn = ledger::TxnId{rows.int64(19)};
    found.push_back(std::move(row));
  }
}

Result<std::optional<OfficeActRow>> OfficeActs::find(std::int64_t number) {
  TALLY_TRY_ASSIGN(Statement rows, db_.prepare(select("WHERE id = ?")));
  rows.bind_all(number);
  TALLY_TRY_ASSIGN(std::vector<OfficeActRow> found, read(std::move(rows)));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::optional<OfficeActRow>> OfficeActs::of_txn(ledger::TxnId txn) {
  TALLY_TRY_ASSIGN(Statement rows,
                   db_.prepare(select("WHERE txn = ? AND txn <> 0 ORDER BY id LIMIT 1")));
  rows.bind_all(txn);
  TALLY_TRY_ASSIGN(std::vector<OfficeActRow> found, read(std::move(rows)));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<OfficeActRow>> OfficeActs::before(std::int64_t before,
                                                     bool open_only,
                                                     std::size_t count_max) {
  TALLY_TRY_ASSIGN(
      Statement rows,
      db_.prepare(select(open_only ? "WHERE id < ? AND state = 1 ORDER BY id DESC LIMIT ?"
                                   : "WHERE id < ? ORDER BY id DESC LIMIT ?")));
  rows.bind_all(before, count_max);
  return read(std::move(rows));
}

Result<Points> OfficeActs::unchecked_points(std::string_view maker, WallTime since) {
  TALLY_TRY_ASSIGN(Statement row,
                   db_.prepare("SELECT coalesce(sum(abs(points)), 0) FROM office_act WHERE "
                               "maker = ? AND made_us >= ? AND state = 2 AND checker = '' AND "
                               "kind IN (1, 3)"));
  row.bind_all(maker, since.us);
  TALLY_TRY(row.step());
  return Points{row.int64(0)};
}

}  // namespace tally::storage
