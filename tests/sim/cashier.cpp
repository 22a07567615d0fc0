#include "tests/sim/cashier.hpp"

#include <algorithm>
#include <utility>

#include "tests/sim/terminal_host.hpp"

namespace tally::sim {
namespace {

/// Afterwards the customer's patience is at its end, whatever the screen says.
constexpr int kStepsMax = 60;
/// A receipt is good for a return on the day and the day after.
constexpr std::int64_t kReturnWithinMs = 24 * kHourMs;

}  // namespace

void Cashier::begin() {
  ++life_;
  expect_customer();
  act_soon();
}

void Cashier::leave() {
  ++life_;
  errand_.reset();
}

void Cashier::expect_customer() {
  const std::int64_t gap_ms = world_.swarm.customer_gap_s * 1'000;
  world_.clockwork.after(world_.clockwork.between(gap_ms / 5, gap_ms * 9 / 5),
                         [this, life = life_] {
                           if (life != life_) {
                             return;
                           }
                           if (!errand_ && world_.shops_open()) {
                             errand_ = new_errand();
                             act_soon();
                           }
                           expect_customer();
                         });
}

Cashier::Errand Cashier::new_errand() {
  Clockwork& chance = world_.clockwork;
  const Swarm& swarm = world_.swarm;
  Errand errand;
  errand.card = world_.cards[chance.index(world_.cards.size())];
  errand.bill_yuan = chance.between(1, 999);
  errand.wish = chance.chance(swarm.redeem_percent) ? Wish::kRedeem : Wish::kBuy;
  errand.undo = chance.chance(swarm.undo_percent);
  if (!world_.receipts.empty() && chance.chance(swarm.return_percent)) {
    const std::size_t last = std::min<std::size_t>(world_.receipts.size(), 200);
    const std::size_t index = world_.receipts.size() - 1 - chance.index(last);
    const Receipt& receipt = world_.receipts[index];
    // Mostly at the till of the sale; sometimes elsewhere, sometimes a second time.
    const bool here = receipt.terminal == terminal_.setup().terminal;
    if ((here || chance.chance(20)) && (!receipt.returned || chance.chance(20)) &&
        chance.now_ms() - receipt.at_ms < kReturnWithinMs) {
      errand.wish = chance.chance(50) ? Wish::kVoid : Wish::kRefund;
      errand.receipt = index;
    }
  }
  return errand;
}

void Cashier::on_screen() {
  act_soon();
}

void Cashier::act_soon() {
  world_.clockwork.after(world_.clockwork.between(200, 2'500),
                         [this, life = life_, action = ++action_] {
                           if (life == life_ && action == action_) {
                             act();
                           }
                         });
}

void Cashier::press(sale::Key key) {
  terminal_.press(key);
}

void Cashier::type(const std::string& digits) {
  for (const char digit : digits) {
    press(digit == '-' || digit == '.' ? sale::Key::kDot : static_cast<sale::Key>(digit - '0'));
  }
}

void Cashier::act() {
  using sale::Key;
  using sale::Screen;
  if (errand_ && ++errand_->steps > kStepsMax) {
    errand_.reset();
    press(Key::kCancel);
  }
  const Screen screen = terminal_.view().screen;
  switch (screen) {
    case Screen::kStarting:
      break;
    case Screen::kIdle:
      at_idle();
      return;
    case Screen::kAmount:
      press(Key::kEnter);
      break;
    case Screen::kScan:
      at_scan();
      break;
    case Screen::kLookup:
      break;
    case Screen::kMember:
      press(errand_ && errand_->wish == Wish::kRedeem ? Key::kRedeem : Key::kEnter);
      if (world_.clockwork.chance(world_.swarm.double_tap_percent)) {
        ++world_.report.faults["double_tap"];
        press(Key::kEnter);
      }
      if (errand_ && errand_->wish == Wish::kRedeem) {
        errand_->wish = Wish::kBuy;  // When there is nothing to redeem, the sale goes on.
      }
      break;
    case Screen::kRedeem:
      at_redeem();
      break;
    case Screen::kWorking:
      if (world_.clockwork.chance(world_.swarm.cancel_percent)) {
        press(Key::kCancel);
      }
      break;
    case Screen::kResult:
      at_result();
      break;
    case Screen::kVoidPick:
    case Screen::kRefundPick:
      at_pick();
      break;
    case Screen::kVoidConfirm:
      at_confirm();
      break;
    case Screen::kRefund:
      at_refund();
      break;
    case Screen::kEnrol:
      press(Key::kCancel);  // These terminals have no key of the OA to seal a phone number to.
      break;
    case Screen::kMessage:
      press(world_.clockwork.chance(10) ? Key::kCancel : Key::kEnter);
      break;
  }
  if (errand_ || terminal_.view().screen != Screen::kIdle) {
    act_soon();
  }
}

void Cashier::at_idle() {
  if (!errand_) {
    return;
  }
  if (errand_->started) {
    errand_.reset();  // Done, or given up.
    return;
  }
  errand_->started = true;
  if (errand_->wish == Wish::kVoid || errand_->wish == Wish::kRefund) {
    press(errand_->wish == Wish::kVoid ? sale::Key::kVoid : sale::Key::kRefund);
  } else {
    type(std::to_string(errand_->bill_yuan));
    if (world_.clockwork.chance(70)) {
      type("." + std::to_string(world_.clockwork.between(10, 99)));
    }
    press(sale::Key::kEnter);
  }
  act_soon();
}

void Cashier::at_scan() {
  if (!errand_) {
    press(sale::Key::kCancel);
    return;
  }
  // A payment code, held out by mistake.
  terminal_.scan(world_.clockwork.chance(2) ? "134512345678901234" : errand_->card);
}

void Cashier::at_redeem() {
  if (errand_ && world_.clockwork.chance(70)) {
    const std::int64_t most = terminal_.view().redeem_max.value;
    type(std::to_string(world_.clockwork.between(5, std::max<std::int64_t>(5, most / 20)) * 10));
  }
  press(sale::Key::kEnter);
}

void Cashier::at_pick() {
  if (!errand_) {
    press(sale::Key::kCancel);
    return;
  }
  if (terminal_.view().typed.empty() && errand_->receipt) {
    const Receipt& receipt = world_.receipts[*errand_->receipt];
    const bool here = receipt.terminal == terminal_.setup().terminal;
    errand_->codes_scanned = 0;
    // Another till's sale is known by its code alone.
    if (!receipt.codes.empty() && world_.clockwork.chance(here ? 50 : 90)) {
      scan_further_code();
      return;
    }
    type(receipt.number);
  }
  press(sale::Key::kEnter);
}

bool Cashier::scan_further_code() {
  if (!errand_ || !errand_->receipt) {
    return false;
  }
  Receipt& receipt = world_.receipts[*errand_->receipt];
  receipt.returned = true;
  if (errand_->codes_scanned >= receipt.codes.size()) {
    return false;
  }
  terminal_.scan(receipt.codes[errand_->codes_scanned++]);
  return true;
}

void Cashier::at_confirm() {
  // Both codes of a receipt, unless the second one is overlooked.
  if (!(world_.clockwork.chance(90) && scan_further_code())) {
    press(sale::Key::kEnter);
  }
}

void Cashier::at_refund() {
  const sale::ReturnPanel& sale = terminal_.view().returning;
  if (!sale.known && world_.clockwork.chance(90) && scan_further_code()) {
    return;
  }
  if (world_.clockwork.chance(60) && terminal_.view().typed.empty()) {
    const std::int64_t left_yuan =
        sale.known ? (sale.bill.minor_units - sale.refunded.minor_units) / 100 : 500;
    type(std::to_string(world_.clockwork.between(1, std::max<std::int64_t>(1, left_yuan))));
    if (world_.clockwork.chance(50)) {
      type("." + std::to_string(world_.clockwork.between(10, 99)));
    }
  }
  press(sale::Key::kEnter);
}

void Cashier::at_result() {
  if (errand_ && errand_->undo && terminal_.view().can_undo) {
    errand_->undo = false;
    press(sale::Key::kBack);
    return;
  }
  press(sale::Key::kEnter);
  if (world_.clockwork.chance(world_.swarm.double_tap_percent)) {
    ++world_.report.faults["double_tap"];
    press(sale::Key::kEnter);
  }
}

}  // namespace tally::sim
