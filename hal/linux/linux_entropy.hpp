// The kernel's random numbers: getrandom(2), which waits for its first seeding and never after.
#pragma once

#include "hal/entropy.hpp"

namespace tally::hal {

class LinuxEntropy final : public Entropy {
 public:
  Status fill(std::span<std::uint8_t> out) override;
};

}  // namespace tally::hal
