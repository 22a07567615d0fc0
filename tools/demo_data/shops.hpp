// The stores of the demo: big ones first, each with its hours, its tills, and days without a line
// to the office.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/ids.hpp"

#include "tools/demo_data/size.hpp"

namespace tally::tools::demo {

struct Shop {
  StoreId store;
  GatewayId gateway;
  std::string name;
  std::uint32_t tills = 1;
  std::int64_t opens_minute = 0;  ///< Of the day.
  std::int64_t closes_minute = 0;
  std::int64_t basket_permille = 1'000;  ///< Bills here, beside those of other stores.

  /// Tills are numbered after their store: 101, 102 … 201.
  TerminalId terminal(std::uint32_t till) const { return TerminalId{store.value * 100 + 1 + till}; }
};

std::vector<Shop> make_shops(const Size& size);

/// Whether a store has no line to the office on a day. Now and then, for one to three days; on
/// the last day everybody has one.
bool is_offline(const Size& size, const Shop& shop, std::uint32_t day);

}  // namespace tally::tools::demo
