#include "tools/code_picture.hpp"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::tools;

TEST_GROUP(CodePicture){};

TEST(CodePicture, Digits_VersionOneWithQuietZone) {
  const auto picture = draw_code("9900000000000016", 3);
  CHECK(picture.has_value());
  // Version 1 has 21 modules; 16 digits fit it at level M.
  UNSIGNED_LONGS_EQUAL((21 + 2 * kQuietZoneModules) * 3, picture->side_pixels);
  UNSIGNED_LONGS_EQUAL(picture->side_pixels * picture->side_pixels, picture->pixels.size());
  const std::size_t side = picture->side_pixels;
  const std::size_t quiet = kQuietZoneModules * 3;
  for (std::size_t i = 0; i < side; ++i) {
    for (std::size_t j = 0; j < quiet; ++j) {
      BYTES_EQUAL(0xFF, picture->pixels[i * side + j]);
      BYTES_EQUAL(0xFF, picture->pixels[j * side + i]);
      BYTES_EQUAL(0xFF, picture->pixels[i * side + side - 1 - j]);
    }
  }
  // The corner of the finder pattern is dark.
  BYTES_EQUAL(0x00, picture->pixels[quiet * side + quiet]);
}

TEST(CodePicture, SameText_SamePicture) {
  const auto first = draw_code("TR1:ABC", 2);
  const auto second = draw_code("TR1:ABC", 2);
  CHECK(first->pixels == second->pixels);
  CHECK(first->pixels != draw_code("TR1:ABD", 2)->pixels);
}

TEST(CodePicture, EmptyOrZeroByte_Invalid) {
  CHECK(draw_code("", 3).error().code == Errc::kInvalid);
  CHECK(draw_code(std::string_view("a\0b", 3), 3).error().code == Errc::kInvalid);
}

TEST(CodePicture, ModuleSizeOutOfRange_Invalid) {
  CHECK(draw_code("1", 0).error().code == Errc::kInvalid);
  CHECK(draw_code("1", kModulePixelsMax + 1).error().code == Errc::kInvalid);
}

TEST(CodePicture, TooLong_Exhausted) {
  CHECK(draw_code(std::string(kCodeTextBytesMax, 'x'), 1).has_value());
  CHECK(draw_code(std::string(kCodeTextBytesMax + 1, 'x'), 1).error().code == Errc::kExhausted);
}

TEST(CodePicture, UnwritableFile_Unavailable) {
  const auto picture = draw_code("1", 1);
  CHECK(write_code_picture(*picture, "/nonexistent/code.png").error().code == Errc::kUnavailable);
}
