#include "oa/reasons.hpp"

namespace tally::oa {

Reason quarantine_reason(ledger::QuarantineReason reason) {
  using ledger::QuarantineReason;
  switch (reason) {
    case QuarantineReason::kUnknownCard:
      return {"没有会员持有这张卡。",
              "No member holds this card.",
              "如果会员后来登记了这张卡，系统会自动入账。",
              "If the card is enrolled later, it posts by itself."};
    case QuarantineReason::kTicketUsed:
      return {"这张小票已经积过分。",
              "This till ticket has earned points before.",
              "请与门店核对是否重复积分。",
              "Check with the store whether it was entered twice."};
    case QuarantineReason::kUndecodable:
      return {"记录的内容无法读取，但签名正确。",
              "The record's content cannot be read although its signature is right.",
              "请联系技术人员，并附上小票号。",
              "Call a technician and name the receipt."};
    case QuarantineReason::kUnknownKind:
      return {"记录来自更新版本的终端。",
              "The record comes from a newer terminal.",
              "请升级办公室服务器。",
              "Update the office server."};
    case QuarantineReason::kAmountOutOfRange:
      return {"积分或金额超出允许范围。",
              "Points or amount are out of range.",
              "请与门店核对后，由主管批准调整。",
              "Check with the store, then have an adjustment approved."};
    case QuarantineReason::kFork:
      return {"同一编号出现了两份不同的记录。",
              "Two different records have the same number.",
              "该终端已隔离：请检查它的存储卡是否被复制。",
              "The terminal is quarantined: check whether its card was copied."};
    case QuarantineReason::kNotCancellable:
      return {"它要撤销的记录不能撤销。",
              "What it cancels cannot be cancelled.",
              "请与门店核对小票号。",
              "Check the receipt number with the store."};
    case QuarantineReason::kCardTaken:
      return {"这张卡已经属于一位会员。",
              "A member has this card already.",
              "请为新会员换一张卡。",
              "Give the new member another card."};
    case QuarantineReason::kTerminalQuarantined:
      return {"该终端已被隔离。",
              "The terminal is quarantined.",
              "查明原因后重新登记终端，再处理这些记录。",
              "Find the cause, enrol the terminal again, then post these."};
  }
  return {"原因未知。", "The reason is unknown.", "请联系技术人员。", "Call a technician."};
}

}  // namespace tally::oa
