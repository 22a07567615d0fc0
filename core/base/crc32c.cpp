#include "core/base/crc32c.hpp"

#include <array>

namespace tally {
namespace {

constexpr std::array<std::uint32_t, 256> kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1U) != 0 ? (value >> 1) ^ 0x82f63b78U : value >> 1;
    }
    table[i] = value;
  }
  return table;
}();

}  // namespace

std::uint32_t crc32c(ByteView bytes, std::uint32_t previous) {
  std::uint32_t crc = ~previous;
  for (const std::uint8_t byte : bytes) {
    crc = (crc >> 8) ^ kTable[(crc ^ byte) & 0xffU];
  }
  return ~crc;
}

}  // namespace tally
