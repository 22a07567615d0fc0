// Every word on the cashier's screen and on the receipt, in both languages. Sentences are found by
// MessageId: what happened, then what to do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/sale/view.hpp"

namespace tally::firmware::ui {

enum class Label : std::uint8_t {
  kStarting,
  kStartingHint,
  kIdleTitle,
  kIdleHint,
  kAmount,
  kAmountHint,
  kBill,
  kScanTitle,
  kScanHint,
  kScannerMissing,
  kLookingUp,
  kLookupHint,
  kMember,
  kUnknownName,
  kCardEnding,
  kBalance,
  kPending,
  kExpiring,  ///< "{}": points, "{d}": date.
  kWillEarn,
  kEnrolPhone,
  kEnrolHint,
  kEarnOnly,     ///< Offline: what is possible.
  kBalanceAsOf,  ///< "{}": when.
  kCanRedeem,
  kRedeemTitle,
  kRedeemPoints,
  kRedeemMax,
  kWorth,
  kToPay,
  kWorking,
  kWorkingHint,
  kEarned,
  kRedeemed,
  kNewBalance,
  kBalanceLater,
  kReceiptNumber,
  kOfflineNote,
  kDeclined,
  kAttention,
  kInfo,
  kVoidTitle,
  kVoidHint,
  kVoidLast,
  kVoidOtherTitle,
  kVoidOtherHint,
  kRefundTitle,
  kRefundLast,
  kRefundAmount,
  kRefundAll,  ///< Enter alone.
  kRefundLeft,
  kRefundOther,  ///< The sale is another till's: what is not known.
  kSecondCode,   ///< A receipt with two codes: scan the other as well.
  kBothCodes,
  kTakenBack,
  kGivenBack,
  kGiveBack,
  kAllOfIt,
  kOnline,
  kGatewayOnly,
  kOffline,
  kUnsynced,
  kSyncing,
  kPaperOut,
  kScannerOut,
  kClockOff,
  kKeyEnter,
  kKeyBack,
  kKeyCancel,
  kKeyRedeem,
  kKeyVoid,
  kKeyRefund,
  kKeySync,
  kKeyLanguage,
  kKeyUpDown,
  kKeyUp,
  kDoContinue,
  kDoEarn,
  kDoRedeem,
  kDoEnrol,
  kDoConfirm,
  kDoDone,
  kDoNext,
  kDoUndo,
  kDoVoid,
  kDoRefund,
  kDoBack,
  kDoLeave,
  kDoStop,
  kDoSync,
  kDoLanguage,
  kDoMoreLess,
  kTierOrdinary,
  kTierSilver,
  kTierGold,
  kTierPlatinum,
  kAgeSeconds,
  kAgeMinutes,
  kAgeHours,
  kAgeDays,
  kReceiptTitle,
  kReceiptVoidTitle,
  kReceiptRefundTitle,
  kReceiptEnrolTitle,
  kReceiptEnrolNote,
  kReceiptOriginal,
  kReceiptReturned,
  kReceiptGiveBack,
  kReceiptTakenBack,
  kReceiptGivenBack,
  kReceiptSettledLater,
  kReceiptNo,
  kReceiptTime,
  kReceiptTill,
  kReceiptMember,
  kReceiptBill,
  kReceiptDiscount,
  kReceiptPaid,
  kReceiptEarned,
  kReceiptRedeemed,
  kReceiptBalance,
  kReceiptExpiring,
  kReceiptOffline,
  kReceiptKeep,
  kReceiptThanks,
};

std::string_view text(Label label, sale::Language language);

struct Sentence {
  std::string happened;
  std::string to_do;  ///< Empty when there is nothing to do.
};

/// The sentence for a message; `argument` takes the place of "{}" in it. Empty for kNone.
Sentence sentence(sale::MessageId message, sale::Language language, std::string_view argument = {});

/// Puts `value` in the place of `mark`, or gives the text back when the mark is not in it.
std::string with_value(std::string_view text, std::string_view value, std::string_view mark = "{}");

}  // namespace tally::firmware::ui
