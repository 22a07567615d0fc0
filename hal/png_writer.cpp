#include "hal/png_writer.hpp"

#include <cstring>

#include <png.h>

namespace tally::hal {

namespace {

Result<Bytes> write(int width, int height, std::uint32_t format, const Bytes& pixels) {
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = format;
  image.flags = PNG_IMAGE_FLAG_FAST;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  Bytes file(size);
  if (png_image_write_to_memory(&image, file.data(), &size, 0, pixels.data(), 0, nullptr) == 0) {
    return make_error(Errc::kInternal, "libpng could not write a picture");
  }
  file.resize(size);
  return file;
}

bool fits(int width, int height, std::size_t pixels) {
  return width > 0 && height > 0 &&
         pixels == static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

}  // namespace

Result<Bytes> write_png(const Frame& frame) {
  if (!fits(frame.width, frame.height, frame.pixels.size())) {
    return make_error(Errc::kInvalid, "the frame's size does not fit its pixels");
  }
  Bytes rgb;
  rgb.reserve(frame.pixels.size() * 3);
  for (const std::uint32_t pixel : frame.pixels) {
    rgb.push_back(static_cast<std::uint8_t>(pixel >> 16));
    rgb.push_back(static_cast<std::uint8_t>(pixel >> 8));
    rgb.push_back(static_cast<std::uint8_t>(pixel));
  }
  return write(frame.width, frame.height, PNG_FORMAT_RGB, rgb);
}

Result<Bytes> write_png(const GreyPicture& picture) {
  if (!fits(picture.width, picture.height, picture.pixels.size())) {
    return make_error(Errc::kInvalid, "the picture's size does not fit its pixels");
  }
  return write(picture.width, picture.height, PNG_FORMAT_GRAY, picture.pixels);
}

}  // namespace tally::hal
