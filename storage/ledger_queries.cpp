#include "storage/ledger_queries.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "core/base/try.hpp"

#include "storage/ledger_schema.hpp"
#include "storage/ledger_statements.hpp"

namespace tally::storage {

Result<std::unique_ptr<LedgerQueries>> LedgerQueries::open(const std::string& path) {
  TALLY_TRY_ASSIGN(Db db, Db::open(path, OpenMode::kReadOnly));
  TALLY_TRY(db.require(kLedgerSchema));
  return std::unique_ptr<LedgerQueries>(new LedgerQueries(std::move(db)));
}

Result<std::int64_t> LedgerQueries::single(std::string_view sql) {
  TALLY_TRY_ASSIGN(Statement row, db_.prepare(sql));
  TALLY_TRY_ASSIGN(const bool found, row.step());
  return found ? row.int64(0) : std::int64_t{0};
}

Result<std::optional<MemberSummary>> LedgerQueries::member(MemberId id) {
  TALLY_TRY_ASSIGN(
      Statement row,
      db_.prepare("SELECT m.state, m.masked_name, m.tier, m.available, m.held, m.pending, m.debt, "
                  "m.enrolled_us, p.number, p.language, p.phone_tail, p.frozen_reason, "
                  "p.frozen_us, p.sealed, p.wrapped_key, "
                  "(SELECT token FROM card WHERE card.member = m.id ORDER BY issued_us LIMIT 1) "
                  "FROM member m LEFT JOIN person p ON p.member = m.id "
                  "WHERE m.shard = ? AND m.id = ?"));
  row.bind_all(shard_of(id), id);
  TALLY_TRY_ASSIGN(const bool found, row.step());
  if (!found) {
    return std::optional<MemberSummary>{};
  }
  MemberSummary summary;
  summary.row.id = id;
  summary.row.state = static_cast<ledger::MemberState>(row.int64(0));
  summary.row.masked_name = row.text(1);
  summary.row.tier = row.uint32(2);
  summary.row.available = Points{row.int64(3)};
  summary.row.held = Points{row.int64(4)};
  summary.row.pending = Points{row.int64(5)};
  summary.row.debt = Points{row.int64(6)};
  summary.row.enrolled_at = WallTime{row.int64(7)};
  summary.number = row.is_null(8) ? row.text(15) : row.text(8);
  summary.language = row.text(9);
  summary.phone_tail = row.text(10);
  summary.frozen_reason = row.text(11);
  summary.frozen_at = WallTime{row.int64(12)};
  summary.sealed.assign(row.blob(13).begin(), row.blob(13).end());
  summary.wrapped_key.assign(row.blob(14).begin(), row.blob(14).end());

  TALLY_TRY_ASSIGN(
      Statement next,
      db_.prepare("SELECT expires_on, sum(points) FROM lot WHERE shard = ?1 AND member = ?2 AND "
                  "expires_on < ?3 GROUP BY expires_on ORDER BY expires_on LIMIT 1"));
  next.bind_all(shard_of(id), id, ledger::kNoExpiry.days);
  TALLY_TRY_ASSIGN(const bool some, next.step());
  if (some) {
    summary.expiring_on = BusinessDay{next.int32(0)};
    summary.expiring = Points{next.int64(1)};
  }
  return std::optional(std::move(summary));
}

Result<std::optional<MemberId>> LedgerQueries::member_of_card(std::string_view token) {
  TALLY_TRY_ASSIGN(Statement row, db_.prepare("SELECT member FROM card WHERE token = ?"));
  row.bind_all(token);
  TALLY_TRY_ASSIGN(const bool found, row.step());
  return found ? std::optional(MemberId{row.int64(0)}) : std::nullopt;
}

Result<std::vector<MemberId>> LedgerQueries::members_before(MemberId before,
                                                            std::string_view phone_tail,
                                                            std::size_t count_max) {
  TALLY_TRY_ASSIGN(
      Statement row,
      db_.prepare(phone_tail.empty()
                      ? "SELECT id FROM member WHERE id < ? AND ? = '' ORDER BY id DESC LIMIT ?"
                      : "SELECT member FROM person WHERE member < ? AND phone_tail = ? "
                        "ORDER BY member DESC LIMIT ?"));
  row.bind_all(before, phone_tail, count_max);
  std::vector<MemberId> ids;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, row.step());
    if (!found) {
      return ids;
    }
    ids.push_back(MemberId{row.int64(0)});
  }
}

Result<std::vector<LotRow>> LedgerQueries::lots(MemberId member) {
  // A lot may be split over live points and several rights; its first accrual gives the issue day.
  TALLY_TRY_ASSIGN(Statement row,
                   db_.prepare("SELECT issuer, sum(points), expires_on, lot FROM ("
                               "SELECT issuer, points, expires_on, id AS lot FROM lot "
                               "WHERE shard = ?1 AND member = ?2 UNION ALL "
                               "SELECT l.issuer, l.points, l.expires_on, l.lot FROM right_row r "
                               "JOIN right_lot l ON l.shard = r.shard AND l.right_id = r.id "
                               "WHERE r.shard = ?1 AND r.member = ?2) "
                               "GROUP BY expires_on, issuer ORDER BY expires_on, min(lot)"));
  TALLY_TRY_ASSIGN(
      Statement first,
      db_.prepare("SELECT min(t.business_day) FROM txn t JOIN transfer x ON x.shard = t.shard AND "
                  "x.txn = t.id WHERE t.shard = ? AND t.member = ? AND x.code = 1 AND "
                  "x.expires_on = ? AND x.issuer = ?"));
  row.bind_all(shard_of(member), member);
  std::vector<LotRow> lots;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, row.step());
    if (!found) {
      return lots;
    }
    LotRow lot{StoreId{row.uint32(0)}, Points{row.int64(1)}, {}, BusinessDay{row.int32(2)}};
    first.bind_all(shard_of(member), member, lot.expires_on.days, lot.issuer);
    {
      Rows rows(first);
      TALLY_TRY(rows.next());
      lot.issued_on = BusinessDay{first.int32(0)};
    }
    lots.push_back(lot);
  }
}

Result<std::vector<CardRow>> LedgerQueries::cards(MemberId member) {
  TALLY_TRY_ASSIGN(
      Statement row,
      db_.prepare("SELECT token, issued_us, state FROM card WHERE member = ? ORDER BY issued_us"));
  row.bind_all(member);
  std::vector<CardRow> cards;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, row.step());
    if (!found) {
      return cards;
    }
    cards.push_back({std::string(row.text(0)),
                     static_cast<ledger::CardState>(row.int64(2)),
                     WallTime{row.int64(1)}});
  }
}

Result<std::vector<HistoryRow>> LedgerQueries::history(MemberId member,
                                                       ledger::TxnId before,
                                                       std::size_t count_max) {
  TALLY_TRY_ASSIGN(
      Statement row,
      db_.prepare(
          "SELECT t.id, t.kind, t.result, t.terminal, t.incarnation, t.seq, t.boot, t.store, "
          "t.at_terminal, t.business_day, t.happened_us, t.posted_us, t.points, t.balance_after, "
          "t.bill_minor, t.discount_minor, t.currency, t.about, "
          "o.terminal, o.incarnation, o.seq, o.boot, "
          "(SELECT coalesce(sum(s.points), 0) FROM txn_source s "
          "WHERE s.shard = t.shard AND s.txn = t.id) "
          "FROM txn t LEFT JOIN txn o ON o.shard = t.shard AND o.id = t.about "
          "WHERE t.shard = ? AND t.member = ? AND t.id < ? AND (t.kind NOT IN (20, 21) OR EXISTS "
          "(SELECT 1 FROM right_row r WHERE r.sale = t.sale AND r.state = 1)) "
          "ORDER BY t.id DESC LIMIT ?"));
  row.bind_all(shard_of(member), member, before, count_max);
  std::vector<HistoryRow> history;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, row.step());
    if (!found) {
      return history;
    }
    HistoryRow line;
    ledger::Txn& txn = line.txn;
    txn.member = member;
    txn.id = ledger::TxnId{row.int64(0)};
    txn.kind = static_cast<ledger::TxnKind>(row.int64(1));
    txn.result = static_cast<ledger::TxnResult>(row.int64(2));
    if (!row.is_null(3)) {
      txn.record = take_record(row, 3);
    }
    txn.store = StoreId{row.uint32(7)};
    txn.terminal = TerminalId{row.uint32(8)};
    txn.business_day = BusinessDay{row.int32(9)};
    txn.happened_at = WallTime{row.int64(10)};
    txn.posted_at = WallTime{row.int64(11)};
    txn.points = Points{row.int64(12)};
    txn.balance_after = Points{row.int64(13)};
    const auto currency = static_cast<Currency>(row.int64(16));
    txn.bill = Money{row.int64(14), currency};
    txn.discount = Money{row.int64(15), currency};
    txn.about = ledger::TxnId{row.int64(17)};
    if (!row.is_null(18)) {
      line.original = take_record(row, 18);
    }
    line.left_to_cancel = Points{row.int64(22)};
    history.push_back(std::move(line));
  }
}

Result<std::vector<QuarantineRow>> LedgerQueries::quarantine(std::int64_t before,
                                                             std::size_t count_max,
                                                             QuarantineFilter filter) {
  TALLY_TRY_ASSIGN(
      Statement row,
      db_.prepare(
          std::string("SELECT q.no, r.terminal, r.incarnation, r.seq, r.boot, r.kind, r.store, "
                      "q.points, q.reason, q.at_us, "
                      "(SELECT member FROM card WHERE card.token = q.card_token), q.act "
                      "FROM quarantine q JOIN raw_record r ON r.no = q.no WHERE q.decision ")
              .append(filter == QuarantineFilter::kOpen ? "= 0" : "<> 0")
              .append(" AND q.no < ? ORDER BY q.no DESC LIMIT ?")));
  row.bind_all(before, count_max);
  std::vector<QuarantineRow> all;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, row.step());
    if (!found) {
      return all;
    }
    QuarantineRow entry;
    entry.number = row.int64(0);
    entry.record = take_record(row, 1);
    entry.kind = static_cast<std::uint8_t>(row.int64(5));
    entry.store = StoreId{row.uint32(6)};
    entry.points = Points{row.int64(7)};
    entry.reason = static_cast<ledger::QuarantineReason>(row.int64(8));
    entry.at = WallTime{row.int64(9)};
    entry.member = MemberId{row.is_null(10) ? 0 : row.int64(10)};
    entry.act = row.int64(11);
    all.push_back(entry);
  }
}

Result<std::int64_t> LedgerQueries::quarantine_count() {
  return single("SELECT count(*) FROM quarantine WHERE decision = 0");
}

Result<LedgerTotals> LedgerQueries::totals() {
  TALLY_TRY_ASSIGN(
      Statement row,
      db_.prepare("SELECT count(*), coalesce(sum(state = 2), 0), coalesce(sum(available), 0), "
                  "coalesce(sum(held), 0), coalesce(sum(pending), 0), coalesce(sum(debt), 0), "
                  "(SELECT coalesce(sum(balance), 0) FROM account) FROM member"));
  TALLY_TRY(row.step());
  LedgerTotals totals;
  totals.members = row.int64(0);
  totals.members_frozen = row.int64(1);
  totals.available = Points{row.int64(2)};
  totals.held = Points{row.int64(3)};
  totals.pending = Points{row.int64(4)};
  totals.debt = Points{row.int64(5)};
  totals.sums_to_zero =
      totals.available + totals.held + totals.pending + totals.debt + Points{row.int64(6)} ==
      Points{0};
  return totals;
}

Result<std::int64_t> LedgerQueries::enrolled_since(WallTime since) {
  // Ids rise with time: walk back from the newest.
  TALLY_TRY_ASSIGN(Statement row,
                   db_.prepare("SELECT enrolled_us FROM member INDEXED BY member_id "
                               "ORDER BY id DESC LIMIT 10000"));
  std::int64_t count = 0;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, row.step());
    if (!found || row.int64(0) < since.us) {
      return count;
    }
    ++count;
  }
}

Result<std::vector<DayFigures>> LedgerQueries::days(BusinessDay first) {
  TALLY_TRY_ASSIGN(
      Statement row,
      db_.prepare("SELECT business_day, kind, count(*), coalesce(sum(points), 0) FROM txn "
                  "WHERE business_day >= ? GROUP BY business_day, kind"));
  row.bind_all(first.days);
  std::map<std::int32_t, DayFigures> by_day;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, row.step());
    if (!found) {
      break;
    }
    DayFigures& day = by_day[row.int32(0)];
    day.day = BusinessDay{row.int32(0)};
    const std::int64_t count = row.int64(2);
    const Points points{row.int64(3)};
    const auto kind = static_cast<ledger::TxnKind>(row.int64(1));
    day.records += kind < ledger::TxnKind::kHold ? count : 0;
    if (kind == ledger::TxnKind::kAccrual) {
      day.sales += count;
      day.accrued += points;
    } else if (kind == ledger::TxnKind::kCorrection) {
      day.accrued += points;
    } else if (kind == ledger::TxnKind::kRedemption) {
      day.redeemed -= points;
    } else if (kind == ledger::TxnKind::kVoid) {
      day.voids += count;
    } else if (kind == ledger::TxnKind::kReversal) {
      day.reversals += count;
    }
  }
  std::vector<DayFigures> days;
  for (const auto& [number, day] : by_day) {
    days.push_back(day);
  }
  return days;
}

}  // namespace tally::storage
