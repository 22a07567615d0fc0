// The screen on which a new member's phone number is typed.
#include <algorithm>
#include <string>

#include "firmware/ui/format.hpp"
#include "firmware/ui/screens.hpp"

namespace tally::firmware::ui {

KeyHints draw_enrol(Canvas& canvas, const Box& body, const ScreenInput& input) {
  const sale::CheckoutView& view = input.view;
  Box rest = body.inset(theme::kMargin, theme::kGap);
  Box head = rest.cut_top(34);
  canvas.line(text(Label::kEnrolPhone, view.language),
              head.cut_left(head.width * 0.6),
              {theme::kLead, theme::kMuted, Weight::kRegular, Align::kLeft});
  canvas.line(with_value(text(Label::kCardEnding, view.language), view.member.card_tail),
              head,
              {theme::kBody, theme::kMuted, Weight::kRegular, Align::kRight});
  draw_field(canvas,
             rest.cut_top(std::min(96.0, rest.height * 0.56), 14),
             view.typed,
             "138 0000 0000",
             {});
  canvas.paragraph(text(Label::kEnrolHint, view.language),
                   rest,
                   {theme::kBody - 1, theme::kMuted, Weight::kRegular, Align::kLeft});
  return {{Label::kKeyCancel, Label::kDoLeave},
          {Label::kKeyBack, Label::kDoBack},
          {Label::kKeyEnter, Label::kDoEnrol, true}};
}

}  // namespace tally::firmware::ui
