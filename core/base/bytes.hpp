// Byte views, fixed byte arrays, big-endian integers and hexadecimal text.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace tally {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

/// The bytes of a text, without copying; valid as long as the text.
inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Bytes seen as text, without copying; valid as long as the bytes.
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Writes `value` most significant byte first.
template <std::unsigned_integral T>
constexpr void store_be(T value, std::uint8_t* out) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out[i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(T) - 1 - i)));
  }
}

/// Reads an integer stored most significant byte first.
template <std::unsigned_integral T>
constexpr T load_be(const std::uint8_t* in) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) | in[i]);
  }
  return value;
}

/// Lower-case hexadecimal text.
std::string to_hex(ByteView bytes);

/// Reads hexadecimal text of either case. Errors: kInvalid when the length is odd or a digit is
/// wrong.
Result<Bytes> from_hex(std::string_view text);

/// Compares without a timing hint about where two secrets of equal length differ.
bool equal_in_constant_time(ByteView a, ByteView b);

}  // namespace tally
