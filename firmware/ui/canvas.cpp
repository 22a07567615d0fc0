#include "firmware/ui/canvas.hpp"

#include <algorithm>
#include <memory>
#include <numbers>

#include <pango/pangocairo.h>

#include "core/base/assert.hpp"

namespace tally::firmware::ui {

namespace {

/// In the order in which a character is looked for.
constexpr const char* kRegular = "Tally, Tally Rare";
constexpr const char* kBold = "Tally Bold, Tally, Tally Rare";
constexpr double kSmallest = 0.6;
/// Digits of this font are 0.733 em high: their middle stands this far above the base line.
constexpr double kMiddle = 0.366;
constexpr double kLineHeight = 1.32;

void set_colour(cairo_t* cairo, Colour c) {
  cairo_set_source_rgba(cairo, c.red, c.green, c.blue, c.alpha);
}

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
using LayoutPtr = std::unique_ptr<PangoLayout, Unref>;

LayoutPtr make_layout(PangoContext* context, std::string_view text, const TextStyle& style) {
  LayoutPtr layout(pango_layout_new(context));
  PangoFontDescription* font = pango_font_description_new();
  pango_font_description_set_family_static(font, style.weight == Weight::kBold ? kBold : kRegular);
  pango_font_description_set_absolute_size(font, style.size * PANGO_SCALE);
  pango_layout_set_font_description(layout.get(), font);
  pango_font_description_free(font);
  // Names come from other machines: what is not UTF-8 is drawn as U+FFFD.
  char* valid = g_utf8_make_valid(text.data(), static_cast<gssize>(text.size()));
  pango_layout_set_text(layout.get(), valid, -1);
  g_free(valid);
  return layout;
}

double logical_width(PangoLayout* layout) {
  PangoRectangle logical;
  pango_layout_get_extents(layout, nullptr, &logical);
  return static_cast<double>(logical.width) / PANGO_SCALE;
}

PangoAlignment alignment(Align align) {
  switch (align) {
    case Align::kLeft:
      return PANGO_ALIGN_LEFT;
    case Align::kCentre:
      return PANGO_ALIGN_CENTER;
    case Align::kRight:
      return PANGO_ALIGN_RIGHT;
  }
  return PANGO_ALIGN_LEFT;
}

}  // namespace

Box Box::cut_top(double part, double gap) {
  const Box cut{x, y, width, part};
  y += part + gap;
  height -= part + gap;
  return cut;
}

Box Box::cut_bottom(double part, double gap) {
  const Box cut{x, bottom() - part, width, part};
  height -= part + gap;
  return cut;
}

Box Box::cut_left(double part, double gap) {
  const Box cut{x, y, part, height};
  x += part + gap;
  width -= part + gap;
  return cut;
}

Box Box::cut_right(double part, double gap) {
  const Box cut{right() - part, y, part, height};
  width -= part + gap;
  return cut;
}

Canvas::Canvas(hal::Frame& frame, const Fonts& fonts, double scale)
    : frame_(frame),
      fonts_(fonts),
      area_{0, 0, frame.width / scale, frame.height / scale},
      surface_(cairo_image_surface_create_for_data(
          reinterpret_cast<unsigned char*>(frame_.pixels.data()),
          CAIRO_FORMAT_RGB24,
          frame.width,
          frame.height,
          frame.width * static_cast<int>(sizeof frame.pixels[0]))),
      cairo_(cairo_create(surface_)) {
  TALLY_ASSERT(cairo_status(cairo_) == CAIRO_STATUS_SUCCESS);
  cairo_scale(cairo_, scale, scale);
  cairo_set_line_cap(cairo_, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join(cairo_, CAIRO_LINE_JOIN_ROUND);
  pango_cairo_update_context(cairo_, fonts_.context());
}

Canvas::~Canvas() {
  cairo_destroy(cairo_);
  cairo_surface_finish(surface_);
  cairo_surface_destroy(surface_);
  for (std::uint32_t& pixel : frame_.pixels) {
    pixel &= 0x00FFFFFF;  // cairo leaves the unused byte undefined.
  }
}

void Canvas::fill(Colour colour) {
  set_colour(cairo_, colour);
  cairo_paint(cairo_);
}

void Canvas::rectangle(const Box& box, Colour colour) {
  set_colour(cairo_, colour);
  cairo_rectangle(cairo_, box.x, box.y, box.width, box.height);
  cairo_fill(cairo_);
}

namespace {

void lay_rounded(cairo_t* cairo, const Box& box, double radius) {
  constexpr double kQuarter = std::numbers::pi / 2;
  const double r = std::min({radius, box.width / 2, box.height / 2});
  cairo_new_path(cairo);
  cairo_arc(cairo, box.right() - r, box.y + r, r, -kQuarter, 0);
  cairo_arc(cairo, box.right() - r, box.bottom() - r, r, 0, kQuarter);
  cairo_arc(cairo, box.x + r, box.bottom() - r, r, kQuarter, 2 * kQuarter);
  cairo_arc(cairo, box.x + r, box.y + r, r, 2 * kQuarter, 3 * kQuarter);
  cairo_close_path(cairo);
}

}  // namespace

void Canvas::rounded(const Box& box, double radius, Colour colour) {
  lay_rounded(cairo_, box, radius);
  set_colour(cairo_, colour);
  cairo_fill(cairo_);
}

void Canvas::outline(const Box& box, double radius, double width, Colour colour) {
  lay_rounded(cairo_, box.inset(width / 2), radius - width / 2);
  stroke(width, colour);
}

void Canvas::disc(double x, double y, double radius, Colour colour) {
  cairo_new_path(cairo_);
  cairo_arc(cairo_, x, y, radius, 0, 2 * std::numbers::pi);
  set_colour(cairo_, colour);
  cairo_fill(cairo_);
}

void Canvas::stroke(double width, Colour colour) {
  set_colour(cairo_, colour);
  cairo_set_line_width(cairo_, width);
  cairo_stroke(cairo_);
}

void Canvas::line(std::string_view text, const Box& box, const TextStyle& style) {
  if (text.empty()) {
    return;
  }
  TextStyle fitted = style;
  LayoutPtr layout = make_layout(fonts_.context(), text, fitted);
  double width = logical_width(layout.get());
  if (width > box.width) {
    fitted.size = std::max(style.size * kSmallest, style.size * box.width / width * 0.995);
    layout = make_layout(fonts_.context(), text, fitted);
    width = logical_width(layout.get());
  }
  if (width > box.width) {
    pango_layout_set_width(layout.get(), static_cast<int>(box.width * PANGO_SCALE));
    pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
    width = box.width;
  }
  double left = box.x;
  if (style.align == Align::kCentre) {
    left += (box.width - width) / 2;
  } else if (style.align == Align::kRight) {
    left += box.width - width;
  }
  const double base = box.centre_y() + kMiddle * fitted.size;
  const double above = static_cast<double>(pango_layout_get_baseline(layout.get())) / PANGO_SCALE;
  set_colour(cairo_, style.colour);
  cairo_move_to(cairo_, left, base - above);
  pango_cairo_show_layout(cairo_, layout.get());
}

double Canvas::paragraph(std::string_view text, const Box& box, const TextStyle& style) {
  if (text.empty()) {
    return 0;
  }
  const LayoutPtr layout = make_layout(fonts_.context(), text, style);
  pango_layout_set_width(layout.get(), static_cast<int>(box.width * PANGO_SCALE));
  pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment(layout.get(), alignment(style.align));
  const double step = style.size * kLineHeight;
  const int lines_max = std::max(1, static_cast<int>(box.height / step));
  pango_layout_set_height(layout.get(), -lines_max);
  pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);

  // Lines are placed one by one: the font's own line height is made for vertical text as well and
  // far too loose for a small screen.
  PangoLayoutIter* at = pango_layout_get_iter(layout.get());
  double base = box.y + step / 2 + kMiddle * style.size;
  int count = 0;
  set_colour(cairo_, style.colour);
  do {
    PangoRectangle logical;
    pango_layout_iter_get_line_extents(at, nullptr, &logical);
    cairo_move_to(cairo_, box.x + static_cast<double>(logical.x) / PANGO_SCALE, base);
    pango_cairo_show_layout_line(cairo_, pango_layout_iter_get_line_readonly(at));
    base += step;
    ++count;
  } while (count < lines_max && pango_layout_iter_next_line(at) != FALSE);
  pango_layout_iter_free(at);
  return count * step;
}

double Canvas::width_of(std::string_view text, const TextStyle& style) const {
  if (text.empty()) {
    return 0;
  }
  return logical_width(make_layout(fonts_.context(), text, style).get());
}

}  // namespace tally::firmware::ui
