// Pictures as PNG files in memory: what a display shows, what a printer put out. Pure: any thread.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

#include "hal/display.hpp"
#include "hal/qr_decoder.hpp"

namespace tally::hal {

/// A 24-bit PNG. Errors: kInvalid when the frame is empty or its size does not fit its pixels;
/// kInternal when libpng fails.
Result<Bytes> write_png(const Frame& frame);

/// An 8-bit grey PNG; errors as above.
Result<Bytes> write_png(const GreyPicture& picture);

}  // namespace tally::hal
