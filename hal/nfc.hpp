// Contract of a contactless card reader: one event for each card put down. The driver has read what
// the card offers without keys (NDEF URI or text, else the UID); checks are core/'s.
#pragma once

#include <cstddef>
#include <string>

#include "hal/event_source.hpp"

namespace tally::hal {

inline constexpr std::size_t kCardTextBytesMax = 1024;

/// A card was put on the reader.
struct CardTap {
  std::string text;     ///< UTF-8 of the first NDEF URI or text record, or empty.
  std::string uid_hex;  ///< Upper-case hexadecimal, 4, 7 or 10 bytes; empty when not known.
};

using Nfc = EventSource<CardTap>;

}  // namespace tally::hal
