// Why a record did what it did, on a real ledger: posted, cancelled, waiting, put aside, decided.
#include "tools/explain.hpp"

#include <string>

#include "core/node/oa_office.hpp"
#include "core/record/seal.hpp"

#include "storage/office_acts.hpp"
#include "tests/storage/oa_world.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::tools;
using namespace tally::tests;

TEST_GROUP(Explain) {
  OaWorld world;
  Till till{TerminalId{101}};
  MemberId member;

  void setup() override {
    member = world.enrol("card");
  }

  Explanation told(const std::string& name) {
    const auto explanation = explain(world.directory.file("ledger.db"), name);
    CHECK_TRUE_TEXT(explanation.has_value(),
                    explanation ? "" : describe(explanation.error()).c_str());
    return *explanation;
  }
  void says(const std::string& name, std::initializer_list<const char*> parts) {
    const Explanation explanation = told(name);
    const std::string text =
        explain_text(explanation, "en") + explain_text(explanation, "zh-CN") + explanation.json;
    for (const char* part : parts) {
      CHECK_TRUE_TEXT(text.find(part) != std::string::npos, (part + ("\n" + text)).c_str());
    }
  }
  void refuses(ExplainOutcome outcome, const std::string& name) {
    const Explanation explanation = told(name);
    CHECK_TRUE_TEXT(explanation.outcome == outcome, name.c_str());
    CHECK_FALSE(explanation.refusal.zh.empty() || explanation.refusal.en.empty());
    CHECK_TRUE(explanation.chapters.empty());
  }
  /// Decides as `li` and `wang`, keeping the act.
  void decide(std::int64_t number, ledger::QuarantineDecision decision, std::int64_t points = 0) {
    ledger::OfficeAct act;
    act.kind = ledger::OfficeActKind::kDecide;
    act.member = decision == ledger::QuarantineDecision::kPost ? member : MemberId{};
    act.points = Points{points};
    act.quarantine = number;
    act.decision = decision;
    act.reason = "slip of 12 May";
    act.maker = "li";
    act.checker = "wang";
    CHECK_TRUE(world.store->begin().has_value());
    const auto time = world.node->ledger_time(world.now);
    const auto result =
        node::perform_office_act(*world.store, act, 1, Points{0}, world.config.policy, time);
    CHECK_TRUE(result->outcome == ledger::ActOutcome::kDone);
    storage::OfficeActs acts(world.store->db());
    CHECK_TRUE(
        acts.put({1, storage::ActState::kDone, act, time.now, time.now, result->txn}).has_value());
    CHECK_TRUE(world.store->commit().has_value());
  }
  std::int64_t quarantined() {
    return world.count("SELECT max(no) FROM quarantine");
  }
};

TEST(Explain, Accrual_StepsAndRoundingAndLot) {
  record::Record made;
  made.card_token = "card";
  made.program = ProgramVersion{1};
  made.business = record::Accrual{Money{3'775}, Points{37}, {}, {}, {}};
  world.upload({till.seal(std::move(made))});
  says("101-1-1",
       {"Why 37 points",
        "为什么是 37 分",
        "paid 37.75 CNY = 37 whole steps, 0.75 CNY dropped",
        "实付 37.75 CNY = 37 个整步，余 0.75 CNY 舍去",
        "37 × 1 = 37 points",
        "issuance (store 7) → available (member 1): 37, earned, lot 1",
        "\"state\": \"posted\"",
        "What can still be cancelled"});
}

TEST(Explain, AccrualThatDiffersFromTheRules_SaysSo) {
  record::Record made;
  made.card_token = "card";
  made.program = ProgramVersion{1};
  made.business = record::Accrual{Money{3'775}, Points{40}, {}, {}, {}};
  world.upload({till.seal(std::move(made))});
  says("101-1-1", {"the terminal recorded 40, which differs from the rules"});
}

TEST(Explain, UnknownProgram_IsAFactNotAnError) {
  world.upload({till.accrual("card", 5)});
  says("101-1-1", {"this build does not know these rules", "\"known\": false"});
}

TEST(Explain, Redemption_HoldAndVoidLater) {
  world.upload({till.accrual("card", 500)});
  const auto hold = world.authorise(till, till.sale(1), "card", 100);
  const RecordId spent = till.next_id();
  world.upload({till.redemption("card", 80, till.sale(1), hold.right->id)});
  says("101-1-2", {"Why 80 points were spent", "right 1 pays 80", "escrow (right 1) → redeemed"});
  world.upload({till.other(record::Void{spent, 1})});
  says("101-1-2", {"Later", "void 101-1-3: 80 points"});
  says("101-1-3", {"voids 101-1-2", "it cancels 101-1-2"});
}

TEST(Explain, TransactionNumber_OfTheLedgersOwn) {
  world.upload({till.accrual("card", 500)});
  world.authorise(till, till.sale(1), "card", 100);
  const std::int64_t hold = world.count("SELECT id FROM txn WHERE kind = 20");
  says("#" + std::to_string(hold), {"A transaction of the ledger's own", "hold", "→ escrow"});
  const std::int64_t earned = world.count("SELECT id FROM txn WHERE kind = 1");
  says("#" + std::to_string(earned), {"Record 101-1-1"});
}

TEST(Explain, PendingPoints_SayUntilWhen) {
  world.config.policy.program.pending_days = 14;
  world.open();
  world.connect(OaWorld::kLine);
  world.upload({till.accrual("card", 10)});
  says("101-1-1", {"\"state\": \"pending\"", "the points are pending", "until 2024-10-18"});
}

TEST(Explain, CancellationBeforeItsOriginal_BothSides) {
  Till other{TerminalId{102}};
  const RecordId original = other.next_id();
  world.upload({till.other(record::Void{original, 1})});
  says("101-1-1", {"awaits_original", "what it cancels is not here yet"});
  says(
      "102-1-1",
      {"the OA does not have this record yet", "\"state\": \"awaited\"", "came first and cancels"});
  world.upload({other.accrual("card", 9)});
  says("101-1-1", {"\"state\": \"posted\"", "Later"});
  says("102-1-1", {"void: -9 points"});
}

TEST(Explain, Quarantined_ThenPostedByTwoPeople) {
  world.upload({till.accrual("stranger", 30)});
  says("101-1-1", {"\"state\": \"quarantined\"", "no member holds the card", "nothing was posted"});
  decide(quarantined(), ledger::QuarantineDecision::kPost, 3);
  says("101-1-1",
       {"decided: post it",
        "maker li, checker wang",
        "slip of 12 May",
        "\"state\": \"posted\"",
        "member 1: 3 points"});
}

TEST(Explain, WrittenOff_SaysWho) {
  world.upload({till.accrual("stranger", 30)});
  decide(quarantined(), ledger::QuarantineDecision::kWriteOff);
  says("101-1-1", {"\"state\": \"written_off\"", "decided: write it off", "按办公室的决定核销"});
}

TEST(Explain, ReceiptCode_FindsItsRecordAndSeesAnother) {
  const Bytes sealed = till.accrual("card", 5);
  world.upload({sealed});
  says(*record::receipt_code(sealed, till.key()), {"\"receipt_matches\": true"});
  Till twin{TerminalId{101}};
  const Bytes changed = twin.accrual("card", 6);
  says(*record::receipt_code(changed, twin.key()), {"they are two contents"});
}

TEST(Explain, SeveralBootsAtOnePlace_AskWhich) {
  world.upload({till.accrual("card", 5)});
  const StreamPosition image = till.head();
  world.upload({till.accrual("card", 6)});
  till.restore(image, BootId{10});
  world.upload({till.accrual("card", 7)});
  const Explanation which = told("101-1-2");
  CHECK_TRUE(which.outcome == ExplainOutcome::kAmbiguous);
  CHECK_EQUAL(2U, which.choices.size());
  says(which.choices.at(1), {"available (member 1): 7"});
}

TEST(Explain, Fork_SaysThatThereAreTwoContents) {
  const StreamPosition start = till.head();
  world.upload({till.accrual("card", 5)});
  till.restore(start, BootId{9});
  world.upload({till.accrual("card", 6)});
  says("101-1-1", {"2 contents have this number", "available (member 1): 5"});
}

TEST(Explain, DamagedBytes_AreToldNotBelieved) {
  world.upload({till.accrual("card", 5)});
  CHECK_TRUE(world.store->db().execute("UPDATE raw_record SET crc = crc + 1").has_value());
  says("101-1-1", {"its stored bytes are damaged"});
}

TEST(Explain, WhatIsNoNameOrNotThere_RefusedInBothLanguages) {
  world.upload({till.accrual("card", 5)});
  for (const char* name : {"",
                           "101",
                           "101-1",
                           "101-1-x",
                           "#",
                           "#0",
                           "#-1",
                           "#1x",
                           "101-1-1@",
                           "101-1-1@x",
                           "TR1:",
                           "TR1:%%%",
                           "abc"}) {
    refuses(ExplainOutcome::kNotAName, name);
  }
  for (const char* name : {"101-1-9", "101-2-1", "#999", "101-1-1@12345"}) {
    refuses(ExplainOutcome::kUnknown, name);
  }
  CHECK_TRUE(explain(world.directory.file("none.db"), "101-1-1").error().code == Errc::kNotFound);
}
