#include "transport/os_random.hpp"

#include <cerrno>

#include <sys/random.h>

#include "core/base/assert.hpp"

namespace tally::transport {

void OsRandom::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    TALLY_ASSERT(got > 0 || errno == EINTR);
    if (got > 0) {
      out = out.subspan(static_cast<std::size_t>(got));
    }
  }
}

}  // namespace tally::transport
