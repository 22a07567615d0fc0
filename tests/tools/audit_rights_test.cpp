// The audit's rules for rights, cancellations, ways between members and office acts, each against a
// corruption planted for it; MACs against a master key.
#include "tools/audit_rights.hpp"

#include <string>

#include "core/crypto/sealed_value.hpp"
#include "core/node/oa_office.hpp"

#include "storage/member_erasure.hpp"
#include "storage/office_acts.hpp"
#include "tests/storage/oa_world.hpp"
#include "tools/audit_chain.hpp"
#include "tools/audit_ledger.hpp"
#include "transport/os_random.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::tools;
using namespace tally::tests;

TEST_GROUP(AuditRights) {
  OaWorld world;
  Till till{TerminalId{101}};
  MemberId anna;
  MemberId bert;

  void setup() override {
    anna = world.enrol("card");
    bert = world.enrol("second");
    world.upload({till.accrual("card", 500)});
    const auto hold = world.authorise(till, till.sale(1), "card", 100);
    world.upload({till.redemption("card", 80, till.sale(1), hold.right->id)});
    world.authorise(till, till.sale(2), "card", 50);
    world.upload({till.redemption("second", 30, SaleId{}, RightId{})});
    const RecordId voided = till.next_id();
    world.upload({till.accrual("card", 10)});
    world.upload({till.other(record::Void{voided, 1})});
    world.upload({till.accrual("stranger", 7)});
    ledger::OfficeAct act;
    act.kind = ledger::OfficeActKind::kTransfer;
    act.member = anna;
    act.other = bert;
    act.points = Points{60};
    perform(act);
    act = {};
    act.kind = ledger::OfficeActKind::kDecide;
    act.member = anna;
    act.quarantine = world.count("SELECT max(no) FROM quarantine");
    perform(act);
  }

  void perform(ledger::OfficeAct act) {
    act.reason = "r";
    act.maker = "li";
    act.checker = "wang";
    CHECK_TRUE(world.store->begin().has_value());
    storage::OfficeActs acts(world.store->db());
    const auto time = world.node->ledger_time(world.now);
    const std::int64_t number = *acts.next_number();
    const auto result =
        node::perform_office_act(*world.store, act, number, Points{0}, world.config.policy, time);
    STRCMP_EQUAL("done", std::string(name_of(result->outcome)).c_str());
    CHECK_TRUE(acts.put({number, storage::ActState::kDone, act, time.now, time.now, result->txn})
                   .has_value());
    CHECK_TRUE(world.store->commit().has_value());
  }
  void arrive() {
    CHECK_TRUE(world.store->begin().has_value());
    CHECK_TRUE(*node::run_office_queue(*world.store, 9, world.node->ledger_time(world.now)) > 0);
    CHECK_TRUE(world.store->commit().has_value());
  }

  AuditReport audited() {
    AuditReport report;
    const Status done = audit_ledger(world.store->db(), "ledger.db", report);
    CHECK_TRUE_TEXT(done.has_value(), done ? "" : describe(done.error()).c_str());
    return report;
  }
  static void shows(const AuditReport& report, const std::string& invariant, const char* table) {
    std::string seen;
    for (const Breach& found : report.breaches()) {
      if (found.invariant == invariant && found.table == table && !found.row.empty()) {
        return;
      }
      seen += found.invariant + " " + found.table + " " + found.row + ": " + found.text + "\n";
    }
    FAIL((invariant + " " + table + "\n" + seen).c_str());
  }
  void breach(const std::string& sql, const std::string& invariant, const char* table) {
    CHECK_TRUE_TEXT(world.store->db().execute(sql.c_str()).has_value(), sql.c_str());
    shows(audited(), invariant, table);
  }
  std::uint64_t waiting(const std::string& name) {
    const AuditReport report = audited();
    for (const AuditQueue& queue : report.queues) {
      if (queue.name == name) {
        CHECK_EQUAL(queue.open != 0, queue.oldest_us != 0);
        return queue.open;
      }
    }
    FAIL(name.c_str());
    return 0;
  }

  // Record keys as a real OA keeps them.
  AuditReport chained(const crypto::Key256& master, const crypto::Key256& sealed_under) {
    transport::OsRandom random;
    const StreamId stream = till.stream();
    const Bytes wrapped = crypto::seal_value(crypto::derive_record_wrapping_key(sealed_under),
                                             crypto::associated_with(stream),
                                             till.key(),
                                             random);
    CHECK_TRUE(world.store->begin().has_value());
    CHECK_TRUE(world.store
                   ->put_device({Role::kTerminal,
                                 101,
                                 Incarnation{1},
                                 StoreId{7},
                                 Bytes(65, 4),
                                 wrapped,
                                 world.now.wall,
                                 world.now.wall})
                   .has_value());
    CHECK_TRUE(world.store->commit().has_value());
    AuditReport report;
    CHECK_TRUE(audit_chain(world.store->db(), "ledger.db", master, report).has_value());
    return report;
  }
};

TEST(AuditRights, SoundLedger_NoBreachAndTheQueuesAreTold) {
  CHECK_TRUE(audited().ok());
  CHECK_EQUAL(1U, waiting("transit"));
  CHECK_EQUAL(1U, waiting("rights"));
  CHECK_EQUAL(0U, waiting("quarantine"));
  CHECK_EQUAL(0U, waiting("cancellations"));
  arrive();
  CHECK_TRUE(audited().ok());
  CHECK_EQUAL(0U, waiting("transit"));
  world.upload({till.other(record::Void{{TerminalId{102}, Incarnation{1}, BootId{9}, Seq{5}}, 1})});
  world.upload({till.accrual("another", 7)});
  CHECK_TRUE(audited().ok());
  CHECK_EQUAL(1U, waiting("cancellations"));
  CHECK_EQUAL(1U, waiting("quarantine"));
}

TEST(AuditRights, MoreSpentThanGranted_I3) {
  breach("UPDATE right_row SET granted = 70, used = 70 WHERE id = 1", "I3", "right_row");
}

TEST(AuditRights, SpentButNotCounted_I3) {
  breach("UPDATE right_row SET used = 0", "I3", "right_row");
}

TEST(AuditRights, RightForgotten_I3) {
  breach("DELETE FROM right_row WHERE id = 1", "I3", "transfer");
}

TEST(AuditRights, RiskThatNobodyCaused_I4) {
  breach("UPDATE txn_source SET points = points - 1 WHERE kind = 10", "I4", "account");
}

TEST(AuditRights, TransfersCancelTooMuch_I8) {
  breach("UPDATE transfer SET points = points + 20 WHERE code = 5", "I8", "transfer");
}

TEST(AuditRights, WayForgotten_I7) {
  breach("DELETE FROM transit", "I7", "transit");
}

TEST(AuditRights, ArrivedTwice_I9) {
  arrive();
  breach(
      "UPDATE txn SET kind = 33, cause = (SELECT id FROM txn WHERE kind = 32) "
      "WHERE id = (SELECT min(id) FROM txn)",
      "I9",
      "transit");
}

TEST(AuditRights, ArrivedAndOnTheWayStill_I9) {
  CHECK_TRUE(world.store->db().execute("CREATE TABLE kept AS SELECT * FROM transit").has_value());
  arrive();
  breach("INSERT INTO transit SELECT * FROM kept", "I9", "transit");
}

TEST(AuditRights, ActsOfOnePerson_Office) {
  breach("UPDATE office_act SET checker = maker WHERE kind = 3", "office", "office_act");
}

TEST(AuditRights, DecisionWithoutAChecker_Office) {
  breach("UPDATE office_act SET checker = '' WHERE kind = 6", "office", "office_act");
}

TEST(AuditRights, DecisionWithoutAnAct_Office) {
  breach("UPDATE quarantine SET act = 99", "office", "quarantine");
}

TEST(AuditRights, PointsMovedByNobody_Office) {
  breach("DELETE FROM office_act WHERE kind = 3", "office", "txn");
}

TEST(AuditRights, AliasOfNobody_Office) {
  breach("UPDATE member SET alias_of = 99 WHERE id = 2", "office", "member");
}

TEST(AuditRights, RecordsOfTheRightKeys_NoBreach) {
  const crypto::Key256 master{1};
  CHECK_TRUE(chained(master, master).ok());
}

TEST(AuditRights, AnotherMasterKey_Chain) {
  shows(chained(crypto::Key256{1}, crypto::Key256{2}), "chain", "device");
}

TEST(AuditRights, RecordMadeAtTheDisk_Chain) {
  // Well formed, with a check sum that fits: only the MAC tells.
  CHECK_TRUE(world.store->db()
                 .execute("UPDATE raw_record SET sealed = (SELECT sealed FROM raw_record WHERE "
                          "seq = 2) WHERE seq = 1")
                 .has_value());
  Bytes forged = till.accrual("card", 9'999);
  forged[forged.size() - 20] ^= 1;
  auto update = world.store->db().prepare("UPDATE raw_record SET sealed = ? WHERE seq = 3");
  CHECK_TRUE(update->run_with(ByteView(forged)).has_value());
  shows(chained(crypto::Key256{1}, crypto::Key256{1}), "chain", "raw_record");
}

TEST(AuditRights, RecordOfNoTerminal_Chain) {
  CHECK_TRUE(world.store->db().execute("UPDATE raw_record SET terminal = 555").has_value());
  shows(chained(crypto::Key256{1}, crypto::Key256{1}), "chain", "raw_record");
}

// ADR-0024: one kind of record may have another MAC than its bytes, and only with an erasure.
TEST(AuditRights, RedactedEnrolmentOfAnErasedMember_IsSoundAndOfAnybodyElseIsNot) {
  const crypto::Key256 master{9};
  world.upload({till.other(record::Enrolment{"", "138****1234", Bytes(90, 7), 1}, "newcomer")});
  const MemberId member{world.count("SELECT member FROM card WHERE token = 'newcomer'")};
  CHECK_TRUE(world.store->begin().has_value());
  CHECK_TRUE(
      storage::erase_member(
          *world.store, member, "anna", "asked by letter", world.node->ledger_time(world.now))
          .has_value());
  CHECK_TRUE(world.store->commit().has_value());
  CHECK_TRUE(chained(master, master).ok());
  CHECK_TRUE(world.store->db().execute("DELETE FROM erasure").has_value());
  CHECK_FALSE(chained(master, master).ok());
}
