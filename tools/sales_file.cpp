#include "tools/sales_file.hpp"

#include <array>
#include <charconv>

#include "core/base/iso_day.hpp"

namespace tally::tools {
namespace {

constexpr std::array kWeekdays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

std::vector<std::string_view> parts_of(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = text.find(separator); at != std::string_view::npos;
       at = text.find(separator)) {
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + separator.size());
  }
  parts.push_back(text);
  return parts;
}

template <class T>
bool read_number(std::string_view text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end && !text.empty();
}

bool read_amount(std::string_view text, Currency currency, std::int64_t& minor) {
  const Result<Money> amount = parse_amount(text, currency);
  minor = amount ? amount->minor_units : 0;
  return amount.has_value();
}

/// "2026-11-24 Tue 15": day, then its weekday to check it by, then the hour; the last two may be
/// left out.
bool read_when(std::string_view text, program::Sale& sale) {
  const auto words = parts_of(text, " ");
  sale.day = parse_iso_day(words[0]);
  if (!sale.day || words.size() > 3) {
    return false;
  }
  // 1970-01-01 was a Thursday.
  const auto weekday = static_cast<std::size_t>(sale.day->days + 3) % kWeekdays.size();
  if (words.size() > 1 && words[1] != kWeekdays[weekday]) {
    return false;
  }
  std::uint8_t hour = 0;
  if (words.size() > 2) {
    if (!read_number(words[2], hour)) {
      return false;
    }
    sale.hour = hour;
  }
  return true;
}

bool read_goods(std::string_view text, Currency currency, std::vector<program::SaleLine>& lines) {
  for (const std::string_view part : parts_of(text, ",")) {
    const auto pair = parts_of(part, ":");
    program::SaleLine line;
    if (pair.size() != 2 || !read_number(pair[0], line.category) ||
        !read_amount(pair[1], currency, line.amount_minor)) {
      return false;
    }
    lines.push_back(line);
  }
  return true;
}

bool read_fact(std::string_view text, program::MemberFacts& member) {
  const auto words = parts_of(text, " ");
  if (words.size() == 1) {
    member.first_purchase = words[0] == "first";
    return member.first_purchase;
  }
  if (words.size() != 2) {
    return false;
  }
  if (words[0] == "tier") {
    return read_number(words[1], member.tier);
  }
  if (words[0] == "earned") {
    return read_number(words[1], member.earned_today.value);
  }
  const auto date = parts_of(words[1], "-");
  program::Birthday birthday;
  const bool is_birthday = words[0] == "birthday" && date.size() == 2 &&
                           read_number(date[0], birthday.month) &&
                           read_number(date[1], birthday.day);
  if (is_birthday) {
    member.birthday = birthday;
  }
  return is_birthday;
}

/// The column that cannot be read; empty when all can.
Sentence read_columns(const std::vector<std::string_view>& cells,
                      Currency currency,
                      TriedSale& tried) {
  const auto cell = [&cells](std::size_t i) {
    return i < cells.size() && cells[i] != "-" ? cells[i] : std::string_view{};
  };
  tried.sale.bill.currency = currency;
  if (!read_amount(cell(0), currency, tried.sale.bill.minor_units)) {
    return {"实付：应为金额，如 128.50", "paid: must be an amount like 128.50"};
  }
  if (!cell(1).empty() && !read_goods(cell(1), currency, tried.lines)) {
    return {"商品：应如 5:36.80,7:20.00（类别:金额）",
            "goods: must be like 5:36.80,7:20.00 (category:amount)"};
  }
  if (!cell(2).empty() && !read_when(cell(2), tried.sale)) {
    return {"时间：应如 2026-11-24 Tue 15（星期须与日期相符）",
            "when: must be like 2026-11-24 Tue 15, with the day's own weekday"};
  }
  for (const std::string_view fact : parts_of(cell(3), ", ")) {
    if (!cell(3).empty() && !read_fact(fact, tried.member)) {
      return {"会员：应如 tier 2, birthday 11-24, first, earned 90",
              "member: must be like tier 2, birthday 11-24, first, earned 90"};
    }
  }
  if (cells.size() > 5) {
    return {"列数过多（最多 5 列）", "more than five columns"};
  }
  tried.coupon = cell(4);
  return {};
}

}  // namespace

SalesFile read_sales(std::string_view text, Currency currency) {
  SalesFile file;
  std::size_t number = 0;
  for (std::string_view line : parts_of(text, "\n")) {
    ++number;
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    TriedSale& tried = file.sales.emplace_back();
    tried.line_number = number;
    const Sentence wrong = read_columns(parts_of(line, "\t"), currency, tried);
    if (!wrong.en.empty()) {
      const std::string place = std::to_string(number);
      file.refusal = {"第 " + place + " 行，" + wrong.zh, "line " + place + ", " + wrong.en};
      return file;
    }
    tried.sale.lines = tried.lines;
    tried.sale.coupon = tried.coupon;
  }
  return file;
}

}  // namespace tally::tools
