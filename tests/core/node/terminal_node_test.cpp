#include "core/node/terminal_node.hpp"

#include "core/record/seal.hpp"

#include "tests/core/node/terminal_node_rig.hpp"

using namespace tally;
using sale::Key;
using sale::MessageId;
using sale::Screen;

TEST_GROUP_BASE(TerminalNode, test::TerminalNodeRig){};

TEST(TerminalNode, EarnOffline_IsApprovedOnlyAfterRecordAndMarkAreSynced) {
  bill_and_card();
  CHECK(rig.view().screen == Screen::kMember);
  CHECK_FALSE(rig.view().member.looked_up);
  rig.key(Key::kEnter);
  CHECK(rig.view().screen == Screen::kWorking);
  CHECK_TRUE(rig.sync());
  CHECK(rig.view().screen == Screen::kWorking);
  CHECK_FALSE(rig.journal.rows().back().shown);
  CHECK_TRUE(rig.sync());
  CHECK(rig.view().screen == Screen::kResult);
  CHECK(rig.view().message == MessageId::kApproved);
  CHECK_TRUE(rig.view().offline_sale);
  LONGLONGS_EQUAL(128, rig.view().earn.value);
  STRCMP_EQUAL("101-1-1", rig.view().receipt_number.c_str());
  LONGS_EQUAL(1, rig.receipts.size());
  CHECK_TRUE(rig.journal.rows().back().shown);
  LONGLONGS_EQUAL(1, rig.view().status.unsynced_records);
}

TEST(TerminalNode, Receipt_CarriesTheRecordItself) {
  bill_and_card();
  rig.key(Key::kEnter);
  rig.sync_all();
  const auto opened =
      record::open_receipt_code(rig.receipts.at(0).record_codes.at(0), test::kRecordKey);
  CHECK(*opened == rig.journal.rows().at(0).bytes);
}

TEST(TerminalNode, KilledBeforeTheRecordIsSynced_LeavesNothing) {
  bill_and_card();
  rig.key(Key::kEnter);
  rig.start(2);
  rig.sync_all();
  LONGS_EQUAL(0, rig.journal.rows().size());
}

TEST(TerminalNode, KilledBetweenRecordAndMark_IsReversedAtBootOnce) {
  bill_and_card();
  rig.key(Key::kEnter);
  rig.sync();
  rig.start(2);
  CHECK(rig.view().message == MessageId::kReversedAtBoot);
  rig.sync_all();
  LONGS_EQUAL(2, rig.journal.rows().size());
  const record::Record reversal = rig.record(1);
  const auto& business = std::get<record::Reversal>(reversal.business);
  CHECK(*business.original == rig.record(0).header.id);
  CHECK(business.reason == record::ReversalReason::kNeverShown);
  rig.start(3);
  rig.sync_all();
  LONGS_EQUAL(2, rig.journal.rows().size());
}

TEST(TerminalNode, KilledAfterTheMark_Stands) {
  bill_and_card();
  rig.key(Key::kEnter);
  rig.sync_all();
  rig.start(2);
  rig.sync_all();
  LONGS_EQUAL(1, rig.journal.rows().size());
}

TEST(TerminalNode, Chain_AcrossBoots_LinksEveryRecordToTheOneBefore) {
  for (std::uint64_t boot = 2; boot < 5; ++boot) {
    bill_and_card();
    rig.key(Key::kEnter);
    rig.sync_all();
    rig.start(boot);
    rig.sync_all();
  }
  Mac previous{};
  for (const node::JournalRow& row : rig.journal.rows()) {
    CHECK(record::peek_header(row.bytes)->prev_mac == previous);
    CHECK_TRUE(record::verify_mac(row.bytes, test::kRecordKey));
    previous = row.mac;
  }
  LONGS_EQUAL(3, rig.journal.rows().size());
}

TEST(TerminalNode, Redeem_AsksOnlyAfterTheOpenSaleIsSynced) {
  ask_for_100_points();
  LONGS_EQUAL(1, rig.asks());
  rig.sync_all();
  LONGS_EQUAL(2, rig.asks());
  CHECK(std::holds_alternative<link::Authorise>(rig.ask().question));
  LONGS_EQUAL(1, rig.journal.snapshot().open_sales.size());
}

TEST(TerminalNode, RedeemApproved_RecordsTheLegAndEarnsOnTheRest) {
  ask_for_100_points();
  rig.sync_all();
  approve_hold();
  rig.sync_all();
  CHECK(rig.view().message == MessageId::kApproved);
  LONGLONGS_EQUAL(100, rig.view().redeem.value);
  LONGLONGS_EQUAL(127, rig.view().earn.value);
  LONGLONGS_EQUAL(527, rig.view().balance_after->value);
  LONGS_EQUAL(2, rig.journal.rows().size());
  const record::Record redemption = rig.record(0);
  CHECK(redemption.funding.at(0).right == RightId{77});
  CHECK(redemption.sale == rig.record(1).sale);
  LONGS_EQUAL(0, rig.journal.snapshot().open_sales.size());
  LONGS_EQUAL(2, rig.receipts.at(0).record_codes.size());
}

TEST(TerminalNode, RedeemDeclined_TakesNothingAndNeedsNoReversal) {
  ask_for_100_points();
  rig.sync_all();
  rig.hear(
      link::Answer{rig.ask().ask_id, rig.ask().sale, link::AskOutcome::kNotEnoughPoints, {}, {}});
  rig.pass(250);
  rig.sync_all();
  CHECK(rig.view().message == MessageId::kNotEnoughPoints);
  LONGS_EQUAL(0, rig.journal.rows().size());
  LONGS_EQUAL(0, rig.journal.snapshot().open_sales.size());
}

TEST(TerminalNode, RedeemWithoutAnswerInTime_IsReversedOnTheRecordPlane) {
  ask_for_100_points();
  rig.sync_all();
  const std::uint64_t late = rig.ask().ask_id;
  rig.pass(2'999);
  CHECK(rig.view().screen == Screen::kWorking);
  rig.pass(1);
  CHECK(rig.view().message == MessageId::kNoAnswer);
  rig.sync_all();
  CHECK_FALSE(std::get<record::Reversal>(rig.record(0).business).original.has_value());
  rig.hear(link::Answer{late,
                        {},
                        link::AskOutcome::kOk,
                        member_with(400),
                        link::GrantedRight{RightKind::kHold, RightId{77}, {}, Points{100}, {}}});
  rig.sync_all();
  LONGS_EQUAL(0, rig.count<record::Redemption>());
}

TEST(TerminalNode, RedeemCutByTheLine_IsReversed) {
  ask_for_100_points();
  rig.sync_all();
  rig.take(rig.node->on_link_down(node::LinkFault::kUnreachable, rig.now()));
  rig.sync_all();
  CHECK(rig.view().message == MessageId::kRedeemNeedsConnection);
  LONGS_EQUAL(1, rig.count<record::Reversal>());
}

TEST(TerminalNode, RedeemCancelledWhileWaiting_IsReversed) {
  ask_for_100_points();
  rig.sync_all();
  rig.key(Key::kCancel);
  rig.sync_all();
  CHECK(rig.view().message == MessageId::kUndone);
  CHECK(std::get<record::Reversal>(rig.record(0).business).reason ==
        record::ReversalReason::kCancelled);
}

TEST(TerminalNode, KilledWhileWaitingForARight_ReversesTheSaleAtBoot) {
  ask_for_100_points();
  rig.sync_all();
  const SaleId sale = rig.ask().sale;
  rig.start(2);
  rig.sync_all();
  CHECK(rig.record(0).sale == sale);
  CHECK(std::get<record::Reversal>(rig.record(0).business).reason ==
        record::ReversalReason::kAbandonedSale);
  LONGS_EQUAL(0, rig.journal.snapshot().open_sales.size());
}

TEST(TerminalNode, RedeemOffline_IsRefusedInPlainWords) {
  bill_and_card();
  rig.key(Key::kRedeem);
  CHECK(rig.view().message == MessageId::kRedeemNeedsConnection);
  rig.key(Key::kEnter);
  CHECK(rig.view().screen == Screen::kMember);
}

TEST(TerminalNode, LookUp_UnknownOrFrozen_IsRefused) {
  rig.connect();
  bill_and_card();
  rig.hear(link::Answer{rig.ask().ask_id, {}, link::AskOutcome::kUnknownCard, {}, {}});
  CHECK(rig.view().message == MessageId::kUnknownCard);
  rig.code(kCard);
  link::MemberView frozen = member_with(500);
  frozen.frozen = true;
  rig.hear(link::Answer{rig.ask().ask_id, {}, link::AskOutcome::kOk, frozen, {}});
  CHECK(rig.view().message == MessageId::kMemberFrozen);
}

TEST(TerminalNode, LookUpWithoutAnswer_StillEarns) {
  rig.connect();
  bill_and_card();
  rig.pass(1'500);
  CHECK(rig.view().screen == Screen::kMember);
  CHECK_FALSE(rig.view().member.looked_up);
}

TEST(TerminalNode, DiskFull_DeclinesAndSellsAgainAfterReopening) {
  bill_and_card();
  rig.key(Key::kEnter);
  rig.waiting_commit.reset();
  rig.take(rig.node->on_commit_failed(make_error(Errc::kExhausted, "disk is full"), rig.now()));
  CHECK(rig.view().message == MessageId::kDiskFull);
  rig.key(Key::kEnter);
  bill_and_card();
  rig.key(Key::kEnter);
  CHECK(rig.view().message == MessageId::kDiskFault);
  CHECK_FALSE(rig.sync());
  rig.take(rig.node->on_journal_reopened(rig.journal.snapshot(), rig.now()));
  rig.key(Key::kEnter);
  bill_and_card();
  rig.key(Key::kEnter);
  rig.sync_all();
  CHECK(rig.view().message == MessageId::kApproved);
  LONGS_EQUAL(1, rig.journal.rows().size());
}

TEST(TerminalNode, DiskFailsAfterTheRecordReachedIt_ReversesItWhenReopened) {
  bill_and_card();
  rig.key(Key::kEnter);
  rig.sync();
  rig.waiting_commit.reset();
  rig.take(rig.node->on_commit_failed(make_error(Errc::kCorrupt, "write failed"), rig.now()));
  rig.take(rig.node->on_journal_reopened(rig.journal.snapshot(), rig.now()));
  rig.sync_all();
  LONGS_EQUAL(1, rig.count<record::Reversal>());
}

TEST(TerminalNode, VoidLastSale_RecordsAVoidOfEachRecord) {
  ask_for_100_points();
  rig.sync_all();
  approve_hold();
  rig.sync_all();
  rig.keys({Key::kBack, Key::kEnter});
  rig.answer_reads();
  rig.sync_all();
  CHECK(rig.view().message == MessageId::kVoided);
  LONGS_EQUAL(2, rig.count<record::Void>());
  rig.key(Key::kEnter);
  rig.keys(
      {Key::kVoid, Key::k1, Key::k0, Key::k1, Key::kDot, Key::k1, Key::kDot, Key::k1, Key::kEnter});
  rig.answer_reads();
  CHECK(rig.view().message == MessageId::kAlreadyVoided);
}

TEST(TerminalNode, Void_NothingUnknownOrForeign_IsRefused) {
  rig.keys({Key::kVoid, Key::kEnter});
  CHECK(rig.view().message == MessageId::kNothingToVoid);
  rig.key(Key::kEnter);
  rig.keys(
      {Key::kVoid, Key::k1, Key::k0, Key::k2, Key::kDot, Key::k1, Key::kDot, Key::k1, Key::kEnter});
  CHECK(rig.view().message == MessageId::kScanTheReceipt);
  rig.key(Key::kEnter);
  rig.keys(
      {Key::kVoid, Key::k1, Key::k0, Key::k1, Key::kDot, Key::k1, Key::kDot, Key::k9, Key::kEnter});
  rig.answer_reads();
  CHECK(rig.view().message == MessageId::kNotAReceipt);
}

TEST(TerminalNode, ClockFarOff_IsToldAndRecordsUseTheAnchor) {
  link::Welcome welcome;
  welcome.anchor = {WallTime{rig.now().wall.us + 3'600'000'000}, 0, ClockQuality::kAnchored};
  rig.hear(link::Challenge{1});
  rig.hear(welcome);
  CHECK(rig.view().message == MessageId::kClockWrong);
  STRCMP_EQUAL("-3600", rig.view().message_argument.c_str());
  rig.key(Key::kEnter);
  bill_and_card();
  rig.pass(1'500);
  rig.key(Key::kEnter);
  rig.sync_all();
  CHECK(rig.record(0).clock_quality == ClockQuality::kAnchored);
  CHECK(rig.record(0).wall.us >= welcome.anchor.wall.us);
}

TEST(TerminalNode, ClockOf1970_NeverStampsBelowTheBuild) {
  bill_and_card();
  rig.take(rig.node->on_key(Key::kEnter, {WallTime{0}, BootTime{rig.boot_ms}}));
  rig.sync_all();
  CHECK(rig.record(0).wall.us >= 1'700'000'000'000'000);
}

TEST(TerminalNode, RedeemWhileTheTimeIsUnknown_WaitsForAnAnchor) {
  link::Welcome welcome;
  welcome.uplink_up = true;
  welcome.anchor = {rig.now().wall, 0, ClockQuality::kUnknown};
  rig.hear(link::Challenge{1});
  rig.hear(welcome);
  bill_and_card();
  rig.hear(link::Answer{rig.ask().ask_id, {}, link::AskOutcome::kOk, member_with(500), {}});
  rig.keys({Key::kRedeem, Key::k1, Key::k0, Key::k0, Key::kEnter});
  CHECK(rig.view().message == MessageId::kTimeUnknown);
  LONGS_EQUAL(1, rig.asks());
  // The gateway has heard from the OA meanwhile.
  rig.hear(link::TimeAnchor{rig.now().wall, 0, ClockQuality::kAnchored});
  CHECK(rig.view().status.clock_quality == ClockQuality::kAnchored);
  rig.key(Key::kEnter);
  bill_and_card();
  rig.hear(link::Answer{rig.ask().ask_id, {}, link::AskOutcome::kOk, member_with(500), {}});
  rig.keys({Key::kRedeem, Key::k1, Key::k0, Key::k0, Key::kEnter});
  rig.sync_all();
  CHECK(std::holds_alternative<link::Authorise>(rig.ask().question));
}

TEST(TerminalNode, Restart_KeepsTheTimeByTheClockChip) {
  rig.connect();
  rig.pass(250);
  rig.sync_all();
  rig.start(2);
  CHECK(rig.view().status.clock_quality == ClockQuality::kHeld);
  bill_and_card();
  rig.key(Key::kEnter);
  rig.sync_all();
  CHECK(rig.record(0).clock_quality == ClockQuality::kHeld);
}
