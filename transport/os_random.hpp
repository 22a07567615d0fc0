// The operating system's random bytes. Stateless: any thread.
#pragma once

#include "core/crypto/random_source.hpp"

namespace tally::transport {

/// getrandom(2): waits for the pool at the very first boot only. Ends the process when the kernel
/// refuses, for no key may be made then.
class OsRandom : public crypto::RandomSource {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace tally::transport
