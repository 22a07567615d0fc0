#include "hal/linux/linux_entropy.hpp"

#include <cerrno>

#include <sys/random.h>

namespace tally::hal {

Status LinuxEntropy::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return make_error(Errc::kUnavailable, "the kernel gives no random numbers", errno);
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

}  // namespace tally::hal
