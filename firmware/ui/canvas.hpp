// Draws shapes and text into a frame. Coordinates are units (theme.hpp); the canvas scales them to
// the panel. Wraps cairo and pango. One frame, one thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "firmware/ui/fonts.hpp"
#include "firmware/ui/theme.hpp"
#include "hal/display.hpp"

struct _cairo;
struct _cairo_surface;

namespace tally::firmware::ui {

struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;

  double right() const { return x + width; }
  double bottom() const { return y + height; }
  double centre_x() const { return x + width / 2; }
  double centre_y() const { return y + height / 2; }
  Box inset(double by) const { return {x + by, y + by, width - 2 * by, height - 2 * by}; }
  Box inset(double across, double down) const {
    return {x + across, y + down, width - 2 * across, height - 2 * down};
  }
  /// The upper part of this height, which is taken away from this box together with `gap`.
  Box cut_top(double part, double gap = 0);
  Box cut_bottom(double part, double gap = 0);
  Box cut_left(double part, double gap = 0);
  Box cut_right(double part, double gap = 0);
};

enum class Align : std::uint8_t { kLeft, kCentre, kRight };
enum class Weight : std::uint8_t { kRegular, kBold };

struct TextStyle {
  double size = theme::kBody;
  Colour colour = theme::kInk;
  Weight weight = Weight::kRegular;
  Align align = Align::kLeft;
};

class Canvas {
 public:
  /// Draws into `frame`, which must outlive the canvas. `scale` pixels make a unit.
  Canvas(hal::Frame& frame, const Fonts& fonts, double scale);
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;
  ~Canvas();

  Box area() const { return area_; }

  void fill(Colour colour);
  void rectangle(const Box& box, Colour colour);
  void rounded(const Box& box, double radius, Colour colour);
  void outline(const Box& box, double radius, double width, Colour colour);
  void disc(double x, double y, double radius, Colour colour);

  /// Strokes with round ends through what `path` lays with the canvas's cairo.
  _cairo* cairo() const { return cairo_; }
  void stroke(double width, Colour colour);

  /// One line, vertically centred in the box by the height of digits; made smaller, down to 60 %,
  /// then cut with an ellipsis when it is too wide.
  void line(std::string_view text, const Box& box, const TextStyle& style);

  /// Several lines from the top of the box, broken where needed, cut with an ellipsis at its
  /// bottom. Gives the height used.
  double paragraph(std::string_view text, const Box& box, const TextStyle& style);

  /// The width one line would take.
  double width_of(std::string_view text, const TextStyle& style) const;

 private:
  hal::Frame& frame_;
  const Fonts& fonts_;
  Box area_;
  _cairo_surface* surface_;
  _cairo* cairo_;
};

}  // namespace tally::firmware::ui
