#include "core/base/crc32c.hpp"

#include <array>

namespace tally {
namespace {

/// Eight bytes a step ("slicing-by-8", Kounavis and Berry 2005): kTables[n][b] is what byte b does
/// n bytes before the end.
constexpr std::array<std::array<std::uint32_t, 256>, 8> kTables = [] {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1U) != 0 ? (value >> 1) ^ 0x82f63b78U : value >> 1;
    }
    tables[0][i] = value;
  }
  for (std::size_t n = 1; n < tables.size(); ++n) {
    for (std::size_t i = 0; i < 256; ++i) {
      const std::uint32_t before = tables[n - 1][i];
      tables[n][i] = (before >> 8) ^ tables[0][before & 0xffU];
    }
  }
  return tables;
}();

}  // namespace

std::uint32_t crc32c(ByteView bytes, std::uint32_t previous) {
  std::uint32_t crc = ~previous;
  while (bytes.size() >= 8) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      const auto mixed =
          static_cast<std::uint8_t>(bytes[i] ^ (i < 4 ? (crc >> (8 * i)) & 0xffU : 0U));
      next ^= kTables[7 - i][mixed];
    }
    crc = next;
    bytes = bytes.subspan(8);
  }
  for (const std::uint8_t byte : bytes) {
    crc = (crc >> 8) ^ kTables[0][(crc ^ byte) & 0xffU];
  }
  return ~crc;
}

}  // namespace tally
