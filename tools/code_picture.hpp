// A QR code as a picture: what a printed card or a receipt on a desk looks like to a scanner.
// Pure but for the file that write_code_picture() makes; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace tally::tools {

/// Quiet zone in modules on each side (ISO/IEC 18004:2015, 9.1).
inline constexpr std::uint32_t kQuietZoneModules = 4;
inline constexpr std::uint32_t kModulePixelsMax = 40;
inline constexpr std::size_t kCodeTextBytesMax = 2000;

/// Grey, one byte a pixel, row by row; square.
struct CodePicture {
  std::uint32_t side_pixels = 0;
  std::vector<std::uint8_t> pixels;
};

/// Draws `text` as a QR code, error correction M, `module_pixels` (1 … kModulePixelsMax) a module.
/// Errors: kInvalid for an empty text, one with a NUL in it or another module size; kExhausted when
/// it is longer than kCodeTextBytesMax.
Result<CodePicture> draw_code(std::string_view text, std::uint32_t module_pixels);

/// Writes a PNG file, replacing what is there; not synced.
/// Errors: kUnavailable when the file cannot be written.
Status write_code_picture(const CodePicture& picture, const std::string& path);

}  // namespace tally::tools
