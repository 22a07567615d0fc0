// Paying with points at the checkout: whether it can be offered, how many, and why not.
#include <algorithm>
#include <charconv>

#include "core/sale/checkout_machine.hpp"

namespace tally::sale {
namespace {

constexpr std::size_t kPointsLengthMax = 9;

Effects key_sound() {
  return {Play{Sound::kKey}};
}

MessageId message_of(program::RedeemCheck check) {
  switch (check) {
    case program::RedeemCheck::kOk:
      return MessageId::kNone;
    case program::RedeemCheck::kNotAStep:
      return MessageId::kPointsOutOfRange;
    case program::RedeemCheck::kBelowMinimum:
      return MessageId::kBelowMinimum;
    case program::RedeemCheck::kAboveBillShare:
      return MessageId::kAboveBillShare;
    case program::RedeemCheck::kNotEnoughPoints:
      return MessageId::kNotEnoughPoints;
  }
  return MessageId::kInternalFault;
}

}  // namespace

Effects CheckoutMachine::offer_redemption() {
  if (view_.bill.minor_units == 0) {
    return tell(MessageId::kAmountZero, Screen::kMember);
  }
  if (!view_.member.looked_up || view_.status.link != LinkState::kOnline) {
    return tell(MessageId::kRedeemNeedsConnection, Screen::kMember);
  }
  if (view_.redeem_max.value == 0) {
    const bool poor = view_.member.available < program_.redeem_min;
    return tell(poor ? MessageId::kNotEnoughPoints : MessageId::kAboveBillShare, Screen::kMember);
  }
  view_.redeem = view_.redeem_max;
  view_.discount = program::worth_of(program_, view_.redeem);
  view_.typed.clear();
  go(Screen::kRedeem);
  return key_sound();
}

Effects CheckoutMachine::key_redeem(Key key) {
  if (key != Key::kDot && type(key, kPointsLengthMax, '\0')) {
    std::int64_t chosen = 0;
    std::from_chars(view_.typed.data(), view_.typed.data() + view_.typed.size(), chosen);
    view_.redeem = Points{chosen};
  } else if (key == Key::kUp) {
    view_.redeem = std::min(view_.redeem_max, view_.redeem + program_.redeem_step);
    view_.typed.clear();
  } else if (key == Key::kDown) {
    view_.redeem = std::max(program_.redeem_min, view_.redeem - program_.redeem_step);
    view_.typed.clear();
  } else if (key == Key::kBack && !view_.typed.empty()) {
    view_.typed.pop_back();
    std::int64_t chosen = 0;
    std::from_chars(view_.typed.data(), view_.typed.data() + view_.typed.size(), chosen);
    view_.redeem = view_.typed.empty() ? view_.redeem_max : Points{chosen};
  } else if (key == Key::kBack) {
    go(Screen::kMember);
  } else if (key == Key::kCancel) {
    go_idle();
  } else if (key == Key::kEnter) {
    return accept_redemption();
  } else {
    return {};
  }
  const Points whole_steps{view_.redeem.value / program_.redeem_step.value *
                           program_.redeem_step.value};
  view_.discount = program::worth_of(program_, whole_steps);
  return key_sound();
}

Effects CheckoutMachine::accept_redemption() {
  const auto check =
      program::check_redemption(program_, view_.bill, view_.member.available, view_.redeem);
  if (check != program::RedeemCheck::kOk) {
    return tell(message_of(check), Screen::kRedeem);
  }
  go(Screen::kWorking);
  return {Redeem{card_token_, view_.member.id, view_.bill, view_.redeem}};
}

}  // namespace tally::sale
