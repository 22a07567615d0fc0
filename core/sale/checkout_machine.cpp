#include "core/sale/checkout_machine.hpp"

#include <algorithm>
#include <utility>

namespace tally::sale {
namespace {

constexpr std::size_t kAmountLengthMax = 10;

bool is_digit(Key key) {
  return key <= Key::k9;
}

char digit_of(Key key) {
  return static_cast<char>('0' + static_cast<int>(key));
}

Effects sound(Sound which) {
  return {Play{which}};
}

}  // namespace

CheckoutMachine::CheckoutMachine(program::Program program, Language language)
    : program_(std::move(program)) {
  view_.language = language;
}

void CheckoutMachine::start() {
  go_idle();
}

Effects CheckoutMachine::on_key(Key key) {
  if (key == Key::kLanguage) {
    view_.language = view_.language == Language::kZhCn ? Language::kEn : Language::kZhCn;
    return sound(Sound::kKey);
  }
  if (key == Key::kSync && view_.screen != Screen::kWorking && view_.screen != Screen::kStarting) {
    return {SyncNow{}, Play{Sound::kKey}};
  }
  switch (view_.screen) {
    case Screen::kStarting:
      return {};
    case Screen::kIdle:
      return key_idle(key);
    case Screen::kAmount:
      return key_amount(key);
    case Screen::kScan:
    case Screen::kLookup:
      return key_scan(key);
    case Screen::kMember:
      return key_member(key);
    case Screen::kRedeem:
      return key_redeem(key);
    case Screen::kWorking:
      return key_working(key);
    case Screen::kResult:
      return key_result(key);
    case Screen::kVoidPick:
    case Screen::kRefundPick:
      return key_pick(key);
    case Screen::kVoidConfirm:
      return key_void_confirm(key);
    case Screen::kRefund:
      return key_refund(key);
    case Screen::kEnrol:
      return key_enrol(key);
    case Screen::kMessage:
      return key_message(key);
  }
  return {};
}

Effects CheckoutMachine::on_code(std::string_view text) {
  if (view_.screen == Screen::kMessage && after_message_ != Screen::kResult) {
    go(after_message_);
  }
  const Screen at = view_.screen;
  if (at == Screen::kResult) {
    go_idle();
  }
  if (view_.screen == Screen::kStarting || view_.screen == Screen::kWorking ||
      view_.screen == Screen::kLookup) {
    return {};
  }
  member::ScannedCode code = member::classify_code(text);
  const Screen back_to = view_.screen == Screen::kAmount ? Screen::kAmount : view_.screen;
  switch (code.kind) {
    case member::CodeKind::kPayCode:
      return tell(MessageId::kPayCode, back_to);
    case member::CodeKind::kUnknown:
      return tell(takes_receipts() ? MessageId::kNotAReceipt : MessageId::kUnknownCode, back_to);
    case member::CodeKind::kReceipt:
      if (!takes_receipts()) {
        return tell(MessageId::kUnknownCode, back_to);
      }
      return code_for_return(std::move(code.text));
    case member::CodeKind::kMemberCard:
      if (takes_receipts()) {
        return tell(MessageId::kNotAReceipt, back_to);
      }
      if (view_.screen == Screen::kAmount) {
        Effects accepted = accept_amount();
        if (view_.screen != Screen::kScan) {
          return accepted;
        }
      }
      return code_for_member(std::move(code.text));
  }
  return {};
}

Effects CheckoutMachine::code_for_member(std::string card_token) {
  if (view_.screen == Screen::kEnrol) {
    view_.typed.clear();
  }
  unknown_card_ = false;
  card_token_ = std::move(card_token);
  view_.member = {};
  view_.member.card_tail =
      card_token_.substr(card_token_.size() - std::min<std::size_t>(4, card_token_.size()));
  go(Screen::kLookup);
  return {LookUp{card_token_}};
}

Effects CheckoutMachine::on_member(MemberPanel member) {
  if (view_.screen != Screen::kLookup) {
    return {};
  }
  member.card_tail = view_.member.card_tail;
  view_.member = std::move(member);
  view_.earn = program::points_earned(program_, view_.bill);
  view_.redeem_max = view_.member.looked_up
                         ? program::redeemable(program_, view_.bill, view_.member.available)
                         : Points{0};
  go(Screen::kMember);
  return sound(Sound::kKey);
}

Effects CheckoutMachine::on_lookup_refused(MessageId why) {
  if (view_.screen != Screen::kLookup) {
    return {};
  }
  unknown_card_ = why == MessageId::kUnknownCard;
  return tell(why, view_.bill.minor_units > 0 ? Screen::kScan : Screen::kIdle);
}

Effects CheckoutMachine::on_finished(const Outcome& outcome) {
  if (view_.screen != Screen::kWorking) {
    return {};
  }
  view_.result = outcome.result;
  view_.message = outcome.message;
  view_.earn = outcome.earned;
  view_.redeem = outcome.redeemed;
  view_.discount = outcome.discount;
  view_.give_back = outcome.give_back;
  view_.balance_after = outcome.balance_after;
  view_.receipt_number = outcome.receipt_number;
  view_.offline_sale = outcome.offline;
  go(Screen::kResult);
  view_.can_undo =
      outcome.result == ResultKind::kApproved && outcome.message == MessageId::kApproved;
  switch (outcome.result) {
    case ResultKind::kApproved:
      return sound(Sound::kApproved);
    case ResultKind::kDeclined:
      return sound(Sound::kDeclined);
    case ResultKind::kAttention:
      return sound(Sound::kAttention);
  }
  return {};
}

Effects CheckoutMachine::on_notice(MessageId message, std::string argument) {
  switch (view_.screen) {
    case Screen::kIdle:
    case Screen::kAmount:
    case Screen::kScan:
    case Screen::kMember:
    case Screen::kRedeem:
    case Screen::kVoidPick:
    case Screen::kVoidConfirm:
    case Screen::kRefundPick:
    case Screen::kRefund:
    case Screen::kEnrol:
      return tell(message, view_.screen, Sound::kAttention, std::move(argument));
    case Screen::kMessage:
      view_.message = message;
      view_.message_argument = std::move(argument);
      return sound(Sound::kAttention);
    case Screen::kStarting:
    case Screen::kLookup:
    case Screen::kWorking:
    case Screen::kResult:
      waiting_notice_ = {message, std::move(argument)};
      return {};
  }
  return {};
}

Effects CheckoutMachine::key_idle(Key key) {
  if (is_digit(key)) {
    go(Screen::kAmount);
    return key_amount(key);
  }
  if (key == Key::kVoid || key == Key::kRefund) {
    go(key == Key::kVoid ? Screen::kVoidPick : Screen::kRefundPick);
    return sound(Sound::kKey);
  }
  return {};
}

Effects CheckoutMachine::key_amount(Key key) {
  if (type(key, kAmountLengthMax, '.')) {
    return sound(Sound::kKey);
  }
  switch (key) {
    case Key::kBack:
      if (view_.typed.size() > 1) {
        view_.typed.pop_back();
      } else {
        go_idle();
      }
      return sound(Sound::kKey);
    case Key::kEnter:
      return accept_amount();
    case Key::kCancel:
      go_idle();
      return sound(Sound::kKey);
    default:
      return {};
  }
}

Effects CheckoutMachine::accept_amount() {
  std::string_view typed = view_.typed;
  if (typed.ends_with('.')) {
    typed.remove_suffix(1);
  }
  const Result<Money> bill = parse_amount(typed, program_.bill_max.currency);
  if (!bill || bill->minor_units > program_.bill_max.minor_units) {
    return tell(MessageId::kAmountTooLarge,
                Screen::kAmount,
                Sound::kAttention,
                format_amount(program_.bill_max));
  }
  if (bill->minor_units == 0) {
    return tell(MessageId::kAmountZero, Screen::kAmount);
  }
  view_.bill = *bill;
  go(Screen::kScan);
  return sound(Sound::kKey);
}

Effects CheckoutMachine::key_scan(Key key) {
  if (key == Key::kBack && view_.bill.minor_units > 0) {
    go(Screen::kAmount);
    return sound(Sound::kKey);
  }
  if (key == Key::kBack || key == Key::kCancel) {
    go_idle();
    return sound(Sound::kKey);
  }
  return {};
}

Effects CheckoutMachine::key_member(Key key) {
  switch (key) {
    case Key::kEnter:
      if (view_.bill.minor_units == 0) {
        go_idle();
        return sound(Sound::kKey);
      }
      go(Screen::kWorking);
      return {Earn{card_token_, view_.member.id, view_.bill}};
    case Key::kRedeem:
      return offer_redemption();
    case Key::kUp:
      return begin_enrol();
    case Key::kBack:
      go(view_.bill.minor_units > 0 ? Screen::kScan : Screen::kIdle);
      return sound(Sound::kKey);
    case Key::kCancel:
      go_idle();
      return sound(Sound::kKey);
    default:
      return {};
  }
}

Effects CheckoutMachine::key_working(Key key) {
  if (key == Key::kCancel || key == Key::kBack) {
    return {CancelWork{}};
  }
  return {};
}

Effects CheckoutMachine::key_result(Key key) {
  if ((key == Key::kBack || key == Key::kVoid) && view_.can_undo) {
    const std::string receipt = view_.receipt_number;
    go_idle();
    view_.typed = receipt;
    go(Screen::kVoidPick);
    return sound(Sound::kKey);
  }
  if (key == Key::kEnter || key == Key::kCancel) {
    go_idle();
    return sound(Sound::kKey);
  }
  if (is_digit(key) || key == Key::kVoid || key == Key::kRefund) {
    go_idle();
    return key_idle(key);
  }
  return {};
}

Effects CheckoutMachine::key_message(Key key) {
  if (key == Key::kUp && view_.message == MessageId::kUnknownCard) {
    return begin_enrol();
  }
  if (key == Key::kEnter || key == Key::kBack || key == Key::kCancel) {
    if (key == Key::kCancel || after_message_ == Screen::kIdle) {
      go_idle();
    } else {
      go(after_message_);
    }
    return sound(Sound::kKey);
  }
  if (is_digit(key)) {
    if (after_message_ == Screen::kIdle) {
      go_idle();
    } else {
      go(after_message_);
    }
    if (view_.screen == Screen::kAmount || view_.screen == Screen::kRefund) {
      view_.typed.clear();
    }
    return on_key(key);
  }
  return {};
}

Effects CheckoutMachine::tell(MessageId message,
                              Screen back_to,
                              Sound which,
                              std::string argument) {
  after_message_ = back_to;
  go(Screen::kMessage);
  view_.message = message;
  view_.message_argument = std::move(argument);
  return sound(which);
}

void CheckoutMachine::go_idle() {
  card_token_.clear();
  unknown_card_ = false;
  view_.typed.clear();
  view_.bill = Money{0, program_.bill_max.currency};
  view_.member = {};
  view_.redeem_max = {};
  view_.redeem = {};
  view_.discount = Money{0, program_.bill_max.currency};
  view_.earn = {};
  view_.result = ResultKind::kApproved;
  view_.balance_after.reset();
  view_.receipt_number.clear();
  view_.returning = {};
  view_.give_back = Money{0, program_.bill_max.currency};
  view_.offline_sale = false;
  go(Screen::kIdle);
  if (waiting_notice_) {
    auto [message, argument] = std::exchange(waiting_notice_, std::nullopt).value();
    tell(message, Screen::kIdle, Sound::kAttention, std::move(argument));
  }
}

void CheckoutMachine::go(Screen screen) {
  view_.screen = screen;
  view_.can_undo =
      screen == Screen::kAmount || screen == Screen::kScan || screen == Screen::kMember ||
      screen == Screen::kRedeem || screen == Screen::kVoidPick || screen == Screen::kVoidConfirm ||
      screen == Screen::kRefundPick || screen == Screen::kRefund || screen == Screen::kEnrol;
  if (screen != Screen::kResult) {
    view_.message = MessageId::kNone;
    view_.message_argument.clear();
  }
}

bool CheckoutMachine::type(Key key, std::size_t length_max, char dot) {
  if (key == Key::kDot && dot != '\0') {
    const bool second_point = dot == '.' && view_.typed.find('.') != std::string::npos;
    if (view_.typed.empty() || second_point || view_.typed.size() >= length_max) {
      return false;
    }
    view_.typed.push_back(dot);
    return true;
  }
  if (!is_digit(key) || view_.typed.size() >= length_max) {
    return false;
  }
  const auto point = view_.typed.find('.');
  if (dot == '.' && point != std::string::npos && view_.typed.size() - point > 2) {
    return false;
  }
  if (view_.typed == "0") {
    view_.typed.clear();
  }
  view_.typed.push_back(digit_of(key));
  return true;
}

}  // namespace tally::sale
