// What must be true when the dust has settled, judged from outside: what customers saw, what the
// terminals' journals hold, what the OA's ledger says.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/terminal_host.hpp"

namespace tally::sim {

/// What a terminal's journal adds up to for each card, and what is left of each sale it recorded.
struct JournalFold {
  std::map<std::string, std::int64_t> points_by_card;
  /// Of each sale (first record's receipt number): points earned and redeemed after voids and
  /// reversals.
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> sales;
  std::set<std::string> reversed;  ///< Sales of which a record was reversed as never shown.
  std::uint64_t records = 0;
};

/// Folds every record of a terminal's journal; the journal must still hold all of them.
JournalFold fold(TerminalHost& terminal);

/// Breaches of "what the customer saw approved stands": one line each, empty when there are none.
std::vector<std::string> check_seen(const TerminalHost& terminal, const JournalFold& fold);

}  // namespace tally::sim
