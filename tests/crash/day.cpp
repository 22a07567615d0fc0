#include "tests/crash/day.hpp"

#include "core/member/card_number.hpp"

namespace tally::crash {
namespace {

constexpr int kLooksMax = 60;  ///< At the screen, for one customer.
constexpr int kMembers = 6;

sale::Key key_of(char digit) {
  return static_cast<sale::Key>(digit - '0');
}

}  // namespace

std::vector<std::string> Day::cards() {
  std::vector<std::string> cards;
  for (int i = 0; i < kMembers; ++i) {
    cards.push_back(*member::make_card_number(static_cast<std::uint64_t>(i + 1)));
  }
  return cards;
}

std::string Day::late_card() {
  return *member::make_card_number(99);
}

void Day::open() {
  world_.heal();
  enrol_all();
  world_.pass(500);
}

// The office tries again what did not work; enrolling twice makes one member.
void Day::enrol_all() {
  for (const std::string& card : cards()) {
    world_.enrol(card);
  }
}

void Day::run() {
  for (int number = current_ + 1; number < kSteps; ++number) {
    current_ = number;
    step(number);
    if (after_step && after_step(number)) {
      return;
    }
  }
}

void Day::step(int number) {
  if (number == 40 || number == 60) {
    world_.cut_terminal(number == 40);  // An offline stretch: accruals go on.
  }
  if (number == 90 || number == 100) {
    world_.cut_uplink(number == 90);
  }
  if (number == 70 || number == 120 || number == 150) {
    world_.stop_and_start(number == 70    ? Part::kTerminal
                          : number == 120 ? Part::kGateway
                                          : Part::kOa);
  }
  if (number % 50 == 49) {
    for (const Part part : kParts) {
      world_.checkpoint(part);
    }
  }
  const std::vector<std::string> all = cards();
  Customer customer;
  customer.bill = std::to_string(20 + (number * 37) % 400);
  customer.card = all[static_cast<std::size_t>(number % kMembers)];
  customer.redeems = number % 5 == 2;
  customer.cancels = number % 35 == 22;
  customer.undoes = number % 11 == 4;
  serve(customer);
  if (number % 13 == 8) {
    void_last();
  }
  if (number % 4 == 3) {
    second_till(number);
  }
  world_.pass(250);
}

void Day::to_idle() {
  for (int look = 0; look < kLooksMax; ++look) {
    world_.settle();
    if (!world_.terminal_runs()) {
      world_.pass(250);
      continue;
    }
    switch (world_.view().screen) {
      case sale::Screen::kIdle:
        return;
      case sale::Screen::kWorking:
      case sale::Screen::kLookup:
      case sale::Screen::kStarting:
        world_.pass(250);
        break;
      case sale::Screen::kResult:
      case sale::Screen::kMessage:
        world_.key(sale::Key::kEnter);
        break;
      default:
        world_.key(sale::Key::kCancel);
        break;
    }
  }
}

void Day::serve(const Customer& customer) {
  using sale::Key;
  using sale::Screen;
  to_idle();
  bool typed = false;
  bool asked = false;
  bool undone = false;
  for (int look = 0; look < kLooksMax; ++look) {
    world_.settle();
    if (!world_.terminal_runs()) {
      return;  // The customer has gone.
    }
    switch (world_.view().screen) {
      case Screen::kIdle:
        if (typed) {
          return;
        }
        typed = true;
        for (const char digit : customer.bill) {
          world_.key(key_of(digit));
        }
        world_.key(Key::kEnter);
        break;
      case Screen::kScan:
        world_.code(customer.card);
        break;
      case Screen::kMember:
        world_.key(customer.redeems && !asked ? Key::kRedeem : Key::kEnter);
        asked = true;
        break;
      case Screen::kRedeem:
        world_.key(Key::kEnter);
        if (customer.cancels) {
          world_.key(Key::kCancel);
        }
        break;
      case Screen::kResult:
        world_.key(customer.undoes && !undone && world_.view().can_undo ? Key::kBack : Key::kEnter);
        undone = true;
        break;
      case Screen::kRefundPick:
      case Screen::kRefund:
      case Screen::kEnrol:
        world_.key(Key::kCancel);
        break;
      case Screen::kWorking:
      case Screen::kLookup:
      case Screen::kStarting:
        world_.pass(250);
        break;
      case Screen::kAmount:
      case Screen::kVoidPick:
      case Screen::kVoidConfirm:
      case Screen::kMessage:
        world_.key(Key::kEnter);
        break;
    }
  }
}

void Day::void_last() {
  to_idle();
  world_.key(sale::Key::kVoid);
  world_.key(sale::Key::kEnter);
  to_idle();
}

void Day::second_till(int number) {
  Till& till = world_.till();
  const WallTime at{1'800'000'000'000'000 + number * std::int64_t{1'000'000}};
  const std::vector<std::string> all = cards();
  const std::string& card = all[static_cast<std::size_t>(number % kMembers)];
  switch (number / 4 % 9) {
    case 0:
    case 1:
    case 2:
      till_accruals_.emplace_back(
          till.make(record::Accrual{Money{9'000}, Points{90}, {}, {}, {}}, card, at), card);
      till.expect(card, 90);
      break;
    case 3:
      // All of it goes back: the whole 90 points of the last purchase.
      if (!till_accruals_.empty()) {
        const auto& [original, buyer] = till_accruals_.back();
        till.make(record::Refund{original, Money{9'000}, Money{9'000}, 1}, buyer, at);
        till.expect(buyer, -90);
        till_accruals_.pop_back();
      }
      break;
    case 4:
      till.make(record::Note{7, "抽屉已清点"}, "", at);
      break;
    case 5: {
      const Seq gone = till.head();
      till.make(record::Gap{gone, gone}, "", at);
      break;
    }
    case 6:
      till.make(
          record::ShiftClose{static_cast<std::uint32_t>(number), Bytes(64, 3), {}, {}, 3}, "", at);
      break;
    case 7:
      // For a card that nobody has yet: waits, and posts when the next record enrols it.
      till.make(record::Accrual{Money{3'000}, Points{30}, {}, {}, {}}, late_card(), at);
      till.expect(late_card(), 30);
      break;
    default:
      till.make(record::Enrolment{late_card(), "晚*", {}, 1}, late_card(), at);
      break;
  }
  world_.heal();
}

bool Day::close() {
  world_.cut_terminal(false);
  world_.cut_uplink(false);
  to_idle();
  world_.pass(2'000);
  enrol_all();
  for (int i = 0; i < 240; ++i) {
    world_.pass(500);
    if (world_.terminal_runs() && world_.view().screen != sale::Screen::kIdle) {
      to_idle();
    }
    if (world_.drained()) {
      world_.pass(500);  // The last positions reach the disks.
      return world_.drained();
    }
  }
  return false;
}

}  // namespace tally::crash
