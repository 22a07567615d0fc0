// A till and a customer with a card: the ground of the tests of the terminal's machine.
#pragma once

#include <string>

#include "core/member/card_number.hpp"

#include "tests/support/terminal_rig.hpp"

#include <CppUTest/TestHarness.h>

namespace tally::test {

struct TerminalNodeRig : Utest {
  static inline const std::string kCard = *member::make_card_number(1);

  static link::MemberView member_with(std::int64_t available) {
    link::MemberView member;
    member.member = MemberId{5001};
    member.masked_name = "张*";
    member.available = Points{available};
    return member;
  }

  TerminalRig rig;

  void setup() override { rig.sync_all(); }

  /// Types 128.50 and scans the card; offline the member is not looked up.
  void bill_and_card() {
    rig.keys({sale::Key::k1,
              sale::Key::k2,
              sale::Key::k8,
              sale::Key::kDot,
              sale::Key::k5,
              sale::Key::k0,
              sale::Key::kEnter});
    rig.code(kCard);
  }

  void member_on_screen(std::int64_t available) {
    rig.connect();
    bill_and_card();
    rig.hear(link::Answer{rig.ask().ask_id, {}, link::AskOutcome::kOk, member_with(available), {}});
    CHECK(rig.view().screen == sale::Screen::kMember);
  }

  void ask_for_100_points() {
    member_on_screen(500);
    rig.keys({sale::Key::kRedeem, sale::Key::k1, sale::Key::k0, sale::Key::k0, sale::Key::kEnter});
  }

  void approve_hold() {
    rig.hear(link::Answer{
        rig.ask().ask_id,
        rig.ask().sale,
        link::AskOutcome::kOk,
        member_with(400),
        link::GrantedRight{RightKind::kHold, RightId{77}, Epoch{1}, Points{100}, MemberId{5001}}});
  }
};

}  // namespace tally::test
