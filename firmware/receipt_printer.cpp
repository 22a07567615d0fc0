#include "firmware/receipt_printer.hpp"

#include <utility>

#include "firmware/receipt.hpp"
#include "shell/log.hpp"

namespace tally::firmware {

namespace {

constexpr shell::Log kLog("printer");

}  // namespace

ReceiptPrinter::ReceiptPrinter(hal::Printer& printer,
                               const ui::Fonts& fonts,
                               std::string store_name,
                               Callbacks callbacks)
    : printer_(printer),
      fonts_(fonts),
      store_name_(std::move(store_name)),
      callbacks_(std::move(callbacks)) {}

void ReceiptPrinter::print(node::ReceiptFacts facts) {
  if (waiting_.size() == kWaitingMax) {
    kLog.warning("receipt_given_up", {{"receipt", waiting_.front().receipt_number}});
    waiting_.pop_front();
  }
  waiting_.push_back(std::move(facts));
  if (const hal::PrinterStatus status = printer_.status(); status != hal::PrinterStatus::kOk) {
    report(status);
    return;
  }
  pump();
}

void ReceiptPrinter::on_status(hal::PrinterStatus status) {
  if (status != hal::PrinterStatus::kOk) {
    report(status);
    return;
  }
  pump();
}

void ReceiptPrinter::pump() {
  while (!waiting_.empty()) {
    const node::ReceiptFacts& facts = waiting_.front();
    const Result<Bytes> job =
        receipt_job(receipt_items(facts, store_name_), fonts_, printer_.dots_per_line());
    if (!job) {
      kLog.error("receipt_not_made", {{"receipt", facts.receipt_number}, {"error", job.error()}});
      waiting_.pop_front();
      continue;
    }
    if (const Status printed = printer_.print(*job); !printed) {
      kLog.warning("receipt_not_printed",
                   {{"receipt", facts.receipt_number}, {"error", printed.error()}});
      if (printed.error().code == Errc::kInvalid || printed.error().code == Errc::kExhausted) {
        waiting_.pop_front();  // It would never print.
      }
      report(printer_.status());
      return;
    }
    const node::ReceiptFacts done = std::move(waiting_.front());
    waiting_.pop_front();
    callbacks_.printed(done, job->size());
  }
}

void ReceiptPrinter::report(hal::PrinterStatus status) {
  callbacks_.trouble(status == hal::PrinterStatus::kPaperOut ? node::DeviceEvent::kPaperOut
                                                             : node::DeviceEvent::kPrinterFault);
}

}  // namespace tally::firmware
