// How much memory this process has, by the kernel's account (proc(5), /proc/self/status), and when
// it began.
#pragma once

#include <cstdint>

namespace tally::firmware {

struct ProcessMemory {
  std::int64_t rss_bytes = 0;
  std::int64_t rss_peak_bytes = 0;
};

/// Zeroes when /proc is not there.
ProcessMemory process_memory();

/// Milliseconds since the kernel started this process, in steps of a clock tick (10 ms); 0 when
/// /proc is not there.
std::int64_t process_age_ms();

}  // namespace tally::firmware
