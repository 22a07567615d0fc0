// Instants and durations. Time is always passed in: core/ has no clock. Three kinds that must not
// mix: wall time (may jump), boot time (steady since boot), business day (what the shop calls
// today).
#pragma once

#include <compare>
#include <cstdint>

namespace tally {

/// Microseconds since 1970-01-01 UTC; may be wrong, see docs/architecture.md "Time".
struct WallTime {
  std::int64_t us = 0;
  constexpr auto operator<=>(const WallTime&) const = default;
};

/// A span of milliseconds.
struct Duration {
  std::int64_t ms = 0;
  constexpr auto operator<=>(const Duration&) const = default;
};

/// Milliseconds since the machine (or the simulation) started; never jumps. Deadlines run on it.
struct BootTime {
  std::int64_t ms = 0;
  constexpr auto operator<=>(const BootTime&) const = default;
  friend constexpr BootTime operator+(BootTime t, Duration d) { return {t.ms + d.ms}; }
  friend constexpr Duration operator-(BootTime a, BootTime b) { return {a.ms - b.ms}; }
};

/// Days since 1970-01-01 of the store's business calendar.
struct BusinessDay {
  std::int32_t days = 0;
  constexpr auto operator<=>(const BusinessDay&) const = default;
};

/// How far a wall time can be trusted.
enum class ClockQuality : std::uint8_t {
  kUnknown = 0,   ///< Never compared with anything.
  kAnchored = 1,  ///< Compared with a signed anchor in this boot.
  kHeld = 2,      ///< Carried over from an earlier boot by the clock chip.
};

/// Now, as a shell tells it to a machine.
struct Instant {
  WallTime wall;
  BootTime boot;
};

}  // namespace tally
