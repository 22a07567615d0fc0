// People, calendar, stores and the progress line of the demo.
#include <set>
#include <string>

#include "core/base/iso_day.hpp"

#include "tools/demo_data/calendar.hpp"
#include "tools/demo_data/people.hpp"
#include "tools/demo_data/progress.hpp"
#include "tools/demo_data/shops.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::tools::demo;

namespace {

BusinessDay day(const char* text) {
  return *parse_iso_day(text);
}

}  // namespace

TEST_GROUP(DemoParts) {
  Size size{10'000, 365, 7, 8};
};

TEST(DemoParts, TenThousandPeople_EachWithAPhoneOfTheirOwn) {
  std::set<std::string> phones;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const Person person = person_of(UINT64_MAX, i);
    CHECK_EQUAL(11U, person.phone.size());
    CHECK_TRUE(person.phone.starts_with("128"));
    CHECK_TRUE(person.name.size() == 6 || person.name.size() == 9);
    CHECK_TRUE(person.masked.starts_with(person.name.substr(0, 3)));
    CHECK_TRUE(person.masked.ends_with("*"));
    phones.insert(person.phone);
  }
  CHECK_EQUAL(10'000U, phones.size());
}

TEST(DemoParts, Card_SaysForWhomItWasPrinted) {
  CHECK_EQUAL(0U, index_of_card(card_of(0)));
  CHECK_EQUAL(1'234'567U, index_of_card(card_of(1'234'567)));
}

TEST(DemoParts, Visits_HaveALongTail) {
  std::int64_t all = 0;
  std::int64_t rare = 0;
  std::int64_t often = 0;
  for (const Customer& customer : make_customers(size)) {
    const std::int64_t yearly = std::int64_t{customer.visits_per_million} * 365 / 1'000'000;
    all += yearly;
    rare += yearly <= 6 ? 1 : 0;
    often += yearly >= 89 ? 1 : 0;
    CHECK_TRUE(customer.home_store < size.stores);
    CHECK_TRUE(customer.joins_on_day < size.days);
  }
  CHECK_TRUE(all > 120'000 && all < 220'000);
  CHECK_TRUE(rare > 4'000);
  CHECK_TRUE(often > 100 && often < 400);
}

TEST(DemoParts, Calendar_KnowsWeekAndSeasons) {
  CHECK_EQUAL(1, weekday_of(day("2026-11-24")));
  CHECK_EQUAL(1'300, traffic_permille(day("2026-08-22")));  // A Saturday.
  CHECK_EQUAL(800, traffic_permille(day("2026-08-25")));    // A Tuesday.
  CHECK_TRUE(traffic_permille(day("2026-02-17")) < 300);    // Spring Festival.
  CHECK_TRUE(traffic_permille(day("2026-02-14")) > 2'000);  // The Saturday before.
  CHECK_TRUE(traffic_permille(day("2025-11-11")) > 1'300);
  CHECK_TRUE(traffic_permille(day("2026-06-18")) > 1'300);
  CHECK_TRUE(traffic_permille(day("2025-12-24")) > 1'200);
  CHECK_TRUE(traffic_permille(day("2099-02-14")) > 0);  // No festival known.
}

TEST(DemoParts, Stores_DifferInSizeAndAreOfflineNowAndThen) {
  const std::vector<Shop> shops = make_shops(size);
  CHECK_EQUAL(8U, shops.size());
  CHECK_TRUE(shops.front().tills > shops.back().tills);
  CHECK_TRUE(shops.front().terminal(0) == TerminalId{101});
  std::uint32_t offline = 0;
  for (const Shop& shop : shops) {
    for (std::uint32_t at = 0; at < size.days; ++at) {
      offline += is_offline(size, shop, at) ? 1U : 0U;
    }
    CHECK_FALSE(is_offline(size, shop, 0));
    CHECK_FALSE(is_offline(size, shop, size.days - 1));
  }
  CHECK_TRUE(offline > 8 && offline < 150);
}

TEST(DemoParts, ProgressOnATerminal_IsALineThatChanges) {
  Progress progress(200, true);
  CHECK_TRUE(progress.end().empty());
  STRCMP_EQUAL(
      "\r\033[K[######..................] 2026-03-01, 25 %, 12,345 records, 6,172/s, 0:06 left",
      progress.text({50, day("2026-03-01"), 12'345}, 2'000).c_str());
  CHECK_TRUE(progress.text({51, day("2026-03-02"), 12'400}, 2'100).empty());
  CHECK_FALSE(progress.text({52, day("2026-03-03"), 12'400}, 2'200).empty());
  CHECK_FALSE(progress.end().empty());
}

TEST(DemoParts, ProgressElsewhere_IsALineForEachTenth) {
  Progress progress(40, false);
  int lines = 0;
  for (std::uint32_t days = 1; days <= 40; ++days) {
    const std::string text = progress.text({days, day("2026-03-01"), days * 10U}, days);
    lines += text.empty() ? 0 : 1;
    CHECK_TRUE(text.empty() || text.back() == '\n');
  }
  CHECK_EQUAL(10, lines);
  CHECK_TRUE(progress.end().empty());
}
