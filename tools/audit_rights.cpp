// What rights, cancellations and the office did, folded from the transfers.
#include "tools/audit_rights.hpp"

#include "core/base/try.hpp"

#include "tools/audit_rules.hpp"

namespace tally::tools {
namespace {

constexpr Rule kRules[] = {
    {"I3",
     "right_row",
     "SELECT 'right ' || r.id, 'granted ' || r.granted || ', used ' || r.used || ', spent out of "
     "ESCROW ' || x.points FROM right_row r JOIN (SELECT from_owner, sum(points) AS points FROM "
     "transfer WHERE from_kind = 3 AND code = 2 GROUP BY from_owner) x ON x.from_owner = r.id "
     "WHERE x.points > r.granted OR x.points > r.used"},
    {"I3",
     "right_row",
     "SELECT 'right ' || r.id, 'granted ' || r.granted || ', into ESCROW ' || "
     "coalesce(x.points, 0) FROM right_row r LEFT JOIN (SELECT to_owner, sum(points) AS points "
     "FROM transfer WHERE to_kind = 3 GROUP BY to_owner) x ON x.to_owner = r.id "
     "WHERE r.kind IN (1, 2) AND coalesce(x.points, 0) <> r.granted"},
    {"I3",
     "transfer",
     "SELECT 'right ' || from_owner, 'points left its ESCROW, there is no such right' FROM "
     "transfer WHERE from_kind = 3 AND from_owner NOT IN (SELECT id FROM right_row) "
     "GROUP BY from_owner"},
    {"I4",
     "account",
     "SELECT 'store ' || a.owner, 'RISK is ' || a.balance || ', redemptions wait to be covered "
     "with ' || coalesce(s.points, 0) FROM (SELECT owner, sum(balance) AS balance FROM account "
     "WHERE kind = 10 GROUP BY owner) a LEFT JOIN (SELECT store, sum(points) AS points FROM "
     "txn_source WHERE kind = 10 GROUP BY store) s ON s.store = a.owner "
     "WHERE a.balance <> -coalesce(s.points, 0)"},
    {"I8",
     "transfer",
     "SELECT 'transaction ' || o.id, 'of ' || abs(o.points) || ' points the transfers cancelled "
     "' || c.points FROM txn o JOIN (SELECT t.about AS id, sum(x.points) AS points FROM txn t "
     "JOIN transfer x ON x.shard = t.shard AND x.txn = t.id WHERE t.about <> 0 AND "
     "x.code IN (5, 6) GROUP BY t.about) c ON c.id = o.id WHERE c.points > abs(o.points)"},
    {"I7",
     "transit",
     "SELECT 'all ways', 'TRANSIT holds ' || held || ', on the way are ' || moving FROM (SELECT "
     "(SELECT coalesce(sum(balance), 0) FROM account WHERE kind = 12) AS held, (SELECT "
     "coalesce(sum(x.points), 0) FROM transit w JOIN transfer x ON x.txn = w.txn AND "
     "x.to_kind = 12) AS moving) WHERE held <> moving"},
    {"I9",
     "transit",
     "SELECT 'transaction ' || cause, 'arrived ' || count(*) || ' times' FROM txn "
     "WHERE kind IN (33, 34) AND cause <> 0 GROUP BY cause HAVING count(*) > 1"},
    {"I9",
     "transit",
     "SELECT 'transaction ' || w.txn, 'arrived, and is on the way still' FROM transit w "
     "WHERE EXISTS (SELECT 1 FROM txn t WHERE t.cause = w.txn AND t.cause <> 0)"},
    {"office",
     "office_act",
     "SELECT 'act ' || id, 'maker and checker are both ' || maker FROM office_act "
     "WHERE maker = checker AND state = 2"},
    {"office",
     "office_act",
     "SELECT 'act ' || id, 'was done by one person' FROM office_act "
     "WHERE state = 2 AND checker = '' AND kind IN (2, 5, 6)"},
    {"office",
     "quarantine",
     "SELECT 'row ' || no, 'was decided, but not by an act of two people' FROM quarantine q "
     "WHERE decision <> 0 AND NOT EXISTS (SELECT 1 FROM office_act a WHERE a.id = q.act AND "
     "a.kind = 6 AND a.state = 2 AND a.quarantine = q.no AND a.decision = q.decision)"},
    {"office",
     "txn",
     "SELECT 'transaction ' || id, 'no act of the office made it' FROM txn t WHERE kind IN (30, "
     "31, 32) AND NOT EXISTS (SELECT 1 FROM office_act a WHERE a.txn = t.id AND a.txn <> 0 AND "
     "a.state = 2)"},
    {"office",
     "member",
     "SELECT 'member ' || id, 'is an alias of ' || alias_of || ', which is not there' FROM member "
     "WHERE alias_of <> 0 AND (alias_of = id OR alias_of NOT IN (SELECT id FROM member))"},
};

/// What waits: how many, and since when (0: unknown).
struct Queue {
  const char* name;
  const char* sql;
};

constexpr Queue kQueues[] = {
    {"quarantine", "SELECT count(*), coalesce(min(at_us), 0) FROM quarantine WHERE decision = 0"},
    {"office_acts", "SELECT count(*), coalesce(min(made_us), 0) FROM office_act WHERE state = 1"},
    {"transit",
     "SELECT count(*), coalesce(min(t.posted_us), 0) FROM transit w LEFT JOIN txn t "
     "ON t.id = w.txn"},
    {"rights", "SELECT count(*), coalesce(min(granted_us), 0) FROM right_row WHERE state = 1"},
    {"cancellations",
     "SELECT count(*), coalesce(min(c.posted_us), 0) FROM tombstone b LEFT JOIN txn c "
     "ON c.id = b.by_txn WHERE b.terminal IS NOT NULL AND NOT EXISTS (SELECT 1 FROM txn t "
     "WHERE t.terminal = b.terminal AND t.incarnation = b.incarnation AND t.seq = b.seq AND "
     "t.boot = b.boot)"},
};

}  // namespace

Status audit_rights(storage::Db& oa, const std::string& database, AuditReport& report) {
  TALLY_TRY(check_rules(oa, kRules, database, report));
  for (const Queue& queue : kQueues) {
    TALLY_TRY_ASSIGN(storage::Statement row, oa.prepare(queue.sql));
    TALLY_TRY(row.step());
    report.queues.push_back({queue.name, row.uint64(0), row.int64(1)});
  }
  return {};
}

}  // namespace tally::tools
