#include <csetjmp>
#include <cstring>
#include <vector>

#include <png.h>

#include "core/base/try.hpp"

#include "hal/qr_decoder.hpp"

namespace tally::hal {

namespace {

struct Input {
  ByteView bytes;
  std::size_t offset = 0;
};

void read_bytes(png_structp png, png_bytep out, std::size_t count) {
  auto* input = static_cast<Input*>(png_get_io_ptr(png));
  if (count > input->bytes.size() - input->offset) {
    png_error(png, "cut short");
  }
  std::memcpy(out, input->bytes.data() + input->offset, count);
  input->offset += count;
}

void on_error(png_structp png, png_const_charp /*text*/) {
  png_longjmp(png, 1);
}
void on_warning(png_structp /*png*/, png_const_charp /*text*/) {}

/// Owns libpng's two structures.
class Reader {
 public:
  Reader()
      : png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning)),
        info_(png_ == nullptr ? nullptr : png_create_info_struct(png_)) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  bool ok() const { return info_ != nullptr; }
  png_structp png() const { return png_; }
  png_infop info() const { return info_; }

 private:
  png_structp png_;
  png_infop info_;
};

// libpng reports errors by longjmp: the two functions below hold no object with a destructor, so
// that nothing is skipped.

bool read_header(const Reader& reader, Input& input) {
  if (setjmp(png_jmpbuf(reader.png())) != 0) {
    return false;
  }
  png_set_read_fn(reader.png(), &input, read_bytes);
  png_set_user_limits(reader.png(), kPictureSideMax, kPictureSideMax);
  png_set_chunk_malloc_max(reader.png(), 1 << 20);
  png_set_chunk_cache_max(reader.png(), 16);
  png_read_info(reader.png(), reader.info());
  return true;
}

bool read_rows(const Reader& reader, const GreyPicture& picture, std::vector<png_bytep>& rows) {
  if (setjmp(png_jmpbuf(reader.png())) != 0) {
    return false;
  }
  png_color_16 white{};
  white.red = white.green = white.blue = white.gray = 255;
  png_set_expand(reader.png());
  png_set_strip_16(reader.png());
  png_set_background(reader.png(), &white, PNG_BACKGROUND_GAMMA_SCREEN, 0, 1.0);
  if ((png_get_color_type(reader.png(), reader.info()) & PNG_COLOR_MASK_COLOR) != 0) {
    png_set_rgb_to_gray_fixed(reader.png(), PNG_ERROR_ACTION_NONE, -1, -1);
  }
  png_set_interlace_handling(reader.png());
  png_read_update_info(reader.png(), reader.info());
  if (png_get_rowbytes(reader.png(), reader.info()) != static_cast<std::size_t>(picture.width)) {
    return false;
  }
  png_read_image(reader.png(), rows.data());
  return true;
}

/// Width and height stand at a fixed place of a PNG file: checked before libpng allocates anything
/// for them (PNG specification, clauses 5.2 and 11.2.2).
Status check_size(ByteView file) {
  if (file.size() > kPictureBytesMax) {
    return make_error(Errc::kExhausted, "the picture's file is too large");
  }
  if (file.size() < 33 || png_sig_cmp(file.data(), 0, 8) != 0) {
    return make_error(Errc::kInvalid, "not a PNG picture");
  }
  const auto width = load_be<std::uint32_t>(file.data() + 16);
  const auto height = load_be<std::uint32_t>(file.data() + 20);
  if (width == 0 || height == 0) {
    return make_error(Errc::kCorrupt, "the picture has no size");
  }
  if (width > kPictureSideMax || height > kPictureSideMax ||
      std::uint64_t{width} * height > kPicturePixelsMax) {
    return make_error(Errc::kExhausted, "the picture has too many pixels");
  }
  return {};
}

}  // namespace

Result<GreyPicture> read_png(ByteView file) {
  TALLY_TRY(check_size(file));
  const Reader reader;
  if (!reader.ok()) {
    return make_error(Errc::kInternal, "libpng could not start");
  }
  Input input{file};
  if (!read_header(reader, input)) {
    return make_error(Errc::kCorrupt, "the picture is damaged");
  }
  GreyPicture picture;
  picture.width = static_cast<int>(png_get_image_width(reader.png(), reader.info()));
  picture.height = static_cast<int>(png_get_image_height(reader.png(), reader.info()));
  const auto width = static_cast<std::size_t>(picture.width);
  picture.pixels.resize(width * static_cast<std::size_t>(picture.height));
  std::vector<png_bytep> rows(static_cast<std::size_t>(picture.height));
  for (std::size_t y = 0; y < rows.size(); ++y) {
    rows[y] = picture.pixels.data() + y * width;
  }
  if (!read_rows(reader, picture, rows)) {
    return make_error(Errc::kCorrupt, "the picture is damaged");
  }
  return picture;
}

}  // namespace tally::hal
