// The cashier's screen: a CheckoutView in, pixels out. Equal views give equal pixels. One thread.
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/result.hpp"
#include "core/sale/view.hpp"

#include "firmware/ui/fonts.hpp"
#include "hal/display.hpp"

namespace tally::firmware::ui {

class Renderer {
 public:
  /// Screens are laid out for 320 × 240 up to 1024 × 600 pixels; `utc_offset_s` is the shop's.
  /// Errors: those of Fonts::open(); kInvalid when a side is outside hal's bounds.
  static Result<Renderer> open(int width,
                               int height,
                               const std::filesystem::path& font_folder,
                               std::int32_t utc_offset_s);

  /// Draws the whole picture. `frame` gets this renderer's size.
  void draw(const sale::CheckoutView& view, hal::Frame& frame) const;

  /// For what else is drawn with the same letters: the receipt.
  const Fonts& fonts() const { return fonts_; }

 private:
  Renderer(Fonts fonts, int width, int height, std::int32_t utc_offset_s);

  Fonts fonts_;
  int width_;
  int height_;
  double scale_;
  std::int32_t utc_offset_s_;
};

}  // namespace tally::firmware::ui
