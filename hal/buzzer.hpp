// Contract of the buzzer: four sounds that a cashier tells apart without looking.
#pragma once

#include <cstdint>
#include <string_view>

namespace tally::hal {

enum class Sound : std::uint8_t { kApproved, kDeclined, kAttention, kKey };

/// "approved", "declined", "attention", "key".
std::string_view name_of(Sound sound);

class Buzzer {
 public:
  Buzzer() = default;
  Buzzer(const Buzzer&) = delete;
  Buzzer& operator=(const Buzzer&) = delete;
  virtual ~Buzzer() = default;

  /// Starts a sound and returns at once; a sound still playing is cut short. A broken buzzer is
  /// silent: no sale depends on it.
  virtual void play(Sound sound) = 0;
};

}  // namespace tally::hal
