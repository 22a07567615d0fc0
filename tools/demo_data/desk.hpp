// The office of the demo: adjustments, with approval where a second person is needed, new cards for
// lost ones, decisions about records in quarantine, and receipts of stores that cannot send.
#pragma once

#include <cstdint>
#include <string>

#include "core/ledger/office.hpp"

#include "tools/demo_data/trade.hpp"

namespace tally::tools::demo {

class Desk {
 public:
  Desk(const Size& size, Road& road, Trade& trade) : size_(size), road_(road), trade_(trade) {}

  /// A day's work. Errors: those of the store.
  Status work(std::uint32_t day, WallTime now);

 private:
  /// Somebody whose enrolment has come to the office; none when chance finds nobody.
  MemberId any_member(std::uint32_t& customer);
  Status adjust(std::uint32_t day, WallTime now);
  Status replace_card(WallTime now);
  Status decide(WallTime now);
  Status claim(WallTime now);
  /// In a transaction of its own, kept as the console keeps it. True when it was done or waits for
  /// its checker.
  Result<bool> act(ledger::OfficeAct act, WallTime now);
  Result<bool> act_in_transaction(const ledger::OfficeAct& act, WallTime now);

  Size size_;
  Road& road_;
  Trade& trade_;
  Chance chance_{0};
  std::uint32_t acts_ = 0;
};

}  // namespace tally::tools::demo
