// Whether bytes from a device are well-formed UTF-8 (RFC 3629).
#pragma once

#include <string_view>

namespace tally::hal {

/// True for well-formed UTF-8 without NUL: no overlong form, no surrogate, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace tally::hal
