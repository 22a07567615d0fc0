#include "core/member/member_code.hpp"

#include <algorithm>

#include "core/member/card_number.hpp"

namespace tally::member {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool is_pay_code(std::string_view text) {
  if (text.size() < 16 || text.size() > 24 ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return false;
  }
  const int prefix = (text[0] - '0') * 10 + (text[1] - '0');
  const bool wechat = text.size() == 18 && prefix >= 10 && prefix <= 15;
  const bool alipay = prefix >= 25 && prefix <= 30;
  const bool unionpay = text.size() == 19 && prefix == 62;
  return wechat || alipay || unionpay;
}

}  // namespace

ScannedCode classify_code(std::string_view text) {
  if (text.size() > kCodeBytesMax) {
    return {};
  }
  const std::string_view trimmed = trim(text);
  if (is_card_number(trimmed)) {
    return {CodeKind::kMemberCard, std::string(trimmed)};
  }
  if (trimmed.starts_with("TR1:")) {
    return {CodeKind::kReceipt, std::string(trimmed)};
  }
  return {is_pay_code(trimmed) ? CodeKind::kPayCode : CodeKind::kUnknown, {}};
}

}  // namespace tally::member
