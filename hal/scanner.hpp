// Contract of a code scanner: it delivers the text of each code it reads and says when it is
// unplugged and back. What the text means is decided in core/.
#pragma once

#include <cstddef>
#include <string>
#include <variant>

#include "hal/event_source.hpp"

namespace tally::hal {

/// Longest text of a code; a driver drops longer ones.
inline constexpr std::size_t kCodeBytesMax = 4096;

/// A code was read: UTF-8, 1 … kCodeBytesMax bytes, without the line end a scanner adds.
struct CodeRead {
  std::string text;
};

/// The scanner came or went. The first event of a scanner that is absent at start is
/// `plugged = false`; one that is present sends none.
struct ScannerPlug {
  bool plugged = false;
};

using ScannerEvent = std::variant<CodeRead, ScannerPlug>;
using Scanner = EventSource<ScannerEvent>;

}  // namespace tally::hal
