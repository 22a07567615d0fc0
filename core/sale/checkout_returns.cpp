// Taking a sale back at the checkout: which one, and for a refund how much of it.
#include <utility>

#include "core/sale/checkout_machine.hpp"

namespace tally::sale {
namespace {

constexpr std::size_t kAmountLengthMax = 10;
constexpr std::size_t kReceiptLengthMax = 32;

Effects key_sound() {
  return {Play{Sound::kKey}};
}

}  // namespace

bool CheckoutMachine::takes_receipts() const {
  return view_.screen == Screen::kVoidPick || view_.screen == Screen::kVoidConfirm ||
         view_.screen == Screen::kRefundPick || view_.screen == Screen::kRefund;
}

Effects CheckoutMachine::code_for_return(std::string text) {
  asked_from_ = view_.screen;
  go(Screen::kWorking);
  if (asked_from_ == Screen::kVoidPick) {
    return {VoidSale{std::move(text)}};
  }
  return {FindReceipt{std::move(text), asked_from_ != Screen::kRefundPick}};
}

Effects CheckoutMachine::key_pick(Key key) {
  if (type(key, kReceiptLengthMax, '-')) {
    return key_sound();
  }
  switch (key) {
    case Key::kBack:
      if (!view_.typed.empty()) {
        view_.typed.pop_back();
      } else {
        go_idle();
      }
      return key_sound();
    case Key::kCancel:
      go_idle();
      return key_sound();
    case Key::kVoid:
    case Key::kRefund:
      go(key == Key::kVoid ? Screen::kVoidPick : Screen::kRefundPick);
      return key_sound();
    case Key::kEnter:
      return accept_pick();
    default:
      return {};
  }
}

Effects CheckoutMachine::accept_pick() {
  asked_from_ = view_.screen;
  WhichSale which = LastSale{};
  if (!view_.typed.empty()) {
    const auto number = record::parse_receipt_number(view_.typed);
    if (!number) {
      return tell(MessageId::kNotAReceipt, asked_from_);
    }
    which = *number;
  }
  go(Screen::kWorking);
  if (asked_from_ == Screen::kVoidPick) {
    return {VoidSale{std::move(which)}};
  }
  return {FindReceipt{std::move(which), false}};
}

Effects CheckoutMachine::on_receipt(ReturnPanel panel) {
  if (view_.screen != Screen::kWorking) {
    return {};
  }
  view_.returning = std::move(panel);
  const bool refund = asked_from_ == Screen::kRefundPick || asked_from_ == Screen::kRefund;
  if (asked_from_ == Screen::kRefundPick) {
    view_.typed.clear();
  }
  go(refund ? Screen::kRefund : Screen::kVoidConfirm);
  return key_sound();
}

Effects CheckoutMachine::on_receipt_refused(MessageId why, std::string argument) {
  if (view_.screen != Screen::kWorking) {
    return {};
  }
  return tell(why, asked_from_, Sound::kAttention, std::move(argument));
}

Effects CheckoutMachine::key_void_confirm(Key key) {
  switch (key) {
    case Key::kEnter:
      go(Screen::kWorking);
      return {VoidReceipt{}};
    case Key::kBack:
      go(Screen::kVoidPick);
      return key_sound();
    case Key::kCancel:
      go_idle();
      return key_sound();
    default:
      return {};
  }
}

Effects CheckoutMachine::key_refund(Key key) {
  if (type(key, kAmountLengthMax, '.')) {
    return key_sound();
  }
  switch (key) {
    case Key::kBack:
      if (!view_.typed.empty()) {
        view_.typed.pop_back();
      } else {
        go(Screen::kRefundPick);
      }
      return key_sound();
    case Key::kCancel:
      go_idle();
      return key_sound();
    case Key::kEnter:
      return accept_refund();
    default:
      return {};
  }
}

Effects CheckoutMachine::accept_refund() {
  Money amount{0, program_.bill_max.currency};
  if (!view_.typed.empty()) {
    std::string_view typed = view_.typed;
    if (typed.ends_with('.')) {
      typed.remove_suffix(1);
    }
    const ReturnPanel& sale = view_.returning;
    const Money most =
        sale.known ? Money{sale.bill.minor_units - sale.refunded.minor_units, sale.bill.currency}
                   : program_.bill_max;
    const Result<Money> given = parse_amount(typed, most.currency);
    if (!given || given->minor_units > most.minor_units) {
      return tell(
          MessageId::kRefundTooLarge, Screen::kRefund, Sound::kAttention, format_amount(most));
    }
    if (given->minor_units == 0) {
      return tell(MessageId::kAmountZero, Screen::kRefund);
    }
    amount = *given;
  }
  go(Screen::kWorking);
  return {RefundReceipt{amount}};
}

}  // namespace tally::sale
