#include "tools/demo_data/people.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/base/assert.hpp"
#include "core/member/card_number.hpp"

#include "tools/demo_data/chance.hpp"

namespace tally::tools::demo {
namespace {

constexpr std::uint64_t kPeople = 0x70656f70;
constexpr std::uint64_t kCustomers = 0x63757374;
constexpr std::uint32_t kCardsPrintedFrom = 10'000'000;
constexpr std::int64_t kYearDays = 365;

/// Common ones first; the first are drawn more often.
constexpr std::array<std::string_view, 48> kSurnames = {
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭",
    "何", "林", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾",
    "肖", "田", "董", "潘", "袁", "蔡", "蒋", "余", "于", "杜", "叶", "程", "魏", "苏", "吕", "丁"};

constexpr std::array<std::string_view, 64> kSyllables = {
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "涛", "明", "超",
    "秀", "霞", "平", "刚", "桂", "英", "华", "慧", "建", "文", "辉", "玲", "红", "梅", "雪", "婷",
    "宇", "浩", "欣", "怡", "子", "轩", "梓", "涵", "晨", "思", "雨", "佳", "嘉", "诗", "琪", "俊",
    "豪", "泽", "瑞", "安", "宁", "乐", "清", "远", "志", "国", "春", "冬", "晓", "小", "满", "云"};

struct Habit {
  std::int64_t share_permille;
  std::int64_t visits_min;  ///< A year.
  std::int64_t visits_max;
};
constexpr std::array<Habit, 5> kHabits = {
    {{450, 2, 6}, {300, 6, 18}, {170, 18, 40}, {60, 40, 90}, {20, 90, 180}}};

constexpr std::array<std::int64_t, 8> kBaskets = {
    2'500, 3'500, 4'500, 6'000, 8'000, 12'000, 20'000, 45'000};

const Habit& habit_of(Chance& chance) {
  std::int64_t at = chance.below(1'000);
  for (const Habit& habit : kHabits) {
    if (at < habit.share_permille) {
      return habit;
    }
    at -= habit.share_permille;
  }
  return kHabits.back();
}

}  // namespace

Person person_of(std::uint64_t seed, std::uint32_t index) {
  Chance chance(seed, kPeople, index);
  Person person;
  // The smaller of two draws: the first surnames are the common ones.
  const std::int64_t surname =
      std::min(chance.below(std::ssize(kSurnames)), chance.below(std::ssize(kSurnames)));
  person.name = kSurnames[static_cast<std::size_t>(surname)];
  person.masked = person.name;
  for (int syllables = chance.permille(750) ? 2 : 1; syllables > 0; --syllables) {
    person.name += chance.pick(kSyllables);
    person.masked += '*';
  }
  // 7'654'321 and 10^8 have no common divisor: every index has digits of its own.
  const std::uint64_t digits = (std::uint64_t{index} * 7'654'321 + seed % 1'000'003) % 100'000'000;
  char phone[16];
  std::snprintf(phone, sizeof phone, "128%08u", static_cast<unsigned>(digits));
  person.phone = phone;
  return person;
}

std::string card_of(std::uint32_t index) {
  const Result<std::string> card =
      member::make_card_number(std::uint64_t{kCardsPrintedFrom} + index);
  TALLY_ASSERT(card.has_value());
  return *card;
}

std::uint32_t index_of_card(std::string_view card) {
  TALLY_ASSERT(member::is_card_number(card));
  std::uint32_t serial = 0;
  for (const char digit :
       card.substr(member::kCardPrefix.size(), card.size() - member::kCardPrefix.size() - 1)) {
    serial = serial * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  TALLY_ASSERT(serial >= kCardsPrintedFrom);
  return serial - kCardsPrintedFrom;
}

std::vector<Customer> make_customers(const Size& size) {
  std::vector<Customer> customers(size.members);
  for (std::uint32_t i = 0; i < size.members; ++i) {
    Chance chance(size.seed, kCustomers, i);
    Customer& customer = customers[i];
    const bool founder = i % 3 == 0;
    customer.joins_on_day = founder ? 0 : static_cast<std::uint32_t>(chance.below(size.days));
    // Big shops come first in the list, and have more regulars.
    customer.home_store =
        static_cast<std::uint32_t>(std::min(chance.below(size.stores), chance.below(size.stores)));
    const Habit& habit = habit_of(chance);
    customer.visits_per_million = static_cast<std::uint32_t>(
        chance.between(habit.visits_min * 100, habit.visits_max * 100) * 10'000 / kYearDays);
    customer.basket_minor = chance.pick(kBaskets) * chance.between(80, 125) / 100;
    customer.redeems_permille = static_cast<std::uint32_t>(chance.between(40, 350));
  }
  return customers;
}

}  // namespace tally::tools::demo
