// Receipts that customers bring before the terminal's records, and terminals that will never send
// again, as people of the office handle them. On the ledger thread; every call is one transaction,
// durable when it returns. The rules are in core/node/oa_claim.hpp.
#pragma once

#include <string>

#include "core/node/oa_claim.hpp"

#include "storage/ledger_store.hpp"

namespace tally::oa {

class ClaimDesk {
 public:
  ClaimDesk(storage::LedgerStore& store, node::OaRegistry& registry)
      : store_(store), registry_(registry) {}

  /// Posts what a receipt code says, once. Errors of all calls: those of the store; it has to be
  /// opened anew then.
  Result<node::ClaimResult> claim(std::string_view code, const node::ClaimContext& context);

  /// One person's word that a terminal is gone for ever; the second one's frees its claims.
  Result<node::DeathOutcome> declare_dead(StreamId stream,
                                          const std::string& reason,
                                          const node::ClaimContext& context);

 private:
  storage::LedgerStore& store_;
  node::OaRegistry& registry_;
};

}  // namespace tally::oa
