// Prints receipts in order and keeps those that a printer without paper could not take, up to a
// bound: a sale stands whatever the printer does. Main loop only.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "core/node/terminal_node.hpp"

#include "firmware/ui/fonts.hpp"
#include "hal/printer.hpp"

namespace tally::firmware {

class ReceiptPrinter {
 public:
  static constexpr std::size_t kWaitingMax = 16;

  struct Callbacks {
    std::function<void(const node::ReceiptFacts& facts, std::size_t job_bytes)> printed;
    std::function<void(node::DeviceEvent)> trouble;  ///< kPaperOut or kPrinterFault.
  };

  /// `printer` and `fonts` must outlive this object.
  ReceiptPrinter(hal::Printer& printer,
                 const ui::Fonts& fonts,
                 std::string store_name,
                 Callbacks callbacks);

  /// Prints now, or as soon as the printer can. When kWaitingMax already wait, the oldest is given
  /// up: its sale can be read again from the journal.
  void print(node::ReceiptFacts facts);

  /// The printer's status changed: prints what waits. `trouble` tells when it is not ready.
  void on_status(hal::PrinterStatus status);

  std::size_t waiting() const { return waiting_.size(); }

 private:
  void pump();
  void report(hal::PrinterStatus status);

  hal::Printer& printer_;
  const ui::Fonts& fonts_;
  std::string store_name_;
  Callbacks callbacks_;
  std::deque<node::ReceiptFacts> waiting_;
};

}  // namespace tally::firmware
