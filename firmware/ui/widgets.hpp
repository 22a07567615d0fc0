// The parts screens are made of. Each draws itself into a box it is given; none keeps state.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/sale/view.hpp"

#include "firmware/ui/canvas.hpp"
#include "firmware/ui/catalogue.hpp"
#include "firmware/ui/icons.hpp"

namespace tally::firmware::ui {

/// A key on the pad and what it does now.
struct KeyHint {
  Label key;
  Label action;
  bool primary = false;  ///< What most sales go on with; at most one, the last.
};

/// White ground with a fine border.
void draw_card(Canvas& canvas, const Box& box);

/// Link, unsent records, warnings and the time of day.
void draw_status_bar(Canvas& canvas,
                     const Box& box,
                     const sale::StatusBar& status,
                     sale::Language language,
                     std::int32_t utc_offset_s);

/// What the keys do: evenly spread, the primary one filled.
void draw_key_hints(Canvas& canvas,
                    const Box& box,
                    const std::vector<KeyHint>& hints,
                    sale::Language language);

/// A small caption over a figure.
struct Figure {
  std::string_view caption;
  std::string value;
  Colour colour = theme::kInk;
};
void draw_figure(Canvas& canvas, const Box& box, const Figure& figure);

/// Figures side by side, each in a card.
void draw_figures(Canvas& canvas, const Box& box, const std::vector<Figure>& figures);

/// What is being typed, large, with a caret.
void draw_field(Canvas& canvas,
                const Box& box,
                std::string_view text,
                std::string_view placeholder,
                std::string_view sign,
                Colour colour = theme::kInk);

/// The bill of the sale in progress, as a row at the top.
void draw_bill_row(Canvas& canvas, const Box& box, Money bill, sale::Language language);

/// An icon in a disc, a title, a hint: for screens that wait.
void draw_waiting(
    Canvas& canvas, const Box& box, Icon icon, std::string_view title, std::string_view hint);

/// A coloured band with a round icon and a title.
void draw_banner(Canvas& canvas,
                 const Box& box,
                 Colour colour,
                 Icon icon,
                 std::string_view title,
                 std::string_view detail);

/// One line on a tinted strip.
void draw_strip(
    Canvas& canvas, const Box& box, Icon icon, std::string_view text, Colour colour, Colour ground);

/// First character of the name in a disc of the tier's colour.
void draw_avatar(Canvas& canvas, const Box& box, std::string_view name, std::uint32_t tier);

/// The tier as a small filled label; gives its width.
double draw_tier(Canvas& canvas, const Box& box, std::uint32_t tier, sale::Language language);

}  // namespace tally::firmware::ui
