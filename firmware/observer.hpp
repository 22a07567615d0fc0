// Who wants to know what the terminal does: scripts and the simulated device's page. Main loop
// only; an observer must not call back into the terminal from inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/sale/view.hpp"

#include "hal/buzzer.hpp"

namespace tally::firmware {

class Observer {
 public:
  virtual ~Observer() = default;

  /// The view changed and its picture is in the frame buffer; `t_us` is the monotonic clock then.
  virtual void on_view(const sale::CheckoutView& before,
                       const sale::CheckoutView& now,
                       std::int64_t t_us) {
    static_cast<void>(before);
    static_cast<void>(now);
    static_cast<void>(t_us);
  }

  /// A receipt went to the printer as a whole.
  virtual void on_printed(const std::string& receipt_number,
                          const std::vector<std::string>& record_codes,
                          std::size_t job_bytes) {
    static_cast<void>(receipt_number);
    static_cast<void>(record_codes);
    static_cast<void>(job_bytes);
  }

  virtual void on_sound(hal::Sound sound) { static_cast<void>(sound); }

  /// The printer's or the scanner's state changed.
  virtual void on_device() {}

  /// Something happened that may have moved positions or states: time to look again.
  virtual void on_progress() {}
};

}  // namespace tally::firmware
