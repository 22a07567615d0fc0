// What an audit of databases found: breaches, each naming database, table and row, and a few
// totals.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tally::tools {

/// Something that must hold and does not (docs/invariants.md).
struct Breach {
  std::string invariant;  ///< "I6"; "journal" for a rule of docs/formats/journal.md, "disk" for
                          ///< damaged bytes, "chain" for a MAC, "office" for an act.
  std::string database;   ///< The path as given.
  std::string table;
  std::string row;  ///< "terminal 101, incarnation 1, seq 42".
  std::string text;
};

/// Something that waits at the OA (I10): how many, and since when.
struct AuditQueue {
  std::string name;
  std::uint64_t open = 0;
  std::int64_t oldest_us = 0;  ///< 0: nothing waits.
};

class AuditReport {
 public:
  static constexpr std::size_t kBreachesMax = 1'000;  ///< Listed; further ones are counted.

  void add(Breach breach) {
    ++breach_count_;
    if (breaches_.size() < kBreachesMax) {
      breaches_.push_back(std::move(breach));
    }
  }

  bool ok() const { return breach_count_ == 0; }
  std::uint64_t breach_count() const { return breach_count_; }
  const std::vector<Breach>& breaches() const { return breaches_; }

  std::uint64_t records = 0;            ///< At the OA; without one, in the journals given.
  std::vector<AuditQueue> queues;       ///< At the OA; no breach, whatever they hold.
  std::uint64_t members = 0;            ///< At the OA.
  std::int64_t points_outstanding = 0;  ///< Owed to members: available, held and pending.

 private:
  std::uint64_t breach_count_ = 0;
  std::vector<Breach> breaches_;
};

}  // namespace tally::tools
