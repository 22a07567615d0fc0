// The simulated devices of `--hal sim` in one place, as scripts and the page take hold of them.
#pragma once

#include "firmware/devices.hpp"
#include "hal/linux/linux_clock.hpp"
#include "hal/sim/sim_devices.hpp"

namespace tally::firmware {

struct SimDevices {
  SimDevices(int width, int height, int printer_dots)
      : display(width, height), printer(printer_dots) {}

  Devices devices() { return {clock, display, keys, scanner, nfc, printer, buzzer}; }

  hal::LinuxClock clock;  ///< Real time: only hands and paper are simulated.
  hal::SimDisplay display;
  hal::SimKeys keys;
  hal::SimScanner scanner;
  hal::SimNfc nfc;
  hal::SimPrinter printer;
  hal::SimBuzzer buzzer;
};

}  // namespace tally::firmware
