// What a run did, in two sizes: a hash over every event, equal for equal seeds on every compiler
// and build, and the last events as short texts for whoever has to understand a violation.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"

namespace tally::sim {

class Trace {
 public:
  static constexpr std::size_t kKept = 200;

  /// Mixes a number into the hash (FNV-1a, Fowler, Noll and Vo, over its 8 bytes).
  void mix(std::uint64_t value);
  void mix(ByteView bytes);

  /// Remembers one event and mixes its text and time.
  void note(std::uint64_t event, std::int64_t at_ms, std::string text);

  std::uint64_t hash() const { return hash_; }
  /// Oldest first, at most kKept lines: event number, simulated time, text.
  std::vector<std::string> last() const;

 private:
  struct Line {
    std::uint64_t event = 0;
    std::int64_t at_ms = 0;
    std::string text;
  };

  std::uint64_t hash_ = 0xcbf29ce484222325U;
  std::array<Line, kKept> lines_;
  std::size_t count_ = 0;
};

/// "1 13:05:09.250": day, hours, minutes, seconds since the start of a run.
std::string format_sim_time(std::int64_t at_ms);

}  // namespace tally::sim
