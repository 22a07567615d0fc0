// Screens before and after a sale: start, idle, working, result, message.
#include <algorithm>
#include <string>

#include "firmware/ui/format.hpp"
#include "firmware/ui/screens.hpp"

namespace tally::firmware::ui {

using sale::CheckoutView;
using sale::MessageId;
using sale::ResultKind;

namespace {

Box padded(const Box& body) {
  return body.inset(theme::kMargin, theme::kGap);
}

struct Look {
  Colour colour;
  Icon icon;
  Label title;
};

Look look_of(ResultKind kind) {
  switch (kind) {
    case ResultKind::kApproved:
      return {theme::kGood, Icon::kCheck, Label::kDoDone};
    case ResultKind::kDeclined:
      return {theme::kBad, Icon::kCross, Label::kDeclined};
    case ResultKind::kAttention:
      break;
  }
  return {theme::kCare, Icon::kExclamation, Label::kAttention};
}

/// Messages that are good or neutral news; the others want attention.
Look look_of(MessageId message) {
  switch (message) {
    case MessageId::kSynced:
    case MessageId::kScannerBack:
    case MessageId::kUndone:
    case MessageId::kVoided:
    case MessageId::kVoidRecorded:
    case MessageId::kRefunded:
    case MessageId::kEnrolled:
    case MessageId::kRefundRecorded:
    case MessageId::kApproved:
      return {theme::kGood, Icon::kCheck, Label::kInfo};
    case MessageId::kSyncStarted:
      return {theme::kAccent, Icon::kInfo, Label::kInfo};
    case MessageId::kDiskFull:
    case MessageId::kDiskFault:
    case MessageId::kRecordsUnreadable:
    case MessageId::kCertificateRefused:
    case MessageId::kIdentityInUse:
    case MessageId::kIncarnationRetired:
    case MessageId::kQuarantined:
    case MessageId::kInternalFault:
      return {theme::kBad, Icon::kExclamation, Label::kAttention};
    default:
      return {theme::kCare, Icon::kExclamation, Label::kAttention};
  }
}

/// What happened, large, and what to do.
void draw_sentence(Canvas& canvas, Box rest, const Sentence& sentence) {
  const double used = canvas.paragraph(
      sentence.happened, rest.inset(4, 0), {25, theme::kInk, Weight::kBold, Align::kLeft});
  rest.cut_top(used, 8);
  canvas.paragraph(
      sentence.to_do, rest.inset(4, 0), {20, theme::kMuted, Weight::kRegular, Align::kLeft});
}

/// Whose points these are, on one quiet line.
void draw_who(Canvas& canvas, const Box& box, const CheckoutView& view) {
  if (view.member.card_tail.empty()) {
    return;
  }
  std::string who = view.member.masked_name;
  who += who.empty() ? "" : "    ";
  who += with_value(text(Label::kCardEnding, view.language), view.member.card_tail);
  canvas.line(who, box, {theme::kBody - 1, theme::kMuted, Weight::kRegular, Align::kLeft});
}

std::string receipt_line(const CheckoutView& view) {
  if (view.receipt_number.empty()) {
    return {};
  }
  return std::string(text(Label::kReceiptNumber, view.language)) + " " + view.receipt_number;
}

/// Of a void or refund: what goes back, and to whom.
std::vector<Figure> returned_figures(const CheckoutView& view) {
  std::vector<Figure> figures;
  if (view.give_back.minor_units > 0) {
    figures.push_back({text(Label::kGiveBack, view.language), money_text(view.give_back)});
  }
  if (view.earn.value > 0) {
    figures.push_back(
        {text(Label::kTakenBack, view.language), points_text(-view.earn), theme::kGood});
  }
  if (view.redeem.value > 0) {
    figures.push_back(
        {text(Label::kGivenBack, view.language), "+" + points_text(view.redeem), theme::kAccent});
  }
  return figures;
}

std::vector<Figure> result_figures(const CheckoutView& view) {
  std::vector<Figure> figures;
  if (view.message == MessageId::kVoided || view.message == MessageId::kRefunded) {
    return returned_figures(view);
  }
  if (view.earn.value != 0) {
    figures.push_back({text(Label::kEarned, view.language),
                       (view.earn.value > 0 ? "+" : "") + points_text(view.earn),
                       theme::kGood});
  }
  if (view.redeem.value != 0) {
    figures.push_back(
        {text(Label::kRedeemed, view.language), points_text(-view.redeem), theme::kAccent});
    if (view.bill.minor_units > 0) {
      figures.push_back(
          {text(Label::kToPay, view.language),
           money_text({view.bill.minor_units - view.discount.minor_units, view.bill.currency})});
    }
  }
  if (view.balance_after) {
    figures.push_back({text(Label::kNewBalance, view.language), points_text(*view.balance_after)});
  }
  return figures;
}

}  // namespace

KeyHints draw_starting(Canvas& canvas, const Box& body, const ScreenInput& input) {
  draw_waiting(canvas,
               padded(body),
               Icon::kTally,
               text(Label::kStarting, input.view.language),
               text(Label::kStartingHint, input.view.language));
  return {};
}

KeyHints draw_idle(Canvas& canvas, const Box& body, const ScreenInput& input) {
  const CheckoutView& view = input.view;
  const LocalTime now = local_time(view.status.now, input.utc_offset_s);
  Box rest = padded(body);
  Box prompt = rest.cut_bottom(78, 6);
  draw_card(canvas, prompt);
  prompt = prompt.inset(16, 12);
  draw_icon(canvas, Icon::kTally, prompt.cut_left(46, 16), theme::kAccent, 0.8);
  canvas.line(text(Label::kIdleTitle, view.language),
              prompt.cut_top(31, 1),
              {theme::kLead + 3, theme::kInk, Weight::kBold, Align::kLeft});
  canvas.line(text(Label::kIdleHint, view.language),
              prompt,
              {theme::kBody - 1, theme::kMuted, Weight::kRegular, Align::kLeft});
  constexpr double kClockHigh = 76;
  rest = rest.inset(0, std::max(0.0, (rest.height - kClockHigh - 26) / 2));
  canvas.line(
      clock_text(now), rest.cut_top(kClockHigh), {76, theme::kInk, Weight::kBold, Align::kCentre});
  canvas.line(date_text(now, view.language),
              rest.cut_top(26),
              {theme::kBody + 1, theme::kMuted, Weight::kRegular, Align::kCentre});
  return {{Label::kKeyVoid, Label::kDoVoid},
          {Label::kKeyRefund, Label::kDoRefund},
          {Label::kKeySync, Label::kDoSync},
          {Label::kKeyLanguage, Label::kDoLanguage}};
}

KeyHints draw_working(Canvas& canvas, const Box& body, const ScreenInput& input) {
  const CheckoutView& view = input.view;
  Box rest = padded(body);
  if (view.bill.minor_units > 0) {
    draw_bill_row(canvas, rest.cut_top(48, 8), view.bill, view.language);
  }
  draw_waiting(canvas,
               rest,
               Icon::kHourglass,
               text(Label::kWorking, view.language),
               text(Label::kWorkingHint, view.language));
  return {{Label::kKeyCancel, Label::kDoStop}};
}

KeyHints draw_result(Canvas& canvas, const Box& body, const ScreenInput& input) {
  const CheckoutView& view = input.view;
  const bool undone = view.message == MessageId::kUndone;  // What the cashier asked for.
  const Look look = undone ? look_of(view.message) : look_of(view.result);
  const Sentence said = sentence(view.message, view.language, view.message_argument);
  const bool approved = view.result == ResultKind::kApproved;
  Box rest = body;
  draw_banner(canvas,
              rest.cut_top(approved ? 96 : 80),
              look.colour,
              look.icon,
              approved ? std::string_view(said.happened) : text(look.title, view.language),
              receipt_line(view));
  rest = padded(rest);
  if (!approved) {
    draw_sentence(canvas, rest, said);
    return {{Label::kKeyEnter, Label::kDoNext, true}};
  }
  if (view.offline_sale) {
    draw_strip(canvas,
               rest.cut_bottom(32, 8),
               Icon::kUpload,
               text(Label::kOfflineNote, view.language),
               theme::kCare,
               theme::kCareSoft);
  } else if (!said.to_do.empty()) {
    draw_strip(
        canvas, rest.cut_bottom(32, 8), Icon::kInfo, said.to_do, theme::kGood, theme::kGoodSoft);
  }
  const std::vector<Figure> figures = result_figures(view);
  if (!figures.empty()) {
    draw_figures(canvas, rest.cut_top(std::min(88.0, rest.height), 4), figures);
  }
  if (rest.height >= 22) {
    draw_who(canvas, rest.cut_top(22), view);
  }
  KeyHints hints;
  if (view.can_undo) {
    hints.push_back({Label::kKeyBack, Label::kDoUndo});
  }
  hints.push_back({Label::kKeyEnter, Label::kDoNext, true});
  return hints;
}

KeyHints draw_message(Canvas& canvas, const Box& body, const ScreenInput& input) {
  const CheckoutView& view = input.view;
  const Look look = look_of(view.message);
  Box rest = body;
  draw_banner(
      canvas, rest.cut_top(64), look.colour, look.icon, text(look.title, view.language), {});
  rest = padded(rest);
  rest.cut_top(4);
  draw_sentence(canvas, rest, sentence(view.message, view.language, view.message_argument));
  if (view.message == MessageId::kUnknownCard) {
    return {{Label::kKeyCancel, Label::kDoLeave},
            {Label::kKeyUp, Label::kDoEnrol},
            {Label::kKeyEnter, Label::kDoContinue, true}};
  }
  return {{Label::kKeyCancel, Label::kDoLeave}, {Label::kKeyEnter, Label::kDoContinue, true}};
}

}  // namespace tally::firmware::ui
