// Why a sale earns what it earns, told rule by rule in both languages: for `tally explain`, `tally
// program simulate` and whoever prints it. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/program/check.hpp"
#include "core/program/evaluate.hpp"

#include "tools/explain.hpp"

namespace tally::tools {

/// The rate, each rule with what it counted and gave, rounding and caps, in the order in which they
/// came.
std::vector<Sentence> tell_evaluation(const program::Program& program,
                                      const program::Evaluation& evaluation);

/// Which figure is wrong, and what would be taken.
Sentence words_of(const program::Fault& fault);

/// A word that never changes, for programs: "base", "bonus", "sale_cap", …
std::string name_of(program::StepKind kind);

}  // namespace tally::tools
