// Draws QR codes for tests with libqrencode, the other side's implementation.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <qrencode.h>

#include "hal/png_writer.hpp"
#include "hal/qr_decoder.hpp"

namespace tally::tests {

/// The code of `text` with a quiet zone of four modules of `module` pixels.
inline hal::GreyPicture qr_picture(const std::string& text, int module = 4) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString(text.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), &QRcode_free);
  hal::GreyPicture picture;
  picture.width = picture.height = (code->width + 8) * module;
  const auto side = static_cast<std::size_t>(picture.width);
  picture.pixels.assign(side * side, 255);
  for (int y = 0; y < code->width * module; ++y) {
    for (int x = 0; x < code->width * module; ++x) {
      if ((code->data[(y / module) * code->width + x / module] & 1) != 0) {
        picture.pixels[static_cast<std::size_t>(y + 4 * module) * side +
                       static_cast<std::size_t>(x + 4 * module)] = 0;
      }
    }
  }
  return picture;
}

inline Bytes qr_png(const std::string& text, int module = 4) {
  return hal::write_png(qr_picture(text, module)).value();
}

/// ZXing builds tables at its first use and keeps them: before the tests, so that the leak check
/// does not take them for leaks.
inline const bool kDecoderTablesBuilt = hal::decode_code(qr_picture("A")).has_value() &&
                                        !hal::decode_code({9, 9, Bytes(81, 255)}).has_value();

}  // namespace tally::tests
