// The drawings of the screen, as strokes: they stay sharp on every panel.
#pragma once

#include <cstdint>

#include "firmware/ui/canvas.hpp"

namespace tally::firmware::ui {

enum class Icon : std::uint8_t {
  kCheck,
  kCross,
  kExclamation,
  kInfo,
  kLinkFull,   ///< Till, store and office connected.
  kLinkStore,  ///< The office is cut off.
  kLinkCut,
  kUpload,
  kPaper,
  kScanner,
  kClock,
  kCode,  ///< A QR code being scanned.
  kCard,  ///< A card being tapped.
  kHourglass,
  kSearch,
  kTally,  ///< The product's mark: a split, notched stick.
};

/// Draws an icon centred in the largest square of the box, `weight` relative to the usual stroke.
void draw_icon(Canvas& canvas, Icon icon, const Box& box, Colour colour, double weight = 1);

}  // namespace tally::firmware::ui
