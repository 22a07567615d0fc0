#include "tools/audit_replay.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/try.hpp"
#include "core/codec/record_codec.hpp"
#include "core/ledger/office.hpp"
#include "core/ledger/posting.hpp"
#include "core/ledger/rules.hpp"
#include "core/ledger/sale_rights.hpp"
#include "core/ledger/sweep.hpp"
#include "core/node/oa_node.hpp"
#include "core/node/oa_office.hpp"

#include "storage/ledger_story.hpp"

namespace tally::tools {

using ledger::Lot;
using ledger::Txn;
using ledger::TxnId;
using ledger::TxnKind;
using storage::Db;
using storage::Statement;

namespace {

/// What the ledger says it decided, and from what.
struct Decided {
  Txn txn;                                      ///< Without sources.
  std::optional<record::Record> record;         ///< The stored record it posts.
  std::optional<ledger::OfficeAct> act;         ///< The act that made it.
  std::optional<ledger::AuthoriseRequest> ask;  ///< The ask that was granted.
  RightId right;                                ///< What was granted then.
  bool claimed = false;                         ///< By a receipt: what it earned waited.
};

/// The token under which a granted ask is asked again: whose card it was then is known.
std::string token_of(TxnId hold) {
  return "#" + std::to_string(hold.value);
}

class Replay {
 public:
  Replay(const std::string& database,
         const ledger::Policy& policy,
         std::int32_t utc_offset_s,
         AuditReport& report)
      : database_(database), policy_(policy), utc_offset_s_(utc_offset_s), report_(report) {
    // What was granted is granted again; whether it should have been is not asked twice.
    policy_.program.redeem_step = Points{1};
    policy_.program.redeem_min = Points{1};
    policy_.program.bill_share_percent = 100;
    policy_.program.redeem_step_worth.minor_units = 1;
    policy_.program.bill_max.minor_units = kAmountMax;
    policy_.record_points_max = Points{kAmountMax};
    policy_.office.act_points_max = Points{kAmountMax};
  }

  Status read(Db& oa);
  void run();
  Status compare(Db& oa);

 private:
  void breach(const char* table, std::string row, std::string text) {
    report_.add({"I11", database_, table, std::move(row), std::move(text)});
  }
  ledger::LedgerTime time_of(const Txn& txn) const {
    return {txn.posted_at, node::business_day_of(txn.posted_at, utc_offset_s_)};
  }
  static Status read_record(Decided& each, Statement& raw, Statement& claims);
  Status read_members(Db& oa);
  Status read_lost_rights(Db& oa);
  void plan(const Decided& each);
  void decide(std::size_t at);
  void apply(const Decided& each);
  void release(std::size_t at);
  void post_plain(const Txn& stored);
  void office(const Decided& each);
  void sweep(const Decided& each);
  void arrive(const Decided& each, const Decided& out);
  const Decided* find(TxnId id) const;
  void compare_txn(const Decided& each);

  const std::string& database_;
  ledger::Policy policy_;
  std::int32_t utc_offset_s_;
  AuditReport& report_;
  std::vector<Decided> decided_;  ///< By number.
  std::map<MemberId, MemberId> aliases_;
  std::vector<ledger::LostRights> lost_rights_;
  ledger::ReadPlan plan_;
  std::vector<MemberId> members_;
  ledger::WorkingSet set_;
};

Status Replay::read_members(Db& oa) {
  TALLY_TRY_ASSIGN(Statement rows, oa.prepare("SELECT id, alias_of FROM member ORDER BY id"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return {};
    }
    members_.push_back(MemberId{rows.int64(0)});
    plan_.members.insert(members_.back());
    if (rows.int64(1) != 0) {
      aliases_[members_.back()] = MemberId{rows.int64(1)};
    }
  }
}

Status Replay::read_lost_rights(Db& oa) {
  TALLY_TRY_ASSIGN(Statement rows, oa.prepare("SELECT right_first, right_last FROM restored"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return {};
    }
    lost_rights_.push_back({RightId{rows.uint64(0)}, RightId{rows.uint64(1)}});
  }
}

/// The record as it came, or as a receipt gave it back.
Status Replay::read_record(Decided& each, Statement& raw, Statement& claims) {
  const RecordId& id = *each.txn.record;
  claims.bind_all(
      each.txn.id, id.terminal, id.incarnation, id.seq, id.boot, ByteView(each.txn.mac));
  TALLY_TRY_ASSIGN(const bool claimed, claims.step());
  raw.bind_all(id.terminal, id.incarnation, id.seq, id.boot, ByteView(each.txn.mac));
  TALLY_TRY_ASSIGN(const bool there, raw.step());
  if (there || claimed) {
    if (Result<record::Record> record = codec::decode_record((there ? raw : claims).blob(0))) {
      each.record = std::move(*record);
    }
  }
  each.claimed = claimed && claims.int64(1) != 0;
  raw.reset();
  claims.reset();
  return {};
}

Status Replay::read(Db& oa) {
  TALLY_TRY(read_members(oa));
  TALLY_TRY(read_lost_rights(oa));
  storage::LedgerStories stories(oa);
  TALLY_TRY_ASSIGN(std::vector<Txn> txns, stories.all_txns());
  TALLY_TRY_ASSIGN(Statement raw,
                   oa.prepare("SELECT sealed FROM raw_record WHERE terminal = ? AND "
                              "incarnation = ? AND seq = ? AND boot = ? AND mac = ?"));
  // A claim posted before its stream had come as far put what it earned into PENDING.
  TALLY_TRY_ASSIGN(Statement claims,
                   oa.prepare("SELECT sealed, EXISTS(SELECT 1 FROM transfer WHERE txn = ?1 AND "
                              "to_kind = 6 AND code = 1) FROM claim WHERE terminal = ?2 AND "
                              "incarnation = ?3 AND seq = ?4 AND boot = ?5 AND mac = ?6"));
  TALLY_TRY_ASSIGN(Statement asks,
                   oa.prepare("SELECT points, program, right_id FROM ask_answer WHERE sale = ?"));
  storage::OfficeActs acts(oa);
  for (Txn& txn : txns) {
    Decided each;
    each.txn = std::move(txn);
    if (each.txn.record) {
      TALLY_TRY(read_record(each, raw, claims));
    }
    if (each.txn.kind == TxnKind::kHold) {
      asks.bind_all(ByteView(each.txn.sale.bytes));
      TALLY_TRY_ASSIGN(const bool there, asks.step());
      if (there) {
        each.ask =
            ledger::AuthoriseRequest{token_of(each.txn.id),
                                     Points{asks.int64(0)},
                                     Money{kAmountMax, policy_.program.redeem_step_worth.currency},
                                     ProgramVersion{asks.uint32(1)}};
        each.right = RightId{asks.uint64(2)};
      }
      asks.reset();
    }
    TALLY_TRY_ASSIGN(const auto act, acts.of_txn(each.txn.id));
    if (act) {
      each.act = act->act;
    }
    plan(each);
    decided_.push_back(std::move(each));
  }
  return {};
}

void Replay::plan(const Decided& each) {
  plan_.sales.insert(each.txn.sale);
  plan_.cards.insert(token_of(each.txn.id));
  if (each.record) {
    ledger::plan_record(plan_, *each.record, each.txn.store);
  }
}

const Decided* Replay::find(TxnId id) const {
  const auto at =
      std::lower_bound(decided_.begin(), decided_.end(), id, [](const Decided& each, TxnId wanted) {
        return each.txn.id < wanted;
      });
  return at == decided_.end() || at->txn.id != id ? nullptr : &*at;
}

void Replay::run() {
  plan_.cards.insert("");
  set_ = ledger::WorkingSet(plan_);
  for (const ledger::LostRights& lost : lost_rights_) {
    set_.load_lost_rights(lost);
  }
  for (const MemberId member : members_) {
    ledger::MemberEntry entry;
    entry.row.id = member;
    set_.load_member(std::move(entry));
  }
  for (const Decided& each : decided_) {
    if (each.txn.kind == TxnKind::kHold) {
      set_.load_card(token_of(each.txn.id), each.txn.member);
    }
  }
  for (std::size_t at = 0; at < decided_.size(); ++at) {
    const Decided& each = decided_[at];
    const ledger::Counters reached = set_.counters();
    if (each.txn.id.value <= reached.txn) {
      compare_txn(each);
      continue;
    }
    set_.load_counters({each.txn.id.value - 1, reached.right, reached.member});
    decide(at);
    compare_txn(each);
    if (set_.counters().txn < each.txn.id.value) {
      set_.load_counters({each.txn.id.value, set_.counters().right, set_.counters().member});
    }
  }
}

void Replay::compare_txn(const Decided& each) {
  const Txn* again = set_.txn(each.txn.id);
  const std::string row = "transaction " + std::to_string(each.txn.id.value);
  if (again == nullptr) {
    breach("txn", row, "the rules do not make it from what is stored");
    return;
  }
  if (again->kind != each.txn.kind || again->member != each.txn.member ||
      again->points != each.txn.points || again->balance_after != each.txn.balance_after) {
    breach("txn",
           row,
           "stored: member " + std::to_string(each.txn.member.value) + ", " +
               std::to_string(each.txn.points.value) + " points, " +
               std::to_string(each.txn.balance_after.value) + " after it; again: member " +
               std::to_string(again->member.value) + ", " + std::to_string(again->points.value) +
               " points, " + std::to_string(again->balance_after.value) + " after it");
  }
}

/// The transaction at `at` was not made by an earlier one: whatever it came from is done now.
void Replay::decide(std::size_t at) {
  const Decided& each = decided_[at];
  switch (each.txn.kind) {
    case TxnKind::kHold:
      if (each.ask) {
        const ledger::Asker asker{each.txn.terminal, Incarnation{}, each.txn.store, each.txn.sale};
        // A restored ledger goes on with higher numbers.
        const ledger::Counters reached = set_.counters();
        set_.load_counters(
            {reached.txn, static_cast<std::int64_t>(each.right.value) - 1, reached.member});
        ledger::authorise(set_, asker, *each.ask, policy_, time_of(each.txn));
      }
      return;
    case TxnKind::kRelease:
      release(at);
      return;
    case TxnKind::kExpire:
      ledger::expire(set_, each.txn.member, time_of(each.txn));
      return;
    case TxnKind::kVest:
    case TxnKind::kClaimFreed:
      if (set_.txn(each.txn.cause) != nullptr) {
        ledger::vest(set_, each.txn.cause, time_of(each.txn), each.txn.kind);
      }
      return;
    case TxnKind::kAdjustment:
    case TxnKind::kClear:
    case TxnKind::kTransferOut:
      office(each);
      return;
    case TxnKind::kTransferIn:
    case TxnKind::kMergeMove:
      if (each.txn.cause) {
        if (const Decided* out = find(each.txn.cause)) {
          arrive(each, *out);
        }
      } else {
        sweep(each);
      }
      return;
    case TxnKind::kEnrolment:
    case TxnKind::kWriteOff:
      post_plain(each.txn);
      return;
    default:
      apply(each);
      return;
  }
}

void Replay::post_plain(const Txn& stored) {
  Txn txn = stored;
  txn.balance_after = Points{0};
  ledger::Posting(set_, std::move(txn)).finish();
}

void Replay::apply(const Decided& each) {
  if (!each.record) {
    return;
  }
  record::Record record = *each.record;
  if (each.act) {
    node::correct(record, *each.act);
  }
  record.card_token.clear();
  record.member = each.txn.member;
  ledger::RecordContext context;
  context.mac = each.txn.mac;
  context.store = each.txn.store;
  context.claimed = each.claimed;
  context.time = time_of(each.txn);
  ledger::apply(set_, record, context, policy_);
}

/// Releases come before the record that closes their sale; one without such a record was asked for.
void Replay::release(std::size_t at) {
  const SaleId& sale = decided_[at].txn.sale;
  for (std::size_t next = at + 1; next < decided_.size(); ++next) {
    const Decided& candidate = decided_[next];
    if (candidate.txn.sale != sale) {
      break;
    }
    if (candidate.txn.record) {
      apply(candidate);
      return;
    }
    if (candidate.txn.kind != TxnKind::kRelease) {
      break;
    }
  }
  ledger::release_rights_of_sale({set_, policy_, time_of(decided_[at].txn)}, sale);
}

void Replay::office(const Decided& each) {
  if (each.act) {
    ledger::OfficeAct act = *each.act;
    act.expires_on = each.txn.points > Points{0} ? act.expires_on : ledger::kNoExpiry;
    ledger::perform(set_, act, Points{0}, policy_, time_of(each.txn));
  }
}

void Replay::sweep(const Decided& each) {
  // Out of the merged member, or out of the other to cover what the merged one owes.
  MemberId merged = each.txn.member;
  if (!aliases_.contains(merged)) {
    for (const Decided& other : decided_) {
      merged = other.txn.cause == each.txn.id ? other.txn.member : merged;
    }
  }
  const auto alias = aliases_.find(merged);
  if (alias != aliases_.end() && set_.member(merged) != nullptr) {
    set_.member(merged)->row.alias_of = alias->second;
    ledger::sweep_alias(set_, merged, time_of(each.txn));
  }
}

void Replay::arrive(const Decided& each, const Decided& out) {
  std::vector<Lot> lots;
  for (const ledger::NewTransfer& row : set_.transfers()) {
    if (row.txn == out.txn.id && row.transfer.to == ledger::transit()) {
      lots.push_back({row.transfer.lot, row.transfer.points});
    }
  }
  ledger::arrive(
      set_, {out.txn.id, out.txn.kind, out.txn.member, each.txn.member}, lots, time_of(each.txn));
}

Status Replay::compare(Db& oa) {
  TALLY_TRY_ASSIGN(
      Statement rows,
      oa.prepare("SELECT id, available, held, pending, debt, risk FROM member ORDER BY id"));
  TALLY_TRY_ASSIGN(Statement lots,
                   oa.prepare("SELECT expires_on, issuer, id, points FROM lot WHERE member = ? "
                              "ORDER BY expires_on, id"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return {};
    }
    const MemberId id{rows.int64(0)};
    const ledger::MemberEntry* again = set_.member(id);
    const std::string row = "member " + std::to_string(id.value);
    const ledger::Member& member = again->row;
    if (member.available.value != rows.int64(1) || member.held.value != rows.int64(2) ||
        member.pending.value != rows.int64(3) || member.debt.value != rows.int64(4) ||
        member.risk.value != rows.int64(5)) {
      breach("member",
             row,
             "replayed it has " + std::to_string(member.available.value) + " available, " +
                 std::to_string(member.held.value) + " held, " +
                 std::to_string(member.pending.value) + " pending, " +
                 std::to_string(member.debt.value) + " debt, " + std::to_string(member.risk.value) +
                 " risk");
    }
    std::vector<Lot> stored;
    lots.bind_all(id);
    for (;;) {
      TALLY_TRY_ASSIGN(const bool more, lots.step());
      if (!more) {
        break;
      }
      stored.push_back({{BusinessDay{lots.int32(0)}, StoreId{lots.uint32(1)}, LotId{lots.int64(2)}},
                        Points{lots.int64(3)}});
    }
    lots.reset();
    if (ledger::LotList(stored).all() != again->lots.all()) {
      breach("lot", row, "replayed it has other lots");
    }
  }
}

}  // namespace

Status audit_replay(Db& oa,
                    const std::string& database,
                    const ledger::Policy& policy,
                    std::int32_t utc_offset_s,
                    AuditReport& report) {
  Replay replay(database, policy, utc_offset_s, report);
  TALLY_TRY(replay.read(oa));
  replay.run();
  return replay.compare(oa);
}

}  // namespace tally::tools
