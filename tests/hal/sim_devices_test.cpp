#include "hal/sim/sim_devices.hpp"

#include <string>
#include <thread>
#include <variant>

#include <poll.h>

#include "tests/hal/support/contracts.hpp"
#include "tests/hal/support/qr_picture.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::hal;

struct SimKeysTest : Utest {
  SimKeys keys;
};

TEST_GROUP_BASE(SimKeys, SimKeysTest){};

TEST(SimKeys, Obey_TheContractOfEventSources) {
  tests::check_event_source<Key>(keys, [this] { return keys.press(Key::kEnter); });
}

TEST(SimKeys, Presses_ComeInOrder) {
  CHECK(keys.press(Key::k1).has_value());
  CHECK(keys.press(Key::k2).has_value());
  CHECK(keys.next() == Key::k1);
  CHECK(keys.next() == Key::k2);
  CHECK(!keys.next().has_value());
}

TEST(SimKeys, FromAnotherThread_NothingIsLost) {
  std::thread other([this] {
    for (int i = 0; i < 200; ++i) {
      CHECK(keys.press(Key::k7).has_value());
    }
  });
  other.join();
  int count = 0;
  while (keys.next()) {
    ++count;
  }
  LONGS_EQUAL(200, count);
}

struct SimScannerTest : Utest {
  SimScanner scanner;
  std::string next_text() {
    const auto event = scanner.next();
    CHECK(event.has_value());
    return std::get<CodeRead>(*event).text;
  }
};

TEST_GROUP_BASE(SimScanner, SimScannerTest){};

TEST(SimScanner, Obeys_TheContractOfEventSources) {
  tests::check_event_source<ScannerEvent>(scanner, [this] { return scanner.scan_text("A"); });
}

TEST(SimScanner, Text_IsDelivered) {
  CHECK(scanner.scan_text("9900000000000016").has_value());
  STRCMP_EQUAL("9900000000000016", next_text().c_str());
}

TEST(SimScanner, Picture_IsDecodedAndDelivered) {
  CHECK(scanner.scan_picture(tests::qr_png("9900000000000016")).has_value());
  STRCMP_EQUAL("9900000000000016", next_text().c_str());
}

TEST(SimScanner, EmptyTooLongOrNotUtf8_IsRefused) {
  CHECK(scanner.scan_text("").error().code == Errc::kInvalid);
  CHECK(scanner.scan_text(std::string(kCodeBytesMax + 1, 'A')).error().code == Errc::kInvalid);
  CHECK(scanner.scan_text("\xFF").error().code == Errc::kInvalid);
  CHECK(!scanner.next().has_value());
}

TEST(SimScanner, NoPictureOrNoCode_IsRefused) {
  CHECK(scanner.scan_picture(as_bytes("hello")).error().code == Errc::kInvalid);
  const GreyPicture white{64, 64, Bytes(64 * 64, 255)};
  CHECK(scanner.scan_picture(write_png(white).value()).error().code == Errc::kNotFound);
  CHECK(!scanner.next().has_value());
}

TEST(SimScanner, Unplugged_SaysSoAndReadsNothing) {
  CHECK(scanner.set_plugged(false).has_value());
  CHECK(!std::get<ScannerPlug>(*scanner.next()).plugged);
  CHECK(scanner.scan_text("A").error().code == Errc::kUnavailable);
  CHECK(scanner.scan_picture(tests::qr_png("A")).error().code == Errc::kUnavailable);
  CHECK(scanner.set_plugged(false).has_value());
  CHECK(!scanner.next().has_value());
  CHECK(scanner.set_plugged(true).has_value());
  CHECK(std::get<ScannerPlug>(*scanner.next()).plugged);
}

struct SimNfcTest : Utest {
  SimNfc nfc;
};

TEST_GROUP_BASE(SimNfc, SimNfcTest){};

TEST(SimNfc, Obeys_TheContractOfEventSources) {
  tests::check_event_source<CardTap>(nfc, [this] { return nfc.tap("A"); });
}

TEST(SimNfc, Tap_IsDelivered) {
  CHECK(nfc.tap("https://m.example/7").has_value());
  STRCMP_EQUAL("https://m.example/7", nfc.next()->text.c_str());
}

TEST(SimNfc, EmptyTooLongOrNotUtf8_IsRefused) {
  CHECK(nfc.tap("").error().code == Errc::kInvalid);
  CHECK(nfc.tap(std::string(kCardTextBytesMax + 1, 'A')).error().code == Errc::kInvalid);
  CHECK(nfc.tap("\xC0\xAF").error().code == Errc::kInvalid);
}

struct SimPrinterTest : Utest {
  SimPrinter printer;
};

TEST_GROUP_BASE(SimPrinter, SimPrinterTest){};

TEST(SimPrinter, Obeys_TheContractOfPrinters) {
  tests::check_printer(
      printer,
      [this](bool present) { return printer.set_paper(present); },
      [this](bool open) { return printer.set_cover_open(open); },
      [this](bool plugged) { return printer.set_plugged(plugged); });
}

TEST(SimPrinter, WorstCondition_IsTheStatus) {
  CHECK(printer.set_paper(false).has_value());
  CHECK(printer.set_cover_open(true).has_value());
  CHECK(printer.status() == PrinterStatus::kCoverOpen);
  CHECK(printer.set_plugged(false).has_value());
  CHECK(printer.status() == PrinterStatus::kUnplugged);
  CHECK(printer.set_plugged(true).has_value());
  CHECK(printer.set_cover_open(false).has_value());
  CHECK(printer.status() == PrinterStatus::kPaperOut);
}

TEST(SimPrinter, PrintedJobs_AreCountedAndTornOff) {
  const Bytes job = {0x1B, 0x40, 0x1B, 0x4A, 40};
  CHECK(printer.print(job).has_value());
  CHECK(printer.print(job).has_value());
  LONGS_EQUAL(2, printer.job_count());
  LONGS_EQUAL(80, printer.paper().height);
  printer.tear_off();
  LONGS_EQUAL(0, printer.paper().height);
}

struct SimDisplayTest : Utest {
  SimDisplay display{320, 240};
};

TEST_GROUP_BASE(SimDisplay, SimDisplayTest){};

TEST(SimDisplay, FrameOfItsSize_IsShown) {
  Frame frame(320, 240);
  frame.pixels[5] = 0x123456;
  CHECK(display.present(frame).has_value());
  LONGS_EQUAL(1, display.frame_count());
  CHECK(display.frame() == frame);
}

TEST(SimDisplay, FrameOfAnotherSize_IsRefusedAndNothingShown) {
  CHECK(display.present(Frame(240, 320)).error().code == Errc::kInvalid);
  Frame torn(320, 240);
  torn.pixels.pop_back();
  CHECK(display.present(torn).error().code == Errc::kInvalid);
  LONGS_EQUAL(0, display.frame_count());
}

struct SimClockTest : Utest {
  SimClock clock{WallTime{1'700'000'000'000'000}};
};

TEST_GROUP_BASE(SimClock, SimClockTest){};

TEST(SimClock, WallJump_LeavesBootTimeAlone) {
  const auto before = clock.boot_us();
  clock.jump_wall(-3'600'000'000);
  LONGS_EQUAL(before, clock.boot_us());
  clock.advance(Duration{5});
  LONGS_EQUAL(before + 5000, clock.boot_us());
  LONGS_EQUAL(1'700'000'000'000'000 - 3'600'000'000 + 5000, clock.wall().us);
}

TEST_GROUP(SimEntropy){};

TEST(SimEntropy, SameSeed_SameBytesAndAnotherSeed_Others) {
  SimEntropy a(1);
  SimEntropy b(1);
  SimEntropy c(2);
  ByteArray<32> x{};
  ByteArray<32> y{};
  ByteArray<32> z{};
  CHECK(a.fill(x).has_value());
  CHECK(b.fill(y).has_value());
  CHECK(c.fill(z).has_value());
  CHECK(x == y);
  CHECK(x != z);
}

TEST(SimEntropy, Failing_IsUnavailable) {
  SimEntropy entropy(1);
  entropy.set_failing(true);
  ByteArray<8> bytes{};
  CHECK(entropy.fill(bytes).error().code == Errc::kUnavailable);
}
