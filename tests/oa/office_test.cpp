// What people at the office do, on a real ledger file, and what the console then reads.
#include "oa/office.hpp"

#include <limits>
#include <memory>

#include "core/codec/record_codec.hpp"
#include "core/member/card_number.hpp"
#include "core/node/oa_node.hpp"
#include "core/record/seal.hpp"

#include "oa/view_json.hpp"
#include "storage/ledger_queries.hpp"
#include "tests/support/temporary_directory.hpp"
#include "transport/os_random.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::oa;

TEST_GROUP(Office) {
  tests::TemporaryDirectory directory;
  transport::OsRandom random;
  Vault vault = *Vault::open(directory.file("master.key"), true, random);
  std::unique_ptr<storage::LedgerStore> store =
      std::move(*storage::LedgerStore::open(directory.file("ledger.db")));
  std::unique_ptr<storage::LedgerQueries> queries =
      std::move(*storage::LedgerQueries::open(directory.file("ledger.db")));
  Office office{*store, vault, random};
  ledger::Policy policy;
  ledger::LedgerTime time{WallTime{1'800'000'000'000'000}, BusinessDay{20'833}};
  Clerk clerk{"anna"};
  PageFacts facts{"zh-CN", {{7, "人民路店"}}, "mbed TLS", true, 0};

  EnrolResult enrol(
      const std::string& name, const std::string& phone = "", const std::string& key = "") {
    const auto result = office.enrol({name, phone, "zh-CN", key}, clerk, policy, time);
    CHECK_TRUE(result.has_value());
    return *result;
  }
  OfficeOutcome freeze(MemberId member, bool frozen) {
    return *office.set_frozen(member, frozen, "lost", clerk, time);
  }
  storage::MemberSummary summary(MemberId member) {
    return **queries->member(member);
  }

  /// Posts a record as if a till had sent it.
  ledger::Disposition post(record::Business business,
                           const std::string& card,
                           std::uint64_t seq,
                           SaleId sale = {},
                           std::vector<record::FundingLeg> legs = {}) {
    record::Record made;
    made.header.kind = record::kind_of(business);
    made.header.id = {TerminalId{101}, Incarnation{1}, BootId{9}, Seq{seq}};
    made.sale = sale;
    made.card_token = card;
    made.business_day = time.today;
    made.funding = std::move(legs);
    made.business = std::move(business);
    ledger::ReadPlan plan;
    ledger::plan_record(plan, made, StoreId{7});
    CHECK_TRUE(store->begin().has_value());
    auto set = *store->read(plan);
    ledger::RecordContext context;
    context.store = StoreId{7};
    context.time = time;
    const auto disposition = ledger::apply(set, made, context, policy);
    ledger::IngestChanges changes;
    ledger::NewRaw raw;
    raw.header = made.header;
    raw.sealed = *record::seal(made.header, *codec::encode_body(made), {});
    raw.mac = record::peek_mac(raw.sealed);
    raw.store = StoreId{7};
    raw.received_at = time.now;
    raw.card_token = card;
    if (const auto* accrual = std::get_if<record::Accrual>(&made.business)) {
      raw.points = accrual->points;
    }
    if (disposition.kind == ledger::Disposition::Kind::kQuarantined) {
      raw.quarantine = disposition.reason;
    }
    changes.raws.push_back(raw);
    CHECK_TRUE(store->write(set, changes).has_value());
    CHECK_TRUE(store->commit().has_value());
    return disposition;
  }
  void earn(const std::string& card, std::int64_t points, std::uint64_t seq) {
    post(record::Accrual{Money{points * 100}, Points{points}, {}, {}, {}}, card, seq);
  }
};

TEST(Office, Enrol_GivesACardOfOurOwn) {
  const EnrolResult result = enrol("张小满", "13800138000");
  CHECK_TRUE(result.outcome == OfficeOutcome::kDone);
  const auto member = summary(result.member);
  CHECK_TRUE(member::is_card_number(member.number));
  STRCMP_EQUAL("张**", member.row.masked_name.c_str());
  STRCMP_EQUAL("8000", member.phone_tail.c_str());
  const auto person = vault.open_person(result.member, member.sealed, member.wrapped_key);
  STRCMP_EQUAL("张小满", person->name.c_str());
  CHECK_EQUAL(1U, queries->cards(result.member)->size());
  CHECK_TRUE(*queries->member_of_card(member.number) == result.member);
}

TEST(Office, EnrolTwo_TwoNumbers) {
  const auto first = enrol("张小满");
  const auto second = enrol("张小满");
  CHECK_TRUE(first.member != second.member);
  CHECK_TRUE(summary(first.member).number != summary(second.member).number);
}

TEST(Office, PhoneTaken_NobodyIsMade) {
  enrol("张小满", "13800138000");
  CHECK_TRUE(enrol("李四", "13800138000").outcome == OfficeOutcome::kPhoneTaken);
  CHECK_EQUAL(1, queries->totals()->members);
}

TEST(Office, SameKeyAndContents_FirstAnswer) {
  const auto first = enrol("张小满", "13800138000", "key-1");
  const auto again = enrol("张小满", "13800138000", "key-1");
  CHECK_TRUE(again.outcome == OfficeOutcome::kDone);
  CHECK_TRUE(again.member == first.member);
  CHECK_TRUE(enrol("李四", "", "key-1").outcome == OfficeOutcome::kConflict);
  CHECK_EQUAL(1, queries->totals()->members);
}

TEST(Office, NumberGivenOutByATillAlready_TheNextOneIsTaken) {
  const std::string taken = *member::make_card_number(2);
  post(record::Enrolment{taken, "李**", {}, 1}, taken, 1);
  const auto result = enrol("张小满");
  CHECK_TRUE(result.outcome == OfficeOutcome::kDone);
  CHECK_TRUE(summary(result.member).number != taken);
}

TEST(Office, WaitingRecordOfThatNumber_IsPostedByTheEnrolment) {
  const std::string number = *member::make_card_number(1);
  CHECK_TRUE(post(record::Accrual{Money{100}, Points{5}, {}, {}, {}}, number, 1).kind ==
             ledger::Disposition::Kind::kQuarantined);
  CHECK_EQUAL(1, *queries->quarantine_count());
  const auto result = enrol("张小满");
  CHECK_EQUAL(5, summary(result.member).row.available.value);
  CHECK_EQUAL(0, *queries->quarantine_count());
}

TEST(Office, FreezeAndClear_OnlyWhenItChangesSomething) {
  const auto member = enrol("张小满").member;
  CHECK_TRUE(freeze(member, false) == OfficeOutcome::kConflict);
  CHECK_TRUE(freeze(member, true) == OfficeOutcome::kDone);
  CHECK_TRUE(freeze(member, true) == OfficeOutcome::kConflict);
  STRCMP_EQUAL("lost", summary(member).frozen_reason.c_str());
  CHECK_EQUAL(1, queries->totals()->members_frozen);
  CHECK_TRUE(freeze(member, false) == OfficeOutcome::kDone);
  STRCMP_EQUAL("", summary(member).frozen_reason.c_str());
  CHECK_TRUE(freeze(MemberId{99}, true) == OfficeOutcome::kNotFound);
}

TEST(Office, EveryActAndLook_IsLogged) {
  const auto member = enrol("张小满").member;
  freeze(member, true);
  CHECK_TRUE(*office.note_reveal(member, "asked for it", clerk, time) == OfficeOutcome::kDone);
  CHECK_TRUE(*office.note_reveal(MemberId{99}, "x", clerk, time) == OfficeOutcome::kNotFound);
  auto rows = store->db().prepare("SELECT user, action, reason FROM audit_log ORDER BY id");
  for (const char* action : {"enrol", "freeze", "reveal"}) {
    CHECK_TRUE(*rows->step());
    STRCMP_EQUAL("anna", std::string(rows->text(0)).c_str());
    STRCMP_EQUAL(action, std::string(rows->text(1)).c_str());
  }
  CHECK_FALSE(*rows->step());
}

TEST(Office, HistoryOfASale_AddsUpToTheBalance) {
  const auto member = enrol("张小满").member;
  const std::string card = summary(member).number;
  earn(card, 500, 1);
  const SaleId sale = make_sale_id(TerminalId{101}, BootId{9}, 1);
  const ledger::Asker asker{TerminalId{101}, Incarnation{1}, StoreId{7}, sale};
  const ledger::AuthoriseRequest request{card, Points{100}, Money{10'000}, ProgramVersion{1}};
  ledger::ReadPlan plan;
  ledger::plan_authorise(plan, asker, request);
  CHECK_TRUE(store->begin().has_value());
  auto set = *store->read(plan);
  const auto hold = ledger::authorise(set, asker, request, policy, time);
  CHECK_TRUE(store->write(set, {}).has_value());
  CHECK_TRUE(store->commit().has_value());

  const auto sum = [&] {
    std::int64_t points = 0;
    const auto lines =
        *queries->history(member, ledger::TxnId{std::numeric_limits<std::int64_t>::max()}, 100);
    for (const auto& line : lines) {
      points += line.txn.points.value;
    }
    return points;
  };
  std::int64_t lots = 0;
  const auto rows = *queries->lots(member);
  for (const auto& lot : rows) {
    lots += lot.points.value;
  }
  CHECK_EQUAL(400, sum());
  CHECK_EQUAL(500, lots);  // Held points are the member's still.
  post(record::Redemption{Money{10'000}, Points{100}, Money{100}},
       card,
       2,
       sale,
       {{RightKind::kHold, hold.right, Epoch{}, Points{100}}});
  CHECK_EQUAL(400, sum());
  CHECK_EQUAL(400, summary(member).row.available.value);
  CHECK_TRUE(queries->totals()->sums_to_zero);
}

TEST(Office, HistoryPages_GoOnWhereTheLastEnded) {
  const auto member = enrol("张小满").member;
  const std::string card = summary(member).number;
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    earn(card, static_cast<std::int64_t>(seq), seq);
  }
  const auto first =
      *queries->history(member, ledger::TxnId{std::numeric_limits<std::int64_t>::max()}, 2);
  CHECK_EQUAL(5, first.at(0).txn.points.value);
  const auto second = *queries->history(member, first.at(1).txn.id, 10);
  CHECK_EQUAL(4U, second.size());
  CHECK_EQUAL(3, second.at(0).txn.points.value);
  CHECK_TRUE(second.back().txn.kind == ledger::TxnKind::kEnrolment);
}

TEST(Office, LinesOfTheConsole_SayWhatHappened) {
  const auto member = enrol("张小满").member;
  const std::string card = summary(member).number;
  earn(card, 50, 1);
  post(record::Void{{TerminalId{101}, Incarnation{1}, BootId{9}, Seq{1}}, 1}, "", 2);
  const auto rows =
      *queries->history(member, ledger::TxnId{std::numeric_limits<std::int64_t>::max()}, 10);
  const auto undo = line_json(rows.at(0), facts);
  STRCMP_EQUAL("void", undo["kind"].get<std::string>().c_str());
  STRCMP_EQUAL("101-1-1", undo["original_receipt"].get<std::string>().c_str());
  CHECK_EQUAL(-50, undo["points"].get<int>());
  const auto sale = line_json(rows.at(1), facts);
  STRCMP_EQUAL("cancelled", sale["state"].get<std::string>().c_str());
  STRCMP_EQUAL("人民路店", sale["store_name"].get<std::string>().c_str());
  STRCMP_EQUAL("2027-01-15", sale["business_day"].get<std::string>().c_str());
  CHECK_TRUE(line_json(rows.at(2), facts)["store"].is_null());
}

TEST(Office, QuarantineList_NamesReceiptAndReason) {
  post(record::Accrual{Money{100}, Points{5}, {}, {}, {}}, "nobody", 1);
  post(record::Accrual{Money{100}, Points{6}, {}, {}, {}}, "nobody either", 2);
  const auto rows = *queries->quarantine(std::numeric_limits<std::int64_t>::max(), 1);
  CHECK_EQUAL(1U, rows.size());
  const auto json = quarantine_json(rows.at(0));
  STRCMP_EQUAL("101-1-2", json["receipt"].get<std::string>().c_str());
  STRCMP_EQUAL("unknown_card", json["code"].get<std::string>().c_str());
  CHECK_EQUAL(6, json["points"].get<int>());
  CHECK_EQUAL(1U, queries->quarantine(rows.at(0).number, 10)->size());
}

TEST(Office, DayFigures_CountTheDay) {
  const auto member = enrol("张小满").member;
  const std::string card = summary(member).number;
  earn(card, 50, 1);
  earn(card, 60, 2);
  post(record::Redemption{Money{10'000}, Points{10}, Money{10}}, card, 3);
  post(record::Void{{TerminalId{101}, Incarnation{1}, BootId{9}, Seq{1}}, 1}, "", 4);
  const auto days = *queries->days(BusinessDay{time.today.days - 13});
  CHECK_EQUAL(1U, days.size());
  CHECK_EQUAL(2, days[0].sales);
  CHECK_EQUAL(110, days[0].accrued.value);
  CHECK_EQUAL(10, days[0].redeemed.value);
  CHECK_EQUAL(1, days[0].voids);
  CHECK_EQUAL(1, *queries->enrolled_since(WallTime{time.now.us - 1}));
  CHECK_EQUAL(0, *queries->enrolled_since(WallTime{time.now.us + 1}));
}

TEST(Office, MembersByTailAndPage) {
  const auto first = enrol("张小满", "13800138000").member;
  const auto second = enrol("李四", "13900138000").member;
  enrol("王五", "13900139999");
  const MemberId end{std::numeric_limits<std::int64_t>::max()};
  CHECK_EQUAL(3U, queries->members_before(end, "", 10)->size());
  const auto tail = *queries->members_before(end, "8000", 10);
  CHECK_EQUAL(2U, tail.size());
  CHECK_TRUE(tail[0] == second);
  CHECK_TRUE(queries->members_before(second, "8000", 10)->at(0) == first);
  CHECK_TRUE(!queries->member(MemberId{99})->has_value());
}

TEST(Office, StoreNames_FromLines) {
  const auto names = store_names_from({"1 人民路店", "2", "x 3", "0 none", "3 ", "4 Second store"});
  CHECK_EQUAL(2U, names.size());
  STRCMP_EQUAL("人民路店", names.at(1).c_str());
  STRCMP_EQUAL("Second store", names.at(4).c_str());
  STRCMP_EQUAL("门店 9", store_name(facts, StoreId{9}).c_str());
}
