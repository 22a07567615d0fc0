// Contract of the key pad: presses in the order they were made. Releases, repeats and bouncing stay
// in the driver.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "hal/event_source.hpp"

namespace tally::hal {

enum class Key : std::uint8_t {
  k0,
  k1,
  k2,
  k3,
  k4,
  k5,
  k6,
  k7,
  k8,
  k9,
  kDot,
  kEnter,
  kBack,    ///< Takes back the last digit.
  kCancel,  ///< Leaves the sale.
  kRedeem,
  kVoid,
  kSync,
  kLanguage,
  kUp,
  kDown,
  kRefund,
};
inline constexpr int kKeyCount = 21;

/// "0" … "9", "dot", "enter": as in scripts and on the page (docs/formats/script.md).
std::string_view name_of(Key key);

/// The key of that name, or none.
std::optional<Key> key_of(std::string_view name);

/// The digit of a key, or none for the others.
std::optional<int> digit_of(Key key);

using Keys = EventSource<Key>;

}  // namespace tally::hal
