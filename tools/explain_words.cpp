#include "tools/explain_words.hpp"

#include <chrono>
#include <cstdio>

#include "core/base/iso_day.hpp"

namespace tally::tools {

using ledger::AccountKind;
using ledger::QuarantineReason;
using ledger::TransferCode;
using ledger::TxnKind;

namespace {

Sentence both(const std::string& text) {
  return {text, text};
}

}  // namespace

Sentence words_of(BusinessDay day) {
  return day == ledger::kNoExpiry ? Sentence{"永不过期", "never"} : both(iso_day_text(day));
}

std::string time_text(WallTime at) {
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds{at.us}};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  char text[32];
  std::snprintf(text,
                sizeof text,
                " %02d:%02d:%02d UTC",
                static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return iso_day_text({static_cast<std::int32_t>(day.time_since_epoch().count())}) + text;
}

std::string money_text(Money money) {
  const char* letters = " CNY";
  if (money.currency == Currency::kEur) {
    letters = " EUR";
  } else if (money.currency == Currency::kUsd) {
    letters = " USD";
  }
  return format_amount(money) + letters;
}

Sentence words_of(TxnKind kind) {
  switch (kind) {
    case TxnKind::kAccrual:
      return {"积分累计", "accrual"};
    case TxnKind::kRedemption:
      return {"积分抵扣", "redemption"};
    case TxnKind::kVoid:
      return {"撤销", "void"};
    case TxnKind::kRefund:
      return {"退货", "refund"};
    case TxnKind::kReversal:
      return {"冲正", "reversal"};
    case TxnKind::kEnrolment:
      return {"会员登记", "enrolment"};
    case TxnKind::kNote:
      return {"备注", "note"};
    case TxnKind::kGap:
      return {"记录缺口", "gap"};
    case TxnKind::kShiftClose:
      return {"交班", "shift close"};
    case TxnKind::kHold:
      return {"预留", "hold"};
    case TxnKind::kRelease:
      return {"释放", "release"};
    case TxnKind::kVest:
      return {"生效", "vesting"};
    case TxnKind::kExpire:
      return {"到期", "expiry"};
    case TxnKind::kCorrection:
      return {"系统更正", "correction"};
    case TxnKind::kLease:
      return {"离线预授", "lease"};
    case TxnKind::kLeaseReturned:
      return {"离线预授退回", "return of a lease"};
    case TxnKind::kLeaseFenced:
      return {"离线预授收回", "fencing of a lease"};
    case TxnKind::kAdjustment:
      return {"人工调整", "adjustment"};
    case TxnKind::kClear:
      return {"清零", "clearing"};
    case TxnKind::kTransferOut:
      return {"转出", "transfer out"};
    case TxnKind::kTransferIn:
      return {"转入", "transfer in"};
    case TxnKind::kMergeMove:
      return {"会员合并转移", "move between merged members"};
    case TxnKind::kWriteOff:
      return {"核销", "write-off"};
    case TxnKind::kClaimFreed:
      return {"小票认领生效", "vesting of a claimed receipt"};
  }
  return {"未知类型", "unknown kind"};
}

Sentence words_of(const ledger::AccountKey& account) {
  const std::string owner = " " + std::to_string(account.owner);
  const auto of = [&](const char* zh, const char* zh_owner, const char* en, const char* en_owner) {
    return Sentence{std::string(zh) + "（" + zh_owner + owner + "）",
                    std::string(en) + " (" + en_owner + owner + ")"};
  };
  switch (account.kind) {
    case AccountKind::kIssuance:
      return of("发行", "门店", "issuance", "store");
    case AccountKind::kAvailable:
      return of("可用", "会员", "available", "member");
    case AccountKind::kEscrow:
      return of("预留", "权利", "escrow", "right");
    case AccountKind::kPending:
      return of("待生效", "会员", "pending", "member");
    case AccountKind::kDebt:
      return of("欠分", "会员", "debt", "member");
    case AccountKind::kRedeemed:
      return of("已抵扣", "门店", "redeemed", "store");
    case AccountKind::kExpired:
      return of("已过期", "门店", "expired", "store");
    case AccountKind::kRisk:
      return of("风险", "门店", "risk", "store");
    case AccountKind::kSuspense:
      return of("待查", "门店", "suspense", "store");
    case AccountKind::kTransit:
      return {"在途", "transit"};
  }
  return both("?");
}

Sentence words_of(TransferCode code) {
  switch (code) {
    case TransferCode::kAccrual:
      return {"累计", "earned"};
    case TransferCode::kRedemption:
      return {"抵扣", "spent"};
    case TransferCode::kHold:
      return {"预留", "held"};
    case TransferCode::kRelease:
      return {"释放", "released"};
    case TransferCode::kCancelAccrual:
      return {"收回累计的积分", "taken back"};
    case TransferCode::kCancelRedemption:
      return {"退还抵扣的积分", "given back"};
    case TransferCode::kExcess:
      return {"撤销超出原交易的部分", "cancelled beyond the original"};
    case TransferCode::kRepayRisk:
      return {"偿还门店风险", "covers what a store let through"};
    case TransferCode::kRepayDebt:
      return {"偿还欠分", "covers what the member owed"};
    case TransferCode::kVest:
      return {"生效", "vested"};
    case TransferCode::kExpiry:
      return {"到期", "expired"};
    case TransferCode::kCorrection:
      return {"更正", "corrected"};
    case TransferCode::kLease:
      return {"离线预授", "leased"};
    case TransferCode::kReturn:
      return {"退回", "came back"};
    case TransferCode::kDoubtful:
      return {"与网关所报不符", "not what the gateway said"};
    case TransferCode::kAdjustment:
      return {"人工调整", "adjusted"};
    case TransferCode::kClear:
      return {"清零", "cleared"};
    case TransferCode::kTransfer:
      return {"转让", "transferred"};
    case TransferCode::kMergeMove:
      return {"会员合并", "moved between merged members"};
  }
  return {"其他", "other"};
}

Sentence words_of(QuarantineReason reason) {
  switch (reason) {
    case QuarantineReason::kUnknownCard:
      return {"没有会员持有这张卡", "no member holds the card"};
    case QuarantineReason::kTicketUsed:
      return {"这张小票已经积过分", "the till ticket has earned before"};
    case QuarantineReason::kUndecodable:
      return {"内容无法读取", "its content cannot be read"};
    case QuarantineReason::kUnknownKind:
      return {"来自更新版本的终端", "it comes from a newer terminal"};
    case QuarantineReason::kAmountOutOfRange:
      return {"积分或金额超出范围", "points or amount are out of range"};
    case QuarantineReason::kFork:
      return {"同一编号有两份内容", "two contents under one number"};
    case QuarantineReason::kNotCancellable:
      return {"它要撤销的记录不能撤销", "what it cancels cannot be cancelled"};
    case QuarantineReason::kCardTaken:
      return {"卡已属于一位会员", "a member has the card already"};
    case QuarantineReason::kTerminalQuarantined:
      return {"终端已被隔离", "its terminal is quarantined"};
  }
  return {"原因未知", "unknown reason"};
}

Sentence words_of(const ledger::LotRef& lot) {
  if (!lot) {
    return {};
  }
  const std::string number = std::to_string(lot.id.value);
  const std::string store = std::to_string(lot.issuer.value);
  const Sentence day = words_of(lot.expires_on);
  return {"，批次 " + number + "（门店 " + store + " 发行，有效期至 " + day.zh + "）",
          ", lot " + number + " (issued by store " + store + ", until " + day.en + ")"};
}

Sentence words_of(const storage::OfficeActRow& row) {
  const ledger::OfficeAct& act = row.act;
  const bool checked = !act.checker.empty();
  return {"办公室操作 " + std::to_string(row.number) + "：经办 " + act.maker +
              (checked ? "，复核 " + act.checker : "") + "，" +
              time_text(checked ? row.checked_at : row.made_at) + "；原因：" + act.reason,
          "office act " + std::to_string(row.number) + ": maker " + act.maker +
              (checked ? ", checker " + act.checker : "") + ", " +
              time_text(checked ? row.checked_at : row.made_at) + "; reason: " + act.reason};
}

}  // namespace tally::tools
