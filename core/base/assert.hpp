// Programming errors end the process, in release as well: the supervisor restarts it and the
// journal replays. Never for input from outside, a disk or a peer: those are Errors.
#pragma once

namespace tally {

/// Prints the site to standard error and aborts.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace tally

#define TALLY_ASSERT(expression)                                  \
  do {                                                            \
    if (!(expression)) [[unlikely]] {                             \
      ::tally::assertion_failed(#expression, __FILE__, __LINE__); \
    }                                                             \
  } while (false)
