// What a till may scan or tap, told apart: a member code, a receipt of ours, a payment code
// (recognised so that the cashier can be told, and never logged), or nothing we know.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tally::member {

enum class CodeKind : std::uint8_t {
  kMemberCard,  ///< A static member number: a claim, not a proof.
  kReceipt,     ///< The record QR of one of our receipts.
  kPayCode,     ///< WeChat, Alipay or UnionPay: refuse in plain words.
  kUnknown,
};

inline constexpr std::size_t kCodeBytesMax = 1024;

struct ScannedCode {
  CodeKind kind = CodeKind::kUnknown;
  std::string text;  ///< Card number or receipt text, trimmed; empty for the other kinds.
};

/// Tells what a scanned text is. White space around it is ignored; anything longer than
/// kCodeBytesMax is unknown. Payment code shapes: WeChat 18 digits 10–15…, Alipay 16–24 digits
/// 25–30…, UnionPay 19 digits 62….
ScannedCode classify_code(std::string_view text);

}  // namespace tally::member
