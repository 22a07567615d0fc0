#include "tools/demo_data/shops.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "tools/demo_data/chance.hpp"

namespace tally::tools::demo {
namespace {

constexpr std::uint64_t kShops = 0x73686f70;
constexpr std::uint64_t kSpells = 0x6c696e65;
constexpr std::uint32_t kSpellDaysMax = 3;
constexpr std::int64_t kSpellPermille = 8;

constexpr std::array<std::string_view, 24> kNames = {
    "人民广场店", "中山路店", "解放路店", "火车站店", "大学城店", "万象店", "滨江店", "新城店",
    "湖滨店",     "文化宫店", "体育馆店", "高新店",   "东门店",   "西门店", "南站店", "北苑店",
    "花园店",     "和平里店", "建设路店", "青年路店", "光明店",   "朝阳店", "梧桐店", "长江路店"};

struct Format {
  std::uint32_t tills;
  std::int64_t opens_minute;
  std::int64_t closes_minute;
  std::int64_t basket_permille;
};
/// Hypermarket, supermarket, corner shop.
constexpr std::array<Format, 3> kFormats = {
    {{5, 8 * 60, 22 * 60, 1'250}, {3, 8 * 60, 21 * 60, 1'000}, {1, 7 * 60, 23 * 60, 600}}};

const Format& format_of(std::uint32_t index, std::uint32_t stores) {
  if (index * 5 < stores) {
    return kFormats[0];
  }
  return index * 5 < stores * 3 ? kFormats[1] : kFormats[2];
}

}  // namespace

std::vector<Shop> make_shops(const Size& size) {
  std::vector<Shop> shops;
  Chance chance(size.seed, kShops, 0);
  for (std::uint32_t i = 0; i < size.stores; ++i) {
    const Format& format = format_of(i, size.stores);
    Shop shop;
    shop.store = StoreId{i + 1};
    shop.gateway = GatewayId{(i + 1) * 100};
    shop.name = i < kNames.size() ? std::string(kNames[i]) : "第" + std::to_string(i + 1) + "店";
    shop.tills = format.tills;
    shop.opens_minute = format.opens_minute;
    shop.closes_minute = format.closes_minute;
    shop.basket_permille = format.basket_permille * chance.between(85, 115) / 100;
    shops.push_back(std::move(shop));
  }
  return shops;
}

bool is_offline(const Size& size, const Shop& shop, std::uint32_t day) {
  if (day + 1 >= size.days) {
    return false;
  }
  for (std::uint32_t begun = 0; begun < kSpellDaysMax && begun < day; ++begun) {
    Chance chance(size.seed, kSpells + shop.store.value, day - begun);
    if (chance.permille(kSpellPermille) && chance.below(kSpellDaysMax) >= begun) {
      return true;
    }
  }
  return false;
}

}  // namespace tally::tools::demo
