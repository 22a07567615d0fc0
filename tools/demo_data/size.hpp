// What a demo year is made from: the same size gives the same ledger.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"

namespace tally::tools::demo {

/// Raised whenever the same size would make another ledger.
inline constexpr int kGeneratorVersion = 1;

inline constexpr std::uint32_t kMembersMax = 1'000'000;
inline constexpr std::uint32_t kDaysMax = 1'096;
inline constexpr std::uint32_t kStoresMax = 200;
/// Of China, which has one time all over and no summer time.
inline constexpr std::int32_t kUtcOffsetS = 8 * 3600;

struct Size {
  std::uint32_t members = 0;
  std::uint32_t days = 0;
  std::uint64_t seed = 0;
  std::uint32_t stores = 8;
  BusinessDay until{20'757};  ///< The last day: 2026-10-31.

  BusinessDay first_day() const {
    return BusinessDay{until.days - static_cast<std::int32_t>(days) + 1};
  }
};

/// An instant by the clock on a shop's wall.
constexpr WallTime at_minute(BusinessDay day, std::int64_t minute) {
  return WallTime{((std::int64_t{day.days} * 24 * 60 + minute) * 60 - kUtcOffsetS) * 1'000'000};
}

}  // namespace tally::tools::demo
