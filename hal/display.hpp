// Contract of a display: it shows whole frames. The panel's own pixel format, rotation and
// partial refresh are the driver's business. Main loop only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/result.hpp"

namespace tally::hal {

inline constexpr int kDisplaySideMin = 240;
inline constexpr int kDisplaySideMax = 2048;

/// A picture of 32-bit pixels 0x00RRGGBB, rows from the top, without padding between rows.
struct Frame {
  int width = 0;
  int height = 0;
  std::vector<std::uint32_t> pixels;

  Frame() = default;
  Frame(int w, int h)
      : width(w), height(h), pixels(static_cast<std::size_t>(w) * static_cast<std::size_t>(h)) {}
  bool operator==(const Frame&) const = default;
};

class Display {
 public:
  Display() = default;
  Display(const Display&) = delete;
  Display& operator=(const Display&) = delete;
  virtual ~Display() = default;

  /// Pixels, between kDisplaySideMin and kDisplaySideMax; constant.
  virtual int width() const = 0;
  virtual int height() const = 0;

  /// Shows `frame`; it may be changed by the caller once this has returned.
  /// Errors: kInvalid when its size is not the display's (nothing is shown); kUnavailable when the
  /// panel does not take it.
  virtual Status present(const Frame& frame) = 0;
};

}  // namespace tally::hal
