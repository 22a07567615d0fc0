// Colours and sizes of the screen. Sizes are in units of a 480 × 320 panel; other panels are
// scaled.
#pragma once

#include <cstdint>

namespace tally::firmware::ui {

struct Colour {
  double red = 0;
  double green = 0;
  double blue = 0;
  double alpha = 1;
};

constexpr Colour rgb(std::uint32_t value, double alpha = 1) {
  return {
      ((value >> 16) & 0xFF) / 255.0, ((value >> 8) & 0xFF) / 255.0, (value & 0xFF) / 255.0, alpha};
}

namespace theme {

// Contrast of every text colour on its ground is at least 4.5 (WCAG 2.1, 1.4.3).
inline constexpr Colour kGround = rgb(0xEEF1F5);
inline constexpr Colour kCard = rgb(0xFFFFFF);
inline constexpr Colour kLine = rgb(0xD5DBE3);
inline constexpr Colour kInk = rgb(0x16202E);
inline constexpr Colour kMuted = rgb(0x55616F);
inline constexpr Colour kFaint = rgb(0xA7B1BD);  // Placeholders and drawings, no text to read.
inline constexpr Colour kBar = rgb(0x16263C);
inline constexpr Colour kBarText = rgb(0xF3F6FA);
inline constexpr Colour kBarMuted = rgb(0xB4C2D3);
inline constexpr Colour kAccent = rgb(0x0F5FA6);
inline constexpr Colour kAccentSoft = rgb(0xE1EDF8);
inline constexpr Colour kGood = rgb(0x0B7A43);
inline constexpr Colour kGoodSoft = rgb(0xDFF3E7);
inline constexpr Colour kBad = rgb(0xB3261E);
inline constexpr Colour kBadSoft = rgb(0xFBE6E4);
inline constexpr Colour kCare = rgb(0x8F5200);
inline constexpr Colour kCareSoft = rgb(0xFDF0D9);
inline constexpr Colour kWhite = rgb(0xFFFFFF);
inline constexpr Colour kBarGood = rgb(0x5FD79A);
inline constexpr Colour kBarCare = rgb(0xFFC65C);
inline constexpr Colour kBarBad = rgb(0xFF9A92);

inline constexpr double kUnitWidth = 480;
inline constexpr double kUnitHeight = 320;
inline constexpr double kBarHeight = 34;
inline constexpr double kFooterHeight = 46;
inline constexpr double kMargin = 14;
inline constexpr double kGap = 10;
inline constexpr double kRadius = 10;

// Text sizes: the smallest is 13 units, 2.4 mm on a 3.5" panel.
inline constexpr double kSmall = 13;
inline constexpr double kBody = 16;
inline constexpr double kLead = 20;
inline constexpr double kTitle = 27;
inline constexpr double kFigure = 34;
inline constexpr double kHuge = 62;

}  // namespace theme

}  // namespace tally::firmware::ui
