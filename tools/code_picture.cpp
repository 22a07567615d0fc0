#include "tools/code_picture.hpp"

#include <memory>

#include <png.h>
#include <qrencode.h>

#include "core/base/try.hpp"

namespace tally::tools {
namespace {

struct FreeCode {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

}  // namespace

Result<CodePicture> draw_code(std::string_view text, std::uint32_t module_pixels) {
  if (text.empty() || text.find('\0') != std::string_view::npos) {
    return make_error(Errc::kInvalid,
                      "the text of a code must not be empty or contain a zero byte");
  }
  if (text.size() > kCodeTextBytesMax) {
    return make_error(Errc::kExhausted, "the text is too long for a code");
  }
  if (module_pixels == 0 || module_pixels > kModulePixelsMax) {
    return make_error(Errc::kInvalid, "the module size is out of range");
  }
  // The 8-bit hint lets the library choose denser modes where the text allows, digits above all.
  const std::unique_ptr<QRcode, FreeCode> code(
      QRcode_encodeString(std::string(text).c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1));
  if (!code) {
    return make_error(Errc::kExhausted, "the text does not fit into a code");
  }
  const auto modules = static_cast<std::uint32_t>(code->width);
  CodePicture picture;
  picture.side_pixels = (modules + 2 * kQuietZoneModules) * module_pixels;
  const std::size_t side = picture.side_pixels;
  picture.pixels.assign(side * side, 0xFF);
  const std::size_t margin = std::size_t{kQuietZoneModules} * module_pixels;
  for (std::size_t y = 0; y < std::size_t{modules} * module_pixels; ++y) {
    for (std::size_t x = 0; x < std::size_t{modules} * module_pixels; ++x) {
      const std::size_t module = (y / module_pixels) * modules + x / module_pixels;
      if ((code->data[module] & 1U) != 0) {
        picture.pixels[(margin + y) * side + margin + x] = 0x00;
      }
    }
  }
  return picture;
}

Status write_code_picture(const CodePicture& picture, const std::string& path) {
  // libpng's simplified interface: it reports errors by return value instead of longjmp.
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = picture.side_pixels;
  image.height = picture.side_pixels;
  image.format = PNG_FORMAT_GRAY;
  const int written =
      png_image_write_to_file(&image, path.c_str(), 0, picture.pixels.data(), 0, nullptr);
  png_image_free(&image);
  if (written == 0) {
    return make_error(Errc::kUnavailable, "the picture cannot be written");
  }
  return {};
}

}  // namespace tally::tools
