#include "hal/qr_decoder.hpp"

#include <exception>

#define ZX_USE_UTF8 1
#include <ZXing/ReadBarcode.h>

#include "hal/scanner.hpp"

namespace tally::hal {

namespace {

// ZXing-C++ 2.2 (Debian 13) renamed the options.
#if __has_include(<ZXing/ReaderOptions.h>)
using Options = ZXing::ReaderOptions;
#else
using Options = ZXing::DecodeHints;
#endif

/// A quick look first: an upright, clean picture is the common case at a till.
auto read(const GreyPicture& picture, bool harder) {
  const ZXing::ImageView view(
      picture.pixels.data(), picture.width, picture.height, ZXing::ImageFormat::Lum);
  Options options;
  options.setFormats(ZXing::BarcodeFormat::QRCode | ZXing::BarcodeFormat::Code128);
  options.setTryHarder(harder);
  options.setTryRotate(harder);
  options.setTryDownscale(harder);
  return ZXing::ReadBarcode(view, options);
}

}  // namespace

Result<std::string> decode_code(const GreyPicture& picture) {
  if (picture.width <= 0 || picture.height <= 0 ||
      picture.pixels.size() !=
          static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height)) {
    return make_error(Errc::kInvalid, "the picture's size does not fit its pixels");
  }
  if (picture.pixels.size() > kPicturePixelsMax) {
    return make_error(Errc::kExhausted, "the picture has too many pixels");
  }
  try {
    auto result = read(picture, false);
    if (!result.isValid()) {
      result = read(picture, true);
    }
    if (!result.isValid()) {
      return make_error(Errc::kNotFound, "no code found in the picture");
    }
    std::string text = result.text();
    if (text.empty()) {
      return make_error(Errc::kNotFound, "the code in the picture is empty");
    }
    if (text.size() > kCodeBytesMax) {
      return make_error(Errc::kExhausted, "the code's text is too long");
    }
    return text;
  } catch (const std::exception&) {
    return make_error(Errc::kNotFound, "the code in the picture cannot be read");
  }
}

}  // namespace tally::hal
