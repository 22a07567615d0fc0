// A day's purchases: who comes when to which store, what they buy, redeem and bring back, and the
// records of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/program/program.hpp"

#include "tools/demo_data/chance.hpp"
#include "tools/demo_data/counterfoils.hpp"
#include "tools/demo_data/people.hpp"
#include "tools/demo_data/road.hpp"
#include "tools/demo_data/shops.hpp"
#include "tools/demo_data/size.hpp"

namespace tally::tools::demo {

class Trade {
 public:
  Trade(const Size& size, const std::vector<Shop>& shops, Road& road);

  /// Before the first day: a third of the members, with what they had in the former programme.
  void bring_over(std::uint32_t day);

  /// Draws the visits of a day.
  void plan(std::uint32_t day);
  std::int64_t visits() const { return std::ssize(visits_); }
  /// Asks for the points of all who want to redeem between two minutes of the day.
  void ask(std::int64_t from_minute, std::int64_t to_minute);
  /// Their records, and those of everybody else then; `answers` to what was asked.
  void sell(std::int64_t from_minute,
            std::int64_t to_minute,
            const std::vector<link::Answer>& answers);

  Counterfoils& counterfoils() { return counterfoils_; }
  /// The card somebody has by now.
  std::string card(std::uint32_t customer) const;
  void replace_card(std::uint32_t customer, std::string card);
  bool has_joined(std::uint32_t customer) const { return customers_[customer].joined; }

 private:
  struct Visit {
    std::uint32_t customer = 0;
    TillPlace place;
    std::int64_t minute = 0;
    Money bill;
    bool enrols = false;
    Points wanted;             ///< To redeem; 0: nothing.
    std::size_t question = 0;  ///< Number of it, of those who asked.
    bool asked = false;
    SaleId sale;
  };

  void add_visit(std::uint32_t customer, bool enrols);
  Money draw_bill(const Customer& customer, const Shop& shop);
  std::int64_t draw_minute(const Shop& shop);
  Moment moment_of(const Visit& visit);
  void enrol(TillPlace place, const Moment& moment, std::uint32_t customer);
  void sell_to(const Visit& visit, const std::vector<link::Answer>& answers);
  Sold accrue(const Visit& visit, const Moment& moment, Money paid);
  void bring_back(TillPlace place, const Moment& moment);
  void refund(TillPlace place, const Moment& moment, const Sold& sold);
  template <class Work>
  void each_visit(std::int64_t from_minute, std::int64_t to_minute, const Work& work);

  Size size_;
  const std::vector<Shop>& shops_;
  Road& road_;
  program::Program program_;
  std::vector<Customer> customers_;
  std::map<std::uint32_t, std::string> replaced_;
  Counterfoils counterfoils_;
  Chance chance_;
  std::uint32_t day_ = 0;
  std::vector<Visit> visits_;  ///< By minute.
};

/// The hash a till makes of its ticket.
Bytes ticket_hash_of(TerminalId terminal, std::uint64_t ticket);
/// The cashier at a till then: two shifts a day.
CashierId cashier_at(const Shop& shop, std::uint32_t till, std::int64_t minute);

}  // namespace tally::tools::demo
