// Screens from the amount to the redemption.
#include <algorithm>
#include <string>

#include "firmware/ui/format.hpp"
#include "firmware/ui/screens.hpp"

namespace tally::firmware::ui {

using sale::CheckoutView;
using sale::LinkState;

namespace {

constexpr double kBillRow = 48;
/// Points that expire later are no news at a till.
constexpr std::int64_t kSoonDays = 90;

Box padded(const Box& body) {
  return body.inset(theme::kMargin, theme::kGap);
}

/// Who it is, on the left of the member card.
void draw_person(Canvas& canvas, Box rest, const CheckoutView& view) {
  const sale::MemberPanel& member = view.member;
  draw_avatar(canvas, rest.cut_left(58, 14), member.masked_name, member.tier);
  rest = rest.inset(0, std::max(0.0, (rest.height - 58) / 2));
  const std::string_view name = member.masked_name.empty()
                                    ? text(Label::kUnknownName, view.language)
                                    : std::string_view(member.masked_name);
  canvas.line(
      name, rest.cut_top(33, 3), {theme::kTitle, theme::kInk, Weight::kRegular, Align::kLeft});
  Box second = rest.cut_top(20);
  if (member.looked_up) {
    second.cut_left(draw_tier(canvas, second, member.tier, view.language), 8);
  }
  canvas.line(with_value(text(Label::kCardEnding, view.language), member.card_tail),
              second,
              {theme::kSmall + 1, theme::kMuted, Weight::kRegular, Align::kLeft});
}

/// The balance, on the right of the member card.
void draw_balance(Canvas& canvas, Box rest, const CheckoutView& view) {
  const sale::MemberPanel& member = view.member;
  canvas.line(text(Label::kBalance, view.language),
              rest.cut_top(18, 2),
              {theme::kSmall + 1, theme::kMuted, Weight::kRegular, Align::kRight});
  const bool pending = member.pending.value > 0;
  const Box below = pending ? rest.cut_bottom(18) : Box{};
  canvas.line(points_text(member.available),
              rest,
              {theme::kFigure - (pending ? 2 : 0), theme::kInk, Weight::kBold, Align::kRight});
  if (pending) {
    canvas.line(with_value(text(Label::kPending, view.language), points_text(member.pending)),
                below,
                {theme::kSmall + 1, theme::kMuted, Weight::kRegular, Align::kRight});
  }
}

bool may_redeem(const CheckoutView& view) {
  return view.member.looked_up && view.redeem_max.value > 0 && view.bill.minor_units > 0 &&
         view.status.link == LinkState::kOnline;
}

}  // namespace

KeyHints draw_amount(Canvas& canvas, const Box& body, const ScreenInput& input) {
  const CheckoutView& view = input.view;
  Box rest = padded(body);
  canvas.line(text(Label::kAmount, view.language),
              rest.cut_top(34),
              {theme::kLead, theme::kMuted, Weight::kRegular, Align::kLeft});
  draw_field(canvas,
             rest.cut_top(std::min(96.0, rest.height * 0.56), 14),
             view.typed,
             "0.00",
             currency_sign(view.bill.currency));
  canvas.line(text(Label::kAmountHint, view.language),
              rest.cut_top(26),
              {theme::kBody, theme::kMuted, Weight::kRegular, Align::kLeft});
  return {{Label::kKeyCancel, Label::kDoLeave},
          {Label::kKeyBack, Label::kDoBack},
          {Label::kKeyEnter, Label::kDoContinue, true}};
}

KeyHints draw_scan(Canvas& canvas, const Box& body, const ScreenInput& input) {
  const CheckoutView& view = input.view;
  Box rest = padded(body);
  draw_bill_row(canvas, rest.cut_top(kBillRow, 8), view.bill, view.language);
  const bool scanner = view.status.scanner_ready;
  draw_waiting(canvas,
               rest,
               scanner ? Icon::kCode : Icon::kCard,
               text(scanner ? Label::kScanTitle : Label::kScannerMissing, view.language),
               text(Label::kScanHint, view.language));
  return {{Label::kKeyCancel, Label::kDoLeave}, {Label::kKeyBack, Label::kDoBack}};
}

KeyHints draw_lookup(Canvas& canvas, const Box& body, const ScreenInput& input) {
  const CheckoutView& view = input.view;
  Box rest = padded(body);
  if (view.bill.minor_units > 0) {
    draw_bill_row(canvas, rest.cut_top(kBillRow, 8), view.bill, view.language);
  }
  draw_waiting(canvas,
               rest,
               Icon::kSearch,
               text(Label::kLookingUp, view.language),
               with_value(text(Label::kCardEnding, view.language), view.member.card_tail));
  return {{Label::kKeyCancel, Label::kDoLeave}, {Label::kKeyBack, Label::kDoBack}};
}

KeyHints draw_member(Canvas& canvas, const Box& body, const ScreenInput& input) {
  const CheckoutView& view = input.view;
  const sale::MemberPanel& member = view.member;
  Box rest = padded(body);

  const Box card = rest.cut_top(98, 8);
  draw_card(canvas, card);
  Box inside = card.inset(14, 10);
  if (member.looked_up) {
    draw_balance(canvas, inside.cut_right(inside.width * 0.36, 8), view);
  }
  draw_person(canvas, inside, view);

  const bool sale_open = view.bill.minor_units > 0;
  if (!member.looked_up) {
    draw_strip(canvas,
               rest.cut_top(32, 8),
               Icon::kLinkCut,
               text(Label::kEarnOnly, view.language),
               theme::kCare,
               theme::kCareSoft);
  } else if (member.as_of) {
    draw_strip(canvas,
               rest.cut_top(32, 8),
               Icon::kLinkCut,
               with_value(text(Label::kBalanceAsOf, view.language),
                          stamp_text(local_time(*member.as_of, input.utc_offset_s))),
               theme::kCare,
               theme::kCareSoft);
  } else if (member.expiring.value > 0 &&
             days_until(member.expiring_on, view.status.now, input.utc_offset_s) <= kSoonDays) {
    const std::string sentence = with_value(
        with_value(text(Label::kExpiring, view.language), points_text(member.expiring)),
        day_text(
            member.expiring_on, local_time(view.status.now, input.utc_offset_s), view.language),
        "{d}");
    draw_strip(canvas, rest.cut_top(32, 8), Icon::kClock, sentence, theme::kCare, theme::kCareSoft);
  }
  if (!sale_open) {
    return {{Label::kKeyBack, Label::kDoBack}, {Label::kKeyEnter, Label::kDoDone, true}};
  }

  std::vector<Figure> figures = {
      {text(Label::kBill, view.language), money_text(view.bill)},
      {text(Label::kWillEarn, view.language), "+" + points_text(view.earn), theme::kGood}};
  if (may_redeem(view)) {
    figures.push_back(
        {text(Label::kCanRedeem, view.language), points_text(view.redeem_max), theme::kAccent});
  }
  draw_figures(canvas, rest.cut_top(std::min(78.0, rest.height)), figures);

  KeyHints hints = {{Label::kKeyCancel, Label::kDoLeave}};
  if (may_redeem(view)) {
    hints.push_back({Label::kKeyRedeem, Label::kDoRedeem});
  }
  if (!member.looked_up) {
    hints.push_back({Label::kKeyUp, Label::kDoEnrol});
  }
  hints.push_back({Label::kKeyEnter, Label::kDoEarn, true});
  return hints;
}

KeyHints draw_redeem(Canvas& canvas, const Box& body, const ScreenInput& input) {
  const CheckoutView& view = input.view;
  Box rest = padded(body);
  Box head = rest.cut_top(30, 4);
  canvas.line(text(Label::kRedeemPoints, view.language),
              head.cut_left(head.width * 0.5),
              {theme::kLead, theme::kMuted, Weight::kRegular, Align::kLeft});
  canvas.line(with_value(text(Label::kRedeemMax, view.language), points_text(view.redeem_max)),
              head,
              {theme::kBody, theme::kMuted, Weight::kRegular, Align::kRight});
  const bool too_many = view.redeem > view.redeem_max;
  draw_field(canvas,
             rest.cut_top(std::min(88.0, rest.height * 0.48), 10),
             points_text(view.redeem),
             "0",
             "",
             too_many ? theme::kBad : theme::kInk);
  const Money to_pay{view.bill.minor_units - view.discount.minor_units, view.bill.currency};
  const Money taken{-view.discount.minor_units, view.discount.currency};
  draw_figures(canvas,
               rest.cut_top(std::min(80.0, rest.height)),
               {{text(Label::kBill, view.language), money_text(view.bill)},
                {text(Label::kWorth, view.language), money_text(taken), theme::kAccent},
                {text(Label::kToPay, view.language), money_text(to_pay)}});
  return {{Label::kKeyUpDown, Label::kDoMoreLess},
          {Label::kKeyBack, Label::kDoBack},
          {Label::kKeyEnter, Label::kDoConfirm, true}};
}

}  // namespace tally::firmware::ui
