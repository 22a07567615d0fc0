// The customer's receipt: first as plain lines, which tests read, then as ESC/POS bytes for any
// printer. Letters are printed as bitmaps, so that every name and both languages come out on every
// printer; the record's QR code is drawn by the printer itself, sharp.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/node/terminal_node.hpp"

#include "firmware/ui/fonts.hpp"

namespace tally::firmware {

/// One line in the middle.
struct ReceiptHeading {
  std::string text;
  bool large = false;
};

/// What it is on the left, how much on the right.
struct ReceiptRow {
  std::string left;
  std::string right;
  bool strong = false;
};

/// A sentence, broken into as many lines as it takes.
struct ReceiptNote {
  std::string text;
  bool framed = false;
};

struct ReceiptRule {};

/// A QR code, at most kReceiptCodeBytesMax bytes.
struct ReceiptCode {
  std::string text;
};

inline constexpr std::size_t kReceiptCodeBytesMax = 900;

using ReceiptItem = std::variant<ReceiptHeading, ReceiptRow, ReceiptNote, ReceiptRule, ReceiptCode>;

/// What the receipt says, from top to bottom, in the language of the facts.
std::vector<ReceiptItem> receipt_items(const node::ReceiptFacts& facts,
                                       const std::string& store_name);

/// The bytes for a printer of `dots_per_line` (a multiple of 8, 256 … 832), cut included.
/// Errors: kExhausted when a code does not fit the paper at three dots a module, which takes more
/// than kReceiptCodeBytesMax bytes or very narrow paper.
Result<Bytes> receipt_job(const std::vector<ReceiptItem>& items,
                          const ui::Fonts& fonts,
                          int dots_per_line);

}  // namespace tally::firmware
