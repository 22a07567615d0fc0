// The devices of a terminal as the program sees them: contracts only. Who makes them, simulated or
// real, is main.cpp's choice.
#pragma once

#include "hal/buzzer.hpp"
#include "hal/clock.hpp"
#include "hal/display.hpp"
#include "hal/keys.hpp"
#include "hal/nfc.hpp"
#include "hal/printer.hpp"
#include "hal/scanner.hpp"

namespace tally::firmware {

/// References: the devices outlive the program's parts.
struct Devices {
  hal::Clock& clock;
  hal::Display& display;
  hal::Keys& keys;
  hal::Scanner& scanner;
  hal::Nfc& nfc;
  hal::Printer& printer;
  hal::Buzzer& buzzer;
};

}  // namespace tally::firmware
