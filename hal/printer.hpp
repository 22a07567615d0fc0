// Contract of a receipt printer: ESC/POS bytes go out, its state comes back as events. What is
// printed is made by firmware/receipt.hpp. Main loop only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

#include "hal/event_source.hpp"

namespace tally::hal {

/// Bound of one job: a receipt of 58 mm paper, as bitmap, is below 60 kB.
inline constexpr std::size_t kPrintJobBytesMax = 256 * 1024;

enum class PrinterStatus : std::uint8_t { kOk, kPaperOut, kCoverOpen, kUnplugged };

/// "ok", "paper_out", "cover_open", "unplugged".
std::string_view name_of(PrinterStatus status);

/// Events are changes of status; the first one of a printer that is not ready at start says so.
class Printer : public EventSource<PrinterStatus> {
 public:
  /// Dots across: 384 for 58 mm paper, 576 for 80 mm; constant.
  virtual int dots_per_line() const = 0;

  virtual PrinterStatus status() const = 0;

  /// Prints a whole job. On return the printer has taken every byte; whether the paper came out is
  /// known only from status().
  /// Errors: kUnavailable when status() is not kOk (nothing was printed); kExhausted when the job
  /// is longer than kPrintJobBytesMax; kTimeout when the printer stopped taking bytes: part of the
  /// job may be on the paper.
  virtual Status print(ByteView job) = 0;
};

}  // namespace tally::hal
