// Sales in a table that people write, to try a program on: the columns of the "earn" lines of
// tests/vectors/program.tsv (docs/formats/program.md). Pure.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/program/sale.hpp"

#include "tools/explain.hpp"

namespace tally::tools {

/// One line of it, with what its sale borrows. Stays where it is.
struct TriedSale {
  TriedSale() = default;
  TriedSale(const TriedSale&) = delete;
  TriedSale& operator=(const TriedSale&) = delete;

  std::size_t line_number = 0;
  std::vector<program::SaleLine> lines;
  std::string coupon;
  program::Sale sale;
  program::MemberFacts member;
};

/// Either sales, or the first mistake with its line and column.
struct SalesFile {
  std::deque<TriedSale> sales;
  std::optional<Sentence> refusal;
};

/// Lines "paid, goods, when, member, coupon", separated by tabs; "-" for nothing; columns at the
/// end may be left out. Empty lines and those that begin with "#" are passed over. Amounts are of
/// `currency`.
SalesFile read_sales(std::string_view text, Currency currency);

}  // namespace tally::tools
