#include "firmware/ui/catalogue.hpp"

namespace tally::firmware::ui {

namespace {

struct Pair {
  std::string_view zh;
  std::string_view en;
};

Pair label_pair(Label label) {
  switch (label) {
    case Label::kStarting:
      return {"正在启动", "Starting"};
    case Label::kStartingHint:
      return {"正在读取交易日志，请稍候", "Reading the journal, one moment"};
    case Label::kIdleTitle:
      return {"请输入消费金额", "Type the amount of the sale"};
    case Label::kIdleHint:
      return {"扫描会员码可查询积分", "Scan a member code to see the points"};
    case Label::kAmount:
      return {"消费金额", "Amount"};
    case Label::kAmountHint:
      return {"按确认键，或直接扫描会员码", "Press enter, or scan the member code"};
    case Label::kBill:
      return {"消费金额", "Amount"};
    case Label::kScanTitle:
      return {"请扫描会员码", "Scan the member code"};
    case Label::kScanHint:
      return {"或把会员卡放到感应区", "or put the card on the reader"};
    case Label::kScannerMissing:
      return {"扫描枪未连接，请使用会员卡", "Scanner not connected: use the card"};
    case Label::kLookingUp:
      return {"正在查询会员", "Looking up the member"};
    case Label::kLookupHint:
      return {"请稍候", "One moment"};
    case Label::kMember:
      return {"会员", "Member"};
    case Label::kUnknownName:
      return {"会员", "Member"};
    case Label::kCardEnding:
      return {"卡尾号 {}", "Card …{}"};
    case Label::kBalance:
      return {"可用积分", "Points"};
    case Label::kPending:
      return {"待生效 {}", "{} pending"};
    case Label::kExpiring:
      return {"{} 积分将于 {d} 到期", "{} points expire on {d}"};
    case Label::kWillEarn:
      return {"本单可得", "Will earn"};
    case Label::kEarnOnly:
      return {"离线：本单只能累积积分，网络恢复后入账",
              "Offline: this sale can earn; points are posted once online"};
    case Label::kBalanceAsOf:
      return {"离线：余额截至 {}，只能累积", "Offline: balance as of {}; earning only"};
    case Label::kCanRedeem:
      return {"最多可抵", "Can redeem"};
    case Label::kRedeemTitle:
      return {"积分抵扣", "Redeem points"};
    case Label::kRedeemPoints:
      return {"使用积分", "Points to use"};
    case Label::kRedeemMax:
      return {"最多 {}", "up to {}"};
    case Label::kWorth:
      return {"抵扣", "Discount"};
    case Label::kToPay:
      return {"应付", "To pay"};
    case Label::kWorking:
      return {"正在处理", "Working"};
    case Label::kWorkingHint:
      return {"请勿关机，马上就好", "Do not switch off, nearly done"};
    case Label::kEarned:
      return {"获得积分", "Earned"};
    case Label::kRedeemed:
      return {"使用积分", "Redeemed"};
    case Label::kNewBalance:
      return {"积分余额", "Balance"};
    case Label::kBalanceLater:
      return {"联网后更新", "once online"};
    case Label::kReceiptNumber:
      return {"小票号", "Receipt"};
    case Label::kOfflineNote:
      return {"离线成交，网络恢复后自动入账", "Made offline: posted as soon as the line is back"};
    case Label::kDeclined:
      return {"未成交", "Declined"};
    case Label::kAttention:
      return {"请注意", "Attention"};
    case Label::kInfo:
      return {"提示", "Note"};
    case Label::kVoidTitle:
      return {"撤销交易", "Void a sale"};
    case Label::kVoidHint:
      return {"输入小票号（用小数点键代替横线），或扫描小票二维码",
              "Type the receipt number (dot key for the dash), or scan the receipt"};
    case Label::kVoidLast:
      return {"直接按确认：撤销上一笔", "Enter alone: the last sale"};
    case Label::kVoidOtherTitle:
      return {"撤销其他终端的交易", "Void another till's sale"};
    case Label::kVoidOtherHint:
      return {"按确认键撤销；积分由总部按原单结算",
              "Enter voids it; the office settles the points"};
    case Label::kRefundTitle:
      return {"退货", "Refund"};
    case Label::kRefundLast:
      return {"直接按确认：上一笔", "Enter alone: the last sale"};
    case Label::kRefundAmount:
      return {"退货金额", "Goods returned"};
    case Label::kRefundAll:
      return {"直接按确认：全部退货", "Enter alone: all of it"};
    case Label::kRefundLeft:
      return {"可退", "Left"};
    case Label::kRefundOther:
      return {"其他终端的交易：积分由总部按原单结算",
              "Another till's sale: the office settles the points"};
    case Label::kSecondCode:
      return {"小票上有两个二维码时，请再扫另一个",
              "Two codes on the receipt? Scan the other as well"};
    case Label::kBothCodes:
      return {"两个二维码都已扫描", "Both codes are scanned"};
    case Label::kTakenBack:
      return {"收回积分", "Taken back"};
    case Label::kGivenBack:
      return {"退回积分", "Given back"};
    case Label::kGiveBack:
      return {"应退金额", "Give back"};
    case Label::kAllOfIt:
      return {"全部", "all"};
    case Label::kOnline:
      return {"联机", "Online"};
    case Label::kGatewayOnly:
      return {"仅本店", "Store only"};
    case Label::kOffline:
      return {"离线", "Offline"};
    case Label::kUnsynced:
      return {"待上传 {}", "{} unsent"};
    case Label::kSyncing:
      return {"上传中", "Sending"};
    case Label::kPaperOut:
      return {"缺纸", "No paper"};
    case Label::kScannerOut:
      return {"扫描枪", "Scanner"};
    case Label::kClockOff:
      return {"时钟", "Clock"};
    case Label::kKeyEnter:
      return {"确认", "Enter"};
    case Label::kKeyBack:
      return {"退格", "Back"};
    case Label::kKeyCancel:
      return {"取消", "Cancel"};
    case Label::kKeyRedeem:
      return {"兑换", "Redeem"};
    case Label::kKeyVoid:
      return {"撤销", "Void"};
    case Label::kKeyRefund:
      return {"退货", "Refund"};
    case Label::kKeySync:
      return {"同步", "Sync"};
    case Label::kKeyLanguage:
      return {"中/En", "中/En"};
    case Label::kKeyUpDown:
      return {"▲▼", "▲▼"};
    case Label::kKeyUp:
      return {"▲", "▲"};
    case Label::kDoEnrol:
      return {"登记会员", "Enrol"};
    case Label::kEnrolPhone:
      return {"新会员的手机号", "New member's phone"};
    case Label::kEnrolHint:
      return {"请先征得顾客同意。号码加密后交总部，本机不保存。",
              "Ask the customer first. The number is sealed for the office and not kept here."};
    case Label::kDoContinue:
      return {"下一步", "Next"};
    case Label::kDoEarn:
      return {"累积积分", "Earn"};
    case Label::kDoRedeem:
      return {"积分抵扣", "Use points"};
    case Label::kDoConfirm:
      return {"确定", "Confirm"};
    case Label::kDoDone:
      return {"完成", "Done"};
    case Label::kDoNext:
      return {"下一单", "Next sale"};
    case Label::kDoUndo:
      return {"撤销本单", "Undo"};
    case Label::kDoVoid:
      return {"撤销交易", "Void a sale"};
    case Label::kDoRefund:
      return {"退货", "Refund"};
    case Label::kDoBack:
      return {"返回", "Back"};
    case Label::kDoLeave:
      return {"放弃", "Leave"};
    case Label::kDoStop:
      return {"停止等待", "Stop"};
    case Label::kDoSync:
      return {"立即上传", "Send now"};
    case Label::kDoLanguage:
      return {"English", "中文"};
    case Label::kDoMoreLess:
      return {"增减", "More, less"};
    case Label::kTierOrdinary:
      return {"普通会员", "Member"};
    case Label::kTierSilver:
      return {"银卡会员", "Silver"};
    case Label::kTierGold:
      return {"金卡会员", "Gold"};
    case Label::kTierPlatinum:
      return {"白金会员", "Platinum"};
    case Label::kAgeSeconds:
      return {"{} 秒", "{} s"};
    case Label::kAgeMinutes:
      return {"{} 分钟", "{} min"};
    case Label::kAgeHours:
      return {"{} 小时", "{} h"};
    case Label::kAgeDays:
      return {"{} 天", "{} d"};
    case Label::kReceiptTitle:
      return {"会员积分凭条", "Member receipt"};
    case Label::kReceiptVoidTitle:
      return {"撤销凭条", "Void receipt"};
    case Label::kReceiptRefundTitle:
      return {"退货凭条", "Refund receipt"};
    case Label::kReceiptEnrolTitle:
      return {"会员登记凭条", "Enrolment receipt"};
    case Label::kReceiptEnrolNote:
      return {"登记将随记录送达总部；此卡即日起可累积积分。",
              "The office hears of it with the records; this card earns from today."};
    case Label::kReceiptOriginal:
      return {"原小票号", "For receipt"};
    case Label::kReceiptReturned:
      return {"退货金额", "Goods returned"};
    case Label::kReceiptGiveBack:
      return {"退还金额", "Money returned"};
    case Label::kReceiptTakenBack:
      return {"收回积分", "Points taken back"};
    case Label::kReceiptGivenBack:
      return {"退回积分", "Points given back"};
    case Label::kReceiptSettledLater:
      return {"积分由总部按原单结算", "The office settles the points from the original sale"};
    case Label::kReceiptNo:
      return {"小票号", "Receipt"};
    case Label::kReceiptTime:
      return {"时间", "Time"};
    case Label::kReceiptTill:
      return {"终端", "Till"};
    case Label::kReceiptMember:
      return {"会员", "Member"};
    case Label::kReceiptBill:
      return {"消费金额", "Amount"};
    case Label::kReceiptDiscount:
      return {"积分抵扣", "Discount"};
    case Label::kReceiptPaid:
      return {"实付金额", "Paid"};
    case Label::kReceiptEarned:
      return {"获得积分", "Points earned"};
    case Label::kReceiptRedeemed:
      return {"使用积分", "Points redeemed"};
    case Label::kReceiptBalance:
      return {"积分余额", "Points balance"};
    case Label::kReceiptExpiring:
      return {"{} 积分将于 {d} 到期", "{} points expire on {d}"};
    case Label::kReceiptOffline:
      return {"离线成交：网络恢复后自动入账", "Made offline: will be posted when online"};
    case Label::kReceiptKeep:
      return {"请保留小票：凭二维码可补登积分", "Keep this receipt: its code proves your points"};
    case Label::kReceiptThanks:
      return {"谢谢惠顾", "Thank you"};
  }
  return {};
}

struct MessagePair {
  Pair happened;
  Pair to_do;
};

MessagePair message_pair(sale::MessageId message) {
  using sale::MessageId;
  switch (message) {
    case MessageId::kNone:
      return {};
    case MessageId::kApproved:
      return {{"交易成功", "Approved"}, {"", ""}};
    case MessageId::kVoided:
      return {{"已撤销", "Voided"},
              {"积分已退回，请收回小票。", "The points are back; take the receipt."}};
    case MessageId::kVoidRecorded:
      return {{"撤销已记录", "Void recorded"},
              {"积分由总部按原单结算；请收回小票。",
               "The office settles the points; take the receipt."}};
    case MessageId::kEnrolled:
      return {{"已登记为会员", "Enrolled"},
              {"请把凭条交给顾客；再扫一次卡即可累积。",
               "Give the slip to the customer; scan the card again to earn."}};
    case MessageId::kPhoneTooShort:
      return {{"手机号位数不够。", "The phone number has too few digits."},
              {"请输入完整的号码。", "Type the whole number."}};
    case MessageId::kRefunded:
      return {{"退货完成", "Refunded"},
              {"积分已相应调整，请把凭条交给顾客。",
               "The points are adjusted; give the slip to the customer."}};
    case MessageId::kRefundRecorded:
      return {{"退货已记录", "Refund recorded"},
              {"积分由总部按原单结算，请把凭条交给顾客。",
               "The office settles the points; give the slip to the customer."}};
    case MessageId::kUndone:
      return {{"已取消", "Undone"},
              {"没有扣除积分，可以重新开始。", "No points were taken; start again."}};
    case MessageId::kSynced:
      return {{"全部上传完成。", "Everything has been sent."},
              {"没有待上传的交易。", "Nothing is waiting."}};
    case MessageId::kSyncStarted:
      return {{"正在上传 {} 笔交易。", "Sending {} records."},
              {"可以继续收银。", "You can go on selling."}};
    case MessageId::kUnknownCode:
      return {{"这不是本店的会员码。", "This is not a member code of ours."},
              {"请让顾客打开会员码，再扫一次。", "Ask for the member code and scan again."}};
    case MessageId::kPayCode:
      return {{"这是付款码，不是会员码。", "This is a payment code, not a member code."},
              {"请让顾客切换到会员码；未收取任何款项。",
               "Ask the customer for the member code; nothing was charged."}};
    case MessageId::kUnknownCard:
      return {{"没有找到这张会员卡。", "No member has this card."},
              {"请核对卡号，或到服务台办理。", "Check the card, or send the customer to service."}};
    case MessageId::kMemberFrozen:
      return {{"该会员账户已冻结。", "This member's account is frozen."},
              {"请按普通顾客收银，并请会员联系客服。",
               "Sell without points; the member should call service."}};
    case MessageId::kAmountZero:
      return {{"金额不能为零。", "The amount cannot be zero."},
              {"请输入消费金额。", "Type the amount of the sale."}};
    case MessageId::kAmountTooLarge:
      return {{"金额超过上限 {}。", "The amount is above the limit of {}."},
              {"请核对金额，或分单收银。", "Check the amount, or split the sale."}};
    case MessageId::kPointsOutOfRange:
      return {{"积分数量不符合规定。", "That number of points is not possible."},
              {"请按 ▲▼ 选择可用的积分数。", "Choose one of the steps with ▲▼."}};
    case MessageId::kBelowMinimum:
      return {{"低于最低抵扣积分。", "Fewer points than the minimum."},
              {"请增加积分，或不抵扣。", "Use more points, or none."}};
    case MessageId::kAboveBillShare:
      return {{"超过本单可抵扣的比例。", "More than this bill allows."},
              {"请减少使用的积分。", "Use fewer points."}};
    case MessageId::kNotEnoughPoints:
      return {{"可用积分不足。", "Not enough points."},
              {"请减少使用的积分，或只累积积分。", "Use fewer points, or only earn."}};
    case MessageId::kRedeemNeedsConnection:
      return {{"离线时不能抵扣积分。", "Points cannot be redeemed while offline."},
              {"请只累积积分，或等网络恢复。", "Only earn now, or wait for the line."}};
    case MessageId::kNoAnswer:
      return {{"总部没有及时答复，未扣积分。", "No answer in time; no points were taken."},
              {"请再试一次，或只累积积分。", "Try again, or only earn."}};
    case MessageId::kTimeUnknown:
      return {{"时间尚未校准，暂不能抵扣积分。", "The time is not known yet: no redeeming."},
              {"请只累积积分，或稍后再试。", "Only earn now, or try again later."}};
    case MessageId::kSaleClosed:
      return {{"这笔交易已经结束。", "This sale has already ended."},
              {"请从金额开始新的一单。", "Start a new sale from the amount."}};
    case MessageId::kNothingToVoid:
      return {
          {"没有可以撤销的交易。", "There is no sale to void."},
          {"请核对小票号，或到服务台退货。", "Check the receipt number, or refund at service."}};
    case MessageId::kAlreadyVoided:
      return {{"这笔交易已经撤销过。", "This sale was voided before."},
              {"不需要再操作。", "Nothing more to do."}};
    case MessageId::kAlreadyRefunded:
      return {{"这笔交易已经全部退货。", "This sale was refunded before."},
              {"不需要再操作。", "Nothing more to do."}};
    case MessageId::kPartlyRefunded:
      return {{"这笔交易已部分退货，不能撤销。",
               "Part of this sale was refunded: it cannot be voided."},
              {"请用退货键退回其余部分。", "Refund the rest with the refund key."}};
    case MessageId::kRefundTooLarge:
      return {{"超过可退金额 {}。", "More than the {} that is left."},
              {"请核对退货金额。", "Check the amount."}};
    case MessageId::kNotAReceipt:
      return {{"没有找到这张小票。", "This receipt cannot be found."},
              {"请核对小票号，或扫描小票上的二维码。",
               "Check the number, or scan the code on the receipt."}};
    case MessageId::kScanTheReceipt:
      return {{"这是其他终端的小票。", "This receipt is another till's."},
              {"请扫描小票上的二维码。", "Scan the code on the receipt."}};
    case MessageId::kOfAnotherSale:
      return {{"这个二维码属于另一笔交易。", "This code belongs to another sale."},
              {"请扫描同一张小票上的二维码。", "Scan the codes of one receipt."}};
    case MessageId::kVoidNeedsConnection:
      return {
          {"离线时不能撤销其他终端的交易。", "Another till's sale cannot be voided while offline."},
          {"请等网络恢复，或改为退货。", "Wait for the line, or refund it instead."}};
    case MessageId::kPaperOut:
      return {{"打印机缺纸，交易不受影响。", "The printer is out of paper; the sale stands."},
              {"请换纸，小票会自动补打。", "Put in a new roll; the receipt follows by itself."}};
    case MessageId::kPrinterFault:
      return {{"打印机没有响应，交易不受影响。", "The printer does not answer; the sale stands."},
              {"请合上盖子并检查连线。", "Close its cover and check the cable."}};
    case MessageId::kScannerUnplugged:
      return {{"扫描枪已断开。", "The scanner is unplugged."},
              {"请插好连线；会员卡仍可使用。", "Plug it in; cards still work."}};
    case MessageId::kScannerBack:
      return {{"扫描枪已恢复。", "The scanner is back."},
              {"可以继续扫描。", "You can scan again."}};
    case MessageId::kDiskFull:
      return {
          {"本机存储已满，不能继续收银。", "This terminal's disk is full: no more sales."},
          {"请保持联网上传，并联系技术人员。", "Keep it online to send, and call the technician."}};
    case MessageId::kDiskFault:
      return {
          {"本机存储出错，这一单没有成交。", "The disk failed; this sale was not made."},
          {"请等待自检，仍不行请联系技术人员。", "Wait for its check; then call the technician."}};
    case MessageId::kCertificateRefused:
      return {{"与网关的身份验证失败。", "The gateway and this terminal do not trust each other."},
              {"可以离线累积积分；请联系技术人员更新证书。",
               "Earning works offline; call the technician about the certificate."}};
    case MessageId::kClockWrong:
      return {{"本机时钟相差 {} 秒。", "This terminal's clock is {} s off."},
              {"可以继续收银；请联系技术人员校时。", "Go on selling; call the technician."}};
    case MessageId::kIdentityInUse:
      return {
          {"另一台终端正在使用本机的身份。", "Another terminal uses this one's identity."},
          {"请停用其中一台，并联系技术人员。", "Switch one of them off and call the technician."}};
    case MessageId::kIncarnationRetired:
      return {{"本机的登记已被新的登记取代。", "A newer enrolment has replaced this one."},
              {"请联系技术人员重新登记。", "Call the technician to enrol it again."}};
    case MessageId::kQuarantined:
      return {{"总部需要核对本机的交易记录。", "The office must check this terminal's records."},
              {"请联系店长，不要重装本机。", "Call the manager; do not reinstall it."}};
    case MessageId::kBranched:
      return {{"本机存储曾被还原到较早的状态，已报告总部。",
               "This terminal's disk was put back to an older state; the office is told."},
              {"交易没有丢失，可以继续收银；请联系技术人员。",
               "No sale is lost; go on selling and call the technician."}};
    case MessageId::kRecordsUnreadable:
      return {{"{} 笔未上传的交易无法读取，已报告总部。",
               "{} unsent records cannot be read; the office is told."},
              {"可以继续收银；请联系技术人员检查存储。",
               "Go on selling; call the technician about the disk."}};
    case MessageId::kReversedAtBoot:
      return {{"断电时未完成的一单已自动取消。", "A sale cut off by the power loss was undone."},
              {"如果顾客还在，请重新收银。", "If the customer is still here, ring it up again."}};
    case MessageId::kRefundStands:
      return {{"断电前，小票 {} 的退货已完成。",
               "The refund of {} was finished before the power loss."},
              {"请勿重复退货。", "Do not refund it again."}};
    case MessageId::kInternalFault:
      return {{"程序出现异常，这一单没有成交。", "Something went wrong; this sale was not made."},
              {"请重试，仍不行请联系技术人员。", "Try again; then call the technician."}};
  }
  return {};
}

std::string_view pick(const Pair& pair, sale::Language language) {
  return language == sale::Language::kZhCn ? pair.zh : pair.en;
}

}  // namespace

std::string_view text(Label label, sale::Language language) {
  return pick(label_pair(label), language);
}

std::string with_value(std::string_view text, std::string_view value, std::string_view mark) {
  std::string result(text);
  if (const auto at = result.find(mark); at != std::string::npos) {
    result.replace(at, mark.size(), value);
  }
  return result;
}

Sentence sentence(sale::MessageId message, sale::Language language, std::string_view argument) {
  const MessagePair pair = message_pair(message);
  return {with_value(pick(pair.happened, language), argument),
          with_value(pick(pair.to_do, language), argument)};
}

}  // namespace tally::firmware::ui
