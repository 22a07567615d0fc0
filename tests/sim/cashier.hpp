// The people at one till: customers who come with a card, a bill and a wish, and the cashier who
// presses the keys, sometimes twice, sometimes without patience.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/sale/checkout_machine.hpp"

#include "tests/sim/world.hpp"

namespace tally::sim {

class TerminalHost;

class Cashier {
 public:
  Cashier(World& world, TerminalHost& terminal) : world_(world), terminal_(terminal) {}

  /// The terminal has started: customers come from now on.
  void begin();
  /// The terminal went dark: whoever stands there goes.
  void leave();
  /// The screen shows something else than before.
  void on_screen();

 private:
  enum class Wish : std::uint8_t { kBuy, kRedeem, kVoid, kRefund };
  struct Errand {
    Wish wish = Wish::kBuy;
    std::string card;
    std::int64_t bill_yuan = 0;
    std::optional<std::size_t> receipt;  ///< Of kVoid, kRefund: which of the world's.
    std::size_t codes_scanned = 0;       ///< Of that receipt.
    bool undo = false;                   ///< Thinks better of it at the result.
    bool started = false;
    int steps = 0;
  };

  void expect_customer();
  Errand new_errand();
  void act_soon();
  void act();
  void press(sale::Key key);
  void type(const std::string& digits);
  void at_idle();
  void at_scan();
  void at_redeem();
  void at_pick();
  void at_confirm();
  void at_refund();
  bool scan_further_code();
  void at_result();

  World& world_;
  TerminalHost& terminal_;
  std::optional<Errand> errand_;
  std::uint64_t life_ = 0;    ///< Rises when everybody leaves.
  std::uint64_t action_ = 0;  ///< The one that is due; older ones are dropped.
};

}  // namespace tally::sim
