#include "hal/printer.hpp"

namespace tally::hal {

std::string_view name_of(PrinterStatus status) {
  switch (status) {
    case PrinterStatus::kOk:
      return "ok";
    case PrinterStatus::kPaperOut:
      return "paper_out";
    case PrinterStatus::kCoverOpen:
      return "cover_open";
    case PrinterStatus::kUnplugged:
      return "unplugged";
  }
  return "unplugged";
}

}  // namespace tally::hal
