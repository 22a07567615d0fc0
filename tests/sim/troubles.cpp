#include "tests/sim/troubles.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace tally::sim {
namespace {

using tests::DiskFault;
using tests::Unsynced;

constexpr int kOldBoxes = 1'000;  ///< Their hosts are numbered from here on.
constexpr std::int64_t kYearUs = std::int64_t{365} * 86'400 * 1'000'000;

}  // namespace

void Troubles::begin() {
  if (world_.swarm.weight_sum == 0) {
    return;
  }
  if (world_.swarm.is_on(Fault::kReplay)) {
    world_.network.record_for_replay();
  }
  next();
}

void Troubles::next() {
  const auto terminals = static_cast<std::int64_t>(terminals_.size());
  const std::int64_t gap_ms = 24 * kHourMs / (world_.swarm.faults_per_terminal_day * terminals);
  world_.clockwork.after(between(0, 2 * gap_ms), [this] {
    if (world_.healed || happened_ >= world_.setup.faults_max) {
      return;
    }
    const Fault fault = draw_fault(world_.clockwork, world_.swarm);
    if (happen(fault)) {
      ++happened_;
      ++world_.report.faults[std::string(name_of(fault))];
      world_.clockwork.note("fault " + std::string(name_of(fault)));
    }
    next();
  });
}

bool Troubles::happen(Fault fault) {
  TerminalHost& terminal = *terminals_[world_.clockwork.index(terminals_.size())];
  GatewayHost& gateway = *gateways_[world_.clockwork.index(gateways_.size())];
  if (fault <= Fault::kTerminalLies) {
    return terminal.running() && to_terminal(fault, terminal);
  }
  if (fault <= Fault::kGatewayLies) {
    return gateway.running() && to_gateway(fault, gateway);
  }
  if (fault <= Fault::kOaPaused) {
    return oa_.running() && to_oa(fault);
  }
  if (fault <= Fault::kReplay) {
    return lines_.happen(fault);
  }
  if (fault <= Fault::kClockDies) {
    return to_clock(fault);
  }
  if (fault == Fault::kRecordsLossy) {
    lose_records(gateway);
    return gateway.running();
  }
  if (fault == Fault::kCheckpointFails) {
    some_machine().fail_checkpoint_soon();
    return true;
  }
  if (fault == Fault::kClockSetWrong) {
    set_clock_wrong(terminal);
    return true;
  }
  if (fault == Fault::kTerminalReplaced) {
    return terminal.running() && replace_and_plug_in_again(terminal);
  }
  return fault == Fault::kOaRestored ? restore_oa() : to_office(fault);
}

bool Troubles::to_terminal(Fault fault, TerminalHost& terminal) {
  switch (fault) {
    case Fault::kTerminalKilled:
      terminal.die(Unsynced::kKept, between(1'000, 60'000));
      return true;
    case Fault::kTerminalPowerCut:
      terminal.cut_power_soon();
      return true;
    case Fault::kTerminalSyncFails:
      terminal.fail_disk(DiskFault::kIoError, between(0, kMinuteMs));
      return true;
    case Fault::kTerminalDiskFull:
      terminal.fail_disk(DiskFault::kFull, between(kMinuteMs, 30 * kMinuteMs));
      return true;
    case Fault::kTerminalDiskRestored:
      return restore_disk(terminal);
    case Fault::kTerminalDisksSwapped:
      return swap_disks(terminal);
    case Fault::kTerminalReflashed:
      replace(terminal);
      return true;
    case Fault::kTerminalPaused:
      terminal.pause(between(30'000, kHourMs));
      return true;
    case Fault::kTerminalLies:
      for (const auto& gateway : gateways_) {
        gateway->watch().distrust(terminal.stream());
      }
      terminal.lie(between(kMinuteMs, 30 * kMinuteMs));
      return true;
    default:
      return false;
  }
}

bool Troubles::restore_disk(TerminalHost& terminal) {
  // The copy is made now and put back later.
  world_.clockwork.after(
      between(kMinuteMs, 3 * kHourMs),
      [this, &terminal, image = terminal.copy_disk(), stream = terminal.stream()] {
        if (!world_.healed && terminal.running() && terminal.stream() == stream) {
          ++world_.report.restores;
          world_.clockwork.note(terminal.name() + " gets an older disk");
          terminal.boot_from(image);
          if (world_.clockwork.chance(50)) {
            sell_on_beside(terminal);
          }
          enrol_anew_later(terminal);
        }
      });
  return true;
}

// A branch with records of its own, which then goes to the OA through hands that leave some out.
void Troubles::sell_on_beside(TerminalHost& terminal) {
  const std::int64_t for_ms = between(10 * kMinuteMs, kHourMs);
  lines_.cut({&terminal, terminal.gateway()}, Network::Cut::kBoth, for_ms);
  if (world_.swarm.is_on(Fault::kTerminalLies)) {
    world_.clockwork.after(for_ms, [this, &terminal] {
      if (!world_.healed && terminal.running()) {
        to_terminal(Fault::kTerminalLies, terminal);
      }
    });
  }
}

// The cashier is told that the office must look at the journal; somebody comes with a new card.
void Troubles::enrol_anew_later(TerminalHost& terminal) {
  world_.clockwork.after(between(kHourMs, 6 * kHourMs),
                         [this, &terminal, stream = terminal.stream()] {
                           if (terminal.stream() == stream) {
                             replace(terminal);
                           }
                         });
}

bool Troubles::swap_disks(TerminalHost& terminal) {
  TerminalHost& other = *terminals_[world_.clockwork.index(terminals_.size())];
  if (&other == &terminal || !other.running()) {
    return false;
  }
  // Both refuse a journal that is not theirs; somebody notices and puts them back.
  terminal.swap_disk_with(other, between(10 * kMinuteMs, kHourMs));
  return true;
}

TerminalHost::Box Troubles::replace(TerminalHost& terminal) {
  TerminalHost::Box old = terminal.replace();
  oa_.registry().add_terminal(terminal.stream(), terminal.store(), terminal.key());
  return old;
}

// Somebody finds the box that was taken away and plugs it in, perhaps before the new one is up.
bool Troubles::replace_and_plug_in_again(TerminalHost& terminal) {
  world_.clockwork.after(between(0, kHourMs),
                         [this, at = terminal.setup(), box = replace(terminal)] {
                           if (!world_.healed) {
                             plug_in(at, box);
                           }
                         });
  return true;
}

void Troubles::plug_in(const TerminalHost::Setup& at, const TerminalHost::Box& box) {
  TerminalHost::Setup setup = at;
  setup.number = kOldBoxes + static_cast<int>(old_boxes_.size());
  setup.attended = false;
  old_boxes_.push_back(std::make_unique<TerminalHost>(world_, setup, box));
  TerminalHost* old = old_boxes_.back().get();
  for (const auto& gateway : gateways_) {
    if (gateway->gateway() == at.gateway) {
      old->set_gateway(gateway.get());
      gateway->add_terminal(old);
    }
  }
  world_.clockwork.note(old->name() + " is terminal " + std::to_string(at.terminal.value) +
                        " as it was, plugged in again");
  old->power_on();
  world_.clockwork.after(between(10 * kMinuteMs, 6 * kHourMs), [old] { old->unplug(); });
}

bool Troubles::to_gateway(Fault fault, GatewayHost& gateway) {
  switch (fault) {
    case Fault::kGatewayKilled:
      gateway.die(Unsynced::kKept, between(1'000, 90'000));
      return true;
    case Fault::kGatewayPowerCut:
      gateway.cut_power_soon();
      return true;
    case Fault::kGatewaySyncFails:
      gateway.fail_disk(DiskFault::kIoError, between(0, kMinuteMs));
      return true;
    case Fault::kGatewayDiskFull:
      gateway.fail_disk(DiskFault::kFull, between(kMinuteMs, 30 * kMinuteMs));
      return true;
    case Fault::kGatewayReplaced:
      return replace(gateway);
    case Fault::kGatewayPaused:
      gateway.pause(between(30'000, kHourMs));
      return true;
    case Fault::kGatewayLies:
      gateway.lie(between(kMinuteMs, 30 * kMinuteMs));
      return true;
    default:
      return false;
  }
}

// Two disks that burn before the one is copied from the other are one too many.
bool Troubles::replace(GatewayHost& gateway) {
  if (oa_.depends_on(gateway.gateway())) {
    return false;
  }
  gateway.replace();
  oa_.registry().add_gateway(gateway.gateway(), gateway.incarnation());
  oa_.on_gateway_gone(gateway.gateway());
  return true;
}

bool Troubles::to_oa(Fault fault) {
  switch (fault) {
    case Fault::kOaKilled:
      oa_.die(Unsynced::kKept, between(1'000, 120'000));
      return true;
    case Fault::kOaPowerCut:
      oa_.cut_power_soon();
      return true;
    case Fault::kOaSyncFails:
      oa_.fail_disk(DiskFault::kIoError, between(0, kMinuteMs));
      return true;
    case Fault::kOaPaused:
      oa_.pause(between(30'000, kHourMs));
      return true;
    default:
      return false;
  }
}

// Mostly while the shops are open. Alone, or with a gateway that stays away, sends again over a
// thin line or dies while it does; or while another one is waited for in the place of one that is
// gone; and sometimes a second time before all is there again.
bool Troubles::restore_oa() {
  if (!world_.shops_open() && world_.clockwork.chance(80)) {
    return false;
  }
  GatewayHost& gateway = *gateways_[world_.clockwork.index(gateways_.size())];
  if (gateway.running() && world_.swarm.is_on(Fault::kGatewayReplaced) &&
      world_.clockwork.chance(20)) {
    replace(gateway);
  }
  if (!oa_.restore()) {
    return false;
  }
  ++world_.report.restores;
  if (world_.clockwork.chance(50)) {
    lines_.cut({&gateway, &oa_}, Network::Cut::kBoth, between(10 * kMinuteMs, 4 * kHourMs));
  }
  if (world_.clockwork.chance(50)) {
    lines_.thin(between(30 * kMinuteMs, 4 * kHourMs));
  }
  if (world_.clockwork.chance(30)) {
    world_.clockwork.after(between(kMinuteMs, 30 * kMinuteMs), [this, &gateway] {
      if (!world_.healed && gateway.running()) {
        gateway.die(Unsynced::kDropped, between(1'000, 90'000));
      }
    });
  }
  if (world_.clockwork.chance(20)) {
    world_.clockwork.after(between(kMinuteMs, 30 * kMinuteMs), [this] {
      if (!world_.healed && oa_.restore()) {
        ++world_.report.restores;
      }
    });
  }
  return true;
}

// Afterwards the line is down while it is mended: what was sent last never came, and more waits.
void Troubles::lose_records(GatewayHost& gateway) {
  const std::int64_t for_ms = between(kMinuteMs, 30 * kMinuteMs);
  gateway.lose_records(for_ms);
  world_.clockwork.after(for_ms, [this, &gateway] {
    if (!world_.healed) {
      lines_.cut({&gateway, &oa_}, Network::Cut::kBoth, between(kMinuteMs, 15 * kMinuteMs));
    }
  });
}

Machine& Troubles::some_machine() {
  return world_.clockwork.chance(20) ? oa_ : some_box();
}

Machine& Troubles::some_box() {
  if (world_.clockwork.chance(70)) {
    return *terminals_[world_.clockwork.index(terminals_.size())];
  }
  return *gateways_[world_.clockwork.index(gateways_.size())];
}

// Nothing that such a clock says can follow from the last anchor: until somebody tells it the time,
// the terminal sells under a day years away.
void Troubles::set_clock_wrong(TerminalHost& terminal) {
  terminal.clock().jump((world_.clockwork.chance(70) ? 1 : -1) * between(2, 9) * kYearUs);
  lines_.cut(
      {&terminal, terminal.gateway()}, Network::Cut::kBoth, between(10 * kMinuteMs, kHourMs));
  terminal.die(Unsynced::kKept, between(1'000, 60'000));
}

bool Troubles::to_clock(Fault fault) {
  Machine& box = some_box();
  switch (fault) {
    case Fault::kClockJumps:
      box.clock().jump(world_.clockwork.chance(30) ? between(-10, 10) * kYearUs
                                                   : between(-3'600, 3'600) * 1'000'000);
      return true;
    case Fault::kClockDrifts:
      box.clock().drift(between(-500, 500), world_.clockwork.now_ms());
      return true;
    case Fault::kClockDies:
      box.clock().die();
      return true;
    default:
      return false;
  }
}

bool Troubles::to_office(Fault fault) {
  std::string& card = world_.cards[world_.clockwork.index(world_.cards.size())];
  switch (fault) {
    case Fault::kDirectoryLossy:
      world_.directory_lossy_until_ms =
          world_.clockwork.now_ms() + between(10 * kMinuteMs, 4 * kHourMs);
      return true;
    case Fault::kDirectoryKeyReplaced:
      if (!oa_.running()) {
        return false;
      }
      oa_.registry().replace_directory_keys();
      oa_.die(Unsynced::kKept, between(1'000, 60'000));
      return true;
    case Fault::kMemberErased:
      oa_.erase(card);
      // Most come back as somebody else; some forget that the card is nobody's any more.
      if (world_.clockwork.chance(80)) {
        card = world_.make_card();
        oa_.enrol(card);
      }
      return true;
    case Fault::kCardReplaced: {
      const std::string lost = card;
      const std::string found = world_.make_card();
      oa_.replace_card(lost, found);
      // Now and then the lost one is found again and used.
      card = world_.clockwork.chance(80) ? found : lost;
      return true;
    }
    default:
      return false;
  }
}

void Troubles::heal() {
  world_.directory_lossy_until_ms = 0;
  for (const auto& old : old_boxes_) {
    old->unplug();
  }
  world_.network.heal_all();
  oa_.heal();
  for (const auto& gateway : gateways_) {
    gateway->heal();
    gateway->lie(0);
    gateway->lose_records(0);
  }
  for (const auto& terminal : terminals_) {
    terminal->heal();
    terminal->lie(0);
    terminal->get_own_disk_back();
    if (world_.truth.rolled_back(terminal->stream())) {
      replace(*terminal);
    }
  }
}

}  // namespace tally::sim
