#include "firmware/receipt_printer.hpp"

#include <string>
#include <vector>

#include "hal/sim/sim_devices.hpp"
#include "shell/log.hpp"
#include "tests/firmware/support/pictures.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::firmware;

namespace {

const ui::Fonts kFonts = ui::Fonts::open(tests::font_dir()).value();

node::ReceiptFacts facts_of(int number) {
  node::ReceiptFacts facts;
  facts.receipt_number = "101-1-" + std::to_string(number);
  facts.bill = Money{100};
  return facts;
}

}  // namespace

struct ReceiptPrinterTest : Utest {
  hal::SimPrinter paper;
  std::vector<std::string> printed;
  std::vector<node::DeviceEvent> troubles;
  ReceiptPrinter printer{paper,
                         kFonts,
                         "店",
                         {[this](const node::ReceiptFacts& facts, std::size_t) {
                            printed.push_back(facts.receipt_number);
                          },
                          [this](node::DeviceEvent event) { troubles.push_back(event); }}};

  void setup() override {
    shell::set_log_sink([](std::string_view) {});
  }
  void teardown() override { shell::set_log_sink(nullptr); }
  /// What the terminal does with the printer's events.
  void pump() {
    while (const auto status = paper.next()) {
      printer.on_status(*status);
    }
  }
};

TEST_GROUP_BASE(ReceiptPrinter, ReceiptPrinterTest){};

TEST(ReceiptPrinter, Receipt_IsPrintedAtOnce) {
  printer.print(facts_of(1));
  LONGS_EQUAL(1, printed.size());
  LONGS_EQUAL(0, printer.waiting());
  LONGS_EQUAL(1, paper.job_count());
  CHECK(troubles.empty());
}

TEST(ReceiptPrinter, WithoutPaper_WaitsAndFollowsInOrder) {
  CHECK(paper.set_paper(false).has_value());
  pump();
  printer.print(facts_of(1));
  printer.print(facts_of(2));
  LONGS_EQUAL(2, printer.waiting());
  LONGS_EQUAL(0, printed.size());
  CHECK(troubles.front() == node::DeviceEvent::kPaperOut);

  CHECK(paper.set_paper(true).has_value());
  pump();
  LONGS_EQUAL(0, printer.waiting());
  STRCMP_EQUAL("101-1-1", printed.at(0).c_str());
  STRCMP_EQUAL("101-1-2", printed.at(1).c_str());
}

TEST(ReceiptPrinter, OpenCoverOrUnplugged_IsAFault) {
  CHECK(paper.set_cover_open(true).has_value());
  printer.print(facts_of(1));
  CHECK(troubles.back() == node::DeviceEvent::kPrinterFault);
  CHECK(paper.set_plugged(false).has_value());
  pump();
  CHECK(troubles.back() == node::DeviceEvent::kPrinterFault);
  LONGS_EQUAL(1, printer.waiting());
}

TEST(ReceiptPrinter, MoreThanItsBound_GivesUpTheOldest) {
  CHECK(paper.set_paper(false).has_value());
  for (int i = 1; i <= static_cast<int>(ReceiptPrinter::kWaitingMax) + 3; ++i) {
    printer.print(facts_of(i));
  }
  LONGS_EQUAL(ReceiptPrinter::kWaitingMax, printer.waiting());
  CHECK(paper.set_paper(true).has_value());
  pump();
  STRCMP_EQUAL("101-1-4", printed.front().c_str());
  LONGS_EQUAL(ReceiptPrinter::kWaitingMax, printed.size());
}

TEST(ReceiptPrinter, ReceiptThatCannotBePrinted_DoesNotBlockTheNext) {
  node::ReceiptFacts bad = facts_of(1);
  bad.record_codes = {std::string(2000, 'A')};
  printer.print(bad);
  printer.print(facts_of(2));
  LONGS_EQUAL(1, printed.size());
  STRCMP_EQUAL("101-1-2", printed.front().c_str());
}
