// The audit's rules for a ledger, each against a corruption planted for it, on a day with all kinds
// of records: holds, risk, suspense, cancellations before and after their originals, a branch, a
// fork.
#include "tools/audit_ledger.hpp"

#include <string>
#include <vector>

#include "tests/storage/oa_world.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::tools;
using namespace tally::tests;

TEST_GROUP(AuditLedger) {
  OaWorld world;
  Till till{TerminalId{101}};
  Till other{TerminalId{102}};

  void setup() override {
    world.enrol("card");
    world.enrol("second");
    world.upload({till.accrual("card", 500), till.accrual("second", 40)});
    const auto hold = world.authorise(till, till.sale(1), "card", 100);
    world.upload({till.redemption("card", 80, till.sale(1), hold.right->id)});
    world.authorise(till, till.sale(2), "card", 50);
    const RecordId early = other.next_id();
    world.upload({till.other(record::Void{early, 1})});
    world.upload({other.accrual("card", 9)});
    world.upload({other.redemption("second", 100, SaleId{}, RightId{})});
    world.upload({other.redemption("card", 5, SaleId{}, RightId{77})});
    const RecordId refunded = till.next_id();
    world.upload({till.accrual("card", 30)});
    world.upload({till.other(record::Refund{refunded, Money{2'500}, Money{10'000}, 1})});
    const RecordId voided = till.next_id();
    world.upload({till.accrual("second", 10)});
    world.upload({till.other(record::Void{voided, 1})});
    world.upload({other.other(record::Void{voided, 1})});
    world.upload({till.accrual("stranger", 3)});
    const StreamPosition image = other.head();
    world.upload({other.accrual("card", 1)});
    other.restore(image, BootId{10});
    world.upload({other.accrual("card", 2)});
    other.restore(image, BootId{10});
    world.upload({other.accrual("card", 4)});
  }

  AuditReport audited() {
    AuditReport report;
    const Status done = audit_ledger(world.store->db(), "ledger.db", report);
    CHECK_TRUE_TEXT(done.has_value(), done ? "" : describe(done.error()).c_str());
    return report;
  }

  void breach(const std::string& sql, const std::string& invariant, const std::string& table) {
    CHECK_TRUE_TEXT(world.store->db().execute(sql.c_str()).has_value(), sql.c_str());
    const AuditReport report = audited();
    std::string seen;
    for (const Breach& found : report.breaches()) {
      if (found.invariant == invariant && found.table == table && !found.row.empty()) {
        return;
      }
      seen += found.invariant + " " + found.table + " " + found.row + ": " + found.text + "\n";
    }
    FAIL((sql + "\n" + seen).c_str());
  }
};

TEST(AuditLedger, AFullDay_IsOk) {
  const AuditReport report = audited();
  CHECK_TRUE_TEXT(report.ok(),
                  report.ok() ? ""
                              : (report.breaches()[0].invariant + " " + report.breaches()[0].table +
                                 " " + report.breaches()[0].row + " " + report.breaches()[0].text)
                                    .c_str());
  CHECK_EQUAL(2U, report.members);
  CHECK_EQUAL(16U, report.records);
}

TEST(AuditLedger, MoneyFromNowhere_I1) {
  breach("UPDATE account SET balance = balance + 1 WHERE kind = 8", "I1", "account");
}

TEST(AuditLedger, LegOfNothing_I1) {
  breach("UPDATE transfer SET points = 0 WHERE txn = 1", "I1", "transfer");
}

TEST(AuditLedger, NegativeAvailable_I2) {
  breach("UPDATE member SET available = -1 WHERE id = 1", "I2", "member");
}

TEST(AuditLedger, PositiveDebt_I2) {
  breach("UPDATE member SET debt = 1 WHERE id = 1", "I2", "member");
}

TEST(AuditLedger, EmptyLotLeft_I2) {
  breach("UPDATE lot SET points = 0 WHERE member = 1", "I2", "lot");
}

TEST(AuditLedger, RightUsedBeyondItsGrant_I2) {
  breach("UPDATE right_row SET used = granted + 1", "I2", "right_row");
}

TEST(AuditLedger, PostedRecordPutAsideAsWell_I5) {
  breach(
      "INSERT INTO quarantine(no, reason, card_token, points, at_us) SELECT min(no), 1, '', 0, 0 "
      "FROM raw_record",
      "I5",
      "raw_record");
}

TEST(AuditLedger, TransactionLost_I5) {
  breach("DELETE FROM txn WHERE kind = 1 AND id = (SELECT min(id) FROM txn WHERE kind = 1)",
         "I5",
         "raw_record");
}

TEST(AuditLedger, QuarantineRowLost_I5) {
  breach("DELETE FROM quarantine WHERE reason = 6", "I5", "raw_record");
}

TEST(AuditLedger, PostedWithAnotherContent_I6) {
  breach("UPDATE txn SET mac = zeroblob(16) WHERE terminal = 101 AND seq = 1", "I6", "txn");
}

TEST(AuditLedger, RawRecordLost_I6) {
  breach("DELETE FROM raw_record WHERE terminal = 101 AND seq = 2", "I6", "txn");
}

TEST(AuditLedger, LotAndBalanceMovedTogether_I7) {
  // Both agree with each other, not with the journal.
  breach(
      "UPDATE lot SET points = points + 5 WHERE member = 1; "
      "UPDATE member SET available = available + 5 WHERE id = 1; "
      "UPDATE account SET balance = balance - 5 WHERE kind = 1",
      "I7",
      "member");
}

TEST(AuditLedger, EscrowWithoutItsLots_I7) {
  breach("DELETE FROM right_lot", "I7", "right_lot");
}

TEST(AuditLedger, RiskForgotten_I7) {
  breach("UPDATE member SET risk = 0", "I7", "txn_source");
}

TEST(AuditLedger, PendingPointsForgotten_I7) {
  world.config.policy.program.pending_days = 14;
  world.open();
  world.connect(OaWorld::kLine);
  world.upload({till.accrual("second", 200)});
  CHECK_TRUE(audited().ok());
  breach("UPDATE txn_source SET kind = 2 WHERE kind = 6", "I7", "txn_source");
}

TEST(AuditLedger, ExpiredLotsForgotten_I7) {
  world.now.wall.us += 86'400'000'000 * 800;
  while (*world.node->maintain(world.now)) {
  }
  CHECK_TRUE(world.count("SELECT sum(points) FROM expired_lot") > 0);
  CHECK_TRUE(audited().ok());
  breach("UPDATE expired_lot SET points = points - 1", "I7", "expired_lot");
}

TEST(AuditLedger, StoreBalanceSwapped_I7) {
  breach("UPDATE account SET owner = 99 WHERE kind = 11", "I7", "account");
}

TEST(AuditLedger, CancelledTwice_I8) {
  breach("UPDATE txn SET about = 2 WHERE about <> 0", "I8", "txn");
}

TEST(AuditLedger, CorrectionForgotten_I8) {
  breach("UPDATE txn SET corrected = -9 WHERE kind = 1 AND points = 9", "I8", "txn");
}

TEST(AuditLedger, MoreLeftToCancelThanThereWas_I8) {
  breach("UPDATE txn_source SET points = points + 1", "I8", "txn");
}

TEST(AuditLedger, SourceOfNothing_I8) {
  breach("UPDATE txn_source SET txn = 9999 WHERE n = 1 AND txn = 1", "I8", "txn_source");
}

TEST(AuditLedger, HeadThatIsNotStored_I9) {
  breach("UPDATE cursor SET seq = seq + 1", "I9", "cursor");
}

TEST(AuditLedger, PredecessorMissing_I9) {
  breach("UPDATE raw_record SET prev_mac = zeroblob(16) WHERE terminal = 101 AND seq = 3",
         "I9",
         "raw_record");
}

TEST(AuditLedger, GapWithoutAnAlarm_I9) {
  breach("UPDATE raw_record SET kind = 8 WHERE terminal = 101 AND seq = 3", "I9", "raw_record");
}

TEST(AuditLedger, BytesChanged_Journal) {
  breach("UPDATE raw_record SET sealed = zeroblob(80) WHERE no = 4", "journal", "raw_record");
}

TEST(AuditLedger, MacColumnChanged_Journal) {
  breach("UPDATE raw_record SET mac = zeroblob(16) WHERE no = 4", "journal", "raw_record");
}
