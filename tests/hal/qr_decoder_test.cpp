#include "hal/qr_decoder.hpp"

#include <algorithm>
#include <random>
#include <string>

#include "hal/png_writer.hpp"
#include "tests/hal/support/qr_picture.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::hal;
using tests::qr_picture;

struct QrDecoderTest : Utest {
  static Errc error_of(const GreyPicture& picture) {
    const auto result = decode_code(picture);
    CHECK(!result.has_value());
    return result.error().code;
  }
};

TEST_GROUP_BASE(QrDecoder, QrDecoderTest){};

TEST(QrDecoder, MemberNumber_IsRead) {
  STRCMP_EQUAL("9900000000000016", decode_code(qr_picture("9900000000000016")).value().c_str());
}

TEST(QrDecoder, ChineseText_ComesOutAsUtf8) {
  STRCMP_EQUAL("member-张", decode_code(qr_picture("member-张")).value().c_str());
}

TEST(QrDecoder, LongSignedCode_IsRead) {
  std::string text = "M1:";
  for (int i = 0; i < 400; ++i) {
    text += static_cast<char>('A' + i % 26);
  }
  STRCMP_EQUAL(text.c_str(), decode_code(qr_picture(text)).value().c_str());
}

TEST(QrDecoder, NoisyAndGrey_IsStillRead) {
  GreyPicture picture = qr_picture("9900000000000016");
  std::mt19937 random(7);
  for (auto& pixel : picture.pixels) {
    const int noise = static_cast<int>(random() % 50) - 25;
    pixel = static_cast<std::uint8_t>(std::clamp((pixel == 0 ? 60 : 190) + noise, 0, 255));
  }
  STRCMP_EQUAL("9900000000000016", decode_code(picture).value().c_str());
}

TEST(QrDecoder, TurnedByAQuarter_IsRead) {
  const GreyPicture upright = qr_picture("TURNED");
  GreyPicture picture = upright;
  const auto side = static_cast<std::size_t>(upright.width);
  for (std::size_t y = 0; y < side; ++y) {
    for (std::size_t x = 0; x < side; ++x) {
      picture.pixels[x * side + (side - 1 - y)] = upright.pixels[y * side + x];
    }
  }
  STRCMP_EQUAL("TURNED", decode_code(picture).value().c_str());
}

TEST(QrDecoder, WhitePicture_HasNoCode) {
  CHECK(error_of({200, 100, Bytes(200 * 100, 255)}) == Errc::kNotFound);
}

TEST(QrDecoder, HalfACode_HasNoCode) {
  GreyPicture picture = qr_picture("9900000000000016");
  picture.height /= 2;
  picture.pixels.resize(static_cast<std::size_t>(picture.width * picture.height));
  CHECK(error_of(picture) == Errc::kNotFound);
}

TEST(QrDecoder, EmptyOrMismatchedPicture_IsInvalid) {
  CHECK(error_of({}) == Errc::kInvalid);
  CHECK(error_of({10, 10, Bytes(99, 255)}) == Errc::kInvalid);
  CHECK(error_of({-1, 10, Bytes(10, 255)}) == Errc::kInvalid);
}

TEST(QrDecoder, TooManyPixels_IsRefused) {
  CHECK(error_of({4000, 1001, Bytes(4000 * 1001, 255)}) == Errc::kExhausted);
}

struct PngReaderTest : Utest {
  static Errc error_of(ByteView file) {
    const auto result = read_png(file);
    CHECK(!result.has_value());
    return result.error().code;
  }
};

TEST_GROUP_BASE(PngReader, PngReaderTest){};

TEST(PngReader, WhatWasWritten_IsReadBack) {
  const GreyPicture picture = qr_picture("A", 1);
  const GreyPicture read = read_png(write_png(picture).value()).value();
  LONGS_EQUAL(picture.width, read.width);
  LONGS_EQUAL(picture.height, read.height);
  CHECK(picture.pixels == read.pixels);
}

TEST(PngReader, ColourPicture_BecomesGrey) {
  Frame frame(3, 1);
  frame.pixels = {0x000000, 0xFFFFFF, 0x00FF00};
  const GreyPicture read = read_png(write_png(frame).value()).value();
  LONGS_EQUAL(0, read.pixels[0]);
  LONGS_EQUAL(255, read.pixels[1]);
  CHECK(read.pixels[2] > 150 && read.pixels[2] < 240);
}

TEST(PngReader, NoPng_IsInvalid) {
  CHECK(error_of({}) == Errc::kInvalid);
  CHECK(error_of(as_bytes("\xFF\xD8\xFF\xE0 a JPEG would begin like this, and be longer")) ==
        Errc::kInvalid);
}

TEST(PngReader, CutShortAnywhere_IsDamaged) {
  const Bytes file = tests::qr_png("9900000000000016");
  for (std::size_t size = 33; size + 16 < file.size(); size += 7) {
    CHECK(error_of(ByteView(file).first(size)) == Errc::kCorrupt);
  }
}

TEST(PngReader, DamagedBytes_NeverGetThroughSilently) {
  const Bytes file = tests::qr_png("9900000000000016");
  for (std::size_t at = 29; at + 12 < file.size(); at += 5) {
    Bytes damaged = file;
    damaged[at] ^= 0x5A;
    const auto result = read_png(damaged);
    CHECK(!result.has_value() || result->pixels.size() == read_png(file)->pixels.size());
  }
}

TEST(PngReader, HugeSizeInHeader_IsRefusedBeforeItsPixels) {
  Bytes file = tests::qr_png("A");
  store_be<std::uint32_t>(60'000, file.data() + 16);
  store_be<std::uint32_t>(60'000, file.data() + 20);
  CHECK(error_of(file) == Errc::kExhausted);
  store_be<std::uint32_t>(0, file.data() + 16);
  CHECK(error_of(file) == Errc::kCorrupt);
}

TEST(PngReader, FileBeyondBound_IsRefused) {
  CHECK(error_of(Bytes(kPictureBytesMax + 1)) == Errc::kExhausted);
}
