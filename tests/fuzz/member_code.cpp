// Whatever a scanner or a finger brings: codes, card numbers, receipt numbers, amounts.
#include "core/member/member_code.hpp"

#include <string>

#include "core/base/amount.hpp"
#include "core/member/card_number.hpp"
#include "core/record/record.hpp"

#include "tests/fuzz/fuzz_input.hpp"

using namespace tally;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const member::ScannedCode code = member::classify_code(text);
  switch (code.kind) {
    case member::CodeKind::kMemberCard:
      TALLY_ASSERT(member::is_card_number(code.text) && member::luhn_valid(code.text));
      TALLY_ASSERT(member::classify_code(code.text).kind == code.kind);
      break;
    case member::CodeKind::kReceipt:
      TALLY_ASSERT(!code.text.empty() && code.text.size() <= member::kCodeBytesMax);
      break;
    case member::CodeKind::kPayCode:
    case member::CodeKind::kUnknown:
      TALLY_ASSERT(code.text.empty());  // A payment code is never kept.
      break;
  }
  if (const auto number = record::parse_receipt_number(text)) {
    const RecordId id{number->terminal, number->incarnation, BootId{1}, number->seq};
    const auto again = record::parse_receipt_number(record::receipt_number(id));
    TALLY_ASSERT(again && again->terminal == number->terminal && again->seq == number->seq);
  }
  if (const auto amount = parse_amount(text, Currency::kCny)) {
    TALLY_ASSERT(amount->minor_units >= 0 && amount->minor_units <= kAmountMax);
    TALLY_ASSERT(parse_amount(format_amount(*amount), Currency::kCny) == *amount);
  }
  return 0;
}
