// The fixed head of a sealed record and the MAC at its end: all a gateway needs to check
// continuity, at fixed offsets and without a decoder. Layout: docs/formats/record.md.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"

namespace tally::record {

inline constexpr std::size_t kHeaderBytes = 44;
inline constexpr std::size_t kMacBytes = 16;
inline constexpr std::size_t kRecordBytesMax = 320;
inline constexpr std::size_t kBodyBytesMax = kRecordBytesMax - kHeaderBytes - kMacBytes;
inline constexpr std::uint8_t kFormatVersion = 1;
/// Far beyond what a till can make, far below what a 64-bit column or a sum of positions can hold.
inline constexpr std::uint64_t kSeqMax = std::uint64_t{1} << 62;

/// What kind of fact a record states; values are those of the header byte.
enum class RecordKind : std::uint8_t {
  kAccrual = 1,
  kRedemption = 2,
  kVoid = 3,
  kRefund = 4,
  kReversal = 5,
  kEnrolment = 6,
  kNote = 7,
  kGap = 8,
  kShiftClose = 9,
};

struct Header {
  RecordKind kind = RecordKind::kNote;
  std::uint16_t key_version = 1;
  RecordId id;
  Mac prev_mac{};  ///< MAC of the terminal's previous record; zero for the first of an incarnation.

  StreamId stream() const { return {id.terminal, id.incarnation}; }
};

/// Writes the 44 header bytes to `out`.
void write_header(const Header& header, std::uint8_t* out);

/// Reads the header of a sealed record. The kind is not checked: a newer terminal may use one this
/// build does not know, and the record still has to be carried. Errors: kInvalid when it is shorter
/// than header and MAC, longer than kRecordBytesMax, names no terminal, incarnation, boot or seq,
/// or a seq beyond kSeqMax; kUnsupported when the format version is another.
Result<Header> peek_header(ByteView sealed);

/// The MAC at the end of a sealed record. Requires at least kMacBytes bytes.
Mac peek_mac(ByteView sealed);

/// The body between header and MAC; a view into `sealed`. Requires a record that peek_header()
/// accepted.
ByteView peek_body(ByteView sealed);

}  // namespace tally::record
