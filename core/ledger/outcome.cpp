#include "core/ledger/outcome.hpp"

namespace tally::ledger {

std::string_view name_of(QuarantineReason reason) {
  switch (reason) {
    case QuarantineReason::kUnknownCard:
      return "unknown_card";
    case QuarantineReason::kTicketUsed:
      return "ticket_used";
    case QuarantineReason::kUndecodable:
      return "undecodable";
    case QuarantineReason::kUnknownKind:
      return "unknown_kind";
    case QuarantineReason::kAmountOutOfRange:
      return "amount_out_of_range";
    case QuarantineReason::kFork:
      return "fork";
    case QuarantineReason::kNotCancellable:
      return "not_cancellable";
    case QuarantineReason::kCardTaken:
      return "card_taken";
    case QuarantineReason::kTerminalQuarantined:
      return "terminal_quarantined";
  }
  return "unknown";
}

}  // namespace tally::ledger
