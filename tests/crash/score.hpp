// What the processes of a sweep count together: shared memory, because each fault happens in a
// process of its own (a copy of the world at that moment).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tally::crash {

class Score {
 public:
  Score();
  Score(const Score&) = delete;
  Score& operator=(const Score&) = delete;
  ~Score();

  struct Counts {
    std::uint64_t points = 0;      ///< Places in the day at which something was made to fail.
    std::uint64_t subsets = 0;     ///< Disks tried: which unsynced sectors were kept or torn.
    std::uint64_t whole = 0;       ///< Points of which every subset was tried.
    std::uint64_t recoveries = 0;  ///< Databases opened again.
    std::uint64_t days = 0;        ///< Machines started again that went on with the day to its end.
    std::uint64_t refused = 0;     ///< Sales that the cashier was told are refused by the disk.
    std::uint64_t lost = 0;
    std::uint64_t doubled = 0;
    std::uint64_t corrupt = 0;
    std::uint64_t stuck = 0;    ///< Days that did not come to rest.
    std::uint64_t aborted = 0;  ///< Processes that ended by themselves.
  };

  Counts& counts() { return shared_->counts; }
  const Counts& counts() const { return shared_->counts; }
  bool clean() const;

  /// Keeps the first few.
  void say(const std::string& text);
  std::vector<std::string> texts() const;

  /// Whether a value was put in for the first time, by any process.
  bool is_new(std::uint64_t value);

 private:
  static constexpr std::size_t kTextsMax = 24;
  static constexpr std::size_t kTextBytes = 240;
  static constexpr std::size_t kSlots = std::size_t{1} << 20;

  struct Shared {
    Counts counts;
    std::size_t text_count;
    char texts[kTextsMax][kTextBytes];
    std::uint64_t seen[kSlots];
  };

  Shared* shared_;
};

/// Adds up what several sweeps counted.
Score::Counts operator+(const Score::Counts& a, const Score::Counts& b);

}  // namespace tally::crash
