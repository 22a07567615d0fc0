// Finds a code in a grey picture: QR codes and Code 128, the two a member may show. Wraps ZXing-C++
// and hides its types. Pure: no state, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace tally::hal {

/// Bounds of a picture, against hostile or absurd input.
inline constexpr std::uint32_t kPicturePixelsMax = 4'000'000;
inline constexpr std::uint32_t kPictureSideMax = 8192;
inline constexpr std::size_t kPictureBytesMax = 4 * 1024 * 1024;

/// One byte a pixel, 0 black … 255 white, rows from the top without padding.
struct GreyPicture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;
};

/// Reads a PNG of any colour type; transparent parts become white.
/// Errors: kInvalid when the bytes are no PNG; kCorrupt when it is damaged or cut short; kExhausted
/// when the file or the picture is beyond the bounds above (its pixels are not read then).
Result<GreyPicture> read_png(ByteView file);

/// The text of the first code found, UTF-8.
/// Errors: kNotFound when there is none that can be read; kInvalid when the picture is empty or its
/// size does not fit its pixels; kExhausted when it is beyond the bounds or the text is longer than
/// kCodeBytesMax.
Result<std::string> decode_code(const GreyPicture& picture);

}  // namespace tally::hal
