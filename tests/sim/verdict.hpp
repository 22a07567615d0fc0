// Where the parts of the oracle report a broken invariant. The first one ends the run: what follows
// would only be its consequences.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "tests/sim/clockwork.hpp"
#include "tests/sim/report.hpp"

namespace tally::sim {

class Verdict {
 public:
  Verdict(Clockwork& clockwork, SeedReport& report) : clockwork_(clockwork), report_(report) {}

  void violated(std::string_view invariant, std::string text) {
    if (report_.violations.empty()) {
      report_.last_events = clockwork_.trace().last();
    }
    report_.violations.push_back(
        {std::string(invariant), clockwork_.events(), clockwork_.now_ms(), std::move(text)});
    clockwork_.stop();
  }

  bool any() const { return !report_.violations.empty(); }
  void note(std::string text) { clockwork_.note(std::move(text)); }

 private:
  Clockwork& clockwork_;
  SeedReport& report_;
};

/// "101-1 boot …9f3a seq 42".
std::string name_of(const RecordId& id);

}  // namespace tally::sim
