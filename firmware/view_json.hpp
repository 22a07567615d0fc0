// The checkout's view as JSON (docs/formats/script.md), for scripts and the page. Holds what the
// cashier may see and no more.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "core/sale/view.hpp"

#include "hal/printer.hpp"

namespace tally::firmware {

/// Fields of a `screen` event but `event` and `t_us`.
nlohmann::ordered_json screen_json(const sale::CheckoutView& view);

/// Fields of a `status` event but `event` and `t_us`.
nlohmann::ordered_json status_json(const sale::StatusBar& status, hal::PrinterStatus printer);

/// One line of JSON text. Text that is not UTF-8 comes out with U+FFFD.
std::string to_line(const nlohmann::ordered_json& json);

/// Whether two views differ in more than their status line.
bool differ_in_screen(const sale::CheckoutView& a, const sale::CheckoutView& b);

/// Whether two status lines differ in what a status event tells: not in the time of day, nor in the
/// age alone.
bool differ_in_status(const sale::StatusBar& a, const sale::StatusBar& b);

}  // namespace tally::firmware
