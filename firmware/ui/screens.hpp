// One function a screen: draws its body and names the keys that matter on it.
#pragma once

#include <vector>

#include "core/sale/view.hpp"

#include "firmware/ui/canvas.hpp"
#include "firmware/ui/widgets.hpp"

namespace tally::firmware::ui {

struct ScreenInput {
  const sale::CheckoutView& view;
  std::int32_t utc_offset_s;
};

using KeyHints = std::vector<KeyHint>;

KeyHints draw_starting(Canvas& canvas, const Box& body, const ScreenInput& input);
KeyHints draw_idle(Canvas& canvas, const Box& body, const ScreenInput& input);
KeyHints draw_amount(Canvas& canvas, const Box& body, const ScreenInput& input);
KeyHints draw_scan(Canvas& canvas, const Box& body, const ScreenInput& input);
KeyHints draw_lookup(Canvas& canvas, const Box& body, const ScreenInput& input);
KeyHints draw_member(Canvas& canvas, const Box& body, const ScreenInput& input);
KeyHints draw_redeem(Canvas& canvas, const Box& body, const ScreenInput& input);
KeyHints draw_working(Canvas& canvas, const Box& body, const ScreenInput& input);
KeyHints draw_result(Canvas& canvas, const Box& body, const ScreenInput& input);
KeyHints draw_return_pick(Canvas& canvas, const Box& body, const ScreenInput& input);
KeyHints draw_void_confirm(Canvas& canvas, const Box& body, const ScreenInput& input);
KeyHints draw_refund(Canvas& canvas, const Box& body, const ScreenInput& input);
KeyHints draw_enrol(Canvas& canvas, const Box& body, const ScreenInput& input);
KeyHints draw_message(Canvas& canvas, const Box& body, const ScreenInput& input);

}  // namespace tally::firmware::ui
