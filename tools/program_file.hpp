// A program as a file that people write and compare: JSON with money as "128.50", days as
// "2026-11-24" and words instead of numbers for choices (docs/formats/program.md). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/program/program.hpp"

#include "tools/explain.hpp"

namespace tally::tools {

/// Either a program in which check() finds nothing, or why there is none: a JSON mistake with its
/// line, an unknown, doubled or missing key, a value of the wrong sort, or a figure out of its
/// bounds, each with its place ("bonuses[2].extra_percent").
struct ProgramFile {
  std::optional<program::Program> program;
  Sentence refusal;
};

inline constexpr std::size_t kProgramFileBytesMax = 256 * 1024;

/// `text` up to kProgramFileBytesMax.
ProgramFile read_program(std::string_view text);

/// Every figure, in the order of the type; read_program() gives the same program back.
std::string program_text(const program::Program& program);

/// One figure that differs. Absent in one of them: empty.
struct ProgramChange {
  std::string place;
  std::string before;
  std::string after;
};

/// What differs between two programs, by place, in order of the places' names.
std::vector<ProgramChange> program_changes(const program::Program& before,
                                           const program::Program& after);

}  // namespace tally::tools
