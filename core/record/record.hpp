// A record: one signed fact in a terminal's journal (docs/architecture.md, "Life of a record"), as
// the domain sees it. core/codec turns the body into bytes and back, core/record/seal.hpp signs and
// verifies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/amount.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/record/header.hpp"

namespace tally::record {

inline constexpr std::size_t kFundingLegsMax = 4;
inline constexpr std::size_t kBasketLinesMax = 8;
inline constexpr std::size_t kCardTokenBytesMax = 32;

/// Which right pays how many points of a redemption.
struct FundingLeg {
  RightKind kind = RightKind::kHold;
  RightId right;
  Epoch epoch;
  Points points;
  auto operator<=>(const FundingLeg&) const = default;
};

struct BasketLine {
  std::uint32_t category = 0;
  std::uint32_t quantity = 0;
  Money amount;
  bool operator==(const BasketLine&) const = default;
};

/// Points earned by a purchase. `bill` is what the customer paid, after points.
struct Accrual {
  Money bill;
  Points points;
  Bytes ticket_hash;  ///< 16 bytes or empty: one accrual a till ticket, ever.
  std::vector<BasketLine> lines;
  Bytes basket_hash;  ///< 16 bytes or empty.
  bool operator==(const Accrual&) const = default;
};

/// Points spent. `bill` is before points.
struct Redemption {
  Money bill;
  Points points;
  Money discount;
  bool operator==(const Redemption&) const = default;
};

/// Cancels a whole record of the same shift.
struct Void {
  RecordId original;
  std::uint32_t reason = 0;
  bool operator==(const Void&) const = default;
};

/// Return of goods, whole or in part: `returned` of the bill `whole`. A till that does not know the
/// sale says 0 for `whole` (what the original says) and, when everything came back, for both.
struct Refund {
  RecordId original;
  Money returned;
  Money whole;
  std::uint32_t reason = 0;
  bool operator==(const Refund&) const = default;
};

/// Whether a refund's two amounts can belong together.
inline bool is_in_range(const Refund& refund) {
  const std::int64_t returned = refund.returned.minor_units;
  const std::int64_t whole = refund.whole.minor_units;
  return whole == 0 ? returned >= 0 && returned <= kAmountMax : returned > 0 && returned <= whole;
}

enum class ReversalReason : std::uint8_t {
  kNeverShown = 1,
  kAbandonedSale = 2,
  kCancelled = 3,
  kByPerson = 4,
};

/// System undo: of one record, or of everything under the record's sale id when `original` is
/// absent.
struct Reversal {
  std::optional<RecordId> original;
  ReversalReason reason = ReversalReason::kAbandonedSale;
  bool operator==(const Reversal&) const = default;
};

struct Enrolment {
  std::string member_number;
  std::string masked_name;
  Bytes sealed_fields;
  std::uint32_t consent_version = 0;
  bool operator==(const Enrolment&) const = default;
};

struct Note {
  std::uint32_t code = 0;
  std::string text;
  bool operator==(const Note&) const = default;
};

/// Stands for records [first, last] that the terminal can no longer read
/// (docs/formats/record.md, "Gap").
struct Gap {
  Seq first;
  Seq last;
  bool operator==(const Gap&) const = default;
};

/// Whether a GAP record at `seq` may stand for these records: it takes the place of the last of
/// them, or the one after it.
inline bool stands_for(const Gap& gap, Seq seq) {
  return gap.first.value >= 1 && gap.first <= gap.last &&
         (gap.last == seq || gap.last.value + 1 == seq.value);
}

struct ShiftClose {
  std::uint32_t shift = 0;
  Bytes head_signature;
  Points accrued;
  Points redeemed;
  std::uint32_t sales = 0;
  bool operator==(const ShiftClose&) const = default;
};

/// In the order of RecordKind, so that index() + 1 is the kind.
using Business =
    std::variant<Accrual, Redemption, Void, Refund, Reversal, Enrolment, Note, Gap, ShiftClose>;

struct Record {
  Header header;           ///< header.kind must be kind_of(business).
  SaleId sale;             ///< Zero for records that belong to no sale.
  std::string card_token;  ///< As presented; at most kCardTokenBytesMax bytes.
  MemberId member;         ///< When known at the till.
  BusinessDay business_day;
  std::vector<FundingLeg> funding;
  WallTime wall;
  BootTime boot_time;
  ClockQuality clock_quality = ClockQuality::kUnknown;
  ProgramVersion program;
  DenyListVersion deny_list;
  CashierId cashier;
  Business business;
};

inline RecordKind kind_of(const Business& business) {
  return static_cast<RecordKind>(business.index() + 1);
}

/// "101-1-42": terminal, incarnation, seq, as printed on a receipt and typed for a void.
std::string receipt_number(const RecordId& id);

struct ReceiptNumber {
  TerminalId terminal;
  Incarnation incarnation;
  Seq seq;
};

/// Reads a receipt number. Errors: kInvalid when it is not three positive numbers joined by
/// hyphens.
Result<ReceiptNumber> parse_receipt_number(std::string_view text);

}  // namespace tally::record
