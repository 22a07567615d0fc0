#include "hal/buzzer.hpp"

namespace tally::hal {

std::string_view name_of(Sound sound) {
  switch (sound) {
    case Sound::kApproved:
      return "approved";
    case Sound::kDeclined:
      return "declined";
    case Sound::kAttention:
      return "attention";
    case Sound::kKey:
      return "key";
  }
  return "key";
}

}  // namespace tally::hal
