#include "firmware/ui/renderer.hpp"

#include <algorithm>
#include <utility>

#include "core/base/try.hpp"

#include "firmware/ui/canvas.hpp"
#include "firmware/ui/screens.hpp"

namespace tally::firmware::ui {

namespace {

/// Below this the smallest letters could not be read.
constexpr double kScaleMin = 0.72;

KeyHints draw_body(Canvas& canvas, const Box& body, const ScreenInput& input) {
  switch (input.view.screen) {
    case sale::Screen::kStarting:
      return draw_starting(canvas, body, input);
    case sale::Screen::kIdle:
      return draw_idle(canvas, body, input);
    case sale::Screen::kAmount:
      return draw_amount(canvas, body, input);
    case sale::Screen::kScan:
      return draw_scan(canvas, body, input);
    case sale::Screen::kLookup:
      return draw_lookup(canvas, body, input);
    case sale::Screen::kMember:
      return draw_member(canvas, body, input);
    case sale::Screen::kRedeem:
      return draw_redeem(canvas, body, input);
    case sale::Screen::kWorking:
      return draw_working(canvas, body, input);
    case sale::Screen::kResult:
      return draw_result(canvas, body, input);
    case sale::Screen::kVoidPick:
    case sale::Screen::kRefundPick:
      return draw_return_pick(canvas, body, input);
    case sale::Screen::kVoidConfirm:
      return draw_void_confirm(canvas, body, input);
    case sale::Screen::kRefund:
      return draw_refund(canvas, body, input);
    case sale::Screen::kEnrol:
      return draw_enrol(canvas, body, input);
    case sale::Screen::kMessage:
      return draw_message(canvas, body, input);
  }
  return {};
}

}  // namespace

Renderer::Renderer(Fonts fonts, int width, int height, std::int32_t utc_offset_s)
    : fonts_(std::move(fonts)),
      width_(width),
      height_(height),
      scale_(std::max(kScaleMin, std::min(width / theme::kUnitWidth, height / theme::kUnitHeight))),
      utc_offset_s_(utc_offset_s) {}

Result<Renderer> Renderer::open(int width,
                                int height,
                                const std::filesystem::path& font_folder,
                                std::int32_t utc_offset_s) {
  if (std::min(width, height) < hal::kDisplaySideMin ||
      std::max(width, height) > hal::kDisplaySideMax) {
    return make_error(Errc::kInvalid, "a display's side is 240 to 2048 pixels");
  }
  TALLY_TRY_ASSIGN(Fonts fonts, Fonts::open(font_folder));
  return Renderer(std::move(fonts), width, height, utc_offset_s);
}

void Renderer::draw(const sale::CheckoutView& view, hal::Frame& frame) const {
  if (frame.width != width_ || frame.height != height_) {
    frame = hal::Frame(width_, height_);
  }
  Canvas canvas(frame, fonts_, scale_);
  canvas.fill(theme::kGround);
  Box body = canvas.area();
  draw_status_bar(
      canvas, body.cut_top(theme::kBarHeight), view.status, view.language, utc_offset_s_);
  const Box footer = body.cut_bottom(theme::kFooterHeight);
  const KeyHints hints = draw_body(canvas, body, {view, utc_offset_s_});
  draw_key_hints(canvas, footer, hints, view.language);
}

}  // namespace tally::firmware::ui
