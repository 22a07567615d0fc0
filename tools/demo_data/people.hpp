// Members of the demo: made-up people with a card, and how often and where each of them buys.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"

#include "tools/demo_data/size.hpp"

namespace tally::tools::demo {

struct Person {
  std::string name;    ///< Surname and given name, in characters.
  std::string masked;  ///< The surname and stars.
  std::string phone;   ///< Eleven digits that begin with 128: given to no mobile network.
};

/// The `index`-th person of a demo; nobody has another's phone.
Person person_of(std::uint64_t seed, std::uint32_t index);

/// Numbers of plastic cards, printed in advance: far above the numbers the office gives out.
std::string card_of(std::uint32_t index);
/// The person a printed card was printed for.
std::uint32_t index_of_card(std::string_view card);

/// One member as a customer.
struct Customer {
  std::uint32_t joins_on_day = 0;        ///< Of the demo, from 0.
  std::uint32_t home_store = 0;          ///< Index.
  std::uint32_t visits_per_million = 0;  ///< Of ordinary days.
  std::int64_t basket_minor = 0;         ///< Median bill.
  std::uint32_t redeems_permille = 0;    ///< Of visits with enough points.
  std::int64_t believed_points = 0;      ///< What the last receipt said, about.
  bool joined = false;
};

/// All customers: a third brought over from the former programme on the first day, the others by
/// and by. Visits have a long tail: a few come every second day, most a few times a year.
std::vector<Customer> make_customers(const Size& size);

}  // namespace tally::tools::demo
