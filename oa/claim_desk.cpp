#include "oa/claim_desk.hpp"

#include "core/base/try.hpp"
#include "core/record/record.hpp"

#include "storage/office_store.hpp"

namespace tally::oa {

using node::ClaimOutcome;
using node::DeathOutcome;

Result<node::ClaimResult> ClaimDesk::claim(std::string_view code,
                                           const node::ClaimContext& context) {
  TALLY_TRY(store_.begin());
  Result<node::ClaimResult> result = node::claim_receipt(store_, registry_, code, context);
  const bool changed = result && (result->outcome == ClaimOutcome::kWaits ||
                                  result->outcome == ClaimOutcome::kPosted);
  if (!changed) {
    store_.rollback();
    return result;
  }
  if (const Status logged = storage::OfficeStore(store_.db())
                                .log(context.time.now,
                                     context.by,
                                     "claim",
                                     result->member,
                                     record::receipt_number(result->record));
      !logged) {
    store_.rollback();
    return Error(logged.error());
  }
  TALLY_TRY(store_.commit());
  return result;
}

Result<DeathOutcome> ClaimDesk::declare_dead(StreamId stream,
                                             const std::string& reason,
                                             const node::ClaimContext& context) {
  TALLY_TRY(store_.begin());
  Result<DeathOutcome> outcome = node::declare_dead(store_, registry_, stream, context);
  const bool changed =
      outcome && (*outcome == DeathOutcome::kAwaitsSecond || *outcome == DeathOutcome::kDead);
  if (!changed) {
    store_.rollback();
    return outcome;
  }
  const std::string what = "terminal " + std::to_string(stream.terminal.value) + "." +
                           std::to_string(stream.incarnation.value) + ": " + reason;
  if (const Status logged = storage::OfficeStore(store_.db())
                                .log(context.time.now, context.by, "declare_dead", {}, what);
      !logged) {
    store_.rollback();
    return Error(logged.error());
  }
  TALLY_TRY(store_.commit());
  return outcome;
}

}  // namespace tally::oa
