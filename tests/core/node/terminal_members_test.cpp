// What a terminal does for members when nobody can be asked: shows whom it met before, enrols new
// ones.
#include <string>

#include "core/crypto/hpke.hpp"
#include "core/member/card_number.hpp"
#include "core/member/number_block.hpp"
#include "core/member/sealed_fields.hpp"
#include "core/node/oa_people.hpp"

#include "tests/support/terminal_rig.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using sale::Key;
using sale::MessageId;
using sale::Screen;

namespace {

const std::string kCard = *member::make_card_number(17);

}  // namespace

TEST_GROUP(TerminalMembers) {
  test::TerminalRig rig;

  void setup() override {
    rig.sync_all();
  }

  void bill_and_card() {
    rig.keys({Key::k5, Key::k0, Key::kEnter});
    rig.code(kCard);
  }
  void phone() {
    rig.keys({Key::k1,
              Key::k3,
              Key::k8,
              Key::k0,
              Key::k0,
              Key::k0,
              Key::k0,
              Key::k1,
              Key::k2,
              Key::k3,
              Key::k4});
  }
  void answer(link::AskOutcome outcome, bool frozen = false) {
    link::Answer answer;
    answer.ask_id = rig.ask().ask_id;
    answer.outcome = outcome;
    if (outcome == link::AskOutcome::kOk) {
      link::MemberView view;
      view.member = MemberId{5001};
      view.masked_name = "张*";
      view.available = Points{500};
      view.frozen = frozen;
      view.as_of = rig.now().wall;
      answer.member = view;
    }
    rig.hear(answer);
  }
  void meet_and_sell() {
    rig.connect();
    bill_and_card();
    answer(link::AskOutcome::kOk);
    rig.key(Key::kEnter);
    rig.sync_all();
    rig.key(Key::kEnter);
  }
  void cut() {
    rig.take(rig.node->on_link_down(node::LinkFault::kUnreachable, rig.now()));
  }
  const record::Enrolment& enrolment() {
    last = rig.record(rig.journal.rows().size() - 1);
    return std::get<record::Enrolment>(last.business);
  }
  record::Record last;
};

TEST(TerminalMembers, MemberMetBefore_IsShownWithItsTimeWhenTheGatewayIsGone) {
  meet_and_sell();
  const WallTime met = rig.now().wall;
  rig.boot_ms += 3'600'000;
  cut();
  bill_and_card();
  CHECK(rig.view().screen == Screen::kMember);
  STRCMP_EQUAL("张*", rig.view().member.masked_name.c_str());
  CHECK_EQUAL(500, rig.view().member.available.value);
  CHECK_TRUE(rig.view().member.as_of.has_value());
  CHECK_TRUE(rig.view().member.as_of->us <= met.us);
  rig.key(Key::kRedeem);
  CHECK(rig.view().message == MessageId::kRedeemNeedsConnection);
}

TEST(TerminalMembers, MemberMetBefore_IsKnownAfterARestart) {
  meet_and_sell();
  rig.start(2);
  rig.sync_all();
  bill_and_card();
  CHECK_EQUAL(500, rig.view().member.available.value);
}

TEST(TerminalMembers, LookUpAlone_IsNoWrite) {
  rig.connect();
  rig.sync_all();
  bill_and_card();
  answer(link::AskOutcome::kOk);
  CHECK_FALSE(rig.waiting_commit.has_value());
}

TEST(TerminalMembers, FrozenMember_IsForgotten) {
  meet_and_sell();
  bill_and_card();
  answer(link::AskOutcome::kOk, true);
  rig.key(Key::kCancel);
  cut();
  bill_and_card();
  CHECK_FALSE(rig.view().member.looked_up);
}

TEST(TerminalMembers, AnswerOfTheGatewaysDirectory_IsShownWithItsTime) {
  rig.connect({}, false);
  bill_and_card();
  answer(link::AskOutcome::kOk);
  CHECK_TRUE(rig.view().member.as_of.has_value());
}

TEST(TerminalMembers, AnswerOfTheOffice_NeedsNoTime) {
  rig.connect();
  bill_and_card();
  answer(link::AskOutcome::kOk);
  CHECK_FALSE(rig.view().member.as_of.has_value());
}

TEST(TerminalMembers, EnrolmentOffline_IsOneRecordThatOnlyTheOfficeCanOpen) {
  bill_and_card();
  rig.key(Key::kUp);
  CHECK(rig.view().screen == Screen::kEnrol);
  phone();
  rig.key(Key::kEnter);
  CHECK(rig.view().screen == Screen::kWorking);
  STRCMP_EQUAL("", rig.view().typed.c_str());
  rig.sync_all();
  CHECK(rig.view().screen == Screen::kResult);
  CHECK(rig.view().message == MessageId::kEnrolled);
  CHECK_EQUAL(1U, rig.receipts.size());
  CHECK(rig.receipts.front().kind == node::ReceiptKind::kEnrolment);

  const record::Enrolment& body = enrolment();
  STRCMP_EQUAL(kCard.c_str(), last.card_token.c_str());
  STRCMP_EQUAL("138****1234", body.masked_name.c_str());
  STRCMP_EQUAL("", body.member_number.c_str());  // No block: the card is the number.
  const auto opened = crypto::hpke_open(
      rig.oa_key, as_bytes(node::kEnrolmentSeal), as_bytes(kCard), body.sealed_fields, rig.random);
  STRCMP_EQUAL("13800001234", member::personal_fields_from(as_text(*opened))->phone.c_str());
}

// Threat T2: who takes the terminal's disk finds no phone number on it.
TEST(TerminalMembers, PhoneNumber_IsInNoRecordInClear) {
  bill_and_card();
  rig.key(Key::kUp);
  phone();
  rig.key(Key::kEnter);
  rig.sync_all();
  for (const node::JournalRow& row : rig.journal.rows()) {
    CHECK_TRUE(as_text(row.bytes).find("13800001234") == std::string_view::npos);
    CHECK_TRUE(row.bytes.size() <= 320);
  }
}

TEST(TerminalMembers, EnrolledCard_IsShownHereAfterwards) {
  bill_and_card();
  rig.key(Key::kUp);
  phone();
  rig.key(Key::kEnter);
  rig.sync_all();
  rig.key(Key::kEnter);
  bill_and_card();
  STRCMP_EQUAL("138****1234", rig.view().member.masked_name.c_str());
}

TEST(TerminalMembers, NumberOfABlock_IsGivenOnceInABoot) {
  rig.connect();
  rig.hear(link::NumberBlock{member::kTillSerialFirst + 5, 2});
  cut();
  std::string numbers[3];
  for (std::string& number : numbers) {
    bill_and_card();
    rig.key(Key::kUp);
    if (rig.view().screen != Screen::kEnrol) {
      break;
    }
    phone();
    rig.key(Key::kEnter);
    rig.sync_all();
    rig.key(Key::kEnter);
    number = enrolment().member_number;
    rig.start(2);  // Only the first of the two is ever given: the other is burnt.
    rig.sync_all();
  }
  STRCMP_EQUAL(member::make_card_number(member::kTillSerialFirst + 5)->c_str(), numbers[0].c_str());
  STRCMP_EQUAL("", numbers[1].c_str());
}

TEST(TerminalMembers, GatewayOfVersion1_IsNotAskedForNumbers) {
  link::Welcome welcome;
  welcome.version = 1;
  welcome.anchor = {rig.now().wall, 0, ClockQuality::kAnchored};
  rig.hear(link::Challenge{1});
  rig.hear(welcome);
  for (const link::Message& message : rig.sent) {
    CHECK_FALSE(std::holds_alternative<link::NumberRequest>(message));
  }
}

TEST(TerminalMembers, UnknownCard_CanBeEnrolledWhileOnline) {
  rig.connect();
  bill_and_card();
  answer(link::AskOutcome::kUnknownCard);
  CHECK(rig.view().message == MessageId::kUnknownCard);
  rig.key(Key::kUp);
  CHECK(rig.view().screen == Screen::kEnrol);
  phone();
  rig.key(Key::kEnter);
  rig.sync_all();
  CHECK(rig.view().message == MessageId::kEnrolled);
}

TEST(TerminalMembers, KnownMember_CannotBeEnrolledAgain) {
  rig.connect();
  bill_and_card();
  answer(link::AskOutcome::kOk);
  rig.key(Key::kUp);
  CHECK(rig.view().screen == Screen::kMember);
}

TEST(TerminalMembers, ShortPhoneNumber_IsSaidSoAndKept) {
  bill_and_card();
  rig.key(Key::kUp);
  rig.keys({Key::k1, Key::k3, Key::k8, Key::kEnter});
  CHECK(rig.view().message == MessageId::kPhoneTooShort);
  rig.key(Key::kEnter);
  CHECK(rig.view().screen == Screen::kEnrol);
  STRCMP_EQUAL("138", rig.view().typed.c_str());
  rig.key(Key::kCancel);
  CHECK(rig.view().screen == Screen::kIdle);
  STRCMP_EQUAL("", rig.view().typed.c_str());
}

TEST(TerminalMembers, DiskThatRefuses_EnrolsNobody) {
  bill_and_card();
  rig.key(Key::kUp);
  phone();
  rig.key(Key::kEnter);
  rig.take(rig.node->on_commit_failed(make_error(Errc::kExhausted, "full"), rig.now()));
  CHECK(rig.view().message == MessageId::kDiskFull);
  CHECK_TRUE(rig.receipts.empty());
}
