// Enrolling: a card that nobody has, or that nobody can be asked about, and a phone number make a
// member. Keys only: the arrow up where the card was shown, digits, enter.
#include "core/member/sealed_fields.hpp"
#include "core/sale/checkout_machine.hpp"

namespace tally::sale {
namespace {

constexpr std::size_t kPhoneDigitsMin = 7;

Effects sound(Sound which) {
  return {Play{which}};
}

}  // namespace

bool CheckoutMachine::may_enrol() const {
  // What is shown of a member was looked up, so the card has somebody.
  const bool nobody_asked = view_.screen == Screen::kMember && !view_.member.looked_up;
  const bool told_unknown = view_.screen == Screen::kMessage && unknown_card_;
  return !card_token_.empty() && (nobody_asked || told_unknown);
}

Effects CheckoutMachine::begin_enrol() {
  if (!may_enrol()) {
    return {};
  }
  view_.typed.clear();
  go(Screen::kEnrol);
  return sound(Sound::kKey);
}

Effects CheckoutMachine::key_enrol(Key key) {
  if (key <= Key::k9) {
    if (view_.typed.size() == member::kPhoneDigitsMax) {
      return {};
    }
    view_.typed.push_back(static_cast<char>('0' + static_cast<int>(key)));
    return sound(Sound::kKey);
  }
  switch (key) {
    case Key::kBack:
      if (view_.typed.empty()) {
        go(view_.bill.minor_units > 0 ? Screen::kScan : Screen::kIdle);
      } else {
        view_.typed.pop_back();
      }
      return sound(Sound::kKey);
    case Key::kCancel:
      go_idle();
      return sound(Sound::kKey);
    case Key::kEnter: {
      if (view_.typed.size() < kPhoneDigitsMin) {
        return tell(MessageId::kPhoneTooShort, Screen::kEnrol);
      }
      Enrol enrol{card_token_, view_.typed};
      view_.typed.clear();  // A phone number is shown no longer than it is typed.
      go(Screen::kWorking);
      return {std::move(enrol)};
    }
    default:
      return {};
  }
}

}  // namespace tally::sale
