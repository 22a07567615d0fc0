// What goes wrong in a year: a cashier who feeds an own card, tickets used twice, goods of another
// store, cards nobody has, a till with another program, a broken card, a copied terminal. So that
// quarantine and alarms have something in them.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/demo_data/trade.hpp"

namespace tally::tools::demo {

class Mischief {
 public:
  Mischief(const Size& size, const std::vector<Shop>& shops, Road& road, Trade& trade)
      : size_(size), shops_(shops), road_(road), trade_(trade) {}

  /// Before a day opens: the terminal that was copied is enrolled anew, two days later.
  void before(std::uint32_t day);
  /// The day's share, shortly before the shops close.
  void after(std::uint32_t day);

 private:
  /// Short years have no room for it.
  bool forks() const { return size_.days >= 4; }
  std::uint32_t fork_day() const { return size_.days / 2; }
  TillPlace forking() const {
    return {static_cast<std::uint32_t>(shops_.size()) - 1, shops_.back().tills - 1};
  }
  Moment moment_in(std::uint32_t shop);
  record::Accrual accrual(Money bill, Bytes ticket_hash) const;
  void feed_own_card(std::uint32_t day);
  void use_ticket_twice();
  void refund_elsewhere();
  void sell_to_nobody();
  void earn_too_much();
  void break_and_copy(std::uint32_t day);

  Size size_;
  const std::vector<Shop>& shops_;
  Road& road_;
  Trade& trade_;
  Chance chance_{0};
  BusinessDay today_;
};

}  // namespace tally::tools::demo
