// What the ledger says to an ask, and why a record waits for a person instead of being posted.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/ids.hpp"

namespace tally::ledger {

/// A transaction's number, made by the ledger, rising.
using TxnId = StrongId<struct TxnTag, std::int64_t>;

/// Answers to an ask, in order of precedence: of two that apply the smaller is given. Values are
/// those of the wire and of the tables.
enum class AskOutcome : std::uint8_t {
  kOk = 1,
  kUnavailable = 2,
  kSaleClosed = 3,
  kSaleMismatch = 4,
  kUnknownCard = 5,
  kMemberFrozen = 6,
  kAmountOutOfRange = 7,
  kBelowMinimum = 8,
  kAboveBillShare = 9,
  kNotEnoughPoints = 10,
};

/// Why a record with valid MAC and chain was put aside for a person. Values are those of the
/// tables.
enum class QuarantineReason : std::uint8_t {
  kUnknownCard = 1,          ///< Nobody has the card; posted by itself when somebody gets it.
  kTicketUsed = 2,           ///< Another accrual has this till ticket.
  kUndecodable = 3,          ///< The body cannot be read although the MAC is right.
  kUnknownKind = 4,          ///< From a newer terminal.
  kAmountOutOfRange = 5,     ///< Zero where it may not be, or beyond the limits.
  kFork = 6,                 ///< Another record with this id and other content came first.
  kNotCancellable = 7,       ///< It cancels a record that is no accrual or redemption.
  kCardTaken = 8,            ///< It enrols a card that a member has.
  kTerminalQuarantined = 9,  ///< Its terminal showed two records under one id.
};

/// "unknown_card", …: the code of the API, of logs and of metrics.
std::string_view name_of(QuarantineReason reason);

/// What became of a record. Values of kPosted and so on are not stored.
struct Disposition {
  enum class Kind : std::uint8_t { kPosted, kQuarantined, kDuplicate };
  Kind kind = Kind::kPosted;
  TxnId txn;                                                 ///< kPosted, kDuplicate.
  QuarantineReason reason = QuarantineReason::kUnknownCard;  ///< kQuarantined.
};

}  // namespace tally::ledger
