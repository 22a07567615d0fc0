// Office acts as people do them: a maker asks, a checker approves or declines, each step one
// transaction on the ledger thread, durable when it returns. The rules are in
// core/ledger/office.hpp.
#pragma once

#include <cstdint>
#include <string>

#include "core/ledger/office.hpp"

#include "storage/ledger_store.hpp"
#include "storage/office_acts.hpp"

namespace tally::oa {

struct ActAnswer {
  ledger::ActOutcome outcome = ledger::ActOutcome::kDone;
  std::int64_t act = 0;  ///< kDone, kNeedsChecker: the row that was made or found.
};

class ActDesk {
 public:
  explicit ActDesk(storage::LedgerStore& store) : store_(store) {}

  /// The maker's step: does the act, or keeps it for a checker (kNeedsChecker). A repeat with the
  /// same key and contents gives the answer the first one has by now. Other outcomes leave nothing
  /// behind. Errors of all calls: those of the store; it has to be opened anew then.
  Result<ActAnswer> ask(ledger::OfficeAct act,
                        const std::string& idempotency_key,
                        const ledger::Policy& policy,
                        const ledger::LedgerTime& time);

  /// The checker's step. Repeat-safe for the same person.
  Result<ActAnswer> approve(std::int64_t act,
                            const std::string& checker,
                            const ledger::Policy& policy,
                            const ledger::LedgerTime& time);

  /// Ends an open act without doing it; its maker may, too.
  Result<ActAnswer> decline(std::int64_t act,
                            const std::string& user,
                            const ledger::LedgerTime& time);

  /// Goes on with transfers and merges: one bounded transaction. Whether there was anything to do.
  Result<bool> run_queue(const ledger::LedgerTime& time);

 private:
  Result<ActAnswer> ask_in_transaction(ledger::OfficeAct& act,
                                       const std::string& key,
                                       const ledger::Policy& policy,
                                       const ledger::LedgerTime& time);
  Result<ActAnswer> approve_in_transaction(std::int64_t number,
                                           const std::string& checker,
                                           const ledger::Policy& policy,
                                           const ledger::LedgerTime& time);
  Result<ledger::ActOutcome> number_card(ledger::OfficeAct& act);
  Status finish_moves(const ActAnswer& answer, const ledger::LedgerTime& time);

  storage::LedgerStore& store_;
};

}  // namespace tally::oa
