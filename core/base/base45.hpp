// Base45 (RFC 9285): bytes as text of the QR alphanumeric set, so that a code stays small.
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace tally {

/// Three characters for two bytes, two for a last single one.
std::string base45_encode(ByteView bytes);

/// Errors: kInvalid when the length is impossible, a character is outside the alphabet (lower case
/// is), or a group stands for more than its bytes hold.
Result<Bytes> base45_decode(std::string_view text);

}  // namespace tally
