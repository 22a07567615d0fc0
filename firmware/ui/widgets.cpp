#include "firmware/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>

#include "firmware/ui/format.hpp"

namespace tally::firmware::ui {

using sale::Language;
using sale::LinkState;

namespace {

/// A smaller difference of clocks is no news to a cashier.
constexpr std::int64_t kSkewShownMinS = 60;

struct Tier {
  Colour colour;
  Label label;
};

const Tier& tier_of(std::uint32_t tier) {
  static constexpr std::array<Tier, 4> kTiers = {{
      {rgb(0x4A6278), Label::kTierOrdinary},
      {rgb(0x66717D), Label::kTierSilver},
      {rgb(0x8A6410), Label::kTierGold},
      {rgb(0x3E3A63), Label::kTierPlatinum},
  }};
  return kTiers.at(std::min<std::size_t>(tier, kTiers.size() - 1));
}

/// The first character, whole, of a UTF-8 text.
std::string_view first_character(std::string_view text) {
  std::size_t length = text.empty() ? 0 : 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) {
    ++length;
  }
  return text.substr(0, length);
}

struct LinkLook {
  Icon icon;
  Label label;
  Colour colour;
};

LinkLook look_of(LinkState link) {
  switch (link) {
    case LinkState::kOnline:
      return {Icon::kLinkFull, Label::kOnline, theme::kBarGood};
    case LinkState::kGatewayOnly:
      return {Icon::kLinkStore, Label::kGatewayOnly, theme::kBarCare};
    case LinkState::kOffline:
      break;
  }
  return {Icon::kLinkCut, Label::kOffline, theme::kBarBad};
}

/// Icon and word on the status bar from the left of `rest`, which shrinks.
void put_left(Canvas& canvas, Box& rest, Icon icon, std::string_view word, Colour colour) {
  const TextStyle style{theme::kSmall + 1, colour, Weight::kRegular, Align::kLeft};
  draw_icon(canvas, icon, rest.cut_left(22, 6).inset(0, 2), colour, 1.1);
  const double width = std::min(canvas.width_of(word, style) + 1, std::max(rest.width, 1.0));
  canvas.line(word, rest.cut_left(width, 14), style);
}

void put_right(Canvas& canvas, Box& rest, Icon icon, std::string_view word, Colour colour) {
  const TextStyle style{theme::kSmall + 1, colour, Weight::kRegular, Align::kRight};
  if (!word.empty()) {
    canvas.line(word, rest.cut_right(canvas.width_of(word, style) + 1, 4), style);
  }
  draw_icon(canvas, icon, rest.cut_right(17, 12).inset(0, 4), colour, 1.1);
}

}  // namespace

void draw_card(Canvas& canvas, const Box& box) {
  canvas.rounded(box, theme::kRadius, theme::kCard);
  canvas.outline(box, theme::kRadius, 1, theme::kLine);
}

void draw_status_bar(Canvas& canvas,
                     const Box& box,
                     const sale::StatusBar& status,
                     Language language,
                     std::int32_t utc_offset_s) {
  canvas.rectangle(box, theme::kBar);
  Box rest = box.inset(12, 4);
  const TextStyle clock{18, theme::kBarText, Weight::kBold, Align::kRight};
  canvas.line(clock_text(local_time(status.now, utc_offset_s)), rest.cut_right(50, 14), clock);
  const bool clock_off = status.clock_skew_s && std::abs(*status.clock_skew_s) > kSkewShownMinS;
  const int warnings =
      (clock_off ? 1 : 0) + (status.paper_out ? 1 : 0) + (status.scanner_ready ? 0 : 1);
  const bool icons_only = warnings > 1 && status.unsynced_records > 0;
  const auto warn = [&](bool present, Icon icon, Label label) {
    if (present) {
      const std::string_view word = icons_only ? std::string_view{} : text(label, language);
      put_right(canvas, rest, icon, word, theme::kBarCare);
    }
  };
  warn(clock_off, Icon::kClock, Label::kClockOff);
  warn(status.paper_out, Icon::kPaper, Label::kPaperOut);
  warn(!status.scanner_ready, Icon::kScanner, Label::kScannerOut);
  const LinkLook link = look_of(status.link);
  put_left(canvas, rest, link.icon, text(link.label, language), link.colour);
  if (status.unsynced_records > 0) {
    const std::string count =
        points_text(Points{static_cast<std::int64_t>(status.unsynced_records)});
    std::string word = status.syncing ? std::string(text(Label::kSyncing, language)) + " " + count
                                      : with_value(text(Label::kUnsynced, language), count);
    word += " · " + age_text(status.oldest_unsynced_age_s, language);
    put_left(canvas,
             rest,
             Icon::kUpload,
             word,
             status.link == LinkState::kOnline ? theme::kBarMuted : theme::kBarCare);
  }
}

void draw_key_hints(Canvas& canvas,
                    const Box& box,
                    const std::vector<KeyHint>& hints,
                    Language language) {
  canvas.rectangle(box, theme::kCard);
  canvas.rectangle({box.x, box.y, box.width, 1}, theme::kLine);
  if (hints.empty()) {
    return;
  }
  const auto columns = static_cast<double>(std::max<std::size_t>(hints.size(), 3));
  const double width = (box.width - 2 * theme::kMargin + theme::kGap) / columns;
  double x = box.x + theme::kMargin;
  for (const KeyHint& hint : hints) {
    if (hint.primary) {
      x = box.right() - theme::kMargin + theme::kGap - width;
    }
    Box cell{x, box.y + 7, width - theme::kGap, box.height - 14};
    if (hint.primary) {
      canvas.rounded(cell, 8, theme::kAccent);
    }
    Box rest = cell.inset(hint.primary ? 8 : 0, 0);
    const std::string_view key = text(hint.key, language);
    const TextStyle cap{
        theme::kSmall, hint.primary ? theme::kWhite : theme::kMuted, Weight::kBold, Align::kCentre};
    const Box key_box = rest.cut_left(canvas.width_of(key, cap) + 14, 8).inset(0, 4);
    canvas.outline(key_box, 5, 1.4, hint.primary ? rgb(0xFFFFFF, 0.75) : theme::kFaint);
    canvas.line(key, key_box, cap);
    canvas.line(text(hint.action, language),
                rest,
                {theme::kBody,
                 hint.primary ? theme::kWhite : theme::kInk,
                 hint.primary ? Weight::kBold : Weight::kRegular,
                 Align::kLeft});
    x += width;
  }
}

void draw_figure(Canvas& canvas, const Box& box, const Figure& figure) {
  Box rest = box;
  const double caption = std::min(20.0, box.height * 0.36);
  canvas.line(figure.caption,
              rest.cut_top(caption, 2),
              {theme::kSmall + 1, theme::kMuted, Weight::kRegular, Align::kLeft});
  canvas.line(figure.value,
              rest,
              {std::min(theme::kFigure, rest.height), figure.colour, Weight::kBold, Align::kLeft});
}

void draw_figures(Canvas& canvas, const Box& box, const std::vector<Figure>& figures) {
  const double width =
      (box.width + theme::kGap) / static_cast<double>(std::max<std::size_t>(figures.size(), 1));
  double x = box.x;
  for (const Figure& figure : figures) {
    const Box card{x, box.y, width - theme::kGap, box.height};
    draw_card(canvas, card);
    draw_figure(canvas, card.inset(12, 9), figure);
    x += width;
  }
}

void draw_field(Canvas& canvas,
                const Box& box,
                std::string_view typed,
                std::string_view placeholder,
                std::string_view sign,
                Colour colour) {
  canvas.rounded(box, theme::kRadius, theme::kCard);
  canvas.outline(box, theme::kRadius, 2, theme::kAccent);
  Box rest = box.inset(16, 6);
  const double size = std::min(theme::kHuge, rest.height * 0.82);
  if (!sign.empty()) {
    canvas.line(sign,
                rest.cut_left(size * 0.62, 6),
                {size * 0.6, theme::kMuted, Weight::kRegular, Align::kLeft});
  }
  const Box caret = rest.cut_right(3, 6);
  canvas.rounded(
      {caret.x, caret.centre_y() - size * 0.45, caret.width, size * 0.9}, 1.5, theme::kAccent);
  if (typed.empty()) {
    canvas.line(placeholder, rest, {size * 0.7, theme::kFaint, Weight::kRegular, Align::kRight});
  } else {
    canvas.line(typed, rest, {size, colour, Weight::kBold, Align::kRight});
  }
}

void draw_bill_row(Canvas& canvas, const Box& box, Money bill, Language language) {
  draw_card(canvas, box);
  Box rest = box.inset(14, 4);
  canvas.line(text(Label::kBill, language),
              rest.cut_left(rest.width * 0.4),
              {theme::kBody, theme::kMuted, Weight::kRegular, Align::kLeft});
  canvas.line(
      money_text(bill),
      rest,
      {std::min(theme::kFigure, rest.height * 0.8), theme::kInk, Weight::kBold, Align::kRight});
}

void draw_waiting(
    Canvas& canvas, const Box& box, Icon icon, std::string_view title, std::string_view hint) {
  constexpr double kDisc = 84;
  constexpr double kTitleHigh = 36;
  constexpr double kHintHigh = 24;
  const double used = kDisc + 10 + kTitleHigh + kHintHigh;
  Box rest = box.inset(0, std::max(0.0, (box.height - used) / 2));
  const Box disc = rest.cut_top(kDisc, 10);
  canvas.disc(disc.centre_x(), disc.centre_y(), kDisc / 2, theme::kAccentSoft);
  draw_icon(canvas, icon, disc.inset(20), theme::kAccent, 0.9);
  canvas.line(
      title, rest.cut_top(kTitleHigh), {theme::kTitle, theme::kInk, Weight::kBold, Align::kCentre});
  canvas.line(hint,
              rest.cut_top(kHintHigh),
              {theme::kBody, theme::kMuted, Weight::kRegular, Align::kCentre});
}

void draw_banner(Canvas& canvas,
                 const Box& box,
                 Colour colour,
                 Icon icon,
                 std::string_view title,
                 std::string_view detail) {
  canvas.rectangle(box, colour);
  Box rest = box.inset(theme::kMargin + 4, 0);
  const double side = std::min(64.0, box.height - 20);
  Box mark = rest.cut_left(side, 18);
  canvas.disc(mark.centre_x(), mark.centre_y(), side / 2, theme::kWhite);
  draw_icon(canvas, icon, mark.inset(side * 0.14), colour, 1.35);
  rest = rest.inset(0, 8);
  if (detail.empty()) {
    canvas.line(title, rest, {theme::kFigure, theme::kWhite, Weight::kBold, Align::kLeft});
    return;
  }
  canvas.line(title,
              rest.cut_top(rest.height * 0.6),
              {theme::kFigure, theme::kWhite, Weight::kBold, Align::kLeft});
  canvas.line(detail, rest, {theme::kBody, theme::kWhite, Weight::kRegular, Align::kLeft});
}

void draw_strip(Canvas& canvas,
                const Box& box,
                Icon icon,
                std::string_view text,
                Colour colour,
                Colour ground) {
  canvas.rounded(box, 8, ground);
  Box rest = box.inset(10, 0);
  draw_icon(canvas, icon, rest.cut_left(18, 8), colour, 1.1);
  canvas.line(text, rest, {theme::kBody - 1, colour, Weight::kRegular, Align::kLeft});
}

void draw_avatar(Canvas& canvas, const Box& box, std::string_view name, std::uint32_t tier) {
  const double radius = std::min(box.width, box.height) / 2;
  canvas.disc(box.centre_x(), box.centre_y(), radius, tier_of(tier).colour);
  const std::string_view character = first_character(name);
  if (character.empty() || character == "*") {
    // A head and shoulders, for whom no name is known.
    canvas.disc(box.centre_x(), box.centre_y() - radius * 0.22, radius * 0.32, theme::kWhite);
    canvas.rounded(
        {box.centre_x() - radius * 0.55, box.centre_y() + radius * 0.2, radius * 1.1, radius * 0.5},
        radius * 0.5,
        theme::kWhite);
    return;
  }
  canvas.line(character, box, {radius * 1.05, theme::kWhite, Weight::kRegular, Align::kCentre});
}

double draw_tier(Canvas& canvas, const Box& box, std::uint32_t tier, Language language) {
  const std::string_view word = text(tier_of(tier).label, language);
  const TextStyle style{theme::kSmall, theme::kWhite, Weight::kBold, Align::kCentre};
  const Box label{box.x, box.y, canvas.width_of(word, style) + 16, box.height};
  canvas.rounded(label, box.height / 2, tier_of(tier).colour);
  canvas.line(word, label, style);
  return label.width;
}

}  // namespace tally::firmware::ui
