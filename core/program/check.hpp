// Whether a program's figures, or a sale's, can be right: the first that is not, with its bounds.
// Evaluation relies on it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/program/program.hpp"
#include "core/program/sale.hpp"

namespace tally::program {

/// One figure out of its bounds. Every rule of check() is a range, so an answer always says what
/// would be taken instead.
struct Fault {
  std::string_view list;   ///< "bonuses"; empty for a figure of the program or the sale itself.
  std::size_t entry = 0;   ///< In the list, from 0.
  std::string_view field;  ///< As it is called in the type: "extra_percent".
  std::int64_t value = 0;
  std::int64_t lowest = 0;
  std::int64_t highest = 0;
};

/// "bonuses[2].extra_percent is 5000, not in 1 to 1000".
std::string describe(const Fault& fault);

/// What a program may say. Lists that must rise are bounded below by the entry before.
std::optional<Fault> check(const Program& program);

/// What a sale may say under a program in which check() found nothing.
std::optional<Fault> check(const Program& program, const Sale& sale, const MemberFacts& member);

}  // namespace tally::program
