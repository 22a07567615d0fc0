// A scripted day in one store: more than 200 sales of all kinds, seen by a cashier who presses keys
// and looks at the screen, with an offline stretch, an uplink that is cut, clean restarts and the
// closing of a shift. Which step does what is a function of its number, so that a day can go on
// from any step.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/crash/world.hpp"

namespace tally::crash {

class Day {
 public:
  static constexpr int kSteps = 210;

  explicit Day(World& world) : world_(world) {}

  /// Opens everything; the office enrols the members.
  void open();
  /// Step `number`, from 0.
  void step(int number);
  /// All cuts healed, no more customers: time goes by until everything is where it belongs. False
  /// when that takes more than some minutes.
  bool close();

  /// After each step, before the next: true ends run().
  std::function<bool(int)> after_step;
  /// Whole day from here on.
  void run();

  int current() const { return current_; }

  static std::vector<std::string> cards();
  /// A card that nobody has until the second till enrols it.
  static std::string late_card();

 private:
  struct Customer {
    std::string bill;
    std::string card;
    bool redeems = false;
    bool cancels = false;  ///< While the redemption waits for its right.
    bool undoes = false;   ///< Right after the result.
  };

  void serve(const Customer& customer);
  void enrol_all();
  void void_last();
  void second_till(int number);
  void to_idle();

  World& world_;
  int current_ = -1;
  std::vector<std::pair<RecordId, std::string>> till_accruals_;  ///< Not refunded; with the card.
};

}  // namespace tally::crash
