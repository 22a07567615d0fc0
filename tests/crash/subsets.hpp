// Which of the unsynced sectors a power cut leaves on the disk: every subset when there are few,
// else a stated sample.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/support/disk_image.hpp"

namespace tally::crash {

/// Up to this many unsynced sectors, every subset is tried.
inline constexpr std::size_t kSectorsWhole = 8;
/// Of each kind of a sample, at most.
inline constexpr std::size_t kSampleMax = 32;
inline constexpr std::size_t kRandomSubsets = 16;

/// One fate for each of `sectors` sectors, many times.
///
/// Up to kSectorsWhole sectors: all 2^n ways to keep or drop them, and each of them torn with the
/// others kept. More: none, all, each alone, each missing, the first m kept (as written in order),
/// all torn, and kRandomSubsets by the seed in which each is kept, dropped or torn; where that
/// would be more than kSampleMax of a kind, that many spread evenly.
std::vector<std::vector<tests::SectorFate>> subsets(std::size_t sectors, std::uint64_t seed);

}  // namespace tally::crash
