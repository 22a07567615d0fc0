#include "hal/sim/sim_devices.hpp"

#include <string>

#include "core/base/try.hpp"

#include "hal/utf8.hpp"

namespace tally::hal {

Status SimScanner::scan_text(std::string_view text) {
  if (text.empty() || text.size() > kCodeBytesMax || !is_utf8(text)) {
    return make_error(Errc::kInvalid, "a code is 1 to 4096 bytes of UTF-8");
  }
  if (!plugged()) {
    return make_error(Errc::kUnavailable, "the scanner is unplugged");
  }
  return queue_.push(CodeRead{std::string(text)});
}

Status SimScanner::scan_picture(ByteView png) {
  if (!plugged()) {
    return make_error(Errc::kUnavailable, "the scanner is unplugged");
  }
  TALLY_TRY_ASSIGN(const GreyPicture picture, read_png(png));
  TALLY_TRY_ASSIGN(const std::string text, decode_code(picture));
  return scan_text(text);
}

Status SimScanner::set_plugged(bool plugged) {
  const std::lock_guard lock(mutex_);
  if (plugged == plugged_) {
    return {};
  }
  TALLY_TRY(queue_.push(ScannerPlug{plugged}));
  plugged_ = plugged;
  return {};
}

bool SimScanner::plugged() const {
  const std::lock_guard lock(mutex_);
  return plugged_;
}

Status SimNfc::tap(std::string_view text) {
  if (text.empty() || text.size() > kCardTextBytesMax || !is_utf8(text)) {
    return make_error(Errc::kInvalid, "a card's text is 1 to 1024 bytes of UTF-8");
  }
  return queue_.push(CardTap{std::string(text), {}});
}

PrinterStatus SimPrinter::worst() const {
  if (!conditions_.plugged) {
    return PrinterStatus::kUnplugged;
  }
  if (conditions_.cover_open) {
    return PrinterStatus::kCoverOpen;
  }
  return conditions_.paper_present ? PrinterStatus::kOk : PrinterStatus::kPaperOut;
}

PrinterStatus SimPrinter::status() const {
  const std::lock_guard lock(mutex_);
  return worst();
}

SimPrinter::Conditions SimPrinter::conditions() const {
  const std::lock_guard lock(mutex_);
  return conditions_;
}

Status SimPrinter::change(bool Conditions::*which, bool value) {
  const std::lock_guard lock(mutex_);
  const PrinterStatus before = worst();
  const Conditions old = conditions_;
  conditions_.*which = value;
  if (worst() == before) {
    return {};
  }
  Status told = queue_.push(worst());
  if (!told) {
    conditions_ = old;
  }
  return told;
}

Status SimPrinter::set_paper(bool present) {
  return change(&Conditions::paper_present, present);
}
Status SimPrinter::set_cover_open(bool open) {
  return change(&Conditions::cover_open, open);
}
Status SimPrinter::set_plugged(bool plugged) {
  return change(&Conditions::plugged, plugged);
}

Status SimPrinter::print(ByteView job) {
  if (job.size() > kPrintJobBytesMax) {
    return make_error(Errc::kExhausted, "the print job is too long");
  }
  const std::lock_guard lock(mutex_);
  if (worst() != PrinterStatus::kOk) {
    return make_error(Errc::kUnavailable, "the printer is not ready");
  }
  TALLY_TRY(paper_.print(job));
  ++jobs_;
  return {};
}

PaperPicture SimPrinter::paper() const {
  const std::lock_guard lock(mutex_);
  return paper_.picture();
}

std::uint64_t SimPrinter::job_count() const {
  const std::lock_guard lock(mutex_);
  return jobs_;
}

void SimPrinter::tear_off() {
  const std::lock_guard lock(mutex_);
  paper_.tear_off();
}

Frame SimDisplay::frame() const {
  const std::lock_guard lock(mutex_);
  return frame_;
}

std::uint64_t SimDisplay::frame_count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

Status SimDisplay::present(const Frame& frame) {
  const std::lock_guard lock(mutex_);
  if (frame.width != frame_.width || frame.height != frame_.height ||
      frame.pixels.size() != frame_.pixels.size()) {
    return make_error(Errc::kInvalid, "the frame is not of the display's size");
  }
  frame_ = frame;
  ++count_;
  return {};
}

void SimClock::advance(Duration by) {
  const std::lock_guard lock(mutex_);
  wall_.us += by.ms * 1000;
  boot_us_ += by.ms * 1000;
}

void SimClock::jump_wall(std::int64_t by_us) {
  const std::lock_guard lock(mutex_);
  wall_.us += by_us;
}

WallTime SimClock::wall() const {
  const std::lock_guard lock(mutex_);
  return wall_;
}

std::int64_t SimClock::boot_us() const {
  const std::lock_guard lock(mutex_);
  return boot_us_;
}

Status SimEntropy::fill(std::span<std::uint8_t> out) {
  if (failing_) {
    return make_error(Errc::kUnavailable, "the simulated source of randomness fails");
  }
  for (std::uint8_t& byte : out) {
    // splitmix64 (Steele, Lea, Flood 2014).
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    byte = static_cast<std::uint8_t>(z ^ (z >> 31));
  }
  return {};
}

}  // namespace tally::hal
