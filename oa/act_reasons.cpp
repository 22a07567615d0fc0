#include "oa/act_reasons.hpp"

#include "core/base/assert.hpp"

namespace tally::oa {

using ledger::ActOutcome;

ActRefusal act_refusal(ActOutcome outcome) {
  switch (outcome) {
    case ActOutcome::kKeyReused:
      return {409,
              {"key_reused",
               "这个请求编号已用于另一项操作。",
               "This request key was used for another act.",
               "请重新打开页面再操作。",
               "Open the page again and repeat."}};
    case ActOutcome::kNoSuchAct:
      return {404,
              {"not_found",
               "没有这项操作。",
               "There is no such act.",
               "请返回列表重新查找。",
               "Go back to the list."}};
    case ActOutcome::kActDecided:
      return {409,
              {"act_decided",
               "这项操作已经复核或退回。",
               "This act was approved or declined already.",
               "请刷新页面查看。",
               "Reload the page to see it."}};
    case ActOutcome::kNoMaker:
      return {403,
              {"no_name",
               "一次性链接登录没有姓名，不能办理这项操作。",
               "Who came by a one-time link has no name and cannot do this.",
               "请用自己的用户名和密码登录。",
               "Sign in with your own name and password."}};
    case ActOutcome::kSamePerson:
      return {409,
              {"same_person",
               "经办人不能复核自己的操作。",
               "Nobody may approve their own act.",
               "请由另一位同事复核。",
               "Have a colleague approve it."}};
    case ActOutcome::kNoReason:
      return {400,
              {"no_reason",
               "请填写原因，不超过 200 字节。",
               "Give a reason of at most 200 bytes.",
               "请写明办理的依据。",
               "Say why this is done."}};
    case ActOutcome::kAmountOutOfRange:
      return {409,
              {"amount_out_of_range",
               "积分数量超出允许范围。",
               "The points are out of range.",
               "请检查积分数量。",
               "Check the number of points."}};
    case ActOutcome::kExpiryOutOfRange:
      return {409,
              {"expiry_out_of_range",
               "有效期不正确：不能早于今天或超过十年，扣减时不能填写。",
               "The expiry is before today, more than ten years away, or given for a deduction.",
               "请检查有效期。",
               "Check the expiry."}};
    case ActOutcome::kSameMember:
      return {409,
              {"same_member",
               "两位会员是同一人。",
               "Both members are the same one.",
               "请选择另一位会员。",
               "Choose another member."}};
    case ActOutcome::kUnknownMember:
      return {404,
              {"not_found",
               "没有这位会员。",
               "There is no such member.",
               "请返回列表重新查找。",
               "Go back and search again."}};
    case ActOutcome::kMerged:
      return {409,
              {"member_merged",
               "该会员已合并到另一位会员。",
               "This member was merged into another.",
               "请在合并后的会员上操作。",
               "Work on the member it was merged into."}};
    case ActOutcome::kMemberFrozen:
      return {409,
              {"member_frozen",
               "该会员已冻结。",
               "This member is frozen.",
               "请先解除冻结。",
               "Lift the freeze first."}};
    case ActOutcome::kUnknownCard:
      return {409,
              {"unknown_card",
               "该会员没有这张卡。",
               "This member has no such card.",
               "请检查卡号。",
               "Check the card number."}};
    case ActOutcome::kCardNotActive:
      return {409,
              {"card_not_active",
               "这张卡已挂失或换过。",
               "This card was reported lost or replaced before.",
               "请选择会员现在使用的卡。",
               "Choose the card the member uses now."}};
    case ActOutcome::kCardTaken:
      return {409,
              {"card_taken",
               "新卡已属于一位会员。",
               "A member has the new card already.",
               "请换一张新卡。",
               "Take another card."}};
    case ActOutcome::kNumbersUsedUp:
      return {409,
              {"numbers_used_up",
               "会员号码已用完。",
               "There are no member numbers left.",
               "请联系技术人员。",
               "Call a technician."}};
    case ActOutcome::kNothingToClear:
      return {409,
              {"nothing_to_clear",
               "该会员没有可用积分。",
               "This member has no points available.",
               "无需清零。",
               "There is nothing to clear."}};
    case ActOutcome::kNotEnoughPoints:
      return {409,
              {"not_enough_points",
               "可用积分不足。",
               "There are not enough points available.",
               "请检查积分数量。",
               "Check the number of points."}};
    case ActOutcome::kNotWaiting:
      return {409,
              {"not_waiting",
               "隔离区没有这条记录，或已经处理。",
               "No record with this number waits in quarantine, or it was decided.",
               "请刷新列表查看。",
               "Reload the list."}};
    case ActOutcome::kNotPostable:
      return {409,
              {"not_postable",
               "这条记录不能这样入账，只能核销。",
               "This record cannot be posted this way, only written off.",
               "请核销；需要补偿会员时另做调整。",
               "Write it off; adjust the member's points if they are owed some."}};
    case ActOutcome::kStillRefused:
      return {409,
              {"still_refused",
               "这条记录按此处理仍不能入账。",
               "Decided like this the record still cannot be posted.",
               "请指定会员或更正积分，或者核销。",
               "Name a member, correct the points, or write it off."}};
    case ActOutcome::kDone:
    case ActOutcome::kNeedsChecker:
      break;
  }
  TALLY_ASSERT(false);
  return {};
}

}  // namespace tally::oa
