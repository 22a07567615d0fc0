#include "hal/sim/paper.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include <qrencode.h>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"

namespace tally::hal {

namespace {

constexpr std::uint8_t kLf = 0x0A;
constexpr std::uint8_t kDle = 0x10;
constexpr std::uint8_t kEsc = 0x1B;
constexpr std::uint8_t kFs = 0x1C;
constexpr std::uint8_t kGs = 0x1D;
constexpr int kCellWide = 12;
constexpr int kCellHigh = 24;
constexpr std::uint8_t kWhite = 255;

Error bad(std::size_t at) {
  return make_error(
      Errc::kInvalid, "ESC/POS command not known or cut short", static_cast<std::int32_t>(at));
}

/// Asks for `count` more bytes from `at`.
bool has(ByteView job, std::size_t at, std::size_t count) {
  return at <= job.size() && count <= job.size() - at;
}

std::size_t little_endian(ByteView job, std::size_t at) {
  return static_cast<std::size_t>(job[at]) | (static_cast<std::size_t>(job[at + 1]) << 8);
}

}  // namespace

Paper::Paper(int dots) {
  TALLY_ASSERT(dots >= 128 && dots <= 1024 && dots % 8 == 0);
  picture_.width = dots;
}

Status Paper::print(ByteView job) {
  state_ = State{};
  std::size_t at = 0;
  while (at < job.size()) {
    TALLY_TRY(print_one(job, at));
  }
  end_line();
  return {};
}

void Paper::tear_off() {
  picture_.height = 0;
  picture_.pixels.clear();
}

Status Paper::print_one(ByteView job, std::size_t& at) {
  const std::uint8_t byte = job[at];
  switch (byte) {
    case kEsc:
      return print_escape(job, at);
    case kGs:
      return print_group(job, at);
    case kFs:  // FS & and FS . switch Chinese mode, which changes nothing about boxes.
      if (!has(job, at, 2) || (job[at + 1] != 0x26 && job[at + 1] != 0x2E)) {
        return bad(at);
      }
      at += 2;
      return {};
    case kDle:  // DLE EOT n asks for the status; the answer is status(), not paper.
      if (!has(job, at, 3) || job[at + 1] != 0x04) {
        return bad(at);
      }
      at += 3;
      return {};
    case kLf:
      if (!state_.line_open) {
        feed(state_.line_dots);
      }
      end_line();
      ++at;
      return {};
    default:
      break;
  }
  if (byte < 0x20) {
    return bad(at);
  }
  const bool wide = byte >= 0x81 && has(job, at, 2);  // First of two bytes in GB18030.
  draw_character(wide ? 2 : 1);
  at += wide ? 2U : 1U;
  return {};
}

Status Paper::print_escape(ByteView job, std::size_t& at) {
  if (!has(job, at, 2)) {
    return bad(at);
  }
  const std::uint8_t command = job[at + 1];
  if (command == 0x40) {  // ESC @
    state_ = State{};
    at += 2;
    return {};
  }
  if (command == 0x32) {  // ESC 2: default line spacing.
    state_.line_dots = 30;
    at += 2;
    return {};
  }
  if (command == 0x70) {  // ESC p: the drawer opens, the paper does not move.
    if (!has(job, at, 5)) {
      return bad(at);
    }
    at += 5;
    return {};
  }
  if (!has(job, at, 3)) {
    return bad(at);
  }
  const int n = job[at + 2];
  switch (command) {
    case 0x33:  // ESC 3
      state_.line_dots = n;
      break;
    case 0x4A:  // ESC J
      end_line();
      feed(n);
      break;
    case 0x61:  // ESC a
      if (n % 48 > 2) {
        return bad(at);
      }
      state_.align = n % 48;
      break;
    case 0x64:  // ESC d
      end_line();
      feed(n * state_.line_dots);
      break;
    default:
      return bad(at);
  }
  at += 3;
  return {};
}

Status Paper::print_group(ByteView job, std::size_t& at) {
  if (!has(job, at, 3)) {
    return bad(at);
  }
  const std::uint8_t command = job[at + 1];
  if (command == 0x76) {
    return print_raster(job, at);
  }
  if (command == 0x56) {  // GS V: cut, with a feed before it in the forms 65 and 66.
    end_line();
    const std::uint8_t mode = job[at + 2];
    if (mode == 65 || mode == 66) {
      if (!has(job, at, 4)) {
        return bad(at);
      }
      feed(job[at + 3]);
      at += 4;
      draw_cut();
      return {};
    }
    if (mode != 0 && mode != 1 && mode != 48 && mode != 49) {
      return bad(at);
    }
    at += 3;
    draw_cut();
    return {};
  }
  if (command == 0x28 && job[at + 2] == 0x6B) {  // GS ( k
    if (!has(job, at, 5)) {
      return bad(at);
    }
    const std::size_t length = little_endian(job, at + 3);
    if (length < 2 || !has(job, at + 5, length)) {
      return bad(at);
    }
    if (Status done = qr_command(job.subspan(at + 5, length)); !done) {
      return bad(at);
    }
    at += 5 + length;
    return {};
  }
  return bad(at);
}

Status Paper::print_raster(ByteView job, std::size_t& at) {
  // GS v 0 m xL xH yL yH data: rows of whole bytes, most significant bit left, 1 is black.
  if (!has(job, at, 8) || job[at + 2] != 0x30 || job[at + 3] != 0) {
    return bad(at);
  }
  const std::size_t row_bytes = little_endian(job, at + 4);
  const std::size_t rows = little_endian(job, at + 6);
  if (row_bytes == 0 || rows == 0 || rows > static_cast<std::size_t>(kDotsLongMax) ||
      row_bytes * 8 > static_cast<std::size_t>(dots()) || !has(job, at + 8, row_bytes * rows)) {
    return bad(at);
  }
  end_line();
  const int left = left_of(static_cast<int>(row_bytes) * 8);
  const int top = picture_.height;
  blank_rows(static_cast<int>(rows));
  const int shift = picture_.height - (top + static_cast<int>(rows));  // Torn off at the front.
  const ByteView data = job.subspan(at + 8, row_bytes * rows);
  for (std::size_t y = 0; y < rows; ++y) {
    for (std::size_t x = 0; x < row_bytes * 8; ++x) {
      if ((data[y * row_bytes + x / 8] & (0x80U >> (x % 8))) != 0) {
        fill(left + static_cast<int>(x), top + shift + static_cast<int>(y), 1, 1);
      }
    }
  }
  at += 8 + row_bytes * rows;
  return {};
}

Status Paper::qr_command(ByteView parameters) {
  if (parameters[0] != 49) {
    return bad(0);
  }
  const ByteView values = parameters.subspan(2);
  switch (parameters[1]) {
    case 65:  // Model: only model 2 exists in practice.
      return values.size() == 2 && values[0] == 50 ? Status{} : Status{bad(0)};
    case 67:
      if (values.size() != 1 || values[0] < 1 || values[0] > 16) {
        return bad(0);
      }
      state_.qr_module_dots = values[0];
      return {};
    case 69:
      if (values.size() != 1 || values[0] < 48 || values[0] > 51) {
        return bad(0);
      }
      state_.qr_level = values[0] - 48;
      return {};
    case 80:
      if (values.size() < 2 || values[0] != 48) {
        return bad(0);
      }
      state_.qr_data.assign(values.begin() + 1, values.end());
      return {};
    case 81:
      return draw_qr();
    default:
      return bad(0);
  }
}

Status Paper::draw_qr() {
  const std::string text(as_text(state_.qr_data));
  if (text.empty() || text.find('\0') != std::string::npos) {
    return bad(0);
  }
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString(
          text.c_str(), 0, static_cast<QRecLevel>(state_.qr_level), QR_MODE_8, /*case*/ 1),
      &QRcode_free);
  if (code == nullptr) {
    return bad(0);
  }
  const int module = state_.qr_module_dots;
  const int side = code->width * module;
  if (side > dots()) {
    return bad(0);  // A real printer prints nothing at all.
  }
  end_line();
  const int left = left_of(side);
  blank_rows(side);
  const int top = picture_.height - side;
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if ((code->data[y * code->width + x] & 1) != 0) {
        fill(left + x * module, top + y * module, module, module);
      }
    }
  }
  return {};
}

void Paper::draw_character(int cells) {
  const int width = cells * kCellWide;
  if (!state_.line_open || state_.text_x + width > dots()) {
    end_line();
    blank_rows(std::max(kCellHigh, state_.line_dots));
    state_.line_open = true;
  }
  const int top = picture_.height - std::max(kCellHigh, state_.line_dots);
  fill(state_.text_x + 1, top + 4, width - 2, kCellHigh - 8);
  state_.text_x += width;
}

void Paper::draw_cut() {
  constexpr std::uint8_t kPale = 190;
  for (int x = 0; picture_.height > 0 && x < dots(); ++x) {
    if (x % 12 < 6) {
      picture_.pixels[picture_.pixels.size() - static_cast<std::size_t>(dots() - x)] = kPale;
    }
  }
}

void Paper::end_line() {
  state_.line_open = false;
  state_.text_x = 0;
}

void Paper::feed(int dots) {
  blank_rows(dots);
}

int Paper::left_of(int width) const {
  return (dots() - width) * state_.align / 2;
}

void Paper::fill(int x, int y, int width, int height) {
  for (int row = std::max(y, 0); row < std::min(y + height, picture_.height); ++row) {
    const auto start = picture_.pixels.begin() + static_cast<std::ptrdiff_t>(row) * dots();
    std::fill(start + x, start + std::min(x + width, dots()), std::uint8_t{0});
  }
}

void Paper::blank_rows(int count) {
  const int kept = std::min(picture_.height + count, kDotsLongMax);
  const int torn = picture_.height + count - kept;
  const auto row = static_cast<std::ptrdiff_t>(dots());
  picture_.pixels.erase(picture_.pixels.begin(),
                        picture_.pixels.begin() + row * std::min(torn, picture_.height));
  picture_.pixels.resize(static_cast<std::size_t>(row * kept), kWhite);
  picture_.height = kept;
}

}  // namespace tally::hal
