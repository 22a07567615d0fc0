// The check sum at the end of a database page: CRC-32C (4 bytes, big endian) of the bytes before it
// and of the page's number, then the number (4 bytes, big endian). Internal to storage/.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace tally::storage {

/// Writes the last 8 bytes. Requires a page of at least 512 bytes.
void seal_page(Bytes& page, std::uint32_t number);

/// Whether the page is as it was sealed, and in its place. One of nothing but zeros was never
/// written: a hole in the file.
bool page_matches(ByteView page, std::uint32_t number);

}  // namespace tally::storage
