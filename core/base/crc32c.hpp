// CRC-32C (Castagnoli), against disk faults only: RFC 3720, appendix B.4.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace tally {

/// The CRC-32C of `bytes`; pass an earlier result as `previous` to go on. "123456789" gives
/// e3069283.
std::uint32_t crc32c(ByteView bytes, std::uint32_t previous = 0);

}  // namespace tally
