// How far a long run is, for people: one line that changes on a terminal, a line for each tenth
// elsewhere. Time is passed in.
#pragma once

#include <cstdint>
#include <string>

#include "tools/demo_data/year.hpp"

namespace tally::tools::demo {

class Progress {
 public:
  Progress(std::uint32_t days, bool on_terminal) : days_(days), on_terminal_(on_terminal) {}

  /// What to write now; often nothing. On a terminal it takes the line's place.
  std::string text(const Passed& passed, std::int64_t elapsed_ms);
  /// Ends the line of a terminal.
  std::string end() const { return on_terminal_ && shown_ms_ >= 0 ? "\r\033[K" : ""; }

 private:
  bool is_due(const Passed& passed, std::int64_t elapsed_ms);

  std::uint32_t days_;
  bool on_terminal_;
  std::uint32_t tenths_ = 0;
  std::int64_t shown_ms_ = -1;
};

}  // namespace tally::tools::demo
