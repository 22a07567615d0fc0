#include "firmware/names.hpp"

namespace tally::firmware {

using sale::Language;
using sale::LinkState;
using sale::MessageId;
using sale::ResultKind;
using sale::Screen;

namespace {

/// The enumerator from 0 to `last` whose name is `name`.
template <class Enum>
std::optional<Enum> find_name(std::string_view name, Enum last) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (name_of(static_cast<Enum>(i)) == name) {
      return static_cast<Enum>(i);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Screen screen) {
  switch (screen) {
    case Screen::kStarting:
      return "starting";
    case Screen::kIdle:
      return "idle";
    case Screen::kAmount:
      return "amount";
    case Screen::kScan:
      return "scan";
    case Screen::kLookup:
      return "lookup";
    case Screen::kMember:
      return "member";
    case Screen::kRedeem:
      return "redeem";
    case Screen::kWorking:
      return "working";
    case Screen::kResult:
      return "result";
    case Screen::kVoidPick:
      return "void_pick";
    case Screen::kVoidConfirm:
      return "void_confirm";
    case Screen::kRefundPick:
      return "refund_pick";
    case Screen::kRefund:
      return "refund";
    case Screen::kEnrol:
      return "enrol";
    case Screen::kMessage:
      return "message";
  }
  return "";
}

std::optional<Screen> screen_of(std::string_view name) {
  return find_name(name, Screen::kMessage);
}

std::string_view name_of(MessageId message) {
  switch (message) {
    case MessageId::kNone:
      return "none";
    case MessageId::kApproved:
      return "approved";
    case MessageId::kVoided:
      return "voided";
    case MessageId::kVoidRecorded:
      return "void_recorded";
    case MessageId::kEnrolled:
      return "enrolled";
    case MessageId::kPhoneTooShort:
      return "phone_too_short";
    case MessageId::kRefunded:
      return "refunded";
    case MessageId::kRefundRecorded:
      return "refund_recorded";
    case MessageId::kUndone:
      return "undone";
    case MessageId::kSynced:
      return "synced";
    case MessageId::kSyncStarted:
      return "sync_started";
    case MessageId::kUnknownCode:
      return "unknown_code";
    case MessageId::kPayCode:
      return "pay_code";
    case MessageId::kUnknownCard:
      return "unknown_card";
    case MessageId::kMemberFrozen:
      return "member_frozen";
    case MessageId::kAmountZero:
      return "amount_zero";
    case MessageId::kAmountTooLarge:
      return "amount_too_large";
    case MessageId::kPointsOutOfRange:
      return "points_out_of_range";
    case MessageId::kBelowMinimum:
      return "below_minimum";
    case MessageId::kAboveBillShare:
      return "above_bill_share";
    case MessageId::kNotEnoughPoints:
      return "not_enough_points";
    case MessageId::kRedeemNeedsConnection:
      return "redeem_needs_connection";
    case MessageId::kNoAnswer:
      return "no_answer";
    case MessageId::kTimeUnknown:
      return "time_unknown";
    case MessageId::kSaleClosed:
      return "sale_closed";
    case MessageId::kNothingToVoid:
      return "nothing_to_void";
    case MessageId::kAlreadyVoided:
      return "already_voided";
    case MessageId::kAlreadyRefunded:
      return "already_refunded";
    case MessageId::kPartlyRefunded:
      return "partly_refunded";
    case MessageId::kRefundTooLarge:
      return "refund_too_large";
    case MessageId::kNotAReceipt:
      return "not_a_receipt";
    case MessageId::kScanTheReceipt:
      return "scan_the_receipt";
    case MessageId::kOfAnotherSale:
      return "of_another_sale";
    case MessageId::kVoidNeedsConnection:
      return "void_needs_connection";
    case MessageId::kPaperOut:
      return "paper_out";
    case MessageId::kPrinterFault:
      return "printer_fault";
    case MessageId::kScannerUnplugged:
      return "scanner_unplugged";
    case MessageId::kScannerBack:
      return "scanner_back";
    case MessageId::kDiskFull:
      return "disk_full";
    case MessageId::kDiskFault:
      return "disk_fault";
    case MessageId::kCertificateRefused:
      return "certificate_refused";
    case MessageId::kClockWrong:
      return "clock_wrong";
    case MessageId::kIdentityInUse:
      return "identity_in_use";
    case MessageId::kIncarnationRetired:
      return "incarnation_retired";
    case MessageId::kQuarantined:
      return "quarantined";
    case MessageId::kBranched:
      return "branched";
    case MessageId::kRecordsUnreadable:
      return "records_unreadable";
    case MessageId::kReversedAtBoot:
      return "reversed_at_boot";
    case MessageId::kRefundStands:
      return "refund_stands";
    case MessageId::kInternalFault:
      return "internal_fault";
  }
  return "";
}

std::string_view name_of(ResultKind result) {
  switch (result) {
    case ResultKind::kApproved:
      return "approved";
    case ResultKind::kDeclined:
      return "declined";
    case ResultKind::kAttention:
      return "attention";
  }
  return "";
}

std::string_view name_of(LinkState link) {
  switch (link) {
    case LinkState::kOffline:
      return "offline";
    case LinkState::kGatewayOnly:
      return "gateway";
    case LinkState::kOnline:
      return "online";
  }
  return "";
}

std::optional<LinkState> link_state_of(std::string_view name) {
  return find_name(name, LinkState::kOnline);
}

std::string_view name_of(ClockQuality quality) {
  switch (quality) {
    case ClockQuality::kUnknown:
      return "unknown";
    case ClockQuality::kAnchored:
      return "anchored";
    case ClockQuality::kHeld:
      return "held";
  }
  return "";
}

std::string_view name_of(Language language) {
  return language == Language::kZhCn ? "zh-CN" : "en";
}

std::optional<Language> language_of(std::string_view name) {
  return find_name(name, Language::kEn);
}

std::string_view name_of(Currency currency) {
  switch (currency) {
    case Currency::kCny:
      return "CNY";
    case Currency::kEur:
      return "EUR";
    case Currency::kUsd:
      return "USD";
  }
  return "";
}

}  // namespace tally::firmware
