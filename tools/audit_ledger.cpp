#include "tools/audit_ledger.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/base/crc32c.hpp"
#include "core/base/try.hpp"
#include "core/ledger/account.hpp"
#include "core/record/header.hpp"

#include "tools/audit_rights.hpp"
#include "tools/audit_rules.hpp"

namespace tally::tools {

using ledger::AccountKind;
using storage::Db;
using storage::Statement;

namespace {

constexpr Rule kRules[] = {
    {"I1",
     "account",
     "SELECT 'all accounts', 'their sum is ' || total FROM "
     "(SELECT (SELECT coalesce(sum(available + held + pending + debt), 0) FROM member) + "
     "(SELECT coalesce(sum(balance), 0) FROM account) AS total) WHERE total <> 0"},
    {"I2",
     "member",
     "SELECT 'member ' || id, 'available ' || available || ', held ' || held || ', pending ' || "
     "pending || ', debt ' || debt || ', risk ' || risk FROM member "
     "WHERE available < 0 OR held < 0 OR pending < 0 OR debt > 0 OR risk > 0"},
    {"I2",
     "account",
     "SELECT 'shard ' || shard || ', kind ' || kind || ', owner ' || owner, 'balance ' || balance "
     "FROM account WHERE (kind IN (2, 3, 6) AND balance < 0) OR "
     "(kind IN (7, 10) AND balance > 0)"},
    {"I2",
     "lot",
     "SELECT 'member ' || member || ', lot ' || id, 'holds ' || points || ' points' FROM lot "
     "WHERE points <= 0"},
    {"I2",
     "right_lot",
     "SELECT 'right ' || right_id || ', lot ' || lot, 'holds ' || points || ' points' "
     "FROM right_lot WHERE points <= 0"},
    {"I2",
     "right_row",
     "SELECT 'right ' || id, 'used ' || used || ' of ' || granted FROM right_row "
     "WHERE used < 0 OR used > granted"},
    {"I1",
     "transfer",
     "SELECT 'transaction ' || txn || ', leg ' || leg, 'moves ' || points || ' points' "
     "FROM transfer WHERE points <= 0"},
    {"I7",
     "lot",
     "SELECT 'member ' || m.id, 'lots hold ' || coalesce(l.points, 0) || ', available is ' || "
     "m.available FROM member m LEFT JOIN (SELECT member, sum(points) AS points FROM lot "
     "GROUP BY member) l ON l.member = m.id WHERE coalesce(l.points, 0) <> m.available"},
    {"I7",
     "lot",
     "SELECT 'member ' || member, 'lots of nobody' FROM lot "
     "WHERE member NOT IN (SELECT id FROM member) GROUP BY member"},
    {"I7",
     "right_lot",
     "SELECT 'member ' || m.id, 'rights hold ' || coalesce(r.points, 0) || ', held is ' || m.held "
     "FROM member m LEFT JOIN (SELECT r.member, sum(l.points) AS points FROM right_lot l "
     "JOIN right_row r ON r.id = l.right_id GROUP BY r.member) r ON r.member = m.id "
     "WHERE coalesce(r.points, 0) <> m.held"},
    {"I6",
     "txn",
     "SELECT 'terminal ' || terminal || ', incarnation ' || incarnation || ', seq ' || seq, "
     "'posted ' || count(*) || ' times' FROM txn WHERE terminal IS NOT NULL "
     "GROUP BY terminal, incarnation, seq, boot HAVING count(*) > 1"},
    {"I6",
     "txn",
     "SELECT 'terminal ' || terminal || ', incarnation ' || incarnation || ', seq ' || seq, "
     "'posted from a record that is not stored' FROM txn t WHERE terminal IS NOT NULL AND NOT "
     "EXISTS (SELECT 1 FROM raw_record r WHERE r.terminal = t.terminal AND "
     "r.incarnation = t.incarnation AND r.seq = t.seq AND r.boot = t.boot AND r.mac = t.mac) "
     "AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.terminal = t.terminal AND "
     "c.incarnation = t.incarnation AND c.seq = t.seq AND c.boot = t.boot AND c.mac = t.mac)"},
    {"I5",
     "claim",
     "SELECT 'terminal ' || terminal || ', incarnation ' || incarnation || ', seq ' || seq, "
     "'claimed, but not posted' FROM claim c WHERE NOT EXISTS (SELECT 1 FROM txn t WHERE "
     "t.terminal = c.terminal AND t.incarnation = c.incarnation AND t.seq = c.seq AND "
     "t.boot = c.boot AND t.mac = c.mac)"},
    {"I5",
     "claim",
     "SELECT 'terminal ' || terminal || ', incarnation ' || incarnation || ', seq ' || seq, "
     "'still waits, though its stream has passed' FROM claim c WHERE state = 1 AND EXISTS "
     "(SELECT 1 FROM cursor k WHERE k.terminal = c.terminal AND k.incarnation = c.incarnation "
     "AND k.seq >= c.seq)"},
    {"I5",
     "raw_record",
     "SELECT 'terminal ' || terminal || ', incarnation ' || incarnation || ', seq ' || seq, "
     "'posted ' || posted || ' times, in quarantine ' || aside || ' times' FROM "
     "(SELECT terminal, incarnation, seq, (SELECT count(*) FROM txn t WHERE "
     "t.terminal = r.terminal AND t.incarnation = r.incarnation AND t.seq = r.seq AND "
     "t.boot = r.boot AND t.mac = r.mac) AS posted, "
     "(SELECT count(*) FROM quarantine q WHERE q.no = r.no AND (q.decision = 0 OR r.copy > 0)) "
     "AS aside FROM raw_record r) "
     "WHERE posted + aside <> 1"},
    {"I9",
     "raw_record",
     "SELECT 'terminal ' || terminal || ', incarnation ' || incarnation || ', seq ' || seq, "
     "'stored ' || count(*) || ' times with one content' FROM raw_record "
     "GROUP BY terminal, incarnation, seq, boot, mac HAVING count(*) > 1"},
    {"I9",
     "cursor",
     "SELECT 'terminal ' || terminal || ', incarnation ' || incarnation || ', seq ' || seq, "
     "'APPLIED stands at a record that is not stored' FROM cursor c WHERE seq > 0 AND NOT "
     "EXISTS (SELECT 1 FROM raw_record r WHERE r.terminal = c.terminal AND "
     "r.incarnation = c.incarnation AND r.seq = c.seq AND r.mac = c.mac)"},
    {"I9",
     "raw_record",
     "SELECT 'terminal ' || terminal || ', incarnation ' || incarnation || ', seq ' || seq, "
     "'its predecessor is not stored' FROM raw_record r WHERE copy = 0 AND seq > 1 AND kind <> 8 "
     "AND NOT EXISTS (SELECT 1 FROM raw_record p WHERE p.terminal = r.terminal AND "
     "p.incarnation = r.incarnation AND p.seq = r.seq - 1 AND "
     "(p.mac = r.prev_mac OR p.kind = 8))"},
    {"I9",
     "raw_record",
     "SELECT 'terminal ' || terminal || ', incarnation ' || incarnation || ', seq ' || seq, "
     "'a gap that nobody was told of' FROM raw_record r WHERE copy = 0 AND kind = 8 AND NOT EXISTS "
     "(SELECT 1 FROM quarantine q WHERE q.no = r.no) AND NOT EXISTS (SELECT 1 FROM alarm a WHERE "
     "a.kind = 3 AND a.terminal = r.terminal AND a.incarnation = r.incarnation AND "
     "a.boot = r.boot AND a.seq = r.seq)"},
    {"I8",
     "txn",
     "SELECT 'transaction ' || o.id, 'of ' || abs(o.points + o.corrected) || ' points ' || "
     "coalesce(c.points, 0) || ' are cancelled and ' || coalesce(s.points, 0) || ' are left' "
     "FROM txn o "
     "LEFT JOIN (SELECT about, sum(abs(points)) AS points FROM txn WHERE about <> 0 AND "
     "kind IN (3, 4, 5) GROUP BY about) c ON c.about = o.id "
     "LEFT JOIN (SELECT txn, sum(points) AS points FROM txn_source GROUP BY txn) s "
     "ON s.txn = o.id "
     "WHERE o.kind IN (1, 2) AND abs(o.points + o.corrected) <> coalesce(c.points, 0) + "
     "coalesce(s.points, 0)"},
    {"I8",
     "txn",
     "SELECT 'transaction ' || o.id, 'its corrections add up to ' || coalesce(c.points, 0) || ', "
     "it says ' || o.corrected FROM txn o LEFT JOIN (SELECT about, sum(points) AS points FROM txn "
     "WHERE kind = 24 GROUP BY about) c ON c.about = o.id "
     "WHERE o.corrected <> coalesce(c.points, 0)"},
    {"I8",
     "txn_source",
     "SELECT 'transaction ' || txn || ', source ' || n, 'gives back ' || points || ' points' "
     "FROM txn_source s WHERE points <= 0 OR NOT EXISTS (SELECT 1 FROM txn t WHERE "
     "t.shard = s.shard AND t.id = s.txn AND t.kind IN (1, 2))"},
    {"I7",
     "txn_source",
     "SELECT 'member ' || m.id, 'open risk is ' || -coalesce(s.points, 0) || ', the row says ' || "
     "m.risk FROM member m LEFT JOIN (SELECT member, sum(points) AS points FROM txn_source "
     "WHERE kind = 10 GROUP BY member) s ON s.member = m.id "
     "WHERE m.risk <> -coalesce(s.points, 0)"},
    {"I7",
     "txn_source",
     "SELECT 'member ' || m.id, coalesce(s.points, 0) || ' points wait, pending is ' || m.pending "
     "FROM member m LEFT JOIN (SELECT member, sum(points) AS points FROM txn_source "
     "WHERE kind = 6 GROUP BY member) s ON s.member = m.id "
     "WHERE m.pending <> coalesce(s.points, 0)"},
    {"I2",
     "expired_lot",
     "SELECT 'member ' || member || ', expired on ' || expires_on, 'holds ' || points || ' points' "
     "FROM expired_lot WHERE points < 0"},
    {"I7",
     "expired_lot",
     "SELECT 'issuer ' || owner, 'lots expired of ' || coalesce(e.points, 0) || ' points, the "
     "account says ' || a.balance FROM (SELECT owner, sum(balance) AS balance FROM account "
     "WHERE kind = 9 GROUP BY owner) a LEFT JOIN (SELECT issuer, sum(points) AS points "
     "FROM expired_lot GROUP BY issuer) e ON e.issuer = a.owner "
     "WHERE a.balance <> coalesce(e.points, 0)"},
};

using Fold = std::map<std::pair<AccountKind, std::int64_t>, std::int64_t>;

// Every account's balance as the journal of transfers has it.
Result<Fold> fold_transfers(Db& db) {
  Fold fold;
  TALLY_TRY_ASSIGN(
      Statement legs,
      db.prepare("SELECT from_kind, from_owner, to_kind, to_owner, points FROM transfer"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, legs.step());
    if (!there) {
      return fold;
    }
    fold[{static_cast<AccountKind>(legs.int64(0)), legs.int64(1)}] -= legs.int64(4);
    fold[{static_cast<AccountKind>(legs.int64(2)), legs.int64(3)}] += legs.int64(4);
  }
}

// Compares what a query says of accounts (kind, owner, balance) with the fold, and takes those
// accounts out of it.
Status compare_balances(Db& db,
                        const char* table,
                        const char* sql,
                        const std::string& database,
                        Fold& fold,
                        AuditReport& report) {
  TALLY_TRY_ASSIGN(Statement rows, db.prepare(sql));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return {};
    }
    const auto kind = static_cast<AccountKind>(rows.int64(0));
    const auto folded = fold.extract({kind, rows.int64(1)});
    const std::int64_t journal = folded ? folded.mapped() : 0;
    if (journal != rows.int64(2)) {
      report.add({"I7",
                  database,
                  table,
                  std::string(ledger::name_of(kind)) + " of " + std::to_string(rows.int64(1)),
                  "the balance is " + std::to_string(rows.int64(2)) + ", the transfers say " +
                      std::to_string(journal)});
    }
  }
}

Status check_folds(Db& db, const std::string& database, AuditReport& report) {
  TALLY_TRY_ASSIGN(Fold fold, fold_transfers(db));
  TALLY_TRY(compare_balances(db,
                             "member",
                             "SELECT 2, id, available FROM member UNION ALL "
                             "SELECT 6, id, pending FROM member UNION ALL "
                             "SELECT 7, id, debt FROM member",
                             database,
                             fold,
                             report));
  TALLY_TRY(compare_balances(db,
                             "right_lot",
                             "SELECT 3, r.id, coalesce(sum(l.points), 0) FROM right_row r "
                             "LEFT JOIN right_lot l ON l.right_id = r.id GROUP BY r.id",
                             database,
                             fold,
                             report));
  TALLY_TRY(compare_balances(db,
                             "account",
                             "SELECT kind, owner, sum(balance) FROM account GROUP BY kind, owner",
                             database,
                             fold,
                             report));
  for (const auto& [key, points] : fold) {
    if (points != 0) {
      report.add({"I7",
                  database,
                  "transfer",
                  std::string(ledger::name_of(key.first)) + " of " + std::to_string(key.second),
                  "the transfers say " + std::to_string(points) + ", there is no such balance"});
    }
  }
  return {};
}

Status check_raw_records(Db& db, const std::string& database, AuditReport& report) {
  TALLY_TRY_ASSIGN(Statement rows,
                   db.prepare("SELECT no, mac, prev_mac, sealed, crc FROM raw_record"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return {};
    }
    ++report.records;
    const ByteView sealed = rows.blob(3);
    const Result<record::Header> header = record::peek_header(sealed);
    const bool whole = header && crc32c(sealed) == rows.uint32(4);
    const auto equals = [](ByteView a, ByteView b) {
      return std::equal(a.begin(), a.end(), b.begin(), b.end());
    };
    if (!whole || !equals(record::peek_mac(sealed), rows.blob(1)) ||
        !equals(header->prev_mac, rows.blob(2))) {
      report.add({"journal",
                  database,
                  "raw_record",
                  "row " + std::to_string(rows.int64(0)),
                  whole ? "its MAC is not that of its bytes" : "its bytes are damaged"});
    }
  }
}

Status check_claims(Db& db, const std::string& database, AuditReport& report) {
  TALLY_TRY_ASSIGN(Statement rows,
                   db.prepare("SELECT 'terminal ' || terminal || ', incarnation ' || incarnation "
                              "|| ', seq ' || seq, mac, sealed, crc FROM claim"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return {};
    }
    const ByteView sealed = rows.blob(2);
    const ByteView mac = rows.blob(1);
    const bool whole = record::peek_header(sealed) && crc32c(sealed) == rows.uint32(3) &&
                       std::equal(mac.begin(), mac.end(), sealed.end() - record::kMacBytes);
    if (!whole) {
      report.add(
          {"journal", database, "claim", std::string(rows.text(0)), "its bytes are damaged"});
    }
  }
}

}  // namespace

Status check_rules(Db& db,
                   std::span<const Rule> rules,
                   const std::string& database,
                   AuditReport& report) {
  for (const Rule& rule : rules) {
    TALLY_TRY_ASSIGN(Statement rows, db.prepare(rule.sql));
    for (;;) {
      TALLY_TRY_ASSIGN(const bool there, rows.step());
      if (!there) {
        break;
      }
      report.add({rule.invariant,
                  database,
                  rule.table,
                  std::string(rows.text(0)),
                  std::string(rows.text(1))});
    }
  }
  return {};
}

Status audit_ledger(Db& oa, const std::string& database, AuditReport& report) {
  TALLY_TRY(check_rules(oa, kRules, database, report));
  TALLY_TRY(audit_rights(oa, database, report));
  TALLY_TRY(check_folds(oa, database, report));
  TALLY_TRY(check_raw_records(oa, database, report));
  TALLY_TRY(check_claims(oa, database, report));
  TALLY_TRY_ASSIGN(Statement totals,
                   oa.prepare("SELECT count(*), coalesce(sum(available + held + pending), 0) "
                              "FROM member"));
  TALLY_TRY(totals.step());
  report.members += totals.uint64(0);
  report.points_outstanding += totals.int64(1);
  return {};
}

}  // namespace tally::tools
