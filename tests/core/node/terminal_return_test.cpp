// Void and refund at the till: own sales and another till's, across restarts.
#include <string>
#include <utility>

#include "core/member/card_number.hpp"
#include "core/record/seal.hpp"

#include "tests/support/terminal_rig.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using sale::Key;
using sale::MessageId;
using sale::Screen;

namespace {

const std::string kCard = *member::make_card_number(1);
constexpr record::RecordKey kOtherKey{0x99};

/// The code of a record of till 102, of which this till knows nothing.
std::string foreign_code(std::uint64_t seq, std::uint64_t boot = 77) {
  record::Header header;
  header.kind = record::RecordKind::kAccrual;
  header.id = {TerminalId{102}, Incarnation{1}, BootId{boot}, Seq{seq}};
  const Bytes sealed = *record::seal(header, Bytes{1, 2, 3}, kOtherKey);
  return *record::receipt_code(sealed, kOtherKey);
}

}  // namespace

TEST_GROUP(TerminalReturn) {
  test::TerminalRig rig;

  void setup() override {
    rig.sync_all();
  }

  void type(std::string_view text) {
    for (const char c : text) {
      rig.key(c == '.' ? Key::kDot : static_cast<Key>(c - '0'));
    }
  }

  /// Reads, commits and shown marks, until nothing is left to do.
  void settle() {
    do {
      rig.answer_reads();
    } while (rig.sync());
  }

  /// 100.00 earning 100 points; its receipt is 101-1-`seq`.
  void earn_100() {
    type("100");
    rig.key(Key::kEnter);
    rig.code(kCard);
    rig.key(Key::kEnter);
    settle();
    CHECK(rig.view().message == MessageId::kApproved);
    rig.key(Key::kEnter);
  }

  /// 100.00 of which 500 points pay 5.00; the rest earns 95.
  void redeem_500() {
    rig.connect();
    type("100");
    rig.key(Key::kEnter);
    rig.code(kCard);
    link::MemberView member;
    member.member = MemberId{5001};
    member.available = Points{2'000};
    rig.hear(link::Answer{rig.ask().ask_id, {}, link::AskOutcome::kOk, member, {}});
    rig.keys({Key::kRedeem, Key::k5, Key::k0, Key::k0, Key::kEnter});
    rig.sync_all();
    rig.hear(link::Answer{
        rig.ask().ask_id,
        rig.ask().sale,
        link::AskOutcome::kOk,
        member,
        link::GrantedRight{RightKind::kHold, RightId{7}, Epoch{1}, Points{500}, MemberId{5001}}});
    settle();
    CHECK(rig.view().message == MessageId::kApproved);
    rig.key(Key::kEnter);
  }

  void pick_refund(std::string_view number) {
    rig.key(Key::kRefund);
    type(number);
    rig.key(Key::kEnter);
    settle();
  }

  void refund(std::string_view number, std::string_view amount) {
    pick_refund(number);
    CHECK(rig.view().screen == Screen::kRefund);
    type(amount);
    rig.key(Key::kEnter);
    settle();
  }

  void void_it(std::string_view number) {
    rig.key(Key::kVoid);
    type(number);
    rig.key(Key::kEnter);
    settle();
  }

  record::Refund refund_at(std::size_t index) const {
    return std::get<record::Refund>(rig.record(index).business);
  }
};

TEST(TerminalReturn, RefundOfPart_TakesTheShareOfThePointsBack) {
  earn_100();
  refund("101.1.1", "30");
  CHECK(rig.view().message == MessageId::kRefunded);
  CHECK(rig.view().result == sale::ResultKind::kApproved);
  LONGLONGS_EQUAL(30, rig.view().earn.value);
  LONGLONGS_EQUAL(3'000, rig.view().give_back.minor_units);
  CHECK(refund_at(1).original == rig.record(0).header.id);
  LONGLONGS_EQUAL(3'000, refund_at(1).returned.minor_units);
  LONGLONGS_EQUAL(10'000, refund_at(1).whole.minor_units);
  STRCMP_EQUAL(kCard.c_str(), rig.record(1).card_token.c_str());
  const node::ReceiptFacts& slip = rig.receipts.back();
  CHECK(slip.kind == node::ReceiptKind::kRefund);
  STRCMP_EQUAL("101-1-1", slip.original_number.c_str());
  STRCMP_EQUAL("101-1-2", slip.receipt_number.c_str());
  LONGS_EQUAL(1, slip.record_codes.size());
}

TEST(TerminalReturn, RefundEnterAlone_IsOfTheLastSaleAndAllOfIt) {
  earn_100();
  refund("", "");
  CHECK(rig.view().message == MessageId::kRefunded);
  LONGLONGS_EQUAL(100, rig.view().earn.value);
  LONGLONGS_EQUAL(10'000, refund_at(1).returned.minor_units);
}

TEST(TerminalReturn, RefundsOfParts_AddUpAndNoMoreThanTheRestIsLeft) {
  earn_100();
  refund("101.1.1", "33.33");
  rig.key(Key::kEnter);
  LONGLONGS_EQUAL(33, rig.view().earn.value + 33);  // Back on the first screen, figures gone.
  pick_refund("101.1.1");
  LONGLONGS_EQUAL(3'333, rig.view().returning.refunded.minor_units);
  type("66.68");
  rig.key(Key::kEnter);
  CHECK(rig.view().message == MessageId::kRefundTooLarge);
  STRCMP_EQUAL("66.67", rig.view().message_argument.c_str());
  rig.keys({Key::kEnter, Key::kBack, Key::kBack, Key::kBack, Key::kBack, Key::kBack, Key::kEnter});
  settle();
  CHECK(rig.view().message == MessageId::kRefunded);
  LONGLONGS_EQUAL(67, rig.view().earn.value);
  rig.key(Key::kEnter);
  pick_refund("101.1.1");
  CHECK(rig.view().message == MessageId::kAlreadyRefunded);
}

TEST(TerminalReturn, RefundOfASaleThatRedeemed_NamesBothRecordsAndSplitsMoneyAndPoints) {
  redeem_500();
  refund("101.1.2", "50");  // Either number finds the whole sale.
  LONGLONGS_EQUAL(250, rig.view().redeem.value);
  LONGLONGS_EQUAL(4'750, rig.view().give_back.minor_units);
  LONGLONGS_EQUAL(47, rig.view().earn.value);
  LONGS_EQUAL(2, rig.count<record::Refund>());
  CHECK(refund_at(2).original == rig.record(0).header.id);
  LONGLONGS_EQUAL(5'000, refund_at(2).returned.minor_units);
  LONGLONGS_EQUAL(10'000, refund_at(2).whole.minor_units);
  CHECK(refund_at(3).original == rig.record(1).header.id);
  LONGLONGS_EQUAL(4'750, refund_at(3).returned.minor_units);
  LONGLONGS_EQUAL(9'500, refund_at(3).whole.minor_units);
  rig.key(Key::kEnter);
  refund("101.1.1", "");
  LONGLONGS_EQUAL(250, rig.view().redeem.value);
  LONGLONGS_EQUAL(4'750, rig.view().give_back.minor_units);
  LONGLONGS_EQUAL(48, rig.view().earn.value);
}

TEST(TerminalReturn, RefundKilledAfterTheRecord_StandsAndIsSaid) {
  earn_100();
  pick_refund("101.1.1");
  type("30");
  rig.key(Key::kEnter);
  CHECK_TRUE(rig.sync());
  rig.start(2);
  CHECK(rig.view().message == MessageId::kRefundStands);
  STRCMP_EQUAL("101-1-1", rig.view().message_argument.c_str());
  settle();
  LONGS_EQUAL(0, rig.count<record::Reversal>());
  rig.key(Key::kEnter);
  pick_refund("101.1.1");
  LONGLONGS_EQUAL(3'000, rig.view().returning.refunded.minor_units);
}

TEST(TerminalReturn, RefundKilledBeforeTheRecord_LeavesNothing) {
  earn_100();
  pick_refund("101.1.1");
  rig.key(Key::kEnter);
  rig.start(2);
  settle();
  LONGS_EQUAL(0, rig.count<record::Refund>());
  pick_refund("101.1.1");
  CHECK(rig.view().screen == Screen::kRefund);
}

TEST(TerminalReturn, SecondVoid_IsRefusedAlsoAfterARestart) {
  earn_100();
  void_it("101.1.1");
  CHECK(rig.view().message == MessageId::kVoided);
  rig.start(2);
  settle();
  void_it("101.1.1");
  CHECK(rig.view().message == MessageId::kAlreadyVoided);
  CHECK(rig.view().result == sale::ResultKind::kDeclined);
  rig.key(Key::kEnter);
  pick_refund("101.1.1");
  CHECK(rig.view().message == MessageId::kAlreadyVoided);
  LONGS_EQUAL(1, rig.count<record::Void>());
}

TEST(TerminalReturn, VoidAfterAPartRefund_IsRefused) {
  earn_100();
  refund("101.1.1", "30");
  rig.key(Key::kEnter);
  void_it("101.1.1");
  CHECK(rig.view().message == MessageId::kPartlyRefunded);
  LONGS_EQUAL(0, rig.count<record::Void>());
}

TEST(TerminalReturn, SaleReversedAtBoot_CannotBeVoidedAgain) {
  type("100");
  rig.key(Key::kEnter);
  rig.code(kCard);
  rig.key(Key::kEnter);
  rig.sync();
  rig.start(2);
  settle();
  rig.key(Key::kEnter);
  void_it("101.1.1");
  CHECK(rig.view().message == MessageId::kAlreadyVoided);
}

TEST(TerminalReturn, OwnReceiptScanned_IsFoundInTheJournal) {
  earn_100();
  const std::string code = rig.receipts.back().record_codes.at(0);
  rig.key(Key::kRefund);
  rig.code(code);
  settle();
  CHECK(rig.view().screen == Screen::kRefund);
  CHECK_TRUE(rig.view().returning.known);
  LONGLONGS_EQUAL(100, rig.view().returning.earned.value);
}

TEST(TerminalReturn, OwnReceiptTheJournalHasDropped_IsReadFromItsCode) {
  earn_100();
  const std::string code = rig.receipts.back().record_codes.at(0);
  rig.key(Key::kRefund);
  rig.code(code);
  while (!rig.reads.empty()) {
    const node::ReadRows read = rig.reads.front();
    rig.reads.clear();
    rig.take(rig.node->on_rows(read.purpose, {}, rig.now()));
  }
  CHECK(rig.view().screen == Screen::kRefund);
  CHECK_TRUE(rig.view().returning.known);
  LONGLONGS_EQUAL(10'000, rig.view().returning.bill.minor_units);
}

TEST(TerminalReturn, OwnReceiptUnderAnotherBoot_IsNotAReceipt) {
  earn_100();
  record::Header header = *record::peek_header(rig.journal.rows().at(0).bytes);
  header.id.boot = BootId{12345};
  const std::string forged =
      *record::receipt_code(*record::seal(header, Bytes{}, kOtherKey), kOtherKey);
  rig.key(Key::kRefund);
  rig.code(forged);
  settle();
  CHECK(rig.view().message == MessageId::kNotAReceipt);
}

TEST(TerminalReturn, AnotherTillsReceipt_RefundLeavesThePointsToTheOffice) {
  rig.key(Key::kRefund);
  rig.code(foreign_code(42));
  CHECK(rig.view().screen == Screen::kRefund);
  CHECK_FALSE(rig.view().returning.known);
  STRCMP_EQUAL("102-1-42", rig.view().returning.receipt_number.c_str());
  type("12.5");
  rig.key(Key::kEnter);
  settle();
  CHECK(rig.view().message == MessageId::kRefundRecorded);
  LONGLONGS_EQUAL(0, rig.view().earn.value);
  CHECK_TRUE(rig.receipts.back().settled_later);
  const record::Refund refund = refund_at(0);
  CHECK(refund.original == (RecordId{TerminalId{102}, Incarnation{1}, BootId{77}, Seq{42}}));
  LONGLONGS_EQUAL(1'250, refund.returned.minor_units);
  LONGLONGS_EQUAL(0, refund.whole.minor_units);
}

TEST(TerminalReturn, AnotherTillsReceiptWithTwoCodes_NamesBoth) {
  rig.key(Key::kRefund);
  rig.code(foreign_code(43));
  rig.code(foreign_code(42));
  LONGS_EQUAL(2, rig.view().returning.codes);
  rig.code(foreign_code(42));  // Scanned again by mistake.
  LONGS_EQUAL(2, rig.view().returning.codes);
  rig.key(Key::kEnter);
  settle();
  LONGS_EQUAL(2, rig.count<record::Refund>());
  LONGLONGS_EQUAL(42, refund_at(0).original.seq.value);
  LONGLONGS_EQUAL(0, refund_at(0).returned.minor_units);
  LONGLONGS_EQUAL(43, refund_at(1).original.seq.value);
  rig.key(Key::kEnter);
  rig.key(Key::kRefund);
  rig.code(foreign_code(42));
  CHECK(rig.view().message == MessageId::kAlreadyRefunded);
}

TEST(TerminalReturn, SecondCodeOfAnotherSale_IsRefused) {
  rig.key(Key::kRefund);
  rig.code(foreign_code(42));
  rig.code(foreign_code(44));
  CHECK(rig.view().message == MessageId::kOfAnotherSale);
  rig.key(Key::kEnter);
  rig.code(foreign_code(43, 78));
  CHECK(rig.view().message == MessageId::kOfAnotherSale);
  rig.key(Key::kEnter);
  CHECK(rig.view().screen == Screen::kRefund);
  LONGS_EQUAL(1, rig.view().returning.codes);
}

TEST(TerminalReturn, AnotherTillsNumberTyped_AsksForTheCode) {
  pick_refund("102.1.42");
  CHECK(rig.view().message == MessageId::kScanTheReceipt);
  rig.key(Key::kEnter);
  rig.code(foreign_code(42));
  CHECK(rig.view().screen == Screen::kRefund);
}

TEST(TerminalReturn, VoidOfAnotherTillsSale_NeedsTheLine) {
  rig.key(Key::kVoid);
  rig.code(foreign_code(42));
  CHECK(rig.view().message == MessageId::kVoidNeedsConnection);
  rig.key(Key::kEnter);
  rig.connect();
  rig.key(Key::kVoid);
  rig.code(foreign_code(42));
  CHECK(rig.view().screen == Screen::kVoidConfirm);
  rig.code(foreign_code(43));
  LONGS_EQUAL(2, rig.view().returning.codes);
  rig.key(Key::kEnter);
  settle();
  CHECK(rig.view().message == MessageId::kVoidRecorded);
  LONGS_EQUAL(2, rig.count<record::Void>());
  rig.key(Key::kEnter);
  rig.key(Key::kVoid);
  rig.code(foreign_code(43));
  CHECK(rig.view().message == MessageId::kAlreadyVoided);
}

TEST(TerminalReturn, DiskFailsUnderARefund_SaysSoAndForgetsIt) {
  earn_100();
  pick_refund("101.1.1");
  rig.key(Key::kEnter);
  rig.waiting_commit.reset();
  rig.take(rig.node->on_commit_failed(make_error(Errc::kCorrupt, "write failed"), rig.now()));
  CHECK(rig.view().message == MessageId::kDiskFault);
  rig.key(Key::kEnter);
  pick_refund("101.1.1");
  CHECK(rig.view().message == MessageId::kDiskFault);
  rig.take(rig.node->on_journal_reopened(rig.journal.snapshot(), rig.now()));
  settle();
  rig.key(Key::kEnter);
  refund("101.1.1", "");
  CHECK(rig.view().message == MessageId::kRefunded);
  LONGS_EQUAL(1, rig.count<record::Refund>());
}
