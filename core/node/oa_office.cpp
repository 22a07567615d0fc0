#include "core/node/oa_office.hpp"

#include <utility>
#include <variant>

#include "core/base/try.hpp"
#include "core/codec/record_codec.hpp"
#include "core/ledger/posting.hpp"
#include "core/ledger/rules.hpp"
#include "core/node/oa_node.hpp"
#include "core/record/seal.hpp"

namespace tally::node {
namespace {

using ledger::ActOutcome;
using ledger::OfficeAct;
using ledger::OfficeResult;

OfficeResult refused(ActOutcome outcome) {
  return {outcome, ledger::TxnId{}};
}

/// Whether a record can post by decision: a fork's id is taken, an enrolment's card too.
bool can_post(const ledger::QuarantinedRecord& row, const Result<record::Record>& record) {
  return record && row.copy == 0 && row.reason != ledger::QuarantineReason::kFork &&
         !std::holds_alternative<record::Enrolment>(record->business);
}

/// Only a sale has points and a member to be corrected.
bool fits(const record::Record& record, const OfficeAct& act) {
  const bool is_sale = std::holds_alternative<record::Accrual>(record.business) ||
                       std::holds_alternative<record::Redemption>(record.business);
  return is_sale || (!act.member && act.points == Points{0});
}

/// The record's own row, without effect. A fork's second content has no row: its id is taken.
ledger::TxnId write_off(ledger::WorkingSet& set,
                        const ledger::QuarantinedRecord& row,
                        const record::Header& header,
                        const ledger::LedgerTime& time) {
  ledger::Txn txn;
  txn.kind = ledger::TxnKind::kWriteOff;
  txn.result = ledger::TxnResult::kNoted;
  if (row.copy == 0) {
    txn.record = header.id;
    txn.mac = record::peek_mac(row.sealed);
  }
  txn.store = row.store;
  txn.terminal = header.id.terminal;
  txn.business_day = time.today;
  txn.happened_at = time.now;
  txn.posted_at = time.now;
  return ledger::Posting(set, std::move(txn)).finish().id;
}

Result<OfficeResult> decide(ledger::LedgerStore& store,
                            const OfficeAct& act,
                            std::int64_t act_number,
                            const ledger::Policy& policy,
                            const ledger::LedgerTime& time) {
  if (const ActOutcome shape = ledger::check_shape(act, policy, time.today);
      shape != ActOutcome::kDone) {
    return refused(shape);
  }
  TALLY_TRY_ASSIGN(const auto row, store.quarantined(act.quarantine));
  if (!row) {
    return refused(ActOutcome::kNotWaiting);
  }
  TALLY_TRY_ASSIGN(const record::Header header, record::peek_header(row->sealed));
  Result<record::Record> record = codec::decode_record(row->sealed);
  const bool posts = act.decision == ledger::QuarantineDecision::kPost;
  ledger::ReadPlan plan;
  plan.records.insert(header.id);
  if (act.member) {
    plan.members.insert(act.member);
  }
  if (posts) {
    if (!can_post(*row, record) || !fits(*record, act)) {
      return refused(ActOutcome::kNotPostable);
    }
    correct(*record, act);
    ledger::plan_record(plan, *record, row->store);
  }
  TALLY_TRY_ASSIGN(ledger::WorkingSet set, store.read(std::move(plan)));
  if (posts && act.member && set.member(act.member) == nullptr) {
    return refused(ActOutcome::kUnknownMember);
  }
  if (posts && act.member && set.member(act.member)->row.alias_of) {
    return refused(ActOutcome::kMerged);
  }
  ledger::IngestChanges changes;
  changes.decided.push_back({act.quarantine, act.decision, act_number});
  OfficeResult result;
  if (posts) {
    ledger::RecordContext context;
    context.mac = record::peek_mac(row->sealed);
    context.store = row->store;
    context.time = time;
    const ledger::Disposition disposition = ledger::apply(set, *record, context, policy);
    if (disposition.kind == ledger::Disposition::Kind::kQuarantined) {
      return refused(ActOutcome::kStillRefused);
    }
    result.txn = disposition.txn;
  }
  if (act.checker.empty()) {
    return refused(ActOutcome::kNeedsChecker);
  }
  if (!posts) {
    result.txn = write_off(set, *row, header, time);
  }
  TALLY_TRY(store.write(set, changes));
  return result;
}

}  // namespace

void correct(record::Record& record, const OfficeAct& act) {
  if (act.member) {
    record.card_token.clear();
    record.member = act.member;
  }
  if (auto* accrual = std::get_if<record::Accrual>(&record.business)) {
    // The ticket was found used, or belongs to this record already.
    accrual->ticket_hash.clear();
    accrual->points = act.points > Points{0} ? act.points : accrual->points;
  } else if (auto* redemption = std::get_if<record::Redemption>(&record.business)) {
    redemption->points = act.points > Points{0} ? act.points : redemption->points;
  }
}

Result<OfficeResult> perform_office_act(ledger::LedgerStore& store,
                                        const OfficeAct& act,
                                        std::int64_t act_number,
                                        Points unchecked_today,
                                        const ledger::Policy& policy,
                                        const ledger::LedgerTime& time) {
  if (act.kind == ledger::OfficeActKind::kDecide) {
    return decide(store, act, act_number, policy, time);
  }
  ledger::ReadPlan plan;
  ledger::plan_office(plan, act);
  TALLY_TRY_ASSIGN(ledger::WorkingSet set, store.read(std::move(plan)));
  const OfficeResult result = ledger::perform(set, act, unchecked_today, policy, time);
  if (result.outcome != ActOutcome::kDone) {
    return result;
  }
  TALLY_TRY(store.write(set, {}));
  for (const auto& [token, member] : set.new_cards()) {
    TALLY_TRY(post_waiting(store, token, policy, time));
  }
  return result;
}

Result<std::size_t> run_office_queue(ledger::LedgerStore& store,
                                     std::size_t count_max,
                                     const ledger::LedgerTime& time) {
  std::size_t done = 0;
  TALLY_TRY_ASSIGN(const auto aliases, store.aliases_due(MemberId{}, count_max));
  for (const MemberId alias : aliases) {
    ledger::ReadPlan peek;
    peek.members.insert(alias);
    TALLY_TRY_ASSIGN(ledger::WorkingSet known, store.read(std::move(peek)));
    ledger::ReadPlan plan;
    plan.members = {alias, known.member(alias)->row.alias_of};
    TALLY_TRY_ASSIGN(ledger::WorkingSet set, store.read(std::move(plan)));
    if (ledger::sweep_alias(set, alias, time)) {
      TALLY_TRY(store.write(set, {}));
      ++done;
    }
  }
  TALLY_TRY_ASSIGN(const auto ways, store.transits(count_max));
  for (const ledger::TransitRow& way : ways) {
    ledger::ReadPlan plan;
    plan.members.insert(way.transit.to);
    TALLY_TRY_ASSIGN(ledger::WorkingSet set, store.read(std::move(plan)));
    ledger::arrive(set, way.transit, way.lots, time);
    TALLY_TRY(store.write(set, {}));
    ++done;
  }
  return done;
}

}  // namespace tally::node
