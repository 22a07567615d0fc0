// Judges a world after its day, from outside: what customers saw, what the journals hold, what the
// ledger says, and the rules of `tally audit` on all three databases.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/crash/world.hpp"

namespace tally::crash {

struct Verdict {
  std::uint64_t lost = 0;
  std::uint64_t doubled = 0;
  std::uint64_t corrupt = 0;
  std::vector<std::string> texts;

  bool clean() const { return lost + doubled + corrupt == 0; }
};

/// Every store must be drained and open.
Verdict judge(World& world);

/// A fingerprint of a database as a reader sees it, whatever part of it lies in the log. Opens the
/// path beside its owner. 0 when it cannot be read.
std::uint64_t fingerprint(const std::string& path);

/// PRAGMA integrity_check. Empty when all is well, else the first finding. Opens the path beside
/// its owner.
std::string find_damage(const std::string& path);

}  // namespace tally::crash
