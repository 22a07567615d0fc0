// Sentences of the console in both languages: why a record waits for a person, and what a request
// was refused for. No personal data.
#pragma once

#include <string_view>

#include "core/ledger/outcome.hpp"

#include "transport/http/message.hpp"

namespace tally::oa {

/// Literals.
struct Reason {
  std::string_view text_zh;
  std::string_view text_en;
  std::string_view what_to_do_zh;
  std::string_view what_to_do_en;
};

Reason quarantine_reason(ledger::QuarantineReason reason);

namespace page_text {

using transport::http::ErrorText;

inline constexpr ErrorText kNoMember{"not_found",
                                     "没有这位会员。",
                                     "There is no such member.",
                                     "请返回列表重新查找。",
                                     "Go back and search again."};
inline constexpr ErrorText kPhoneTaken{"phone_taken",
                                       "这个手机号已经属于另一位会员。",
                                       "Another member has this phone number.",
                                       "请按手机尾号查找那位会员。",
                                       "Find that member by the last digits."};
inline constexpr ErrorText kAlreadyFrozen{"conflict",
                                          "该会员已经冻结。",
                                          "This member is frozen already.",
                                          "请刷新页面查看。",
                                          "Reload the page to see it."};
inline constexpr ErrorText kNotFrozen{"conflict",
                                      "该会员没有被冻结。",
                                      "This member is not frozen.",
                                      "请刷新页面查看。",
                                      "Reload the page to see it."};
inline constexpr ErrorText kKeyReused{"conflict",
                                      "这个请求编号已用于另一次登记。",
                                      "This request key was used for another enrolment.",
                                      "请重新打开登记页面。",
                                      "Open the enrolment page again."};
inline constexpr ErrorText kNumbersUsedUp{"conflict",
                                          "会员号码已用完。",
                                          "There are no member numbers left.",
                                          "请联系技术人员。",
                                          "Call a technician."};
inline constexpr ErrorText kAlreadyErased{"conflict",
                                          "这位会员的个人资料已经抹除。",
                                          "The personal data of this member is erased already.",
                                          "不用再做。各网关的确认见 /api/erasures。",
                                          "Nothing to do. See /api/erasures for the gateways."};
inline constexpr ErrorText kNoPersonalData{"not_found",
                                           "办公室没有这位会员的个人资料。",
                                           "The office has no personal data of this member.",
                                           "会员可能是在门店离线登记的，或资料已按要求删除。",
                                           "Enrolled at a till without a line, or erased."};

}  // namespace page_text
}  // namespace tally::oa
