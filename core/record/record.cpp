#include "core/record/record.hpp"

#include <array>
#include <charconv>

namespace tally::record {

std::string receipt_number(const RecordId& id) {
  return std::to_string(id.terminal.value) + "-" + std::to_string(id.incarnation.value) + "-" +
         std::to_string(id.seq.value);
}

Result<ReceiptNumber> parse_receipt_number(std::string_view text) {
  std::array<std::uint64_t, 3> parts{};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto [next, error] = std::from_chars(at, end, parts[i]);
    const bool last = i + 1 == parts.size();
    if (error != std::errc{} || parts[i] == 0 ||
        (last ? next != end : next == end || *next != '-')) {
      return make_error(Errc::kInvalid, "a receipt number is written like 101-1-42");
    }
    at = last ? next : next + 1;
  }
  if (parts[0] > UINT32_MAX || parts[1] > UINT32_MAX) {
    return make_error(Errc::kInvalid, "the receipt number's terminal or incarnation is too large");
  }
  return ReceiptNumber{TerminalId{static_cast<std::uint32_t>(parts[0])},
                       Incarnation{static_cast<std::uint32_t>(parts[1])},
                       Seq{parts[2]}};
}

}  // namespace tally::record
