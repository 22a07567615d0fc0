#include "tests/crash/opened.hpp"

#include <utility>

#include "core/base/try.hpp"

namespace tally::crash {
namespace {

constexpr WallTime kLater{4'000'000'000'000'000};

}  // namespace

Status Opened::open(Part part, const std::string& path) {
  switch (part) {
    case Part::kTerminal: {
      TALLY_TRY_ASSIGN(auto journal,
                       storage::TerminalJournal::open(path, kTerminal, Incarnation{1}));
      TALLY_TRY(journal.snapshot());
      terminal_.emplace(std::move(journal));
      break;
    }
    case Part::kGateway: {
      TALLY_TRY_ASSIGN(auto journal, storage::GatewayJournal::open(path, kGateway));
      TALLY_TRY(journal.snapshot());
      gateway_.emplace(std::move(journal));
      break;
    }
    case Part::kOa: {
      TALLY_TRY_ASSIGN(ledger_, storage::LedgerStore::open(path));
      TALLY_TRY(ledger_->generation());
      break;
    }
  }
  return {};
}

Status Opened::commit() {
  if (terminal_) {
    node::TerminalCommit change;
    change.time_floor = kLater;
    return terminal_->commit(change);
  }
  if (gateway_) {
    node::GatewayCommit change;
    change.time_floor = kLater;
    return gateway_->commit(change, kLater);
  }
  TALLY_TRY(ledger_->begin());
  TALLY_TRY(ledger_->db().execute("UPDATE counter SET generation = generation + 1"));
  return ledger_->commit();
}

}  // namespace tally::crash
