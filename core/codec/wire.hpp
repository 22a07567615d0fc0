// Small helpers between nanopb structs and domain types, private to core/codec. nanopb names follow
// proto/, e.g. tally_wire_Hello; every bound is the schema's.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include <pb_decode.h>
#include <pb_encode.h>

#include "core/base/amount.hpp"
#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace tally::codec {

/// Copies text into a fixed nanopb string, cutting it at the bound but never inside a UTF-8
/// character.
template <std::size_t N>
void put_text(std::string_view text, char (&out)[N]) {
  std::size_t size = std::min(text.size(), N - 1);
  while (size < text.size() && size > 0 &&
         (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80U) {
    --size;
  }
  std::memcpy(out, text.data(), size);
  out[size] = '\0';
}

/// Copies bytes into a nanopb bytes field. Requires that they fit.
template <class Field>
void put_bytes(ByteView bytes, Field& out) {
  TALLY_ASSERT(bytes.size() <= sizeof(out.bytes));
  std::copy(bytes.begin(), bytes.end(), out.bytes);
  out.size = static_cast<pb_size_t>(bytes.size());
}

template <class Field>
ByteView view(const Field& field) {
  return {field.bytes, field.size};
}

/// Reads a field that must have exactly N bytes, or none (all zero, which proto3 writers may leave
/// out).
template <std::size_t N, class Field>
bool get_fixed(const Field& field, ByteArray<N>& out) {
  if (field.size == 0) {
    out = {};
    return true;
  }
  if (field.size != N) {
    return false;
  }
  std::copy_n(field.bytes, N, out.begin());
  return true;
}

/// The number in an enum field as it came over the wire: it may be none of the enumerators, so it
/// must not be read as the enum.
template <class Enum>
int number_of(const Enum& field) {
  static_assert(sizeof(Enum) == sizeof(int));
  int number = 0;
  std::memcpy(&number, &field, sizeof number);
  return number;
}

/// Reads an enum field that must be one of 1 … `last`.
template <class Enum, class Wire>
bool get_enum(const Wire& wire, Enum last, Enum& out) {
  const int number = number_of(wire);
  if (number < 1 || number > static_cast<int>(last)) {
    return false;
  }
  out = static_cast<Enum>(number);
  return true;
}

/// Unknown values of a newer version count as unknown quality.
template <class Enum>
ClockQuality get_quality(const Enum& field) {
  const int number = number_of(field);
  return number == 1 || number == 2 ? static_cast<ClockQuality>(number) : ClockQuality::kUnknown;
}

/// Whether an amount of points or minor units is within 0 … kAmountMax.
inline bool amount_ok(std::int64_t value) {
  return value >= 0 && value <= kAmountMax;
}

inline bool currency_ok(std::uint32_t code) {
  return code == static_cast<std::uint32_t>(Currency::kCny) ||
         code == static_cast<std::uint32_t>(Currency::kEur) ||
         code == static_cast<std::uint32_t>(Currency::kUsd);
}

}  // namespace tally::codec
