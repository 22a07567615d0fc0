#include "core/sale/checkout_machine.hpp"

#include <string>

#include "core/member/card_number.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::sale;

namespace {

const std::string kCard = *member::make_card_number(7);

template <class T>
bool has(const Effects& effects) {
  for (const Effect& effect : effects) {
    if (std::holds_alternative<T>(effect)) {
      return true;
    }
  }
  return false;
}

}  // namespace

TEST_GROUP(CheckoutMachine) {
  CheckoutMachine machine{program::Program{}, Language::kZhCn};

  void setup() override {
    machine.start();
  }

  Effects type(std::string_view keys) {
    Effects last;
    for (const char c : keys) {
      last = machine.on_key(c == '.' ? Key::kDot : static_cast<Key>(c - '0'));
    }
    return last;
  }

  void to_scan() {
    type("128.5");
    machine.on_key(Key::kEnter);
    CHECK(machine.view().screen == Screen::kScan);
  }

  void to_member(std::int64_t available) {
    to_scan();
    machine.on_code(kCard);
    MemberPanel member;
    member.id = MemberId{1};
    member.available = Points{available};
    member.looked_up = true;
    machine.on_member(member);
    machine.view().status.link = LinkState::kOnline;
  }
};

TEST(CheckoutMachine, UsualSale_IsAmountScanEnter) {
  to_member(500);
  CHECK(machine.view().screen == Screen::kMember);
  LONGLONGS_EQUAL(128, machine.view().earn.value);
  CHECK_TRUE(has<Earn>(machine.on_key(Key::kEnter)));
  CHECK(machine.view().screen == Screen::kWorking);
}

TEST(CheckoutMachine, ScanWhileTyping_AcceptsTheAmount) {
  type("10");
  CHECK_TRUE(has<LookUp>(machine.on_code(kCard)));
  LONGLONGS_EQUAL(1'000, machine.view().bill.minor_units);
}

TEST(CheckoutMachine, AmountOfZero_IsRefusedAndEditedFurther) {
  type("0");
  machine.on_key(Key::kEnter);
  CHECK(machine.view().message == MessageId::kAmountZero);
  type("5");
  CHECK(machine.view().screen == Screen::kAmount);
  STRCMP_EQUAL("5", machine.view().typed.c_str());
}

TEST(CheckoutMachine, AmountBeyondTheLimit_NamesTheLimit) {
  type("100000.01");
  machine.on_key(Key::kEnter);
  CHECK(machine.view().message == MessageId::kAmountTooLarge);
  STRCMP_EQUAL("100000.00", machine.view().message_argument.c_str());
}

TEST(CheckoutMachine, ThirdDecimalOrSecondPoint_IsIgnored) {
  type("1.2.34567");
  STRCMP_EQUAL("1.23", machine.view().typed.c_str());
}

TEST(CheckoutMachine, PayCode_IsRefusedWithoutALookUp) {
  to_scan();
  CHECK_FALSE(has<LookUp>(machine.on_code("134512345678901234")));
  CHECK(machine.view().message == MessageId::kPayCode);
  CHECK_TRUE(has<LookUp>(machine.on_code(kCard)));
}

TEST(CheckoutMachine, UnknownCode_IsRefused) {
  to_scan();
  machine.on_code("hello");
  CHECK(machine.view().message == MessageId::kUnknownCode);
  machine.on_key(Key::kEnter);
  CHECK(machine.view().screen == Screen::kScan);
}

TEST(CheckoutMachine, BackFromEachStep_KeepsWhatWasEntered) {
  to_member(500);
  machine.on_key(Key::kBack);
  CHECK(machine.view().screen == Screen::kScan);
  machine.on_key(Key::kBack);
  CHECK(machine.view().screen == Screen::kAmount);
  STRCMP_EQUAL("128.5", machine.view().typed.c_str());
}

TEST(CheckoutMachine, Cancel_ForgetsEverything) {
  to_member(500);
  machine.on_key(Key::kCancel);
  CHECK(machine.view().screen == Screen::kIdle);
  LONGLONGS_EQUAL(0, machine.view().bill.minor_units);
  CHECK_FALSE(machine.view().member.looked_up);
}

TEST(CheckoutMachine, Redeem_SuggestsTheMostAndChecksTheChoice) {
  to_member(500);
  machine.on_key(Key::kRedeem);
  LONGLONGS_EQUAL(500, machine.view().redeem.value);
  LONGLONGS_EQUAL(500, machine.view().discount.minor_units);
  type("55");
  machine.on_key(Key::kEnter);
  CHECK(machine.view().message == MessageId::kPointsOutOfRange);
  machine.on_key(Key::kEnter);
  machine.on_key(Key::kBack);
  machine.on_key(Key::kBack);
  type("510");
  machine.on_key(Key::kEnter);
  CHECK(machine.view().message == MessageId::kNotEnoughPoints);
}

TEST(CheckoutMachine, Redeem_ChosenPoints_AreAskedFor) {
  to_member(500);
  machine.on_key(Key::kRedeem);
  machine.on_key(Key::kDown);
  const Effects effects = machine.on_key(Key::kEnter);
  CHECK_TRUE(has<Redeem>(effects));
  LONGLONGS_EQUAL(490, std::get<Redeem>(effects.front()).points.value);
}

TEST(CheckoutMachine, RedeemWithTooFewPoints_IsRefused) {
  to_member(49);
  machine.on_key(Key::kRedeem);
  CHECK(machine.view().message == MessageId::kNotEnoughPoints);
}

TEST(CheckoutMachine, RedeemWithoutTheOa_IsRefused) {
  to_member(500);
  machine.view().status.link = LinkState::kGatewayOnly;
  machine.on_key(Key::kRedeem);
  CHECK(machine.view().message == MessageId::kRedeemNeedsConnection);
}

TEST(CheckoutMachine, DoubleEnterWhileWorking_DoesNothing) {
  to_member(500);
  machine.on_key(Key::kEnter);
  CHECK_TRUE(machine.on_key(Key::kEnter).empty());
  CHECK_TRUE(machine.on_code(kCard).empty());
}

TEST(CheckoutMachine, ScanOnIdle_ShowsTheMemberWithoutASale) {
  CHECK_TRUE(has<LookUp>(machine.on_code(kCard)));
  machine.on_member({});
  machine.on_key(Key::kEnter);
  CHECK(machine.view().screen == Screen::kIdle);
}

TEST(CheckoutMachine, NoticeDuringWork_WaitsForTheResult) {
  to_member(500);
  machine.on_key(Key::kEnter);
  machine.on_notice(MessageId::kScannerUnplugged);
  CHECK(machine.view().screen == Screen::kWorking);
  machine.on_finished({});
  CHECK(machine.view().screen == Screen::kResult);
  machine.on_key(Key::kEnter);
  CHECK(machine.view().message == MessageId::kScannerUnplugged);
}

TEST(CheckoutMachine, BackOnAnApprovedResult_OffersToVoidIt) {
  to_member(500);
  machine.on_key(Key::kEnter);
  Outcome outcome;
  outcome.receipt_number = "101-1-5";
  machine.on_finished(outcome);
  machine.on_key(Key::kBack);
  CHECK(machine.view().screen == Screen::kVoidPick);
  STRCMP_EQUAL("101-1-5", machine.view().typed.c_str());
}

TEST(CheckoutMachine, Void_NotAReceipt_IsRefused) {
  machine.on_key(Key::kVoid);
  machine.on_code(kCard);
  CHECK(machine.view().message == MessageId::kNotAReceipt);
  machine.on_key(Key::kEnter);
  type("12");
  machine.on_key(Key::kEnter);
  CHECK(machine.view().message == MessageId::kNotAReceipt);
}

TEST(CheckoutMachine, LanguageKey_WorksOnEveryScreen) {
  to_scan();
  machine.on_key(Key::kLanguage);
  CHECK(machine.view().language == Language::kEn);
  CHECK(machine.view().screen == Screen::kScan);
}

TEST(CheckoutMachine, Refund_PickThenAmountThenAll) {
  machine.on_key(Key::kRefund);
  CHECK(machine.view().screen == Screen::kRefundPick);
  type("101.1.5");
  STRCMP_EQUAL("101-1-5", machine.view().typed.c_str());
  CHECK_TRUE(has<FindReceipt>(machine.on_key(Key::kEnter)));
  ReturnPanel sale;
  sale.known = true;
  sale.bill = Money{10'000};
  sale.refunded = Money{4'000};
  machine.on_receipt(sale);
  CHECK(machine.view().screen == Screen::kRefund);
  type("60.01");
  machine.on_key(Key::kEnter);
  CHECK(machine.view().message == MessageId::kRefundTooLarge);
  STRCMP_EQUAL("60.00", machine.view().message_argument.c_str());
  type("0");  // Starts the amount anew.
  machine.on_key(Key::kEnter);
  CHECK(machine.view().message == MessageId::kAmountZero);
  machine.on_key(Key::kEnter);
  machine.on_key(Key::kBack);
  const Effects effects = machine.on_key(Key::kEnter);
  LONGLONGS_EQUAL(0, std::get<RefundReceipt>(effects.at(0)).amount.minor_units);
}

TEST(CheckoutMachine, RefundOfAnotherTillsSale_IsBoundedByTheLargestBill) {
  machine.on_key(Key::kRefund);
  machine.on_key(Key::kEnter);
  machine.on_receipt(ReturnPanel{});
  type("100000.01");
  machine.on_key(Key::kEnter);
  CHECK(machine.view().message == MessageId::kRefundTooLarge);
}

TEST(CheckoutMachine, RefundRefused_GoesBackToThePick) {
  machine.on_key(Key::kRefund);
  type("101.1.5");
  machine.on_key(Key::kEnter);
  machine.on_receipt_refused(MessageId::kAlreadyVoided);
  CHECK(machine.view().message == MessageId::kAlreadyVoided);
  machine.on_key(Key::kEnter);
  CHECK(machine.view().screen == Screen::kRefundPick);
  STRCMP_EQUAL("101-1-5", machine.view().typed.c_str());
}

TEST(CheckoutMachine, VoidAndRefundKeys_ChangeBetweenThePicks) {
  machine.on_key(Key::kVoid);
  type("101.1.5");
  machine.on_key(Key::kRefund);
  CHECK(machine.view().screen == Screen::kRefundPick);
  STRCMP_EQUAL("101-1-5", machine.view().typed.c_str());
  machine.on_key(Key::kVoid);
  CHECK(machine.view().screen == Screen::kVoidPick);
}

TEST(CheckoutMachine, MemberCodeWhileRefunding_IsNotAReceipt) {
  machine.on_key(Key::kRefund);
  CHECK_FALSE(has<LookUp>(machine.on_code(kCard)));
  CHECK(machine.view().message == MessageId::kNotAReceipt);
}
