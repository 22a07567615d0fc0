// The refused connections the manager's page shows: newest first, equal ones folded, bounded.
// Plain data; one thread.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"

#include "gateway/reasons.hpp"

namespace tally::gateway {

struct Refusal {
  WallTime at;
  std::string peer;  ///< "192.0.2.7:41022", of the last one.
  std::optional<TerminalId> terminal;
  Reason reason;
  std::uint64_t count = 1;
};

class RefusalList {
 public:
  static constexpr std::size_t kEntriesMax = 50;

  /// Equal: same address (whatever its port), same terminal, same code.
  void add(WallTime at, std::string peer, std::optional<TerminalId> terminal, Reason reason);

  const std::list<Refusal>& entries() const { return entries_; }

 private:
  std::list<Refusal> entries_;
};

}  // namespace tally::gateway
