#include "oa/claim_reasons.hpp"

#include "core/base/assert.hpp"

#include "oa/reasons.hpp"

namespace tally::oa {

using node::ClaimOutcome;
using node::DeathOutcome;

bool is_answered(ClaimOutcome outcome) {
  return outcome == ClaimOutcome::kWaits || outcome == ClaimOutcome::kPosted ||
         outcome == ClaimOutcome::kHere || outcome == ClaimOutcome::kClaimedBefore;
}

std::string_view claim_state_word(ClaimOutcome outcome) {
  switch (outcome) {
    case ClaimOutcome::kWaits:
      return "waits";
    case ClaimOutcome::kPosted:
      return "posted";
    case ClaimOutcome::kHere:
      return "here";
    case ClaimOutcome::kClaimedBefore:
      return "claimed_before";
    default:
      break;
  }
  TALLY_ASSERT(false);
  return {};
}

ClaimRefusal claim_refusal(const node::ClaimResult& result) {
  switch (result.outcome) {
    case ClaimOutcome::kNotAReceipt:
      return {400,
              {"not_a_receipt",
               "这不是小票上的二维码内容。",
               "This is not the code of a receipt.",
               "请扫描小票上的二维码，或完整输入以 TR1: 开头的内容。",
               "Scan the receipt's code, or type all of the text that starts with TR1:."}};
    case ClaimOutcome::kUnknownTerminal:
      return {404,
              {"unknown_terminal",
               "没有这台终端的登记。",
               "No terminal of ours made this receipt.",
               "请确认小票来自本公司门店。",
               "Make sure that the receipt is from one of our stores."}};
    case ClaimOutcome::kForged:
      return {409,
              {"forged",
               "这张小票不是该终端打印的，或内容已被改动。",
               "That terminal did not print this receipt, or it was changed.",
               "请重新扫描；仍然如此请保留小票并报告主管。",
               "Scan it again; if it stays so, keep the receipt and tell a supervisor."}};
    case ClaimOutcome::kNotClaimable:
      return {409,
              {"not_claimable",
               "这张小票不涉及积分累计或抵扣。",
               "This receipt neither earned nor redeemed points.",
               "请使用交易小票。",
               "Use the receipt of the sale."}};
    case ClaimOutcome::kOtherContent:
      return {409,
              {"other_content",
               "同一编号下已有另一笔记录。",
               "Another record stands under this receipt's number.",
               "请保留小票并报告技术人员：该终端可能被复制。",
               "Keep the receipt and call a technician: the terminal may have been copied."}};
    case ClaimOutcome::kTerminalQuarantined:
      return {409,
              {"terminal_quarantined",
               "该终端已被隔离，其小票须人工处理。",
               "The terminal is quarantined; a person has to look at its receipts.",
               "请按隔离区流程处理。",
               "Handle it as an entry of the quarantine."}};
    case ClaimOutcome::kRefused:
      break;
    default:
      TALLY_ASSERT(false);
  }
  const Reason reason = quarantine_reason(result.reason);
  return {409,
          {ledger::name_of(result.reason),
           reason.text_zh,
           reason.text_en,
           reason.what_to_do_zh,
           reason.what_to_do_en}};
}

ClaimRefusal death_refusal(DeathOutcome outcome) {
  if (outcome == DeathOutcome::kUnknownTerminal) {
    return {404,
            {"not_found",
             "没有这台终端的登记。",
             "There is no such enrolment of a terminal.",
             "请核对终端号和登记代次。",
             "Check the terminal's number and incarnation."}};
  }
  TALLY_ASSERT(outcome == DeathOutcome::kSamePerson);
  return {409,
          {"same_person",
           "须由另一位同事确认。",
           "Somebody else has to confirm it.",
           "请另一位同事用自己的用户名登录后确认。",
           "Have a colleague sign in and confirm it."}};
}

}  // namespace tally::oa
