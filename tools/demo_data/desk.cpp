#include "tools/demo_data/desk.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "core/base/try.hpp"
#include "core/node/oa_office.hpp"

#include "storage/office_acts.hpp"
#include "storage/office_store.hpp"

namespace tally::tools::demo {
namespace {

using ledger::ActOutcome;
using ledger::OfficeAct;
using ledger::OfficeActKind;

constexpr std::uint64_t kDesk = 0x6465736b;
constexpr std::int64_t kAdjusts = 450;  ///< Of a thousand days, as below.
constexpr std::int64_t kCards = 150;
constexpr std::int64_t kDecisions = 120;
constexpr std::int64_t kClaims = 700;  ///< When a store cannot send.
/// What was asked for in the last days still waits for its checker.
constexpr std::uint32_t kOpenDays = 5;
/// New cards come out of another box than those of the tills: above every card a member may have.
constexpr std::uint32_t kReplacementCards = kMembersMax + 100'000;
constexpr std::int64_t kDayUs = 86'400'000'000;

constexpr std::array<std::string_view, 3> kMakers = {"li.na", "zhou.min", "chen.yu"};
constexpr const char* kChecker = "wang.wei";
constexpr std::array<std::string_view, 4> kGoodwill = {
    "送货延误，补偿积分", "活动积分漏发，补记", "投诉处理，补偿积分", "生日积分补发"};
constexpr std::array<std::int32_t, 4> kLifeDays = {7, 30, 60, 180};

}  // namespace

MemberId Desk::any_member(std::uint32_t& customer) {
  customer = static_cast<std::uint32_t>(chance_.below(size_.members));
  return road_.people().member_of(customer);
}

Status Desk::work(std::uint32_t day, WallTime now) {
  chance_ = Chance(size_.seed, kDesk, day);
  if (chance_.permille(kAdjusts) || day + 1 == size_.days) {
    TALLY_TRY(adjust(day, now));
  }
  if (chance_.permille(kCards)) {
    TALLY_TRY(replace_card(now));
  }
  if (chance_.permille(kDecisions)) {
    TALLY_TRY(decide(now));
  }
  if (chance_.permille(kClaims)) {
    TALLY_TRY(claim(now));
  }
  return {};
}

Status Desk::adjust(std::uint32_t day, WallTime now) {
  OfficeAct asked;
  asked.kind = OfficeActKind::kAdjust;
  std::uint32_t customer = 0;
  asked.member = any_member(customer);
  if (!asked.member) {
    return {};
  }
  asked.maker = chance_.pick(kMakers);
  const std::int64_t kind = day + 1 == size_.days ? 9 : chance_.below(10);
  if (kind == 0) {
    asked.points = Points{-chance_.between(1, 10) * 10};
    asked.reason = "误记积分扣回";
  } else {
    asked.points = Points{kind < 7 ? chance_.between(1, 10) * 50 : chance_.between(3, 10) * 500};
    asked.reason = chance_.pick(kGoodwill);
    asked.expires_on =
        BusinessDay{road_.node().ledger_time({now, {}}).today.days + chance_.pick(kLifeDays)};
  }
  // A checker looks at once, but for what still lies on the desk at the end.
  asked.checker = day + kOpenDays < size_.days ? kChecker : "";
  TALLY_TRY(act(std::move(asked), now));
  return {};
}

Status Desk::replace_card(WallTime now) {
  OfficeAct asked;
  asked.kind = OfficeActKind::kReplaceCard;
  std::uint32_t customer = 0;
  asked.member = any_member(customer);
  if (!asked.member) {
    return {};
  }
  asked.card = trade_.card(customer);
  asked.new_card = card_of(kReplacementCards + acts_);
  asked.card_state =
      chance_.permille(700) ? ledger::CardState::kLost : ledger::CardState::kReplaced;
  asked.reason = asked.card_state == ledger::CardState::kLost ? "会员挂失补卡" : "旧卡磨损换卡";
  asked.maker = chance_.pick(kMakers);
  asked.checker = kChecker;
  const std::string new_card = asked.new_card;
  TALLY_TRY_ASSIGN(const bool done, act(std::move(asked), now));
  if (done) {
    trade_.replace_card(customer, new_card);
  }
  return {};
}

/// The oldest ticket that was used twice is written off.
Status Desk::decide(WallTime now) {
  OfficeAct asked;
  asked.kind = OfficeActKind::kDecide;
  {
    TALLY_TRY_ASSIGN(storage::Statement rows,
                     road_.store().db().prepare("SELECT no FROM quarantine WHERE decision = 0 AND "
                                                "reason = 2 ORDER BY no LIMIT 1"));
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return {};
    }
    asked.quarantine = rows.int64(0);
  }
  asked.decision = ledger::QuarantineDecision::kWriteOff;
  asked.reason = "同一小票已积过分";
  asked.maker = chance_.pick(kMakers);
  asked.checker = kChecker;
  TALLY_TRY(act(std::move(asked), now));
  return {};
}

Status Desk::claim(WallTime now) {
  for (std::uint32_t shop = 0; shop < size_.stores; ++shop) {
    TALLY_TRY_ASSIGN(const bool claimed,
                     road_.claim_waiting(shop, std::string(chance_.pick(kMakers)), now));
    if (claimed) {
      return {};
    }
  }
  return {};
}

Result<bool> Desk::act(OfficeAct act, WallTime now) {
  storage::LedgerStore& store = road_.store();
  TALLY_TRY(store.begin());
  const Result<bool> done = act_in_transaction(act, now);
  if (!done || !*done) {
    store.rollback();
    return done;
  }
  TALLY_TRY(store.commit());
  ++acts_;
  return true;
}

Result<bool> Desk::act_in_transaction(const OfficeAct& act, WallTime now) {
  storage::LedgerStore& store = road_.store();
  storage::OfficeActs acts(store.db());
  const ledger::LedgerTime time = road_.node().ledger_time({now, {}});
  TALLY_TRY_ASSIGN(const Points today, acts.unchecked_points(act.maker, WallTime{now.us - kDayUs}));
  storage::OfficeActRow row;
  TALLY_TRY_ASSIGN(row.number, acts.next_number());
  TALLY_TRY_ASSIGN(
      const ledger::OfficeResult result,
      node::perform_office_act(store, act, row.number, today, road_.node().policy(), time));
  const bool open = result.outcome == ActOutcome::kNeedsChecker;
  if (result.outcome != ActOutcome::kDone && !open) {
    return false;
  }
  row.state = open ? storage::ActState::kOpen : storage::ActState::kDone;
  row.act = act;
  row.made_at = now;
  row.checked_at = open || act.checker.empty() ? WallTime{} : now;
  row.txn = result.txn;
  TALLY_TRY(acts.put(row));
  storage::OfficeStore rows(store.db());
  TALLY_TRY(rows.log(now,
                     act.maker,
                     std::string(ledger::name_of(act.kind)) + (open ? "_asked" : ""),
                     act.member,
                     act.reason));
  if (!open && !act.checker.empty()) {
    TALLY_TRY(rows.log(now,
                       act.checker,
                       std::string(ledger::name_of(act.kind)) + "_approved",
                       act.member,
                       act.reason));
  }
  return true;
}

}  // namespace tally::tools::demo
