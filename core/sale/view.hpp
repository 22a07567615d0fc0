// What the checkout shows: the whole content of the cashier's screen as data. core/sale fills it,
// firmware/ui draws it, tests read it. No text: sentences come from the catalogue by MessageId.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/amount.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace tally::sale {

enum class Language : std::uint8_t { kZhCn, kEn };

enum class Screen : std::uint8_t {
  kStarting,     ///< Until the journal is read.
  kIdle,         ///< Clock and state; digits start a sale.
  kAmount,       ///< The bill is being typed.
  kScan,         ///< Waiting for a member code or card.
  kLookup,       ///< Asking who it is.
  kMember,       ///< Member shown: earn, or redeem and earn the rest.
  kRedeem,       ///< Points to redeem are being chosen.
  kWorking,      ///< Waiting for the right, then for the disk.
  kResult,       ///< Approved or declined, with figures.
  kVoidPick,     ///< Which sale to void: the last one, or by receipt number or scan.
  kVoidConfirm,  ///< A sale of another till was scanned; enter voids it.
  kRefundPick,   ///< Which sale to refund, as for a void.
  kRefund,       ///< How much of the sale comes back.
  kEnrol,        ///< The phone number of a new member is being typed.
  kMessage,      ///< One sentence and what to do.
};

/// Every sentence the cashier can be told. The catalogue holds what happened and what to do, in
/// both languages.
enum class MessageId : std::uint8_t {
  kNone,
  kApproved,
  kVoided,
  kVoidRecorded,   ///< Of another till's sale: the office settles the points.
  kEnrolled,       ///< A new member; the office hears of it with the records.
  kPhoneTooShort,  ///< No phone number has so few digits.
  kRefunded,
  kRefundRecorded,  ///< As kVoidRecorded.
  kUndone,
  kSynced,  ///< Sync-now finished: nothing is waiting.
  kSyncStarted,
  kUnknownCode,  ///< Not a member code of this program.
  kPayCode,      ///< A payment code, never a member code.
  kUnknownCard,  ///< Well formed, but no member has it.
  kMemberFrozen,
  kAmountZero,
  kAmountTooLarge,
  kPointsOutOfRange,
  kBelowMinimum,
  kAboveBillShare,
  kNotEnoughPoints,
  kRedeemNeedsConnection,  ///< Redeeming is not possible while the line is cut.
  kNoAnswer,               ///< Asked, no answer in time; nothing was taken.
  kTimeUnknown,            ///< No anchor yet: nothing is granted.
  kSaleClosed,
  kNothingToVoid,
  kAlreadyVoided,
  kAlreadyRefunded,  ///< All of it.
  kPartlyRefunded,   ///< A void would take back what was refunded once more.
  kRefundTooLarge,   ///< More than what is left of the sale.
  kNotAReceipt,
  kScanTheReceipt,       ///< The number of another till's receipt: its code is needed.
  kOfAnotherSale,        ///< A second code that does not belong to the first.
  kVoidNeedsConnection,  ///< A sale of another till is voided online only.
  kPaperOut,
  kPrinterFault,
  kScannerUnplugged,
  kScannerBack,
  kDiskFull,
  kDiskFault,  ///< A write failed: the terminal stops selling until it has checked its disk.
  kCertificateRefused,  ///< The gateway does not accept this terminal's certificate, or the
                        ///< reverse.
  kClockWrong,          ///< The clock differs from the gateway's.
  kIdentityInUse,       ///< Another terminal is connected under this identity.
  kIncarnationRetired,
  kQuarantined,  ///< The office must look at this terminal's journal.
  kBranched,     ///< The disk was put back to an older state; nothing is lost, the office is told.
  kRecordsUnreadable,  ///< The disk lost records that were not sent; the office is told.
  kReversedAtBoot,     ///< A sale nobody saw approved was reversed at start.
  kRefundStands,       ///< A refund was finished although nobody saw it.
  kInternalFault,
};

enum class LinkState : std::uint8_t {
  kOffline,      ///< No gateway.
  kGatewayOnly,  ///< Gateway reachable, its uplink is cut.
  kOnline,       ///< All the way to the OA.
};

enum class ResultKind : std::uint8_t { kApproved, kDeclined, kAttention };

struct MemberPanel {
  MemberId id;              ///< None when the member could not be looked up.
  std::string masked_name;  ///< UTF-8, empty when not known.
  std::string card_tail;    ///< Last four characters of the card token.
  std::uint32_t tier = 0;   ///< 0 ordinary, 1 silver, 2 gold, 3 platinum.
  Points available;
  Points pending;
  Points expiring;
  BusinessDay expiring_on;
  bool looked_up = false;         ///< False: offline, accrual only.
  std::optional<WallTime> as_of;  ///< The figures are those of then: the office could not be asked.
  bool operator==(const MemberPanel&) const = default;
};

/// A sale that is being voided or refunded.
struct ReturnPanel {
  std::string receipt_number;
  std::uint32_t codes = 0;  ///< Records of the sale that are named; a sale may have two.
  bool known = false;       ///< The figures below are this till's own.
  Money bill;               ///< Before points.
  Points earned;
  Points redeemed;
  Money refunded;  ///< Of the bill, by this till, so far.
  bool operator==(const ReturnPanel&) const = default;
};

/// The top line: always visible.
struct StatusBar {
  LinkState link = LinkState::kOffline;
  std::uint64_t unsynced_records = 0;  ///< Not yet RECEIVED by the gateway.
  std::int64_t oldest_unsynced_age_s = 0;
  bool syncing = false;
  bool paper_out = false;
  bool scanner_ready = true;
  ClockQuality clock_quality = ClockQuality::kUnknown;
  std::optional<std::int64_t>
      clock_skew_s;  ///< Against the gateway's anchor; none before the first.
  WallTime now;      ///< To the second, so that equal views mean equal pictures.
  bool operator==(const StatusBar&) const = default;
};

struct CheckoutView {
  Screen screen = Screen::kStarting;
  Language language = Language::kZhCn;
  StatusBar status;

  std::string typed;  ///< Raw digits of the field being edited, e.g. "128.5".
  Money bill;
  MemberPanel member;

  Points redeem_max;  ///< Suggested: the most that balance, bill share and step allow.
  Points redeem;      ///< Chosen.
  Money discount;     ///< What `redeem` is worth.
  Points earn;        ///< What the sale will earn, or has earned.

  ResultKind result = ResultKind::kApproved;
  std::optional<Points> balance_after;  ///< None when not known (offline).
  MessageId message = MessageId::kNone;
  std::string message_argument;  ///< A number or code inside the sentence, already formatted.
  std::string receipt_number;    ///< "101-1-42": terminal-incarnation-seq.
  bool can_undo = false;
  ReturnPanel returning;      ///< On the screens of a void or refund.
  Money give_back;            ///< Result of a refund: money for the customer; 0 when not known.
  bool offline_sale = false;  ///< The result stands but has not reached the gateway yet.
  bool operator==(const CheckoutView&) const = default;
};

}  // namespace tally::sale
