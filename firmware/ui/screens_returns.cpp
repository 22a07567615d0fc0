// Screens on which a sale is taken back: which one, and for a refund how much of it.
#include <string>

#include "firmware/ui/format.hpp"
#include "firmware/ui/screens.hpp"

namespace tally::firmware::ui {

using sale::CheckoutView;
using sale::Screen;

namespace {

Box padded(const Box& body) {
  return body.inset(theme::kMargin, theme::kGap);
}

void draw_title(Canvas& canvas, const Box& box, Label title, const CheckoutView& view) {
  canvas.line(text(title, view.language),
              box,
              {theme::kTitle - 2, theme::kInk, Weight::kBold, Align::kLeft});
}

/// The receipt being returned, in a card of its own.
void draw_receipt(Canvas& canvas, const Box& box, const CheckoutView& view) {
  draw_card(canvas, box);
  Box inside = box.inset(14, 8);
  canvas.line(text(Label::kReceiptNumber, view.language),
              inside.cut_left(inside.width * 0.35),
              {theme::kBody, theme::kMuted, Weight::kRegular, Align::kLeft});
  canvas.line(view.returning.receipt_number,
              inside,
              {theme::kLead + 2, theme::kInk, Weight::kBold, Align::kRight});
}

/// Whether the other code of a receipt with two is wanted, or was scanned.
void draw_codes_strip(Canvas& canvas, const Box& box, const CheckoutView& view) {
  const bool both = view.returning.codes > 1;
  draw_strip(canvas,
             box,
             both ? Icon::kCheck : Icon::kCode,
             text(both ? Label::kBothCodes : Label::kSecondCode, view.language),
             both ? theme::kGood : theme::kAccent,
             both ? theme::kGoodSoft : theme::kAccentSoft);
}

}  // namespace

KeyHints draw_return_pick(Canvas& canvas, const Box& body, const ScreenInput& input) {
  const CheckoutView& view = input.view;
  const bool refund = view.screen == Screen::kRefundPick;
  Box rest = padded(body);
  draw_title(canvas, rest.cut_top(34), refund ? Label::kRefundTitle : Label::kVoidTitle, view);
  draw_field(canvas, rest.cut_top(72, 12), view.typed, "101-1-42", "");
  if (view.typed.empty()) {
    draw_strip(canvas,
               rest.cut_top(32, 8),
               Icon::kInfo,
               text(refund ? Label::kRefundLast : Label::kVoidLast, view.language),
               theme::kAccent,
               theme::kAccentSoft);
  }
  canvas.paragraph(text(Label::kVoidHint, view.language),
                   rest,
                   {theme::kBody - 1, theme::kMuted, Weight::kRegular, Align::kLeft});
  return {{Label::kKeyCancel, Label::kDoLeave},
          {Label::kKeyBack, Label::kDoBack},
          {Label::kKeyEnter, refund ? Label::kDoContinue : Label::kDoVoid, true}};
}

KeyHints draw_void_confirm(Canvas& canvas, const Box& body, const ScreenInput& input) {
  const CheckoutView& view = input.view;
  Box rest = padded(body);
  draw_title(canvas, rest.cut_top(34, 8), Label::kVoidOtherTitle, view);
  draw_receipt(canvas, rest.cut_top(46, 10), view);
  draw_codes_strip(canvas, rest.cut_top(32, 8), view);
  canvas.paragraph(text(Label::kVoidOtherHint, view.language),
                   rest,
                   {theme::kBody - 1, theme::kMuted, Weight::kRegular, Align::kLeft});
  return {{Label::kKeyCancel, Label::kDoLeave},
          {Label::kKeyBack, Label::kDoBack},
          {Label::kKeyEnter, Label::kDoVoid, true}};
}

KeyHints draw_refund(Canvas& canvas, const Box& body, const ScreenInput& input) {
  const CheckoutView& view = input.view;
  const sale::ReturnPanel& sale = view.returning;
  Box rest = padded(body);
  Box head = rest.cut_top(26, 2);
  canvas.line(text(Label::kRefundAmount, view.language),
              head.cut_left(head.width * 0.45),
              {theme::kLead, theme::kMuted, Weight::kRegular, Align::kLeft});
  canvas.line(std::string(text(Label::kReceiptNumber, view.language)) + " " + sale.receipt_number,
              head,
              {theme::kBody, theme::kMuted, Weight::kRegular, Align::kRight});
  draw_field(canvas,
             rest.cut_top(std::min(64.0, rest.height * 0.36), 8),
             view.typed,
             text(Label::kAllOfIt, view.language),
             currency_sign(sale.bill.currency));
  if (!sale.known) {
    draw_strip(canvas,
               rest.cut_top(30, 6),
               Icon::kInfo,
               text(Label::kRefundOther, view.language),
               theme::kCare,
               theme::kCareSoft);
    draw_codes_strip(canvas, rest.cut_top(30, 6), view);
  } else {
    const Money left{sale.bill.minor_units - sale.refunded.minor_units, sale.bill.currency};
    std::vector<Figure> figures = {{text(Label::kBill, view.language), money_text(sale.bill)}};
    if (sale.refunded.minor_units > 0) {
      figures.push_back({text(Label::kRefundLeft, view.language), money_text(left), theme::kCare});
    }
    if (sale.earned.value > 0) {
      figures.push_back(
          {text(Label::kEarned, view.language), points_text(sale.earned), theme::kGood});
    }
    if (sale.redeemed.value > 0) {
      figures.push_back(
          {text(Label::kRedeemed, view.language), points_text(sale.redeemed), theme::kAccent});
    }
    draw_figures(canvas, rest.cut_top(std::min(68.0, rest.height), 6), figures);
  }
  if (view.typed.empty() && rest.height >= 22) {
    canvas.line(text(Label::kRefundAll, view.language),
                rest.cut_top(22),
                {theme::kBody - 1, theme::kMuted, Weight::kRegular, Align::kLeft});
  }
  return {{Label::kKeyCancel, Label::kDoLeave},
          {Label::kKeyBack, Label::kDoBack},
          {Label::kKeyEnter, Label::kDoRefund, true}};
}

}  // namespace tally::firmware::ui
