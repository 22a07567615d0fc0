// Lot order, rounding and expiry days, from tables the business can read (tests/vectors).
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/core/ledger/ledger_world.hpp"

using namespace tally;
using namespace tally::ledger;

namespace {

std::vector<std::string> fields_of(const std::string& text, char separator) {
  std::vector<std::string> fields;
  std::string field;
  std::istringstream stream(text);
  while (std::getline(stream, field, separator)) {
    fields.push_back(field);
  }
  return fields;
}

std::vector<std::vector<std::string>> rows_of(const std::string& name, std::size_t columns) {
  const char* source = std::getenv("TALLY_SOURCE_DIR");
  std::ifstream file(std::string(source == nullptr ? "." : source) + "/tests/vectors/" + name);
  CHECK_TRUE_TEXT(file.is_open(), name.c_str());
  std::vector<std::vector<std::string>> rows;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    rows.push_back(fields_of(line, '\t'));
    rows.back().resize(columns);
  }
  CHECK_TRUE_TEXT(!rows.empty(), name.c_str());
  return rows;
}

std::int64_t number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  CHECK_TRUE_TEXT(error == std::errc{} && end == text.data() + text.size(), text.c_str());
  return value;
}

std::vector<Points> points_list(const std::string& text) {
  std::vector<Points> list;
  for (const std::string& field : fields_of(text, ',')) {
    list.push_back(Points{number(field)});
  }
  return list;
}

BusinessDay day_of(const std::string& text) {
  if (text == "-") {
    return kNoExpiry;
  }
  const auto parts = fields_of(text, '-');
  const std::chrono::year_month_day day{
      std::chrono::year{static_cast<int>(number(parts.at(0)))},
      std::chrono::month{static_cast<unsigned>(number(parts.at(1)))},
      std::chrono::day{static_cast<unsigned>(number(parts.at(2)))}};
  CHECK_TRUE(day.ok());
  return BusinessDay{
      static_cast<std::int32_t>(std::chrono::sys_days{day}.time_since_epoch().count())};
}

std::string text_of(const std::vector<Lot>& lots) {
  std::string text;
  for (const Lot& lot : lots) {
    text += (text.empty() ? "" : ",") + std::to_string(lot.ref.id.value) + ":" +
            std::to_string(lot.points.value);
  }
  return text;
}

}  // namespace

TEST_GROUP(LedgerVectors){};

TEST(LedgerVectors, LotOrder_AsInTheTable) {
  for (const auto& row : rows_of("lot_order.tsv", 4)) {
    std::vector<Lot> lots;
    for (const std::string& field : fields_of(row[0], ',')) {
      const auto parts = fields_of(field, ':');
      Lot lot;
      lot.ref.expires_on = parts.at(0) == "-"
                               ? kNoExpiry
                               : BusinessDay{static_cast<std::int32_t>(number(parts.at(0)))};
      lot.ref.id = LotId{number(parts.at(1))};
      lot.ref.issuer = StoreId{static_cast<std::uint32_t>(lots.size() + 1)};
      lot.points = Points{number(parts.at(2))};
      lots.push_back(lot);
    }
    LotList list(lots);
    STRCMP_EQUAL(row[2].c_str(), text_of(list.take(Points{number(row[1])})).c_str());
    STRCMP_EQUAL(row[3].c_str(), text_of(list.all()).c_str());
  }
}

TEST(LedgerVectors, Split_AsInTheTableAndAlwaysAddsUp) {
  for (const auto& row : rows_of("split.tsv", 3)) {
    const Points whole{number(row[0])};
    const auto parts = split_by_largest_remainder(whole, points_list(row[1]));
    CHECK_TRUE_TEXT(parts == points_list(row[2]), row[1].c_str());
    Points sum;
    for (const Points part : parts) {
      sum += part;
    }
    CHECK_TRUE(sum == whole);
  }
}

TEST(LedgerVectors, ExpiryDays_AsInTheTable) {
  for (const auto& row : rows_of("expiry_days.tsv", 4)) {
    Policy policy;
    policy.program.lot_life_days = static_cast<std::int32_t>(number(row[2]));
    LONGS_EQUAL_TEXT(day_of(row[3]).days,
                     expiry_of(day_of(row[0]), day_of(row[1]), policy).days,
                     row[0].c_str());
  }
}

TEST(LedgerVectors, Refunds_AsInTheTable) {
  for (const auto& row : rows_of("refunds.tsv", 5)) {
    for (const bool is_accrual : {true, false}) {
      LedgerWorld world;
      const MemberId member = world.enrol_card("card");
      const std::int64_t points = number(row[0]);
      world.post(world.accrual("card", points));
      record::Record original = world.redemption("card", points);
      std::get<record::Redemption>(original.business).bill = Money{number(row[1])};
      if (is_accrual) {
        original = world.accrual("card", points, {}, number(row[1]));
      }
      world.post(original);
      std::string parts;
      for (const Points returned : points_list(row[2])) {
        const std::int64_t before = world.available_of(member);
        world.post(
            world.make(record::Refund{original.header.id, Money{returned.value}, Money{}, 1}));
        parts += (parts.empty() ? "" : ",") +
                 std::to_string(std::abs(world.available_of(member) - before));
      }
      STRCMP_EQUAL(row[3].c_str(), parts.c_str());
      LONGS_EQUAL(number(row[4]), std::abs(world.balance(suspense(LedgerWorld::kStore))));
    }
  }
}

TEST(LedgerVectors, ExpirySweep_AsInTheTable) {
  for (const auto& row : rows_of("expiry_sweep.tsv", 4)) {
    const BusinessDay today = day_of(row[1]);
    const LotRef lot{day_of(row[0]), StoreId{7}, LotId{1}};
    STRCMP_EQUAL(row[2].c_str(), lot.expires_on <= swept_until(today) ? "yes" : "no");
    Policy policy;
    policy.program.refund_grace_days = 30;
    LONGS_EQUAL(day_of(row[3]).days, returned_to(lot, today, policy).expires_on.days);
  }
}

TEST(LedgerVectors, Vesting_AsInTheTable) {
  for (const auto& row : rows_of("vesting.tsv", 4)) {
    Policy policy;
    policy.program.pending_days = static_cast<std::int32_t>(number(row[2]));
    const auto day = vests_on(day_of(row[0]), day_of(row[1]), policy);
    CHECK_EQUAL(row[3] == "now", !day.has_value());
    if (day) {
      LONGS_EQUAL(day_of(row[3]).days, day->days);
    }
  }
}

TEST(LedgerVectors, ClawBack_AsInTheTable) {
  for (const auto& row : rows_of("claw_back.tsv", 9)) {
    LedgerWorld world;
    const MemberId member = world.enrol_card("card");
    if (number(row[1]) > 0) {
      world.post(world.accrual("card", number(row[1])));
    }
    world.policy.program.pending_days = row[3] == "yes" ? 14 : 0;
    world.policy.program.debt_allowed = row[4] == "yes";
    const record::Record sale = world.accrual("card", number(row[0]));
    world.post(sale);
    if (number(row[2]) > 0) {
      world.post(world.redemption("card", number(row[2])));
    }
    const Member before = world.member(member);
    world.post(world.make(record::Refund{sale.header.id, Money{10'000}, Money{10'000}, 1}));
    const Member& after = world.member(member);
    LONGS_EQUAL(number(row[5]), before.pending.value - after.pending.value);
    LONGS_EQUAL(number(row[6]), before.available.value - after.available.value);
    LONGS_EQUAL(number(row[7]), -after.debt.value);
    LONGS_EQUAL(number(row[8]), -world.balance(suspense(LedgerWorld::kStore)));
  }
}

TEST(LedgerVectors, AddToLot_SameExpiryAndIssuerAreOneLot) {
  LotList lots;
  const LotRef first = lots.add({BusinessDay{100}, StoreId{1}, LotId{1}}, Points{5});
  const LotRef again = lots.add({BusinessDay{100}, StoreId{1}, LotId{2}}, Points{6});
  const LotRef other = lots.add({BusinessDay{100}, StoreId{2}, LotId{3}}, Points{7});
  CHECK_TRUE(again == first);
  CHECK_TRUE(other != first);
  STRCMP_EQUAL("1:11,3:7", text_of(lots.all()).c_str());
}

TEST(LedgerVectors, TakeFromLot_OnlyThatLotAndNoMoreThanItHolds) {
  LotList lots({{{BusinessDay{100}, StoreId{1}, LotId{1}}, Points{5}},
                {{BusinessDay{200}, StoreId{1}, LotId{2}}, Points{6}}});
  LONGS_EQUAL(6, lots.take_from({BusinessDay{200}, StoreId{1}, LotId{9}}, Points{8}).value);
  LONGS_EQUAL(0, lots.take_from({BusinessDay{300}, StoreId{1}, LotId{2}}, Points{8}).value);
  STRCMP_EQUAL("1:5", text_of(lots.all()).c_str());
}
