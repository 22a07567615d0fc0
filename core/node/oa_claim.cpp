#include "core/node/oa_claim.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "core/base/try.hpp"
#include "core/codec/record_codec.hpp"
#include "core/record/seal.hpp"

namespace tally::node {
namespace {

using ledger::Disposition;

/// Freed in one go.
constexpr std::size_t kClaimsMax = 64;

ClaimResult of(ClaimOutcome outcome, const RecordId& record = {}) {
  ClaimResult result;
  result.outcome = outcome;
  result.record = record;
  return result;
}

/// The receipt's record, or why there is none.
struct Opened {
  ClaimResult result;
  Bytes sealed;
  record::Record record;
};

Opened open_receipt(OaRegistry& registry, std::string_view code) {
  Opened opened;
  const auto peeked = record::peek_receipt_code(code);
  if (!peeked) {
    opened.result = of(ClaimOutcome::kNotAReceipt);
    return opened;
  }
  opened.result = of(ClaimOutcome::kUnknownTerminal, peeked->id);
  const StreamId stream{peeked->id.terminal, peeked->id.incarnation};
  const auto key = registry.record_key(stream, peeked->key_version);
  if (!key) {
    return opened;
  }
  Result<Bytes> sealed = record::open_receipt_code(code, *key);
  if (!sealed || !record::peek_header(*sealed)) {
    opened.result.outcome = ClaimOutcome::kForged;
    return opened;
  }
  opened.sealed = std::move(*sealed);
  Result<record::Record> decoded = codec::decode_record(opened.sealed);
  opened.result.outcome = ClaimOutcome::kNotClaimable;
  if (!decoded) {
    return opened;
  }
  opened.record = std::move(*decoded);
  opened.result.kind = opened.record.header.kind;
  if (const auto* accrual = std::get_if<record::Accrual>(&opened.record.business)) {
    opened.result.points = accrual->points;
    opened.result.outcome = ClaimOutcome::kWaits;
  } else if (const auto* redemption = std::get_if<record::Redemption>(&opened.record.business)) {
    opened.result.points = redemption->points;
    opened.result.outcome = ClaimOutcome::kPosted;
  }
  return opened;
}

/// Why the record of a good receipt is not to be posted by a claim, if it is not.
Result<std::optional<ClaimOutcome>> obstacle(ledger::LedgerStore& store, const Opened& opened) {
  const RecordId& id = opened.record.header.id;
  const StreamId stream = opened.record.header.stream();
  const Mac mac = record::peek_mac(opened.sealed);
  TALLY_TRY_ASSIGN(const auto stored, store.raw_at(stream, id.seq));
  TALLY_TRY_ASSIGN(const auto claimed, store.claim(id));
  const auto is_same = [&](const ledger::RawHead& raw) {
    return raw.boot == id.boot && raw.mac == mac;
  };
  if (std::any_of(stored.begin(), stored.end(), is_same)) {
    return std::optional(ClaimOutcome::kHere);
  }
  if (claimed) {
    return std::optional(claimed->mac == mac ? ClaimOutcome::kClaimedBefore
                                             : ClaimOutcome::kOtherContent);
  }
  const auto has_id = [&](const ledger::RawHead& raw) { return raw.boot == id.boot; };
  if (std::any_of(stored.begin(), stored.end(), has_id)) {
    return std::optional(ClaimOutcome::kOtherContent);
  }
  TALLY_TRY_ASSIGN(const bool forked, store.is_forked(stream));
  return forked ? std::optional(ClaimOutcome::kTerminalQuarantined) : std::nullopt;
}

}  // namespace

Result<ClaimResult> claim_receipt(ledger::LedgerStore& store,
                                  OaRegistry& registry,
                                  std::string_view code,
                                  const ClaimContext& context) {
  Opened opened = open_receipt(registry, code);
  ClaimResult& result = opened.result;
  if (result.outcome != ClaimOutcome::kWaits && result.outcome != ClaimOutcome::kPosted) {
    return std::move(result);
  }
  TALLY_TRY_ASSIGN(const auto obstructed, obstacle(store, opened));
  const StreamId stream = opened.record.header.stream();
  const StoreId at_store =
      registry.store_of(Role::kTerminal, stream.terminal.value, stream.incarnation)
          .value_or(StoreId{});
  ledger::ReadPlan plan;
  ledger::plan_record(plan, opened.record, at_store);
  TALLY_TRY_ASSIGN(ledger::WorkingSet set, store.read(std::move(plan)));
  if (obstructed) {
    const ledger::Txn* txn = set.txn_of_record(opened.record.header.id);
    result.outcome = *obstructed;
    result.member = txn == nullptr ? MemberId{} : txn->member;
    return std::move(result);
  }
  TALLY_TRY_ASSIGN(const StreamPosition head, store.cursor(stream));
  TALLY_TRY_ASSIGN(const auto death, store.death(stream));
  const bool may_be_voided_yet =
      opened.record.header.id.seq > head.seq && !(death && death->is_certain());

  ledger::RecordContext record_context;
  record_context.mac = record::peek_mac(opened.sealed);
  record_context.store = at_store;
  record_context.claimed = may_be_voided_yet;
  record_context.time = context.time;
  const Disposition disposition = ledger::apply(set, opened.record, record_context, context.policy);
  if (disposition.kind == Disposition::Kind::kQuarantined) {
    result.outcome = ClaimOutcome::kRefused;
    result.reason = disposition.reason;
    return std::move(result);
  }
  result.member = set.txn(disposition.txn)->member;
  if (!may_be_voided_yet) {
    result.outcome = ClaimOutcome::kPosted;
  }
  TALLY_TRY(store.write(set, {}));
  TALLY_TRY(
      store.put_claim({opened.record.header.id,
                       record_context.mac,
                       std::move(opened.sealed),
                       at_store,
                       may_be_voided_yet ? ledger::ClaimState::kOpen : ledger::ClaimState::kFreed,
                       context.by,
                       context.time.now,
                       may_be_voided_yet ? WallTime{} : context.time.now}));
  return std::move(result);
}

Result<std::size_t> free_claims(ledger::LedgerStore& store,
                                StreamId stream,
                                Seq up_to,
                                const ledger::Policy& policy,
                                const ledger::LedgerTime& time) {
  std::size_t freed = 0;
  for (;;) {
    TALLY_TRY_ASSIGN(const std::vector<RecordId> open,
                     store.open_claims(stream, up_to, kClaimsMax));
    if (open.empty()) {
      return freed;
    }
    ledger::ReadPlan plan;
    plan.records.insert(open.begin(), open.end());
    TALLY_TRY_ASSIGN(ledger::WorkingSet set, store.read(std::move(plan)));
    for (const RecordId& id : open) {
      if (const ledger::Txn* txn = set.txn_of_record(id)) {
        ledger::free_claim(set, txn->id, policy, time);
      }
      TALLY_TRY(store.free_claim(id, time.now));
    }
    TALLY_TRY(store.write(set, {}));
    freed += open.size();
  }
}

Result<DeathOutcome> declare_dead(ledger::LedgerStore& store,
                                  OaRegistry& registry,
                                  StreamId stream,
                                  const ClaimContext& context) {
  if (!registry.store_of(Role::kTerminal, stream.terminal.value, stream.incarnation)) {
    return DeathOutcome::kUnknownTerminal;
  }
  TALLY_TRY_ASSIGN(auto death, store.death(stream));
  if (death && death->is_certain()) {
    return DeathOutcome::kDeclaredBefore;
  }
  if (!death) {
    TALLY_TRY(store.put_death({stream, context.by, context.time.now, {}, {}}));
    return DeathOutcome::kAwaitsSecond;
  }
  if (death->first_by == context.by) {
    return DeathOutcome::kSamePerson;
  }
  death->second_by = context.by;
  death->second_at = context.time.now;
  TALLY_TRY(store.put_death(*death));
  TALLY_TRY(free_claims(store, stream, Seq{record::kSeqMax}, context.policy, context.time));
  return DeathOutcome::kDead;
}

}  // namespace tally::node
