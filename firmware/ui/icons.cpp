#include "firmware/ui/icons.hpp"

#include <algorithm>
#include <initializer_list>
#include <numbers>
#include <utility>

#include <cairo.h>

namespace tally::firmware::ui {

namespace {

constexpr double kTurn = 2 * std::numbers::pi;

/// A pen in a square of 24 × 24, the grid of most icon sets.
class Pen {
 public:
  Pen(Canvas& canvas, const Box& box, Colour colour, double weight)
      : canvas_(canvas), colour_(colour), cairo_(canvas.cairo()) {
    const double side = std::min(box.width, box.height);
    cairo_save(cairo_);
    cairo_translate(cairo_, box.centre_x() - side / 2, box.centre_y() - side / 2);
    cairo_scale(cairo_, side / 24, side / 24);
    width_ = 2 * weight;
  }
  Pen(const Pen&) = delete;
  Pen& operator=(const Pen&) = delete;
  ~Pen() { cairo_restore(cairo_); }

  void lines(std::initializer_list<std::pair<double, double>> points) {
    cairo_new_path(cairo_);
    for (const auto& [x, y] : points) {
      cairo_line_to(cairo_, x, y);
    }
    canvas_.stroke(width_, colour_);
  }
  void arc(double x, double y, double radius, double from = 0, double to = 1) {
    cairo_new_path(cairo_);
    cairo_arc(cairo_, x, y, radius, from * kTurn, to * kTurn);
    canvas_.stroke(width_, colour_);
  }
  void dot(double x, double y, double radius) { canvas_.disc(x, y, radius, colour_); }
  void frame(double x, double y, double width, double height, double radius) {
    canvas_.outline({x - width_ / 2, y - width_ / 2, width + width_, height + width_},
                    radius + width_ / 2,
                    width_,
                    colour_);
  }
  void block(double x, double y, double width, double height) {
    canvas_.rectangle({x, y, width, height}, colour_);
  }

 private:
  Canvas& canvas_;
  Colour colour_;
  cairo_t* cairo_;
  double width_ = 2;
};

void draw_code(Pen& pen) {
  for (const auto& [x, y] : {std::pair{3.0, 3.0}, {21.0, 3.0}, {3.0, 21.0}, {21.0, 21.0}}) {
    const double inward_x = x < 12 ? x + 4 : x - 4;
    const double inward_y = y < 12 ? y + 4 : y - 4;
    pen.lines({{inward_x, y}, {x, y}, {x, inward_y}});
  }
  for (const auto& [x, y] : {std::pair{7.0, 7.0}, {13.0, 7.0}, {7.0, 13.0}}) {
    pen.block(x, y, 4, 4);
  }
  pen.block(13, 13, 1.6, 1.6);
  pen.block(15.4, 15.4, 1.6, 1.6);
  pen.block(13, 15.4, 1.6, 1.6);
}

void draw_links(Pen& pen, bool store, bool office) {
  pen.dot(4, 12, 2.6);
  if (store) {
    pen.lines({{7, 12}, {9, 12}});
    pen.dot(12, 12, 2.6);
  } else {
    pen.arc(12, 12, 2.0);
  }
  if (office) {
    pen.lines({{15, 12}, {17, 12}});
    pen.dot(20, 12, 2.6);
  } else {
    pen.arc(20, 12, 2.0);
  }
}

}  // namespace

void draw_icon(Canvas& canvas, Icon icon, const Box& box, Colour colour, double weight) {
  Pen pen(canvas, box, colour, weight);
  switch (icon) {
    case Icon::kCheck:
      pen.lines({{5, 12.5}, {10, 17.5}, {19.5, 7}});
      break;
    case Icon::kCross:
      pen.lines({{6.5, 6.5}, {17.5, 17.5}});
      pen.lines({{17.5, 6.5}, {6.5, 17.5}});
      break;
    case Icon::kExclamation:
      pen.lines({{12, 5}, {12, 13.5}});
      pen.dot(12, 18.3, 1.5 * weight);
      break;
    case Icon::kInfo:
      pen.lines({{12, 11}, {12, 18.5}});
      pen.dot(12, 6, 1.5 * weight);
      break;
    case Icon::kLinkFull:
      draw_links(pen, true, true);
      break;
    case Icon::kLinkStore:
      draw_links(pen, true, false);
      break;
    case Icon::kLinkCut:
      draw_links(pen, false, false);
      break;
    case Icon::kUpload:
      pen.lines({{12, 16}, {12, 4}});
      pen.lines({{7, 9}, {12, 4}, {17, 9}});
      pen.lines({{4, 20}, {20, 20}});
      break;
    case Icon::kPaper:
      pen.lines({{6, 3}, {6, 21}, {9, 18.5}, {12, 21}, {15, 18.5}, {18, 21}, {18, 3}, {6, 3}});
      pen.lines({{9.5, 8}, {14.5, 8}});
      pen.lines({{9.5, 12.5}, {14.5, 12.5}});
      break;
    case Icon::kScanner:
      pen.lines({{3, 5}, {3, 19}});
      pen.lines({{8, 5}, {8, 19}});
      pen.lines({{12, 5}, {12, 19}});
      pen.lines({{17, 5}, {17, 19}});
      pen.lines({{21, 5}, {21, 19}});
      break;
    case Icon::kClock:
      pen.arc(12, 12, 9);
      pen.lines({{12, 7}, {12, 12}, {15.5, 14}});
      break;
    case Icon::kCode:
      draw_code(pen);
      break;
    case Icon::kCard:
      pen.frame(2.5, 8, 13, 9.5, 1.5);
      pen.lines({{3, 11.5}, {15, 11.5}});
      pen.arc(14, 9, 4.5, -0.22, 0.03);
      pen.arc(14, 9, 8, -0.22, 0.03);
      break;
    case Icon::kHourglass:
      pen.lines({{6, 3}, {18, 3}});
      pen.lines({{6, 21}, {18, 21}});
      pen.lines({{7.5, 3}, {7.5, 7}, {12, 12}, {7.5, 17}, {7.5, 21}});
      pen.lines({{16.5, 3}, {16.5, 7}, {12, 12}, {16.5, 17}, {16.5, 21}});
      break;
    case Icon::kSearch:
      pen.arc(10.5, 10.5, 7);
      pen.lines({{15.6, 15.6}, {21, 21}});
      break;
    case Icon::kTally:
      pen.frame(3, 5, 18, 5, 1.2);
      pen.frame(3, 14, 18, 5, 1.2);
      for (const double x : {7.0, 10.5, 14.0, 17.5}) {
        pen.lines({{x, 7.5}, {x, 10}});
        pen.lines({{x, 14}, {x, 16.5}});
      }
      break;
  }
}

}  // namespace tally::firmware::ui
