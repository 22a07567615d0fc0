#include "tools/demo_data/year.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/try.hpp"

#include "tools/demo_data/chance.hpp"
#include "tools/demo_data/desk.hpp"
#include "tools/demo_data/estate.hpp"
#include "tools/demo_data/mischief.hpp"
#include "tools/demo_data/road.hpp"
#include "tools/demo_data/trade.hpp"

namespace tally::tools::demo {
namespace {

constexpr std::int64_t kTillsStart = 5 * 60;  ///< Minutes of the day, as below.
constexpr std::int64_t kSweep = 5 * 60 + 30;
constexpr std::int64_t kFirstPart = 6 * 60;
constexpr std::int64_t kOpenMinutes = 18 * 60;  ///< Until midnight.
constexpr std::int64_t kVisitsOfAPart = 300;
constexpr std::int64_t kPartsMax = 9;
constexpr std::int64_t kLastDelivery = 23 * 60 + 45;

class Year {
 public:
  Year(const Size& size, const std::vector<Shop>& shops, Road& road)
      : size_(size),
        road_(road),
        trade_(size, shops, road),
        mischief_(size, shops, road, trade_),
        desk_(size, road, trade_) {}

  Status live(std::uint32_t day);

 private:
  Size size_;
  Road& road_;
  Trade trade_;
  Mischief mischief_;
  Desk desk_;
};

Status Year::live(std::uint32_t day) {
  const BusinessDay today{size_.first_day().days + static_cast<std::int32_t>(day)};
  mischief_.before(day);
  TALLY_TRY(road_.open_shops(day, at_minute(today, kTillsStart)));
  TALLY_TRY(road_.sweep(at_minute(today, kSweep)));
  if (day == 0) {
    trade_.bring_over(day);
  }
  trade_.plan(day);
  // Few records in many commits are slow: the busier the shops, the more often they send.
  const std::int64_t parts =
      std::clamp<std::int64_t>(trade_.visits() / kVisitsOfAPart, 1, kPartsMax);
  for (std::int64_t part = 0; part < parts; ++part) {
    const std::int64_t from = kFirstPart + kOpenMinutes * part / parts;
    const std::int64_t to = kFirstPart + kOpenMinutes * (part + 1) / parts;
    trade_.ask(from, to);
    TALLY_TRY_ASSIGN(const std::vector<link::Answer> answers,
                     road_.deliver(at_minute(today, from)));
    trade_.sell(from, to, answers);
    if (part == parts / 2) {
      TALLY_TRY(desk_.work(day, at_minute(today, from)));
    }
  }
  mischief_.after(day);
  TALLY_TRY(road_.deliver(at_minute(today, kLastDelivery)));
  return {};
}

}  // namespace

Result<std::optional<Summary>> make_year(const std::filesystem::path& data,
                                         const Size& size,
                                         const std::function<bool(const Passed&)>& go_on) {
  SeededRandom random(size.seed);
  const std::vector<Shop> shops = make_shops(size);
  TALLY_TRY_ASSIGN(Estate estate, make_estate(data, size, shops, random));
  TALLY_TRY_ASSIGN(
      const std::unique_ptr<Road> road,
      Road::open((data / "ledger.db").string(), size, shops, std::move(estate), random));
  Year year(size, shops, *road);
  for (std::uint32_t day = 0; day < size.days; ++day) {
    TALLY_TRY(year.live(day));
    const BusinessDay today{size.first_day().days + static_cast<std::int32_t>(day)};
    if (!go_on({day + 1, today, road->records()})) {
      return std::optional<Summary>();
    }
  }
  TALLY_TRY_ASSIGN(const Summary summary, summarise(road->store().db()));
  TALLY_TRY(road->close());
  return std::optional(summary);
}

}  // namespace tally::tools::demo
