// Compares a frame with a stored picture. Letters may differ a little between versions of cairo,
// FreeType and the font, so blocks of 4 × 4 pixels are compared, not pixels. With
// TALLY_UPDATE_PICTURES=1 in the environment the stored picture is written instead.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include <png.h>

#include "hal/display.hpp"
#include "hal/png_writer.hpp"

namespace tally::tests {

inline std::filesystem::path source_dir() {
  const char* folder = std::getenv("TALLY_SOURCE_DIR");
  return folder != nullptr ? folder : ".";
}

/// The fonts that were cut for this build, beside its programs.
inline std::filesystem::path font_dir() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() /
         "share/fonts";
}

inline hal::Frame read_frame(const std::filesystem::path& file) {
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  hal::Frame frame;
  if (png_image_begin_read_from_file(&image, file.c_str()) == 0) {
    return frame;
  }
  image.format = PNG_FORMAT_RGB;
  Bytes rgb(PNG_IMAGE_SIZE(image));
  frame = hal::Frame(static_cast<int>(image.width), static_cast<int>(image.height));
  if (png_image_finish_read(&image, nullptr, rgb.data(), 0, nullptr) == 0) {
    return {};
  }
  for (std::size_t i = 0; i < frame.pixels.size(); ++i) {
    frame.pixels[i] = (std::uint32_t{rgb[i * 3]} << 16) | (std::uint32_t{rgb[i * 3 + 1]} << 8) |
                      std::uint32_t{rgb[i * 3 + 2]};
  }
  return frame;
}

/// Mean of each channel in the block whose corner is (x, y).
inline std::array<int, 3> block_mean(const hal::Frame& frame, int x, int y) {
  std::array<int, 3> sum{};
  int count = 0;
  for (int row = y; row < y + 4 && row < frame.height; ++row) {
    for (int column = x; column < x + 4 && column < frame.width; ++column) {
      const std::uint32_t pixel =
          frame.pixels[static_cast<std::size_t>(row) * static_cast<std::size_t>(frame.width) +
                       static_cast<std::size_t>(column)];
      sum[0] += static_cast<int>((pixel >> 16) & 0xFF);
      sum[1] += static_cast<int>((pixel >> 8) & 0xFF);
      sum[2] += static_cast<int>(pixel & 0xFF);
      ++count;
    }
  }
  return {sum[0] / count, sum[1] / count, sum[2] / count};
}

/// Share of blocks, in a thousand, that differ visibly; 1000 when sizes differ.
inline int differing_permille(const hal::Frame& a, const hal::Frame& b) {
  if (a.width != b.width || a.height != b.height || a.width == 0) {
    return 1000;
  }
  int differing = 0;
  int total = 0;
  for (int y = 0; y < a.height; y += 4) {
    for (int x = 0; x < a.width; x += 4) {
      const auto p = block_mean(a, x, y);
      const auto q = block_mean(b, x, y);
      ++total;
      for (std::size_t c = 0; c < 3; ++c) {
        if (std::abs(p[c] - q[c]) > 40) {
          ++differing;
          break;
        }
      }
    }
  }
  return differing * 1000 / total;
}

/// Empty when `frame` looks like tests/firmware/pictures/<name>.png; else what to do about it. The
/// new picture is then left in the working directory as <name>.new.png.
inline std::string compare_picture(const hal::Frame& frame, const std::string& name) {
  const std::filesystem::path stored = source_dir() / "tests/firmware/pictures" / (name + ".png");
  const Bytes png = hal::write_png(frame).value();
  const auto write = [&](const std::filesystem::path& path) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(png.data()), static_cast<std::streamsize>(png.size()));
  };
  if (std::getenv("TALLY_UPDATE_PICTURES") != nullptr) {
    write(stored);
    return {};
  }
  const int permille = differing_permille(frame, read_frame(stored));
  if (permille <= 10) {
    return {};
  }
  write(name + ".new.png");
  return name + ": " + std::to_string(permille) +
         " of 1000 blocks differ from the stored picture; look at " + name +
         ".new.png, and if it is right run again with TALLY_UPDATE_PICTURES=1";
}

}  // namespace tally::tests
