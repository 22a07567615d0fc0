// A program tried on sales: what each would earn and why, and the sums, beside another program when
// there is one to compare with. Pure.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "core/program/program.hpp"

#include "tools/sales_file.hpp"

namespace tally::tools {

struct TrialOptions {
  const program::Program* against = nullptr;  ///< Borrowed; earlier rules to compare with.
  bool with_reasons = false;
  bool is_chinese = true;
};

/// Text for people, or the first sale that the program cannot take.
struct Trial {
  std::string text;
  std::optional<Sentence> refusal;
};

/// A line for each sale (line number, paid, points, with `against` the points under it as well),
/// its reasons when asked for, then the sums. Requires programs in which check() finds nothing.
Trial try_program(const program::Program& program,
                  const std::deque<TriedSale>& sales,
                  const TrialOptions& options);

}  // namespace tally::tools
