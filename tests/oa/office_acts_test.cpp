// Maker and checker on a real ledger file: acts, their repeats and refusals, decided quarantine.
#include "oa/office_acts.hpp"

#include <limits>
#include <memory>
#include <set>

#include "core/codec/record_codec.hpp"
#include "core/member/card_number.hpp"
#include "core/node/oa_node.hpp"
#include "core/record/seal.hpp"

#include "oa/act_json.hpp"
#include "oa/act_reasons.hpp"
#include "oa/office.hpp"
#include "oa/view_json.hpp"
#include "storage/ledger_queries.hpp"
#include "tests/support/temporary_directory.hpp"
#include "transport/os_random.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::oa;
using ledger::ActOutcome;
using ledger::OfficeAct;
using ledger::OfficeActKind;

namespace {

constexpr std::int64_t kNewest = std::numeric_limits<std::int64_t>::max();

}  // namespace

TEST_GROUP(ActDesk) {
  tests::TemporaryDirectory directory;
  transport::OsRandom random;
  Vault vault = *Vault::open(directory.file("master.key"), true, random);
  std::unique_ptr<storage::LedgerStore> store =
      std::move(*storage::LedgerStore::open(directory.file("ledger.db")));
  std::unique_ptr<storage::LedgerQueries> queries =
      std::move(*storage::LedgerQueries::open(directory.file("ledger.db")));
  Office office{*store, vault, random};
  ActDesk desk{*store};
  ledger::Policy policy;
  ledger::LedgerTime time{WallTime{1'800'000'000'000'000}, BusinessDay{20'833}};
  MemberId anna = enrol("张小满");
  MemberId bert = enrol("李四");
  int last_key = 0;

  MemberId enrol(const std::string& name) {
    return office.enrol({name, "", "zh-CN", ""}, Clerk{"li"}, policy, time)->member;
  }
  storage::MemberSummary summary(MemberId member) {
    return **queries->member(member);
  }
  std::int64_t available(MemberId member) {
    return summary(member).row.available.value;
  }
  std::string card_of(MemberId member) {
    return queries->cards(member)->back().token;
  }
  std::int64_t count(const std::string& sql) {
    auto row = store->db().prepare(sql);
    CHECK_TRUE_TEXT(row.has_value(), sql.c_str());
    CHECK_TRUE(*row->step());
    return row->int64(0);
  }

  OfficeAct act(OfficeActKind kind, std::int64_t points = 0) {
    OfficeAct made;
    made.kind = kind;
    made.member = anna;
    made.points = Points{points};
    made.reason = "complaint 17";
    made.maker = "li";
    return made;
  }
  ActAnswer ask(const OfficeAct& what, const std::string& key = "") {
    const auto answer =
        desk.ask(what, key.empty() ? "key-" + std::to_string(++last_key) : key, policy, time);
    CHECK_TRUE(answer.has_value());
    return *answer;
  }
  ActAnswer approve(std::int64_t number, const std::string& who) {
    const auto answer = desk.approve(number, who, policy, time);
    CHECK_TRUE(answer.has_value());
    return *answer;
  }
  void is(ActOutcome expected, const ActAnswer& answer) {
    STRCMP_EQUAL(std::string(name_of(expected)).c_str(),
                 std::string(name_of(answer.outcome)).c_str());
  }
  void done(const OfficeAct& what) {
    const ActAnswer asked = ask(what);
    is(ActOutcome::kNeedsChecker, asked);
    is(ActOutcome::kDone, approve(asked.act, "wang"));
  }
  storage::OfficeActRow row(std::int64_t number) {
    return **storage::OfficeActs(queries->db()).find(number);
  }

  /// A record as a till would send it, stored and posted or put aside.
  std::int64_t post(record::Business business,
                    const std::string& card,
                    std::uint64_t seq,
                    std::uint32_t copy = 0,
                    std::optional<ledger::QuarantineReason> aside = std::nullopt) {
    record::Record made;
    made.header.kind = record::kind_of(business);
    made.header.id = {TerminalId{101}, Incarnation{1}, BootId{9}, Seq{seq}};
    made.header.prev_mac.fill(static_cast<std::uint8_t>(copy));
    made.card_token = card;
    made.business_day = time.today;
    made.business = std::move(business);
    ledger::ReadPlan plan;
    ledger::plan_record(plan, made, StoreId{7});
    CHECK_TRUE(store->begin().has_value());
    auto set = *store->read(plan);
    ledger::NewRaw raw;
    raw.header = made.header;
    raw.copy = copy;
    raw.sealed = *record::seal(made.header, *codec::encode_body(made), {});
    raw.mac = record::peek_mac(raw.sealed);
    raw.store = StoreId{7};
    raw.received_at = time.now;
    raw.card_token = card;
    raw.quarantine = aside;
    if (!aside) {
      ledger::RecordContext context;
      context.mac = raw.mac;
      context.store = StoreId{7};
      context.time = time;
      const auto disposition = ledger::apply(set, made, context, policy);
      if (disposition.kind == ledger::Disposition::Kind::kQuarantined) {
        raw.quarantine = disposition.reason;
      }
    }
    ledger::IngestChanges changes;
    changes.raws.push_back(raw);
    CHECK_TRUE(store->write(set, changes).has_value());
    CHECK_TRUE(store->commit().has_value());
    return count("SELECT max(no) FROM raw_record");
  }
  std::int64_t put_aside(std::int64_t points, std::uint64_t seq = 1) {
    return post(accrual(points), "nobody", seq);
  }
  static record::Accrual accrual(std::int64_t points) {
    return {Money{points * 100}, Points{points}, {}, {}, {}};
  }
  OfficeAct decide(std::int64_t number, ledger::QuarantineDecision decision) {
    OfficeAct made = act(OfficeActKind::kDecide);
    made.member = MemberId{};
    made.quarantine = number;
    made.decision = decision;
    return made;
  }
  OfficeAct post_to_anna(std::int64_t number, std::int64_t points = 0) {
    OfficeAct made = decide(number, ledger::QuarantineDecision::kPost);
    made.member = anna;
    made.points = Points{points};
    return made;
  }
};

TEST(ActDesk, SmallAdjustment_DoneByOnePerson) {
  const ActAnswer answer = ask(act(OfficeActKind::kAdjust, 500));
  is(ActOutcome::kDone, answer);
  CHECK_EQUAL(500, available(anna));
  const auto kept = row(answer.act);
  STRCMP_EQUAL("li", kept.act.maker.c_str());
  STRCMP_EQUAL("", kept.act.checker.c_str());
  CHECK_TRUE(kept.txn.value != 0);
  STRCMP_EQUAL("adjustment",
               line_json(queries->history(anna, ledger::TxnId{kNewest}, 1)->at(0), {})["kind"]
                   .get<std::string>()
                   .c_str());
}

TEST(ActDesk, ManySmallOnes_CountAsOneAndTheDayEnds) {
  is(ActOutcome::kDone, ask(act(OfficeActKind::kAdjust, 600)));
  is(ActOutcome::kNeedsChecker, ask(act(OfficeActKind::kAdjust, -500)));
  OfficeAct other = act(OfficeActKind::kAdjust, 500);
  other.maker = "zhao";
  is(ActOutcome::kDone, ask(other));
  time.now.us += 86'400'000'001;
  is(ActOutcome::kDone, ask(act(OfficeActKind::kAdjust, 500)));
}

TEST(ActDesk, LargeAdjustment_WaitsForAnotherPerson) {
  const ActAnswer asked = ask(act(OfficeActKind::kAdjust, 5'000));
  is(ActOutcome::kNeedsChecker, asked);
  CHECK_EQUAL(0, available(anna));
  is(ActOutcome::kSamePerson, approve(asked.act, "li"));
  is(ActOutcome::kNoMaker, approve(asked.act, ""));
  CHECK_EQUAL(0, available(anna));
  is(ActOutcome::kDone, approve(asked.act, "wang"));
  is(ActOutcome::kDone, approve(asked.act, "wang"));
  is(ActOutcome::kActDecided, approve(asked.act, "zhao"));
  CHECK_EQUAL(5'000, available(anna));
  STRCMP_EQUAL("wang", row(asked.act).act.checker.c_str());
  is(ActOutcome::kNoSuchAct, approve(99, "wang"));
}

TEST(ActDesk, ApprovedWhenItIsNoLongerPossible_StaysOpen) {
  is(ActOutcome::kDone, ask(act(OfficeActKind::kAdjust, 900)));
  const ActAnswer down = ask(act(OfficeActKind::kAdjust, -800));
  done(act(OfficeActKind::kClear));
  is(ActOutcome::kNotEnoughPoints, approve(down.act, "wang"));
  CHECK_TRUE(row(down.act).state == storage::ActState::kOpen);
  STRCMP_EQUAL("", row(down.act).act.checker.c_str());
}

TEST(ActDesk, Declined_NothingHappensEver) {
  const ActAnswer asked = ask(act(OfficeActKind::kAdjust, 5'000), "k");
  is(ActOutcome::kDone, *desk.decline(asked.act, "wang", time));
  is(ActOutcome::kDone, *desk.decline(asked.act, "wang", time));
  is(ActOutcome::kActDecided, *desk.decline(asked.act, "zhao", time));
  is(ActOutcome::kActDecided, approve(asked.act, "wang"));
  is(ActOutcome::kActDecided, ask(act(OfficeActKind::kAdjust, 5'000), "k"));
  is(ActOutcome::kNoSuchAct, *desk.decline(99, "wang", time));
  CHECK_EQUAL(0, available(anna));
}

TEST(ActDesk, SameKey_FirstAnswerOrRefused) {
  const ActAnswer first = ask(act(OfficeActKind::kAdjust, 500), "k");
  const ActAnswer again = ask(act(OfficeActKind::kAdjust, 500), "k");
  is(ActOutcome::kDone, again);
  CHECK_EQUAL(first.act, again.act);
  CHECK_EQUAL(500, available(anna));
  is(ActOutcome::kKeyReused, ask(act(OfficeActKind::kAdjust, 501), "k"));
  CHECK_TRUE(office.enrol({"王五", "", "zh-CN", "e"}, Clerk{"li"}, policy, time)->outcome ==
             oa::OfficeOutcome::kDone);
  is(ActOutcome::kKeyReused, ask(act(OfficeActKind::kAdjust, 1), "e"));
}

TEST(ActDesk, Refused_LeavesNothingBehind) {
  is(ActOutcome::kNotEnoughPoints, ask(act(OfficeActKind::kAdjust, -5), "k"));
  CHECK_EQUAL(0, count("SELECT count(*) FROM office_act"));
  is(ActOutcome::kDone, ask(act(OfficeActKind::kAdjust, 5), "k"));
}

TEST(ActDesk, Transfer_ArrivesWithTheAnswer) {
  is(ActOutcome::kDone, ask(act(OfficeActKind::kAdjust, 500)));
  OfficeAct gift = act(OfficeActKind::kTransfer, 300);
  gift.other = bert;
  gift.maker = "zhao";
  is(ActOutcome::kDone, ask(gift));
  CHECK_EQUAL(200, available(anna));
  CHECK_EQUAL(300, available(bert));
  CHECK_TRUE(queries->totals()->sums_to_zero);
  CHECK_EQUAL(0, count("SELECT count(*) FROM transit"));
  CHECK_EQUAL(0, count("SELECT sum(balance) FROM account WHERE kind = 12"));
}

TEST(ActDesk, TransferInterruptedBetweenItsHalves_GoesOnAfterARestart) {
  is(ActOutcome::kDone, ask(act(OfficeActKind::kAdjust, 500)));
  OfficeAct gift = act(OfficeActKind::kTransfer, 300);
  gift.other = bert;
  CHECK_TRUE(store->begin().has_value());
  ledger::ReadPlan plan;
  ledger::plan_office(plan, gift);
  auto set = *store->read(plan);
  CHECK_TRUE(ledger::perform(set, gift, Points{0}, policy, time).outcome == ActOutcome::kDone);
  CHECK_TRUE(store->write(set, {}).has_value());
  CHECK_TRUE(store->commit().has_value());
  CHECK_EQUAL(300, count("SELECT sum(balance) FROM account WHERE kind = 12"));
  CHECK_TRUE(queries->totals()->sums_to_zero);

  store.reset();
  store = std::move(*storage::LedgerStore::open(directory.file("ledger.db")));
  ActDesk again{*store};
  CHECK_TRUE(*again.run_queue(time));
  CHECK_FALSE(*again.run_queue(time));
  CHECK_EQUAL(300, available(bert));
}

TEST(ActDesk, LostCard_NumberIsMadeAndWhatWaitedForItPosts) {
  const std::string next = *member::make_card_number(3);
  post(accrual(5), next, 1);
  OfficeAct lost = act(OfficeActKind::kReplaceCard);
  lost.card = card_of(anna);
  const ActAnswer answer = ask(lost, "k");
  is(ActOutcome::kDone, answer);
  STRCMP_EQUAL(next.c_str(), row(answer.act).act.new_card.c_str());
  CHECK_EQUAL(5, available(anna));
  const auto cards = *queries->cards(anna);
  CHECK_EQUAL(2U, cards.size());
  std::set<std::string> states;
  for (const auto& card : cards) {
    states.insert(card_json(card)["state"].get<std::string>());
  }
  CHECK_TRUE(states == (std::set<std::string>{"active", "lost"}));
  CHECK_EQUAL(answer.act, ask(lost, "k").act);
  is(ActOutcome::kCardNotActive, ask(lost));
  CHECK_TRUE(enrol("王五").value > 3);
}

TEST(ActDesk, Merge_CardsAndPointsFollow) {
  is(ActOutcome::kDone, ask(act(OfficeActKind::kAdjust, 500)));
  const std::string card = card_of(anna);
  OfficeAct merge = act(OfficeActKind::kMerge);
  merge.other = bert;
  done(merge);
  CHECK_EQUAL(500, available(bert));
  CHECK_TRUE(*queries->member_of_card(card) == bert);
  post(accrual(7), card, 1);
  CHECK_EQUAL(507, available(bert));
  is(ActOutcome::kMerged, ask(act(OfficeActKind::kAdjust, 5)));
}

TEST(ActDesk, QuarantinedRecord_PostedToAMember) {
  const std::int64_t number = put_aside(40);
  done(post_to_anna(number));
  CHECK_EQUAL(40, available(anna));
  CHECK_EQUAL(0, *queries->quarantine_count());
  const auto decided = *queries->quarantine(kNewest, 5, storage::QuarantineFilter::kDecided);
  CHECK_EQUAL(1U, decided.size());
  const auto why = row(decided.at(0).act);
  STRCMP_EQUAL("li", why.act.maker.c_str());
  STRCMP_EQUAL("wang", why.act.checker.c_str());
  CHECK_EQUAL(1, count("SELECT count(*) FROM txn WHERE seq = 1 AND terminal = 101"));
}

TEST(ActDesk, QuarantinedRecord_SentAgainIsARepeat) {
  done(post_to_anna(put_aside(40)));
  ledger::ReadPlan plan;
  const RecordId id{TerminalId{101}, Incarnation{1}, BootId{9}, Seq{1}};
  plan.records.insert(id);
  CHECK_TRUE(store->begin().has_value());
  auto set = *store->read(plan);
  CHECK_TRUE(set.txn_of_record(id) != nullptr);
  store->rollback();
}

TEST(ActDesk, QuarantinedRecord_PostedWithOtherPointsAndVoidableAfterwards) {
  done(post_to_anna(put_aside(40), 4));
  CHECK_EQUAL(4, available(anna));
  post(record::Void{{TerminalId{101}, Incarnation{1}, BootId{9}, Seq{1}}, 1}, "", 2);
  CHECK_EQUAL(0, available(anna));
}

TEST(ActDesk, QuarantinedRecord_WrittenOff) {
  const std::int64_t number = put_aside(40);
  done(decide(number, ledger::QuarantineDecision::kWriteOff));
  CHECK_EQUAL(0, *queries->quarantine_count());
  CHECK_EQUAL(1, count("SELECT count(*) FROM txn WHERE kind = 35 AND seq = 1"));
  CHECK_TRUE(office.enrol({"王五", "", "zh-CN", ""}, Clerk{"li"}, policy, time).has_value());
  CHECK_TRUE(queries->totals()->sums_to_zero);
}

TEST(ActDesk, Decisions_RefusedByName) {
  const std::int64_t number = put_aside(40);
  is(ActOutcome::kNotWaiting, ask(decide(99, ledger::QuarantineDecision::kWriteOff)));
  is(ActOutcome::kStillRefused, ask(decide(number, ledger::QuarantineDecision::kPost)));
  OfficeAct nobody = post_to_anna(number);
  nobody.member = MemberId{99};
  is(ActOutcome::kUnknownMember, ask(nobody));
  is(ActOutcome::kAmountOutOfRange, ask(post_to_anna(number, -1)));
  const std::int64_t fork = post(accrual(41), card_of(anna), 1, 1, ledger::QuarantineReason::kFork);
  is(ActOutcome::kNotPostable, ask(post_to_anna(fork)));
  const std::int64_t enrolment =
      post(record::Enrolment{card_of(anna), "李**", {}, 1}, card_of(anna), 2);
  is(ActOutcome::kNotPostable, ask(post_to_anna(enrolment)));
  const ActAnswer asked = ask(post_to_anna(number));
  is(ActOutcome::kSamePerson, approve(asked.act, "li"));
  CHECK_EQUAL(0, available(anna));
  CHECK_EQUAL(3, *queries->quarantine_count());
}

TEST(ActDesk, TwoDecisionsAboutOneRecord_TheFirstApprovedWins) {
  const std::int64_t number = put_aside(40);
  const ActAnswer one = ask(post_to_anna(number));
  const ActAnswer two = ask(decide(number, ledger::QuarantineDecision::kWriteOff));
  is(ActOutcome::kDone, approve(two.act, "wang"));
  is(ActOutcome::kNotWaiting, approve(one.act, "wang"));
  CHECK_EQUAL(0, available(anna));
}

TEST(ActDesk, ForkWrittenOff_TheFirstContentStands) {
  post(accrual(40), card_of(anna), 1);
  const std::int64_t fork = post(accrual(41), card_of(anna), 1, 1, ledger::QuarantineReason::kFork);
  done(decide(fork, ledger::QuarantineDecision::kWriteOff));
  CHECK_EQUAL(40, available(anna));
  CHECK_EQUAL(0, *queries->quarantine_count());
}

TEST(ActDesk, EveryRefusal_HasSentencesInBothLanguages) {
  std::set<std::string> codes;
  for (auto outcome = ActOutcome::kKeyReused; outcome < ActOutcome::kNeedsChecker;
       outcome = static_cast<ActOutcome>(static_cast<int>(outcome) + 1)) {
    const ActRefusal refusal = act_refusal(outcome);
    CHECK_TRUE(refusal.status >= 400 && refusal.status < 500);
    CHECK_FALSE(refusal.text.message_zh.empty() || refusal.text.message_en.empty() ||
                refusal.text.what_to_do_zh.empty() || refusal.text.what_to_do_en.empty());
    codes.insert(std::string(refusal.text.code));
  }
  CHECK_EQUAL(20U, codes.size());  // Both kinds of "not_found" share one.
}
