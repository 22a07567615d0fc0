// A ledger in memory for tests: reads everything into a working set, takes back what changed, and
// checks the invariants after every step from the transfers alone.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/ledger/office.hpp"
#include "core/ledger/rules.hpp"
#include "core/ledger/sweep.hpp"

#include <CppUTest/TestHarness.h>

namespace tally::ledger {

class LedgerWorld {
 public:
  static constexpr StoreId kStore{7};
  static constexpr StoreId kOtherStore{8};
  static constexpr TerminalId kTill{101};
  static constexpr TerminalId kOtherTill{102};

  Policy policy = plain_policy();
  LedgerTime time{WallTime{1'000'000}, BusinessDay{20'000}};

  /// A point is a fen, any number of them, up to the whole bill.
  static Policy plain_policy() {
    Policy policy;
    policy.program.bill_max = Money{kAmountMax};
    policy.program.redeem_step = Points{1};
    policy.program.redeem_min = Points{1};
    policy.program.redeem_step_worth = Money{1};
    policy.program.bill_share_percent = 100;
    return policy;
  }

  MemberId enrol_card(const std::string& card) {
    ReadPlan plan;
    plan.cards.insert(card);
    MemberId member;
    run(plan, [&](WorkingSet& set) { member = enrol(set, {card, "张*", 0}, time); });
    return member;
  }

  SaleId sale(std::uint32_t counter, TerminalId till = kTill) const {
    return make_sale_id(till, BootId{9}, counter);
  }

  AskResult ask(SaleId sale_id,
                const std::string& card,
                std::int64_t points,
                std::int64_t bill = 100'000,
                TerminalId till = kTill) {
    const Asker asker{till, Incarnation{1}, kStore, sale_id};
    const AuthoriseRequest request{card, Points{points}, Money{bill}, ProgramVersion{1}};
    ReadPlan plan;
    plan_authorise(plan, asker, request);
    AskResult result;
    run(plan, [&](WorkingSet& set) { result = authorise(set, asker, request, policy, time); });
    return result;
  }

  AskResult give_back(SaleId sale_id, TerminalId till = kTill) {
    const Asker asker{till, Incarnation{1}, kStore, sale_id};
    ReadPlan plan;
    plan_release(plan, asker);
    AskResult result;
    run(plan, [&](WorkingSet& set) { result = release(set, asker, policy, time); });
    return result;
  }

  AskResult status(SaleId sale_id) {
    const Asker asker{kTill, Incarnation{1}, kStore, sale_id};
    ReadPlan plan;
    plan_release(plan, asker);
    AskResult result;
    run(plan, [&](WorkingSet& set) { result = sale_status(set, asker); });
    return result;
  }

  /// A record of `till`, the next of its stream.
  record::Record make(record::Business business,
                      const std::string& card = "",
                      SaleId sale_id = {},
                      TerminalId till = kTill) {
    record::Record made;
    made.header.kind = record::kind_of(business);
    made.header.id = RecordId{till, Incarnation{1}, BootId{9}, Seq{++last_seq[till.value]}};
    made.sale = sale_id;
    made.card_token = card;
    made.business_day = time.today;
    made.business = std::move(business);
    return made;
  }

  record::Record accrual(const std::string& card,
                         std::int64_t points,
                         SaleId sale_id = {},
                         std::int64_t bill = 10'000) {
    return make(record::Accrual{Money{bill}, Points{points}, {}, {}, {}}, card, sale_id);
  }

  record::Record redemption(const std::string& card,
                            std::int64_t points,
                            SaleId sale_id = {},
                            std::vector<record::FundingLeg> legs = {}) {
    auto made =
        make(record::Redemption{Money{10'000}, Points{points}, Money{points}}, card, sale_id);
    made.funding = std::move(legs);
    return made;
  }

  record::Record void_of(const record::Record& original, TerminalId till = kTill) {
    return make(record::Void{original.header.id, 1}, "", {}, till);
  }

  Disposition post(const record::Record& fact,
                   StoreId store = kStore,
                   bool terminal_quarantined = false) {
    ReadPlan plan;
    plan_record(plan, fact, store);
    RecordContext context;
    context.store = store;
    context.time = time;
    context.terminal_quarantined = terminal_quarantined;
    Disposition disposition;
    run(plan, [&](WorkingSet& set) { disposition = apply(set, fact, context, policy); });
    return disposition;
  }

  bool is_posted(const record::Record& fact) {
    return post(fact).kind == Disposition::Kind::kPosted;
  }

  std::optional<TxnId> vest_now(TxnId accrual) {
    std::optional<TxnId> vested;
    run({}, [&](WorkingSet& set) { vested = vest(set, accrual, time); });
    return vested;
  }

  std::optional<TxnId> expire_now(MemberId id) {
    std::optional<TxnId> swept;
    run({}, [&](WorkingSet& set) { swept = expire(set, id, time); });
    return swept;
  }

  const Member& member(MemberId id) const { return members.at(id).row; }
  std::int64_t available_of(MemberId id) const { return member(id).available.value; }
  std::int64_t balance(const AccountKey& key) const {
    const auto found = fold.find(key);
    return found == fold.end() ? 0 : found->second.value;
  }
  std::vector<Lot> lots_of(MemberId id) const { return members.at(id).lots.all(); }

  /// An office act; without a checker's name, by one person.
  OfficeResult office(const OfficeAct& act, std::int64_t unchecked_today = 0) {
    ReadPlan plan;
    plan_office(plan, act);
    OfficeResult result;
    run(plan, [&](WorkingSet& set) {
      result = perform(set, act, Points{unchecked_today}, policy, time);
    });
    return result;
  }

  /// The second half of everything that is on its way.
  void arrive_all() {
    const auto waiting = transits;
    for (const auto& [txn, way] : waiting) {
      std::vector<Lot> lots;
      for (const NewTransfer& row : transfers) {
        if (row.txn == txn && row.transfer.to == transit()) {
          lots.push_back({row.transfer.lot, row.transfer.points});
        }
      }
      ReadPlan plan;
      plan.members.insert(way.to);
      run(plan, [&](WorkingSet& set) { arrive(set, way, lots, time); });
    }
  }

  bool sweep(MemberId merged) {
    ReadPlan plan;
    plan.members = {merged, member(merged).alias_of};
    bool moved = false;
    run(plan, [&](WorkingSet& set) { moved = static_cast<bool>(sweep_alias(set, merged, time)); });
    return moved;
  }

  void run(const ReadPlan& plan, const std::function<void(WorkingSet&)>& step) {
    WorkingSet set(plan);
    set.load_counters(counters);
    for (const auto& [id, entry] : members) {
      set.load_member(entry);
    }
    for (const auto& [token, owner] : cards) {
      set.load_card(token, owner.member, owner.state);
    }
    for (const auto& [id, row] : txns) {
      set.load_txn(row);
    }
    for (const auto& [id, row] : rights) {
      set.load_right(row);
    }
    for (const auto& [id, row] : sales) {
      set.load_sale(row);
    }
    for (const Tombstone& row : tombstones) {
      set.load_tombstone(row);
    }
    for (const auto& [key, owner] : tickets) {
      set.load_ticket(key, owner);
    }
    for (const auto& [bucket, points] : expired_lots) {
      set.load_expired(bucket, points);
    }
    for (const auto& [key, points] : fold) {
      if (key.kind == AccountKind::kRisk) {
        set.load_risk(StoreId{static_cast<std::uint32_t>(key.owner)}, points);
      }
    }
    step(set);
    take(set);
    check();
  }

  std::map<MemberId, MemberEntry> members;
  std::map<std::string, CardEntry> cards;
  std::map<TxnId, Transit> transits;
  std::map<TxnId, Txn> txns;
  std::map<RightId, Right> rights;
  std::map<SaleId, Sale> sales;
  std::vector<Tombstone> tombstones;
  std::map<TicketKey, RecordId> tickets;
  std::map<Bucket, Points> expired_lots;
  std::vector<NewTransfer> transfers;
  std::map<AccountKey, Points> fold;
  std::map<std::uint32_t, std::uint64_t> last_seq;
  Counters counters;

 private:
  std::int64_t on_the_way() const {
    std::int64_t points = 0;
    for (const NewTransfer& row : transfers) {
      points += row.transfer.to == transit() && transits.contains(row.txn)
                    ? row.transfer.points.value
                    : 0;
    }
    return points;
  }

  void take(const WorkingSet& set) {
    counters = set.counters();
    for (const auto& [id, entry] : set.members()) {
      if (!entry.dirty) {
        continue;
      }
      MemberEntry stored = entry;
      stored.is_new = false;
      stored.dirty = false;
      members[id] = stored;
    }
    for (const auto& [token, owner] : set.new_cards()) {
      cards.emplace(token, CardEntry{owner});
    }
    for (const auto& [token, state] : set.changed_cards()) {
      cards.at(token).state = state;
    }
    for (const auto& [from, to] : set.moved_cards()) {
      for (auto& [token, card] : cards) {
        card.member = card.member == from ? to : card.member;
      }
    }
    for (const Transit& way : set.new_transits()) {
      transits.emplace(way.txn, way);
    }
    for (const TxnId txn : set.ended_transits()) {
      LONGS_EQUAL(1, transits.erase(txn));
    }
    for (const auto& [id, entry] : set.txns()) {
      if (entry.is_new || entry.dirty) {
        txns[id] = entry.row;
      }
    }
    for (const auto& [id, entry] : set.rights()) {
      if (entry.is_new || entry.dirty) {
        rights[id] = entry.row;
      }
    }
    for (const auto& [id, entry] : set.sales()) {
      if (entry.dirty) {
        sales[id] = entry.row;
      }
    }
    for (const Tombstone& row : set.new_tombstones()) {
      tombstones.push_back(row);
    }
    for (const auto& [key, owner] : set.new_tickets()) {
      tickets.emplace(key, owner);
    }
    for (const auto& [bucket, delta] : set.expired_changes()) {
      expired_lots[bucket] += delta;
    }
    for (const NewTransfer& row : set.transfers()) {
      transfers.push_back(row);
      fold[row.transfer.from] -= row.transfer.points;
      fold[row.transfer.to] += row.transfer.points;
    }
  }

  void check() const {
    std::int64_t sum = 0;
    for (const auto& [key, points] : fold) {
      sum += points.value;
      if (!may_be_negative(key.kind)) {
        CHECK_TRUE_TEXT(points >= Points{0}, "I2: an account is below zero");
      }
    }
    LONGS_EQUAL_TEXT(0, sum, "I1: the accounts do not add up to zero");
    LONGS_EQUAL_TEXT(on_the_way(), balance(transit()), "TRANSIT and its queue");
    std::map<MemberId, std::int64_t> held;
    for (const auto& [id, right] : rights) {
      LONGS_EQUAL_TEXT(balance(escrow(id)), right.escrowed().value, "I7: ESCROW and its lots");
      held[right.member] += right.escrowed().value;
    }
    std::map<TxnId, Points> cancelled;
    for (const auto& [id, txn] : txns) {
      if (txn.about && txn.kind != TxnKind::kCorrection) {
        cancelled[txn.about] += txn.whole();
      }
    }
    for (const auto& [id, points] : cancelled) {
      CHECK_TRUE_TEXT(points + txns.at(id).left_to_cancel() == txns.at(id).whole(), "I8");
    }
    std::map<MemberId, std::int64_t> open_risk;
    std::map<MemberId, std::int64_t> waiting;
    for (const auto& [id, txn] : txns) {
      for (const Source& source : txn.sources) {
        CHECK_TRUE(source.points > Points{0});
        open_risk[txn.member] -= source.kind == AccountKind::kRisk ? source.points.value : 0;
        waiting[txn.member] += source.kind == AccountKind::kPending ? source.points.value : 0;
      }
    }
    std::map<std::uint32_t, std::int64_t> breakage;
    for (const auto& [bucket, points] : expired_lots) {
      CHECK_TRUE(points >= Points{0});
      breakage[bucket.issuer.value] += points.value;
    }
    for (const auto& [issuer, points] : breakage) {
      LONGS_EQUAL_TEXT(balance(expired(StoreId{issuer})), points, "EXPIRED and its lots");
    }
    for (const auto& [id, entry] : members) {
      LONGS_EQUAL_TEXT(balance(available(id)), entry.row.available.value, "I7: fold");
      LONGS_EQUAL_TEXT(entry.lots.sum().value, entry.row.available.value, "I7: lots");
      LONGS_EQUAL_TEXT(held[id], entry.row.held.value, "held");
      LONGS_EQUAL_TEXT(balance(debt(id)), entry.row.debt.value, "debt");
      LONGS_EQUAL_TEXT(balance(pending(id)), entry.row.pending.value, "pending");
      LONGS_EQUAL_TEXT(waiting[id], entry.row.pending.value, "pending and its sources");
      LONGS_EQUAL_TEXT(open_risk[id], entry.row.risk.value, "risk");
      if (entry.row.available > Points{0}) {
        LONGS_EQUAL_TEXT(0, entry.row.debt.value, "owes although points are available");
        LONGS_EQUAL_TEXT(0, entry.row.risk.value, "risk open although points are available");
      }
    }
  }
};

}  // namespace tally::ledger
