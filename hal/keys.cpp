#include "hal/keys.hpp"

#include <array>
#include <cstddef>

namespace tally::hal {

namespace {
constexpr std::array<std::string_view, kKeyCount> kNames = {
    "0",     "1",    "2",      "3",      "4",    "5",    "6",        "7",  "8",    "9",     "dot",
    "enter", "back", "cancel", "redeem", "void", "sync", "language", "up", "down", "refund"};
}

std::string_view name_of(Key key) {
  return kNames.at(static_cast<std::size_t>(key));
}

std::optional<Key> key_of(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) {
      return static_cast<Key>(i);
    }
  }
  return std::nullopt;
}

std::optional<int> digit_of(Key key) {
  const int index = static_cast<int>(key);
  return index <= 9 ? std::optional<int>(index) : std::nullopt;
}

}  // namespace tally::hal
