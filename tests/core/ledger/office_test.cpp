#include "core/ledger/office.hpp"

#include "tests/core/ledger/ledger_world.hpp"

using namespace tally;
using namespace tally::ledger;

TEST_GROUP(OfficeActs) {
  LedgerWorld world;
  MemberId anna = world.enrol_card("anna");
  MemberId bert = world.enrol_card("bert");

  OfficeAct act(OfficeActKind kind, std::int64_t points = 0) {
    OfficeAct made;
    made.kind = kind;
    made.member = anna;
    made.points = Points{points};
    made.reason = "complaint 17";
    made.maker = "li";
    made.checker = "wang";
    return made;
  }
  OfficeAct adjust(std::int64_t points) {
    return act(OfficeActKind::kAdjust, points);
  }
  OfficeAct transfer(std::int64_t points) {
    OfficeAct made = act(OfficeActKind::kTransfer, points);
    made.other = bert;
    return made;
  }
  OfficeAct merge() {
    OfficeAct made = act(OfficeActKind::kMerge);
    made.other = bert;
    return made;
  }
  OfficeAct new_card(const std::string& old_card, const std::string& card) {
    OfficeAct made = act(OfficeActKind::kReplaceCard);
    made.card = old_card;
    made.new_card = card;
    return made;
  }
  OfficeResult done(const OfficeAct& what) {
    const OfficeResult result = world.office(what);
    STRCMP_EQUAL("done", std::string(name_of(result.outcome)).c_str());
    return result;
  }
  void refused(const char* outcome, const OfficeAct& what, std::int64_t unchecked_today = 0) {
    const std::size_t transfers = world.transfers.size();
    STRCMP_EQUAL(outcome,
                 std::string(name_of(world.office(what, unchecked_today).outcome)).c_str());
    CHECK_EQUAL(transfers, world.transfers.size());
  }
  void earn(const std::string& card, std::int64_t points) {
    CHECK_TRUE(world.is_posted(world.accrual(card, points)));
  }
  void freeze(MemberId member) {
    world.members.at(member).row.state = MemberState::kFrozen;
  }
};

TEST(OfficeActs, AdjustUp_NewLotOfTheOffice) {
  OfficeAct up = adjust(500);
  up.expires_on = BusinessDay{world.time.today.days + 30};
  const TxnId txn = done(up).txn;
  CHECK_EQUAL(500, world.available_of(anna));
  CHECK_EQUAL(-500, world.balance(issuance(StoreId{})));
  CHECK_TRUE(world.lots_of(anna).front().ref.expires_on == up.expires_on);
  CHECK_TRUE(world.txns.at(txn).kind == TxnKind::kAdjustment);
  CHECK_EQUAL(500, world.txns.at(txn).balance_after.value);
}

TEST(OfficeActs, AdjustUp_CoversWhatTheMemberOwesFirst) {
  const auto sale = world.accrual("anna", 100);
  CHECK_TRUE(world.is_posted(sale));
  CHECK_TRUE(world.is_posted(world.redemption("anna", 100)));
  CHECK_TRUE(world.is_posted(world.void_of(sale)));
  const std::int64_t owed = world.member(anna).debt.value + world.member(anna).risk.value;
  done(adjust(150));
  CHECK_EQUAL(150 + owed, world.available_of(anna));
}

TEST(OfficeActs, AdjustDown_SoonestExpiryFirstAndNeverBelowZero) {
  OfficeAct up = adjust(100);
  up.expires_on = BusinessDay{world.time.today.days + 5};
  done(up);
  earn("anna", 50);
  done(adjust(-120));
  CHECK_EQUAL(30, world.available_of(anna));
  CHECK_EQUAL(1U, world.lots_of(anna).size());
  refused("not_enough_points", adjust(-31));
}

TEST(OfficeActs, ShapeRefusals_InOrderOfPrecedence) {
  OfficeAct bad = adjust(0);
  bad.maker.clear();
  bad.checker.clear();
  refused("no_maker", bad);
  bad.maker = "li";
  bad.checker = "li";
  bad.reason.clear();
  bad.member = MemberId{99};
  refused("same_person", bad);
  bad.checker = "wang";
  refused("no_reason", bad);
  bad.reason = std::string(201, 'x');
  refused("no_reason", bad);
  bad.reason = "x";
  refused("amount_out_of_range", bad);
  bad.points = Points{10'000'001};
  refused("amount_out_of_range", bad);
  bad.points = Points{5};
  bad.expires_on = BusinessDay{world.time.today.days - 1};
  refused("expiry_out_of_range", bad);
  bad.expires_on = BusinessDay{world.time.today.days + 3'661};
  refused("expiry_out_of_range", bad);
  bad.expires_on = kNoExpiry;
  refused("unknown_member", bad);
}

TEST(OfficeActs, AdjustDownWithAnExpiry_Refused) {
  earn("anna", 50);
  OfficeAct down = adjust(-5);
  down.expires_on = world.time.today;
  refused("expiry_out_of_range", down);
}

TEST(OfficeActs, MakerAlone_UpToTheLimitOfTheDay) {
  OfficeAct alone = adjust(1'000);
  alone.checker.clear();
  done(alone);
  alone.points = Points{1};
  refused("needs_checker", alone, 1'000);
  alone.points = Points{1'001};
  refused("needs_checker", alone);
  alone.points = Points{-1'001};
  earn("anna", 5'000);
  refused("needs_checker", alone);
  alone.checker = "li";
  refused("same_person", alone);
}

TEST(OfficeActs, ClearAndMerge_AlwaysNeedAChecker) {
  earn("anna", 5);
  OfficeAct alone = act(OfficeActKind::kClear);
  alone.checker.clear();
  refused("needs_checker", alone);
  alone = merge();
  alone.checker.clear();
  refused("needs_checker", alone);
}

TEST(OfficeActs, Clear_EachLotToItsIssuer) {
  earn("anna", 70);
  CHECK_TRUE(world.post(world.accrual("anna", 30), LedgerWorld::kOtherStore).kind ==
             Disposition::Kind::kPosted);
  CHECK_TRUE(world.ask(world.sale(1), "anna", 20).outcome == AskOutcome::kOk);
  const TxnId txn = done(act(OfficeActKind::kClear)).txn;
  CHECK_EQUAL(-80, world.txns.at(txn).points.value);
  CHECK_EQUAL(0, world.available_of(anna));
  CHECK_EQUAL(20, world.member(anna).held.value);
  CHECK_EQUAL(80,
              world.balance(expired(LedgerWorld::kStore)) +
                  world.balance(expired(LedgerWorld::kOtherStore)));
  refused("nothing_to_clear", act(OfficeActKind::kClear));
}

TEST(OfficeActs, ClearToIssuance_AsIfNeverPromised) {
  earn("anna", 70);
  OfficeAct back = act(OfficeActKind::kClear);
  back.to = ClearTo::kIssuance;
  done(back);
  CHECK_EQUAL(0, world.balance(issuance(LedgerWorld::kStore)));
}

TEST(OfficeActs, Transfer_TwoHalvesAndTheSameLots) {
  earn("anna", 100);
  const LotRef lot = world.lots_of(anna).front().ref;
  done(transfer(40));
  CHECK_EQUAL(60, world.available_of(anna));
  CHECK_EQUAL(40, world.balance(transit()));
  CHECK_EQUAL(0, world.available_of(bert));
  world.arrive_all();
  CHECK_EQUAL(40, world.available_of(bert));
  CHECK_EQUAL(0, world.balance(transit()));
  CHECK_TRUE(world.transits.empty());
  CHECK_TRUE(world.lots_of(bert).front().ref.expires_on == lot.expires_on);
  CHECK_TRUE(world.lots_of(bert).front().ref.issuer == lot.issuer);
}

TEST(OfficeActs, TransferRefusals_InOrderOfPrecedence) {
  OfficeAct self = transfer(10);
  self.other = anna;
  refused("same_member", self);
  OfficeAct nobody = transfer(10);
  nobody.other = MemberId{99};
  refused("unknown_member", nobody);
  refused("amount_out_of_range", transfer(0));
  refused("amount_out_of_range", transfer(-5));
  refused("not_enough_points", transfer(10));
  earn("anna", 10);
  freeze(bert);
  refused("member_frozen", transfer(10));
}

TEST(OfficeActs, ReplacedCard_RecordsStillPostAndNothingIsAuthorised) {
  earn("anna", 100);
  done(new_card("anna", "anna-2"));
  CHECK_TRUE(world.ask(world.sale(1), "anna", 10).outcome == AskOutcome::kUnknownCard);
  CHECK_TRUE(world.ask(world.sale(2), "anna-2", 10).outcome == AskOutcome::kOk);
  earn("anna", 5);  // Made at a till that had no line.
  earn("anna-2", 5);
  CHECK_EQUAL(100, world.available_of(anna));
  CHECK_EQUAL(10, world.member(anna).held.value);
}

TEST(OfficeActs, ReplaceCardRefusals_InOrderOfPrecedence) {
  refused("unknown_card", new_card("nobody's", "new"));
  refused("unknown_card", new_card("bert", "new"));
  refused("card_taken", new_card("anna", "bert"));
  refused("card_taken", new_card("anna", "anna"));
  done(new_card("anna", "new"));
  refused("card_not_active", new_card("anna", "newer"));
}

TEST(OfficeActs, Merge_CardsMoveAndTheSweepEmptiesTheOldMember) {
  earn("anna", 100);
  earn("bert", 7);
  done(merge());
  CHECK_TRUE(world.cards.at("anna").member == bert);
  CHECK_EQUAL(0, world.available_of(anna));
  world.arrive_all();
  CHECK_EQUAL(107, world.available_of(bert));
  CHECK_TRUE(world.member(anna).alias_of == bert);
  earn("anna", 3);
  CHECK_EQUAL(110, world.available_of(bert));
}

TEST(OfficeActs, RecordThatNamesTheMergedMember_PostsThereAndIsSweptOn) {
  done(merge());
  auto late = world.accrual("", 30);
  late.member = anna;
  CHECK_TRUE(world.is_posted(late));
  CHECK_EQUAL(30, world.available_of(anna));
  CHECK_TRUE(world.sweep(anna));
  world.arrive_all();
  CHECK_EQUAL(30, world.available_of(bert));
  CHECK_FALSE(world.sweep(anna));
}

TEST(OfficeActs, HoldOfTheMergedMember_PaysAndItsRestIsSweptOn) {
  earn("anna", 100);
  const AskResult hold = world.ask(world.sale(1), "anna", 60);
  done(merge());
  world.arrive_all();
  CHECK_EQUAL(40, world.available_of(bert));
  const auto paid = world.redemption(
      "anna", 50, world.sale(1), {{RightKind::kHold, hold.right, Epoch{}, Points{50}}});
  CHECK_TRUE(world.is_posted(paid));
  CHECK_EQUAL(10, world.available_of(anna));
  CHECK_TRUE(world.sweep(anna));
  world.arrive_all();
  CHECK_EQUAL(50, world.available_of(bert));
}

TEST(OfficeActs, LateSpendOfTheMergedMember_IsCoveredByTheOther) {
  earn("anna", 100);
  const AskResult hold = world.ask(world.sale(1), "anna", 60);
  world.give_back(world.sale(1));
  done(merge());
  world.arrive_all();
  const auto late = world.redemption(
      "anna", 60, world.sale(1), {{RightKind::kHold, hold.right, Epoch{}, Points{60}}});
  CHECK_TRUE(world.is_posted(late));
  CHECK_EQUAL(-60, world.member(anna).risk.value);
  CHECK_TRUE(world.sweep(anna));
  world.arrive_all();
  CHECK_EQUAL(0, world.member(anna).risk.value);
  CHECK_EQUAL(40, world.available_of(bert));
  CHECK_TRUE(world.is_posted(world.void_of(late)));
  CHECK_TRUE(world.sweep(anna));
  world.arrive_all();
  CHECK_EQUAL(100, world.available_of(bert));
}

TEST(OfficeActs, MergeRefusals_AndNoActOnAnAlias) {
  freeze(anna);
  refused("member_frozen", merge());
  world.members.at(anna).row.state = MemberState::kActive;
  done(merge());
  refused("member_merged", merge());
  refused("member_merged", adjust(5));
  OfficeAct back = merge();
  back.member = bert;
  back.other = anna;
  refused("member_merged", back);
}

TEST(OfficeActs, TransferToAMemberMergedMeanwhile_IsSweptOn) {
  const MemberId carl = world.enrol_card("carl");
  earn("anna", 10);
  done(transfer(10));
  OfficeAct joined = merge();
  joined.member = bert;
  joined.other = carl;
  done(joined);
  world.arrive_all();
  CHECK_EQUAL(10, world.available_of(bert));
  CHECK_TRUE(world.sweep(bert));
  world.arrive_all();
  CHECK_EQUAL(10, world.available_of(carl));
}
